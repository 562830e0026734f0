// Alerts that Grafana evaluates itself: read in the browser with the login of whoever looks, and each link of the message
// that Grafana's own library makes of them. Prometheus has neither series nor rules.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { assertClean, open, panel, picture } from '../helpers/browser.js';
import { startPrometheus } from '../helpers/prometheus.js';
import { startWorkbench } from '../helpers/workbench.js';

// Built by xtask where Go is installed.
const MESSAGES = process.env.LEAKLENS_GRAFANA_MESSAGES;
const PROVISIONING = fileURLToPath(new URL('../../../provisioning/alerting/leaklens.yaml', import.meta.url));
const NAME = 'HighMemoryGrowthRate';
const HOSTILE = { namespace: 'shop & co', pod: `we b&x=1#y%41"z'é日本/;$(id)`, container: 'a+b', metric: 'm' };
const HOUR_MS = 3_600_000;
const STARTS = new Date(Math.floor(Date.now() / 1000) * 1000 - 2 * HOUR_MS);
const ENDS = new Date(STARTS.valueOf() + HOUR_MS);

let prometheus;
let workbench;

before(async () => {
  prometheus = await startPrometheus();
  workbench = await startWorkbench({ server: { url: prometheus.url } });
});

after(async () => {
  await workbench?.stop();
  await prometheus?.stop();
});

// An alert as Grafana's API lists it.
const alert = (alertname, state, labels = HOSTILE) => ({
  labels: { alertname, grafana_folder: 'Memory leaks', severity: 'warning', __alert_rule_uid__: 'uid of ' + alertname, ...labels },
  annotations: { summary: 'a summary' },
  state,
  activeAt: STARTS.toISOString(),
  value: '2.5e+07',
});

async function grafanaSays(said) {
  const response = await fetch(workbench.url + '/api/workbench/alerting', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(said),
  });
  assert.equal(response.status, 204);
}

async function look(path) {
  const page = await open(workbench.url + path, { width: 1440, height: 900 });
  const root = await panel(page);
  return { page, root, strip: root.locator('.ll-alert') };
}

const named = (alertname) => look('/d/leaklens/leaklens?refresh=&var-alertname=' + alertname);

// Grafana's message about an alert of a rule that we provision.
function message(rule, labels, ends = '') {
  const begun = STARTS.toISOString().replace('.000', '');
  const options = ['-provisioning', PROVISIONING, '-rule', rule, '-labels', JSON.stringify(labels), '-starts', begun];
  return JSON.parse(execFileSync(MESSAGES, [...options, '-ends', ends && ends.toISOString().replace('.000', '')], { encoding: 'utf8' }));
}

test('what fires, waits, is paused or has no data in Grafana is told as that', async () => {
  await grafanaSays({
    alerts: [
      alert(NAME, 'Alerting'),
      alert('CriticalMemoryGrowthRate', 'Pending'),
      alert('HighMemoryUsage', 'Normal (Paused)'),
      alert('MemoryMetricsMissing', 'Alerting (NoData)'),
      alert('ContainerMemoryGrowthRate', 'NoData', {}),
    ],
  });
  const firing = await named(NAME);
  assert.match(await firing.strip.innerText(), /^Firing/);
  assert.match(await firing.strip.innerText(), /Grafana/);
  const rule = new URL(await firing.strip.getByRole('link', { name: 'Rule' }).getAttribute('href'), workbench.url);
  assert.equal(rule.pathname, '/alerting/grafana/' + encodeURIComponent('uid of ' + NAME) + '/view');
  const silence = new URL(await firing.strip.getByRole('link', { name: /^Silence/ }).getAttribute('href'), workbench.url);
  assert.equal(silence.pathname, '/alerting/silence/new');
  assert.equal(silence.searchParams.get('alertmanager'), 'grafana');
  const matchers = silence.searchParams.getAll('matcher');
  assert.ok(matchers.includes('alertname=' + NAME) && matchers.includes('pod=' + HOSTILE.pod), matchers.join('\n'));
  assert.ok(!matchers.some((matcher) => matcher.startsWith('__')), matchers.join('\n'));
  // What nobody can tell is said, and is no all-clear.
  await firing.root.getByText("whether ContainerMemoryGrowthRate fires is unknown: Grafana's rule has no data").first().waitFor();
  await picture(firing.page, 'grafana-alerts', { fullPage: false });
  assertClean(firing.page);

  const pending = await named('CriticalMemoryGrowthRate');
  assert.match(await pending.strip.innerText(), /^Pending/);
  const paused = await named('HighMemoryUsage');
  assert.match(await paused.root.innerText(), /HighMemoryUsage is not firing now/);
  const missing = await named('MemoryMetricsMissing');
  assert.match(await missing.strip.innerText(), /^Firing/);
  for (const { page } of [pending, paused, missing]) {
    assertClean(page);
    await page.close();
  }
});

