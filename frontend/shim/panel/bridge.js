// What the WebAssembly side may ask of Grafana, with the user's own session and rights; frontend/panel/README.md
// is the reference.
import { dataFrameToJSON } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

let asked = 0;

// `latest` returns the newest PanelProps.
export function bridge(latest) {
  return {
    copy,
    query: (json) => query(latest(), JSON.parse(json)),
    setTimeRange: (fromMs, toMs) => latest().onChangeTimeRange({ from: fromMs, to: toMs }),
  };
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
  return JSON.stringify({ frames: answer.data.map((frame) => dataFrameToJSON(frame)), errors: messages(answer) });
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

// The messages of what failed in an answer. Grafana 9 gives one `error`, later ones `errors`.
export function messages({ error, errors }) {
  const all = errors && errors.length ? errors : error ? [error] : [];
  return all.map(({ refId, message, data, statusText }) => {
    const text = message || (data && (data.error || data.message)) || statusText || 'unknown error';
    return refId && all.length > 1 ? refId + ': ' + text : text;
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
