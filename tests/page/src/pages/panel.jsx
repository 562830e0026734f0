// One panel: its plugin, its queries, its chrome.
import React, { useEffect, useRef, useState } from 'react';
import { applyFieldOverrides, getPanelOptionsWithDefaults, LoadingState } from '@grafana/data';
import { getDataSourceSrv, getTemplateSrv, locationService } from '@grafana/runtime';
import { ErrorBoundaryAlert, PanelChrome, useTheme2 } from '@grafana/ui';

import { loadPlugin } from '../services/plugins.js';
import { interval } from './time.js';

const HEADER_HEIGHT = 40;

export function PanelFrame({ panel, width, height, ...context }) {
  const [plugin, setPlugin] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    loadPlugin(panel.type).then(setPlugin, (error) => setProblem(error));
  }, [panel.type]);
  if (problem) {
    return (
      <PanelChrome title={panel.title} width={width} height={height}>
        {() => <div role="alert">{problem.message}</div>}
      </PanelChrome>
    );
  }
  return plugin && <LoadedPanel {...{ panel, plugin, width, height, ...context }} />;
}

function LoadedPanel({ dashboard, panel, plugin, width, height, range, timeZone, refreshCount, eventBus }) {
  const [saved, setSaved] = useState({ options: migrated(panel, plugin), fieldConfig: panel.fieldConfig });
  const { options, fieldConfig } = getPanelOptionsWithDefaults({
    plugin,
    currentOptions: saved.options,
    currentFieldConfig: saved.fieldConfig || { defaults: {}, overrides: [] },
    isAfterPluginChange: false,
  });
  const renderCounter = useRef(0);
  renderCounter.current += 1;
  const data = usePanelData({ dashboard, panel, plugin, fieldConfig, range, timeZone, refreshCount, width });
  const Panel = plugin.panel;
  return (
    <PanelChrome title={panel.title} width={width} height={height} padding="none" loadingState={data.state}>
      {(innerWidth, innerHeight) => (
        <ErrorBoundaryAlert>
          <Panel
            id={panel.id}
            title={panel.title}
            data={data}
            timeRange={range}
            timeZone={timeZone}
            options={options}
            fieldConfig={fieldConfig}
            transparent={panel.transparent === true}
            width={innerWidth || width}
            height={innerHeight || height - HEADER_HEIGHT}
            renderCounter={renderCounter.current}
            eventBus={eventBus}
            replaceVariables={(text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format)}
            onOptionsChange={(options) => setSaved((saved) => ({ ...saved, options }))}
            onFieldConfigChange={(fieldConfig) => setSaved((saved) => ({ ...saved, fieldConfig }))}
            onChangeTimeRange={({ from, to }) => locationService.partial({ from, to })}
          />
        </ErrorBoundaryAlert>
      )}
    </PanelChrome>
  );
}

function migrated(panel, plugin) {
  return plugin.onPanelMigration ? plugin.onPanelMigration(panel) : panel.options;
}

let requests = 0;

function usePanelData({ dashboard, panel, plugin, fieldConfig, range, timeZone, refreshCount, width }) {
  const theme = useTheme2();
  const [data, setData] = useState({ state: LoadingState.NotStarted, series: [], timeRange: range });
  // A variable's change must ask again: the targets as they will be sent say so.
  const variables = JSON.stringify(getTemplateSrv().getVariables().map(({ name, current }) => [name, current.value]));
  const maxDataPoints = Math.max(1, Math.floor(width));

  useEffect(() => {
    let subscription = null;
    let gone = false;
    const { interval: text, intervalMs } = interval(range, maxDataPoints, panel.interval);
    const request = {
      app: 'dashboard',
      requestId: 'Q' + (requests += 1),
      dashboardUID: dashboard.uid,
      panelId: panel.id,
      panelPluginId: panel.type,
      range,
      rangeRaw: range.raw,
      timezone: timeZone,
      interval: text,
      intervalMs,
      maxDataPoints,
      cacheTimeout: null,
      scopedVars: { __interval: { text, value: text }, __interval_ms: { text: String(intervalMs), value: intervalMs } },
      startTime: Date.now(),
    };
    const settle = (changes) => {
      if (!gone) {
        setData((before) => ({ ...before, request: { ...request, endTime: Date.now() }, timeRange: range, ...changes }));
      }
    };
    settle({ state: LoadingState.Loading, request });
    getDataSourceSrv()
      .get(panel.datasource)
      .then((source) => {
        // A data source that a variable chose is named as itself.
        const targets = (panel.targets || []).map((target) => ({ ...target, datasource: source.getRef() }));
        request.targets = targets.filter((target) => !source.filterQuery || source.filterQuery(target));
        if (gone) {
          return;
        }
        subscription = source.query(request).subscribe({
          next: ({ data: frames, errors, error }) => {
            const replaceVariables = (text, vars, format) => getTemplateSrv().replace(text, vars, format);
            const series = applyFieldOverrides({
              data: frames,
              fieldConfig,
              fieldConfigRegistry: plugin.fieldConfigRegistry,
              replaceVariables,
              theme,
              timeZone,
            });
            const failed = error || (errors && errors.length > 0);
            settle({ state: failed ? LoadingState.Error : LoadingState.Done, series, errors, error });
          },
          error: (error) => settle({ state: LoadingState.Error, errors: [error], error }),
        });
      })
      .catch((error) => settle({ state: LoadingState.Error, errors: [error], error }));
    return () => {
      gone = true;
      if (subscription) {
        subscription.unsubscribe();
      }
    };
  }, [panel, plugin, range, timeZone, refreshCount, variables, maxDataPoints]);
  return data;
}
