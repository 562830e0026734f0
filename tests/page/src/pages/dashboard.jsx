// A dashboard: variables, time range, refresh and a grid of panels.
import React, { useEffect, useState } from 'react';
import { EventBusSrv, rangeUtil } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { InlineField, Input, RefreshPicker, Select, TimeRangePicker, useTheme2 } from '@grafana/ui';

import { getTemplateSrv } from '@grafana/runtime';
import { PanelFrame } from './panel.jsx';
import { timeRange } from './time.js';

const REFRESHES = ['', '5s', '10s', '30s', '1m', '5m', '15m'];
const eventBus = new EventBusSrv();
const partial = (changes) => locationService.partial(changes);

export function DashboardPage({ dashboard, params }) {
  const theme = useTheme2();
  const width = useWindowWidth();
  const timeZone = params.get('tz') || dashboard.timezone || 'browser';
  const from = params.get('from') || dashboard.time.from;
  const to = params.get('to') || dashboard.time.to;
  const refresh = params.has('refresh') ? params.get('refresh') : dashboard.refresh || '';
  const [count, refreshNow] = useRefresh(refresh);
  const range = React.useMemo(() => timeRange(from, to, timeZone), [from, to, timeZone, count]);
  const setRange = ({ raw }) => partial({ from: address(raw.from), to: address(raw.to) });
  const shift = (factor) => {
    const span = range.to.valueOf() - range.from.valueOf();
    partial({ from: range.from.valueOf() + factor * span, to: range.to.valueOf() + factor * span });
  };
  const zoomOut = () => {
    const span = range.to.valueOf() - range.from.valueOf();
    partial({ from: range.from.valueOf() - span / 2, to: range.to.valueOf() + span / 2 });
  };
  return (
    <main style={{ padding: theme.spacing(1, 2, 2) }}>
      <header style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1), padding: theme.spacing(1, 0) }}>
        <h1 style={{ fontSize: theme.typography.h4.fontSize, margin: 0, flex: 1 }}>{dashboard.title}</h1>
        <TimeRangePicker
          value={range}
          timeZone={timeZone}
          onChange={setRange}
          onChangeTimeZone={(tz) => partial({ tz })}
          onMoveBackward={() => shift(-0.5)}
          onMoveForward={() => shift(0.5)}
          onZoom={zoomOut}
        />
        <RefreshPicker
          value={refresh}
          intervals={REFRESHES}
          onIntervalChanged={(refresh) => partial({ refresh })}
          onRefresh={refreshNow}
        />
      </header>
      <Variables />
      <Grid dashboard={dashboard} width={width - 2 * 16} range={range} timeZone={timeZone} refreshCount={count} />
    </main>
  );
}

function address(bound) {
  return typeof bound === 'string' ? bound : bound.valueOf();
}

// The panels, 24 columns wide; below one another where the window is narrow.
function Grid({ dashboard, width, range, timeZone, refreshCount }) {
  const [row, gap] = [30, 8];
  const narrow = width < 768;
  const column = (width + gap) / 24;
  const panels = dashboard.panels.filter((panel) => panel.type !== 'row');
  const bottom = Math.max(0, ...panels.map(({ gridPos: { y, h } }) => y + h)) * (row + gap);
  return (
    <div style={{ position: 'relative', height: narrow ? 'auto' : bottom }}>
      {panels.map((panel) => {
        const { x, y, w, h } = panel.gridPos;
        const size = { width: narrow ? width : w * column - gap, height: h * (row + gap) - gap };
        const place = narrow ? { marginBottom: gap } : { position: 'absolute', left: x * column, top: y * (row + gap) };
        return (
          <div key={panel.id} style={{ ...size, ...place }} data-panel-id={panel.id}>
            <PanelFrame {...{ dashboard, panel, range, timeZone, refreshCount, eventBus, ...size }} />
          </div>
        );
      })}
    </div>
  );
}

function Variables() {
  const shown = getTemplateSrv()
    .getVariables()
    .filter(({ hide }) => hide !== 2);
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap' }}>
      {shown.map((variable) => (
        <Variable key={variable.name} variable={variable} />
      ))}
    </div>
  );
}

function Variable({ variable: { name, label, type, multi, current, options = [] } }) {
  const id = 'var-' + name;
  const set = (value) => partial({ [id]: value });
  const [draft, setDraft] = useState(null);
  const choices = options.map(({ value }) => ({ value, label: String(value) }));
  const control =
    type === 'textbox' ? (
      <Input
        id={id}
        width={24}
        value={draft === null ? current.value : draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={() => {
          if (draft !== null) {
            set(draft);
            setDraft(null);
          }
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    ) : (
      <Select
        inputId={id}
        width={24}
        isMulti={multi}
        allowCustomValue
        options={choices}
        value={current.value}
        onChange={(chosen) => set(multi ? chosen.map(({ value }) => value) : chosen.value)}
      />
    );
  return (
    <InlineField label={label || name} htmlFor={id}>
      {control}
    </InlineField>
  );
}

function useRefresh(refresh) {
  const [count, setCount] = useState(0);
  const now = () => setCount((count) => count + 1);
  useEffect(() => {
    if (!refresh) {
      return undefined;
    }
    const timer = setInterval(now, rangeUtil.intervalToMs(refresh));
    return () => clearInterval(timer);
  }, [refresh]);
  return [count, now];
}

function useWindowWidth() {
  const [width, setWidth] = useState(document.documentElement.clientWidth);
  useEffect(() => {
    const resized = () => setWidth(document.documentElement.clientWidth);
    window.addEventListener('resize', resized);
    return () => window.removeEventListener('resize', resized);
  }, []);
  return width;
}
