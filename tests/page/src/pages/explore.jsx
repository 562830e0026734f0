// The query editor beside the answer's tables, as in Explore.
import React, { useEffect, useState } from 'react';
import { LoadingState } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { Alert, useTheme2 } from '@grafana/ui';

import { loadPlugin } from '../services/plugins.js';
import { interval, timeRange } from './time.js';

export function ExplorePage({ params }) {
  const theme = useTheme2();
  const uid = params.get('datasource') || undefined;
  const [state, setState] = useState(null);
  const [query, setQuery] = useState(null);
  const [answer, setAnswer] = useState({ state: LoadingState.NotStarted, data: [] });
  const range = React.useMemo(() => timeRange(params.get('from') || 'now-24h', params.get('to') || 'now'), []);
  useEffect(() => {
    const settings = getDataSourceSrv().getInstanceSettings(uid);
    Promise.all([loadPlugin(settings.type), getDataSourceSrv().get(uid)]).then(([plugin, datasource]) => {
      const target = { refId: 'A', datasource: datasource.getRef(), ...datasource.getDefaultQuery('explore') };
      setQuery({ ...target, ...JSON.parse(params.get('query') || '{}') });
      setState({ plugin, datasource });
    });
  }, []);
  if (!state) {
    return null;
  }
  const run = () => {
    const { interval: text, intervalMs } = interval(range, 1000);
    const request = { app: 'explore', requestId: 'explore', range, rangeRaw: range.raw, interval: text, intervalMs };
    setAnswer({ state: LoadingState.Loading, data: [] });
    state.datasource
      .query({ ...request, maxDataPoints: 1000, timezone: 'browser', scopedVars: {}, startTime: Date.now(), targets: [query] })
      .subscribe({ next: setAnswer, error: (error) => setAnswer({ data: [], error }) });
  };
  const Editor = state.plugin.components.QueryEditor;
  const errors = answer.errors || (answer.error ? [answer.error] : []);
  return (
    <main style={{ padding: theme.spacing(2) }}>
      <Editor
        query={query}
        onChange={setQuery}
        onRunQuery={run}
        datasource={state.datasource}
        range={range}
        app="explore"
        queries={[query]}
      />
      <RunOnChange query={query} run={run} />
      {errors.map((error, index) => (
        <Alert key={index} title={error.message || String(error)} severity="error" />
      ))}
      {answer.data.map((frame, index) => (
        <section key={index}>
          <h5>{frame.name || frame.refId}</h5>
          <FrameTable frame={frame} />
        </section>
      ))}
    </main>
  );
}

function FrameTable({ frame: { fields, length } }) {
  const rows = Array.from({ length: Math.min(length, 100) }, (_, index) => index);
  const cell = (field, row) => String(Array.isArray(field.values) ? field.values[row] : field.values.get(row)).slice(0, 120);
  return (
    <div style={{ overflowX: 'auto' }}>
      <table cellPadding="6" border="1">
        <thead>
          <tr>
            {fields.map(({ name }) => (
              <th key={name}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              {fields.map((field) => (
                <td key={field.name}>{cell(field, row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// `onRunQuery` closes over the query before its change; Grafana runs the changed one.
function RunOnChange({ query, run }) {
  const text = JSON.stringify(query);
  useEffect(run, [text]);
  return null;
}
