// What the WebAssembly side may ask of Grafana, with the user's own session and rights; frontend/panel/README.md
// is the reference.
import { getDataSourceSrv } from '@grafana/runtime';

import { explore } from './explore.js';
import { framesOf } from './frames.js';
import { messages } from './messages.js';
import { progress, tick } from './progress.js';
import { loadJudge } from './wasm.js';

let asked = 0;

// `latest` returns the newest PanelProps.
export function bridge(latest) {
  return {
    copy,
    query: (json) => query(latest(), JSON.parse(json)),
    explore: (expr) => explore(expr, latest()),
    judge: (options) => judge(latest().data.series, options),
    pages: async (scope) => (await loadJudge()).pages(scope),
    progress,
    tick: (incident, page, step, done, text) => tick(incident, { page, step, done }, text, place(latest())),
    setTimeRange: (fromMs, toMs) => latest().onChangeTimeRange({ from: fromMs, to: toMs }),
  };
}

// The panel's dashboard and its number there. Early Grafana 9 names the dashboard in a variable alone.
function place({ id, data, replaceVariables }) {
  return { dashboardUID: data.request?.dashboardUID || replaceVariables('${__dashboard.uid}'), panelId: id };
}

// A judge of the series among the newest frames.
async function judge(series, options) {
  const { Judge } = await loadJudge();
  const [frames, numbers] = framesOf(series);
  return new Judge(JSON.stringify(frames), numbers, options);
}

// The panel's first query with `changes` laid over it, over the panel's time range. An empty list in `changes` says
// nothing about a label: the query's own scope stands.
async function query({ data, timeRange }, changes) {
  const request = data.request;
  const first = request && request.targets[0];
  if (!first) {
    throw new Error('the panel has no query');
  }
  const source = await getDataSourceSrv().get(first.datasource, request.scopedVars);
  const requestId = request.requestId + '-' + (asked += 1);
  const said = Object.fromEntries(Object.entries(changes).filter(([, value]) => !Array.isArray(value) || value.length));
  const answer = await last(source.query({ ...request, requestId, range: timeRange, targets: [{ ...first, ...said }] }));
  const [frames, numbers] = framesOf(answer.data);
  return [JSON.stringify({ frames, errors: messages(answer) }), numbers];
}

// What an observable ends with.
function last(observable) {
  return new Promise((resolve, reject) => {
    let answer = { data: [] };
    observable.subscribe({
      next: (value) => (answer = value),
      error: (error) => reject(error instanceof Error ? error : new Error(messages({ error }).join('; '))),
      complete: () => resolve(answer),
    });
  });
}

// The clipboard needs https or localhost; on plain http the old way still works.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text) {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  document.body.appendChild(area);
  area.select();
  const copied = document.execCommand('copy');
  area.remove();
  if (before) {
    before.focus();
  }
  return copied;
}