test("a silence of Grafana's Alertmanager is shown with who and until when", async () => {
  const { labels } = alert(NAME, 'Alerting');
  await grafanaSays({
    alerts: [alert(NAME, 'Alerting')],
    notified: [{ labels, fingerprint: 'f', status: { state: 'suppressed', silencedBy: ['s'], inhibitedBy: [] } }],
    silences: [{ id: 's', createdBy: 'kim', comment: 'a <b>deploy</b>', endsAt: new Date(Date.now() + HOUR_MS).toISOString() }],
  });
  const { page, strip } = await named(NAME);
  assert.match(await strip.innerText(), /^Silenced/);
  assert.match(await strip.innerText(), /silenced by kim: a <b>deploy<\/b> until /);
  assertClean(page);
});

test('every link of the message leads to the page, while the alert fires and after its end', { skip: !MESSAGES && 'the program that makes the messages was not built: it wants Go, and is built for one host only' }, async () => {
  for (const [status, ends, to] of [
    ['firing', '', 'now'],
    ['resolved', ENDS, String(ENDS.valueOf())],
  ]) {
    await grafanaSays({ alerts: status === 'firing' ? [alert(NAME, 'Alerting')] : [] });
    const sent = message(NAME, HOSTILE, ends);
    assert.ok(sent.title.startsWith('[' + status.toUpperCase() + '] ' + NAME), sent.title);
    const written = (name) => sent.message.match(new RegExp(name + ': (\\S+)'))[1];
    const fixed = new URL(written('Leak'));
    assert.equal(fixed.searchParams.get('from'), String(STARTS.valueOf() - 24 * HOUR_MS));
    assert.equal(fixed.searchParams.get('var-startsAt'), String(STARTS.valueOf()));
    assert.equal(fixed.searchParams.get('to'), to);
    for (const link of [written('Leak'), written('Runbook'), sent.alerts[0].annotations.leak_url, sent.alerts[0].annotations.runbook_url]) {
      const { pathname, search, searchParams } = new URL(link);
      const { page, root, strip } = await look(pathname + search);
      const article = root.locator('.ll-runbook article').first();
      assert.ok((await article.innerText()).includes(NAME), link + ' leads to another page');
      if (searchParams.has('var-pod')) {
        for (const label of ['namespace', 'pod', 'container']) {
          assert.equal(searchParams.get('var-' + label), HOSTILE[label], link);
        }
        const quoted = "'" + HOSTILE.pod.replaceAll("'", "'\\''") + "'";
        const commands = await article.locator('.ll-command code').allInnerTexts();
        assert.ok(commands.some((command) => command.includes(quoted)), link + '\n' + commands.join('\n'));
      }
      if (status === 'firing') {
        assert.match(await strip.innerText(), /^Firing/, link);
      } else {
        assert.match(await root.innerText(), new RegExp(NAME + ' is not firing now'), link);
      }
      assertClean(page);
      await page.close();
    }
  }
});
