// The main job: a process leaks, Prometheus sees it, the rule fires, Alertmanager delivers, the link is followed.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertClean, open, panel, picture } from '../../helpers/browser.js';
import { BASE, alerts, ask, messages, until } from '../../helpers/servers.js';

const SCALE = Number(process.env.LEAKLENS_SCALE);
// What the leaking application really loses, bytes per hour.
const RATE = Number(process.env.LEAKLENS_RATE_BYTES_PER_HOUR);
const LEAKING = JSON.parse(process.env.LEAKLENS_LEAKING);
const SOUND = JSON.parse(process.env.LEAKLENS_SOUND);
const REFUSING = JSON.parse(process.env.LEAKLENS_REFUSING);
const UNCONFIGURED = JSON.parse(process.env.LEAKLENS_UNCONFIGURED);

test('the message about a leaking process leads to the panel that names it', async () => {
  console.log(`hours are divided by ${SCALE}`);
  const url = await until('a message about growth', 420, async () => {
    for (const { body } of await messages()) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const message = typeof body === 'string' ? JSON.parse(body) : body;
      const alert = (message.alerts || []).find(
        (alert) => alert.status === 'firing' && alert.labels.alertname === 'HighMemoryGrowthRate' && alert.labels.pod === LEAKING.pod
      );
      if (alert) {
        return { alert, text };
      }
    }
    return null;
  });
  const link = new URL(url.alert.annotations.leak_url);
  const path = link.pathname + link.search;
  assert.equal(link.searchParams.get('var-pod'), LEAKING.pod);

  const page = await open(BASE + path, { width: 1440, height: 900 });
  const root = await panel(page);
  const first = await root.locator('.ll-suspects [aria-selected="true"], .ll-suspects tr').first().innerText();
  console.log('verdict: ' + (await root.locator('.ll-verdict').innerText()).replaceAll('\n', ' '));
  assert.match(await root.locator('.ll-verdict').innerText(), /leak/i);
  assert.ok((await root.locator('.ll-verdict').innerText()).includes(LEAKING.container), first);
  assert.match(await root.locator('.ll-runbook').innerText(), /HighMemoryGrowthRate/);
  const commands = await root.locator('.ll-runbook article').first().locator('.ll-command code').allInnerTexts();
  assert.ok(commands.some((command) => command.includes(LEAKING.pod)), commands.join('\n'));
  await picture(page, 'live', { fullPage: false });
  assertClean(page);

  const toMs = Date.now();
  const { tables, error } = await ask({ queryType: 'suspects' }, toMs - 86_400_000 / SCALE, toMs);
  assert.equal(error, undefined);
  const rows = tables.suspects;
  assert.equal(rows[0].pod, LEAKING.pod, 'the leaking pod comes first');
  assert.equal(rows[0].verdict, 'leak');
  const wrong = Math.abs(rows[0].rate_bytes_per_hour - RATE) / RATE;
  console.log(`rate ${rows[0].rate_bytes_per_hour} of ${RATE} bytes per hour: ${(wrong * 100).toFixed(1)} % off`);
  assert.ok(wrong <= 0.15, `the rate is ${(wrong * 100).toFixed(1)} % off`);
  for (const pod of SOUND) {
    const row = rows.find((row) => row.pod === pod);
    assert.ok(row, pod + ' is not judged');
    console.log(`${pod}: ${row.verdict}`);
    assert.notEqual(row.verdict, 'leak', pod + ' is called a leak');
  }
});

test('the alert measures what it says and fires for nobody else', async () => {
  const firing = (await alerts()).filter((alert) => alert.state === 'firing');
  const growth = firing.find((alert) => alert.labels.alertname === 'HighMemoryGrowthRate');
  const wrong = Math.abs(Number(growth.value) - RATE) / RATE;
  console.log(`the alert says ${growth.value} of ${RATE} bytes per hour: ${(wrong * 100).toFixed(1)} % off`);
  assert.ok(wrong <= 0.15, `the alert's rate is ${(wrong * 100).toFixed(1)} % off`);
  const unread = [...REFUSING, ...UNCONFIGURED];
  const others = firing.filter((alert) => alert.labels.pod !== LEAKING.pod && !unread.includes(alert.labels.pod));
  assert.deepEqual(others.map((alert) => alert.labels.alertname + ' for ' + alert.labels.pod), []);
});

for (const [what, pods, code, meaning] of [
  ['a wrong password', REFUSING, '401', /the credentials are wrong or missing/],
  ['a missing configuration', UNCONFIGURED, '500', /no credentials are configured in it/],
]) {
  test('the page about failed scrapes says that it is ' + what, async () => {
    const [pod] = pods;
    const alert = await until('the alert for ' + pod, 60, async () =>
      (await alerts()).find(({ labels, state }) => labels.alertname === 'MetricsAuthenticationFailure' && labels.pod === pod && state === 'firing')
    );
    const link = new URL(alert.annotations.leak_url);
    const page = await open(BASE + link.pathname + link.search, { width: 1440, height: 900 });
    const root = await panel(page);
    const shown = root.locator('.ll-runbook article').first();
    assert.match(await shown.innerText(), /MetricsAuthenticationFailure/);
    const findings = (await shown.locator('.ll-finding').allInnerTexts()).filter((finding) => finding.includes('Scrapes'));
    assert.ok(findings.length > 0, 'the check of scrapes is not answered');
    for (const finding of findings) {
      assert.ok(finding.includes('HTTP status ' + code), finding);
      assert.match(finding, meaning);
    }
    const commands = await shown.locator('.ll-command code').allInnerTexts();
    assert.ok(commands.some((command) => command.includes(pod)), commands.join('\n'));
    assertClean(page);
  });
}
