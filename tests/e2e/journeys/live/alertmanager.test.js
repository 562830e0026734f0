// One alert from its first scrape to after its end, with labels that need escaping: what Alertmanager says of it is what
// the panel says, and every link of every message leads to its page. It runs while the other journey's leak grows.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, test } from 'node:test';

import { assertClean, open, panel, picture } from '../../helpers/browser.js';
import { BASE, ask, messages, until } from '../../helpers/servers.js';

const ALERTMANAGER = process.env.LEAKLENS_ALERTMANAGER + '/api/v2/';
// Service discovery of a fleet, of which this stack has none.
const TARGETS = dirname(process.env.LEAKLENS_MESSAGES) + '/prometheus/targets/fleet.json';
// How long the two lists are compared beside everything else.
const POLL_SECS = Number(process.env.LEAKLENS_POLL_SECS || 20);
const NAME = 'MetricsAuthenticationFailure';
const LABELS = { namespace: 'shop & co', pod: `we b&x=1#y%41"z'é日本/;$(id)`, container: 'a+b' };

const discover = (...labels) => writeFile(TARGETS, JSON.stringify(labels.map((labels) => ({ targets: ['127.0.0.1:1'], labels }))));

after(() => discover());

async function alertmanager(path, options) {
  const response = await fetch(ALERTMANAGER + path, { headers: { 'content-type': 'application/json' }, ...options });
  assert.ok(response.ok, path + ': HTTP ' + response.status + ' ' + (response.ok ? '' : await response.text()));
  return response.headers.get('content-type')?.includes('json') ? response.json() : null;
}

// Every alert as one line: its name, its labels in order, and what keeps its messages back.
const line = (name, labels, state) => name + ' ' + JSON.stringify(Object.entries(labels).sort()) + ' ' + state;

async function listed() {
  const all = await alertmanager('alerts');
  return all.map(({ labels: { alertname, ...labels }, status }) => {
    const state = status.silencedBy.length ? 'silenced' : status.inhibitedBy.length ? 'inhibited' : '';
    return line(alertname, labels, state);
  });
}

async function shown() {
  const { tables, error, notices } = await ask({ queryType: 'alerts' }, Date.now() - 3_600_000, Date.now());
  assert.equal(error, undefined);
  return { rows: tables.alerts, notices };
}

let polls = 0;

// Whether the panel's list is Alertmanager's. A poll during which that one changed is taken again.
async function agree() {
  for (let attempt = 0; attempt < 10; attempt++) {
    const before = (await listed()).sort();
    const { rows, notices } = await shown();
    const after = (await listed()).sort();
    if (JSON.stringify(before) === JSON.stringify(after)) {
      assert.deepEqual(notices.filter((notice) => /could not be read/.test(notice)), []);
      const told = rows.filter(({ source }) => source.includes('Alertmanager'));
      assert.deepEqual(told.map((row) => line(row.alertname, JSON.parse(row.labels), row.suppression)).sort(), before);
      polls += 1;
      return rows;
    }
  }
  throw new Error("Alertmanager's list never stood still");
}

const mine = (rows) => rows.find(({ alertname, pod }) => alertname === NAME && pod === LABELS.pod);

// The lists agree at every poll until the panel shows what is wanted.
const agreeUntil = (what, secs, wanted) =>
  until(what, secs, async () => {
    const row = mine(await agree());
    return wanted(row) && (row || true);
  });

// Every link of the messages about our alert in one state, each once, by where it stands.
async function links(status) {
  const found = new Map();
  const add = (where, link) => link && found.set(where, new URL(link));
  for (const { body } of await messages()) {
    for (const { status: state, labels, annotations } of body.alerts || []) {
      if (state === status && labels.pod === LABELS.pod) {
        add('webhook leak_url', annotations.leak_url);
        add('webhook runbook_url', annotations.runbook_url);
      }
    }
    for (const { title, title_link: link, text } of body.attachments || []) {
      if (title.startsWith('[' + status.toUpperCase() + '] ' + NAME) && new URL(link).searchParams.get('var-pod') === LABELS.pod) {
        add('slack title', link);
        add('slack leak', text.match(/Leak: <([^>|]+)>/)?.[1]);
        add('slack runbook', text.match(/Runbook: <([^>|]+)>/)?.[1]);
      }
    }
  }
  return found.size === 5 ? found : null;
}

