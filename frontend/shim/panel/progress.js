// Which steps of a runbook are done: annotations of this panel, of which there are only ever more. Where the user may
// not write them, records in the browser.
import { getBackendSrv } from '@grafana/runtime';

import { messages } from './messages.js';

const TAG = 'leaklens:';
// Far more than people tick in one incident.
const MOST = 1000;
const STORE = 'leaklens.progress';
const KEPT_MS = 90 * 86_400_000;

// All records of an incident, oldest first, as JSON text: {records, fault}. Those that are kept here alone say why.
export async function progress(incident) {
  let annotations = [];
  let fault = '';
  try {
    const params = { tags: TAG + incident, type: 'annotation', limit: MOST };
    annotations = (await fetched({ params })).data;
  } catch (error) {
    fault = messages({ error }).join('; ');
  }
  const written = annotations
    .filter(({ data }) => data && data.step)
    .sort((a, b) => a.created - b.created || a.id - b.id)
    .map(({ data: { page, step, done }, login, created }) => ({ page, step, done, who: login || '?', atMs: created }));
  const records = [...written, ...(stored()[incident] || [])].sort((a, b) => a.atMs - b.atMs);
  return JSON.stringify({ records, fault });
}

// Adds a record {page, step, done}. With dashboard and panel it stands on no other graph.
export async function tick(incident, record, text, { dashboardUID, panelId }) {
  const data = { dashboardUID, panelId, text, tags: [TAG + incident], data: record };
  try {
    await fetched({ method: 'POST', data });
  } catch (error) {
    const why = error.status === 403 || error.status === 401 ? 'forbidden' : messages({ error }).join('; ');
    store(incident, { ...record, atMs: Date.now(), why });
  }
}

// Without Grafana's own messages: what went wrong stands in the panel.
function fetched(options) {
  const quiet = { showErrorAlert: false, showSuccessAlert: false };
  return new Promise((resolve, reject) => {
    getBackendSrv()
      .fetch({ url: '/api/annotations', ...quiet, ...options })
      .subscribe({ next: resolve, error: reject });
  });
}

function stored() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) || {};
  } catch {
    // Somebody else's, or the browser keeps nothing: either way there is nothing of ours.
    return {};
  }
}

// Old incidents go when a new record comes.
function store(incident, record) {
  const recent = Object.entries(stored()).filter(([, records]) => records.at(-1).atMs > Date.now() - KEPT_MS);
  const incidents = Object.fromEntries(recent);
  incidents[incident] = [...(incidents[incident] || []), record];
  localStorage.setItem(STORE, JSON.stringify(incidents));
}
