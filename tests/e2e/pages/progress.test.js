// Ticking the steps of a runbook: two people, one who may not write, and the next incident. The alert is a real one of a
// real Prometheus, which has no series besides.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertClean, open, panel, picture } from '../helpers/browser.js';
import { startPrometheus } from '../helpers/prometheus.js';
import { until } from '../helpers/servers.js';
import { startWorkbench } from '../helpers/workbench.js';

const RULES = `
groups:
  - name: one
    rules:
      - alert: HighMemoryGrowthRate
        expr: vector(1)
        labels: {severity: warning, namespace: shop, pod: web-7d4b9c6f5d-x2vqk, container: web}
      - alert: MetricsAuthenticationFailure
        expr: vector(1)
        labels: {severity: critical, namespace: shop, pod: 'web "2"', job: web}
`;
const pathOf = (name) => '/d/leaklens/leaklens?refresh=&var-alertname=' + name;
const PATH = pathOf('HighMemoryGrowthRate');

let prometheus;
let workbench;

async function fires() {
  await until('the alert', 30, async () => {
    const answer = await fetch(prometheus.url + '/api/v1/alerts');
    return (await answer.json()).data.alerts.length === 2;
  });
}

before(async () => {
  prometheus = await startPrometheus({ rules: RULES });
  await fires();
  workbench = await startWorkbench({ server: { url: prometheus.url } });
});

after(async () => {
  await workbench?.stop();
  await prometheus?.stop();
});

// The page as that user sees it, and its steps.
async function look(bench, user, path = PATH) {
  const page = await open(bench.url + path, { extraHTTPHeaders: { 'X-WEBAUTH-USER': user }, permissions: ['clipboard-read', 'clipboard-write'] });
  const root = await panel(page);
  const step = (place) => root.locator('.ll-step').nth(place);
  await step(0).waitFor();
  const tick = (place) => step(place).locator('.ll-tick');
  return { page, root, step, tick };
}

const ticked = async (look) => look.root.locator('.ll-tick').evaluateAll((boxes) => boxes.map((box) => box.checked));
const first = async (look, count) => (await ticked(look)).slice(0, count);

test('two people tick different steps, both see both, and a reload keeps them', async () => {
  const alice = await look(workbench, 'alice');
  const bob = await look(workbench, 'bob');
  assert.ok((await ticked(alice)).length > 3);
  assert.ok((await ticked(alice)).every((done) => !done), 'an incident begins with nothing done');
  await alice.tick(0).click();
  await alice.step(0).getByText(/done by alice/).waitFor();
  await bob.tick(1).click();
  await bob.step(1).getByText(/done by bob/).waitFor();
  await bob.step(0).getByText(/done by alice/).waitFor();
  await alice.page.reload();
  await alice.step(1).getByText(/done by bob/).waitFor();
  assert.deepEqual(await first(alice, 3), [true, true, false]);

  // Taking a tick back is a record as well.
  await bob.tick(0).click();
  await bob.step(0).getByText(/taken back by bob/).waitFor();
  await alice.page.reload();
  await alice.step(0).getByText(/taken back by bob/).waitFor();
  assert.deepEqual(await first(alice, 3), [false, true, false]);
  await picture(alice.page, 'progress', { fullPage: false });
  assertClean(alice.page);
  assertClean(bob.page);

  const annotations = await (await fetch(workbench.url + '/api/annotations')).json();
  assert.equal(annotations.length, 3, 'nothing is overwritten');
  for (const annotation of annotations) {
    assert.equal(annotation.dashboardUID, 'leaklens', 'other dashboards stay clean');
    assert.ok(annotation.panelId > 0, 'and so do the other panels of this one');
  }
});

