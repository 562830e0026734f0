// A query client of our own for Prometheus, and the way a panel asks the data source: what the panel shows is
// compared with what these read, not with what the product computes.
import { readFile } from 'node:fs/promises';

// Where the workbench and Prometheus of this journey's stack listen; `cargo xtask e2e` starts both.
export const BASE = process.env.LEAKLENS_URL;
const PROMETHEUS = process.env.LEAKLENS_PROMETHEUS;

// The samples of an instant query: [{labels, value}].
export async function instant(expr, atSecs) {
  const params = new URLSearchParams({ query: expr, time: String(atSecs) });
  const answer = await json(PROMETHEUS + '/api/v1/query?' + params);
  return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

// The alerts Prometheus has.
export async function alerts() {
  return (await json(PROMETHEUS + '/api/v1/alerts')).data.alerts;
}

// The names of the alert rules Prometheus has loaded.
export async function ruleNames() {
  const { groups } = (await json(PROMETHEUS + '/api/v1/rules?type=alert')).data;
  return groups.flatMap(({ rules }) => rules.map(({ name }) => name));
}

// The answer to one query of the data source: {status, error, tables}, each table an array of row objects by
// frame name, and the notices of all frames.
export async function ask(query, fromMs, toMs) {
  const response = await fetch(BASE + '/api/ds/query', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      from: String(Math.round(fromMs)),
      to: String(Math.round(toMs)),
      queries: [{ refId: 'A', datasource: { type: 'leaklens-datasource', uid: 'leaklens' }, ...query }],
    }),
  });
  const result = (await response.json()).results.A;
  const tables = {};
  const notices = [];
  for (const { schema, data } of result.frames || []) {
    const names = schema.fields.map((field) => field.name);
    const rows = (data.values[0] || []).map((_, row) => Object.fromEntries(names.map((name, i) => [name, data.values[i][row]])));
    tables[schema.name] = rows;
    notices.push(...((schema.meta || {}).notices || []).map((notice) => notice.text));
  }
  return { status: result.status, error: result.error, tables, notices };
}

// The ground truth of the fleet, which neither plugin nor workbench can read.
export async function truth() {
  return JSON.parse(await readFile(process.env.LEAKLENS_TRUTH, 'utf8'));
}

// The messages Alertmanager has delivered so far.
export async function messages() {
  const text = await readFile(process.env.LEAKLENS_MESSAGES, 'utf8').catch(() => '');
  // The line after the last newline is still being written.
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

// Calls `look` until it returns something, for at most so many seconds.
export async function until(what, secs, look) {
  const deadline = Date.now() + secs * 1000;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error('waited ' + secs + ' s in vain for ' + what);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function json(url) {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error('HTTP ' + response.status + ' from ' + url + ': ' + (await response.text()));
  }
  return response.json();
}