async function follow(where, { pathname, search, searchParams }) {
  const page = await open(BASE + pathname + search, { width: 1440, height: 900 });
  const root = await panel(page);
  const article = root.locator('.ll-runbook article').first();
  assert.ok((await article.innerText()).includes(NAME), where + ' leads to another page');
  assert.equal(searchParams.get('var-alertname'), NAME, where);
  if (!where.endsWith('runbook') && !where.endsWith('runbook_url')) {
    for (const label of ['namespace', 'pod']) {
      assert.equal(searchParams.get('var-' + label), LABELS[label], where);
    }
    const commands = await article.locator('.ll-command code').allInnerTexts();
    // Quoted for the shell: a single quote ends the quotes, stands for itself, and opens them again.
    const quoted = "'" + LABELS.pod.replaceAll("'", "'\\''") + "'";
    assert.ok(commands.some((command) => command.includes(quoted)), where + '\n' + commands.join('\n'));
  }
  assertClean(page);
  return { page, root };
}

test('an alert is told, silenced and gone as Alertmanager has it, and each of its links leads to its page', async () => {
  await discover({ ...LABELS });
  const row = await agreeUntil('the alert', 120, (row) => row?.state === 'firing' && row.source.includes('Alertmanager'));
  assert.equal(row.suppression, '');
  for (const [where, link] of await until('its messages', 60, () => links('firing'))) {
    const { page, root } = await follow(where, link);
    assert.match(await root.locator('.ll-alert').innerText(), /^Firing/, where);
    await page.close();
  }

  const matchers = [{ name: 'pod', value: LABELS.pod, isRegex: false, isEqual: true }];
  const ends = new Date(Date.now() + 3_600_000).toISOString();
  const silence = { matchers, startsAt: new Date().toISOString(), endsAt: ends, createdBy: 'kim', comment: 'a <b>deploy</b>' };
  const { silenceID } = await alertmanager('silences', { method: 'POST', body: JSON.stringify(silence) });
  const silenced = await agreeUntil('the silence', 60, (row) => row?.suppression === 'silenced');
  assert.equal(silenced.suppressed_by, 'kim: a <b>deploy</b>');
  assert.equal(silenced.suppressed_until, Date.parse(ends));
  const { page, root } = await follow('leak_url', (await links('firing')).get('webhook leak_url'));
  const strip = root.locator('.ll-alert');
  assert.match(await strip.innerText(), /^Silenced/);
  assert.match(await strip.innerText(), /fires, silenced by kim: a <b>deploy<\/b> until /);
  assert.match(await strip.innerText(), /Prometheus, Alertmanager/);
  // It fires all the same: nothing reads as all-clear.
  assert.match(await root.locator('.ll-verdict').innerText(), /fires .*silenced/);
  const rule = await strip.getByRole('link', { name: 'Rule' }).getAttribute('href');
  assert.ok(rule.startsWith(process.env.LEAKLENS_PROMETHEUS + '/graph?'), rule);
  assert.equal((await fetch(rule)).status, 200, rule);
  await picture(page, 'silenced', { fullPage: false });
  await page.close();
  await alertmanager('silence/' + silenceID, { method: 'DELETE' });
  await agreeUntil('the end of the silence', 60, (row) => row?.suppression === '');

  const end = Date.now() + POLL_SECS * 1000;
  while (Date.now() < end) {
    await agree();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }

  // The pod goes, and its alert with it.
  await discover();
  await agreeUntil('the end of the alert', 120, (row) => !row);
  for (const [where, link] of await until('messages of its end', 90, () => links('resolved'))) {
    const { page, root } = await follow(where, link);
    const text = await root.innerText();
    if (link.searchParams.has('var-pod')) {
      assert.doesNotMatch(text, new RegExp('Firing\\s+' + NAME), where);
    } else {
      // The same alert of another pod may fire on: this one is about all of them.
      assert.ok(!text.includes(LABELS.pod), where);
    }
    if (where === 'slack title') {
      assert.match(link.searchParams.get('to'), /^\d+$/, 'an incident that is over ends where it ended');
      assert.match(text, new RegExp(NAME + ' is not firing now'));
      await picture(page, 'resolved', { fullPage: false });
    }
    await page.close();
  }
  console.log(polls + ' polls agreed');
});