test('the summary says what is done, by whom, and what is open', async () => {
  const alice = await look(workbench, 'alice');
  await alice.step(1).getByText(/done by bob/).waitFor();
  await alice.root.getByRole('button', { name: 'Copy incident summary' }).click();
  await alice.root.getByRole('button', { name: 'Copied' }).waitFor();
  const text = await alice.page.evaluate(() => navigator.clipboard.readText());
  assert.match(text, /^# HighMemoryGrowthRate\n/);
  assert.match(text, /\*\*Alert fires\*\*: /);
  assert.match(text, /HighMemoryGrowthRate is firing since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  assert.match(text, /\n- \[ \] .*\(taken back by bob, 20.* UTC\)\n- \[x\] .*\(done by bob, 20.* UTC\)\n- \[ \] /);
  assert.match(text, /\n## Evidence\n\n- Unknown /);
  assert.ok(text.includes('<' + workbench.url + PATH + '>'), text);
});

test('who may not write keeps ticks in the browser and is told so', async () => {
  const readers = await startWorkbench({ server: { url: prometheus.url }, role: 'viewer' });
  try {
    const carol = await look(readers, 'carol');
    await carol.tick(1).click();
    await carol.step(1).getByText(/done in this browser/).waitFor();
    await carol.root.getByText(/may not write annotations here/).waitFor();
    await picture(carol.page, 'progress-viewer', { fullPage: false });
    await carol.page.reload();
    await carol.step(1).getByText(/done in this browser/).waitFor();
    assert.deepEqual(await first(carol, 3), [false, true, false]);
    assert.deepEqual(carol.page.faults.filter((fault) => !/403/.test(fault)), []);
    const other = await look(readers, 'dave');
    assert.deepEqual(await first(other, 3), [false, false, false], 'another browser knows nothing of it');
  } finally {
    await readers.stop();
  }
});

test('the next incident of the same alert begins unticked', async () => {
  const alice = await look(workbench, 'alice');
  await alice.step(1).getByText(/done by bob/).waitFor();
  // A Prometheus that remembers nothing begins to wait for the alert anew.
  const port = new URL(prometheus.url).port;
  await prometheus.stop();
  prometheus = await startPrometheus({ rules: RULES, port });
  await fires();
  const later = await look(workbench, 'alice');
  await later.root.getByText(/Firing/).first().waitFor();
  assert.ok((await ticked(later)).length > 3);
  assert.ok((await ticked(later)).every((done) => !done));
  await later.tick(2).click();
  await later.step(2).getByText(/done by alice/).waitFor();
  assert.deepEqual(await first(later, 3), [false, false, true]);
});

test('a finding leads to its query in Explore, where a Prometheus is known', async () => {
  const none = await look(workbench, 'alice', pathOf('MetricsAuthenticationFailure'));
  assert.equal(await none.root.getByRole('link', { name: 'Explore' }).count(), 0);
  const others = [{ name: 'Metrics', type: 'prometheus', uid: 'metrics "1"', access: 'proxy', url: prometheus.url }];
  const bench = await startWorkbench({ server: { url: prometheus.url }, others });
  try {
    const { root } = await look(bench, 'alice', pathOf('MetricsAuthenticationFailure'));
    const address = await root.getByRole('link', { name: 'Explore' }).first().getAttribute('href');
    const url = new URL(address, bench.url);
    assert.equal(url.origin, bench.url);
    assert.equal(url.pathname, '/explore');
    // Grafana 9 has one pane at the left.
    const panes = url.searchParams.get('panes');
    const pane = panes ? Object.values(JSON.parse(panes))[0] : JSON.parse(url.searchParams.get('left'));
    assert.equal(pane.datasource, 'metrics "1"');
    assert.equal(pane.queries[0].expr, 'up{job="web",namespace="shop",pod="web \\"2\\""}');
    // What the link asks is what Prometheus takes.
    const answer = await fetch(prometheus.url + '/api/v1/query?' + new URLSearchParams({ query: pane.queries[0].expr }));
    assert.equal(answer.status, 200, pane.queries[0].expr);
  } finally {
    await bench.stop();
  }
});
