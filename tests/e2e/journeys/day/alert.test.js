// From an alert of the day to its page: what someone sees who follows the link.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertClean, open, panel, picture } from '../../helpers/browser.js';
import { BASE, alerts, truth } from '../../helpers/servers.js';

// The link of a firing alert, as a path of the workbench.
async function link(name) {
  const firing = (await alerts()).filter((alert) => alert.labels.alertname === name && alert.state === 'firing');
  assert.ok(firing.length > 0, name + ' does not fire');
  firing.sort((a, b) => Number(b.value) - Number(a.value));
  const url = new URL(firing[0].annotations.leak_url);
  return { alert: firing[0], path: url.pathname + url.search };
}

test('the link of a growing pod names it, its rate and its page with commands filled in', async () => {
  const { alert, path } = await link('HighMemoryGrowthRate');
  const pod = (await truth()).pods.find((pod) => pod.pod === alert.labels.pod);
  const page = await open(BASE + path, { width: 1440, height: 900 });
  const root = await panel(page);
  const verdict = await root.locator('.ll-verdict').innerText();
  assert.match(verdict, /leak/i);
  assert.ok(verdict.includes(pod.container), verdict);
  assert.match(verdict, /MiB\/h/);
  assert.match(await root.locator('.ll-alert').innerText(), /HighMemoryGrowthRate/);
  const runbook = root.locator('.ll-runbook');
  assert.match(await runbook.innerText(), /HighMemoryGrowthRate/);
  const commands = await runbook.locator('article').first().locator('.ll-command code').allInnerTexts();
  assert.ok(commands.some((command) => command.includes(pod.pod) && command.includes('-n ' + pod.namespace)), commands.join('\n'));
  assert.equal(await runbook.locator('article').first().locator('.ll-finding').count() > 0, true, 'no check is answered');
  await picture(page, 'overview-dark', { fullPage: false });
  assertClean(page);
});

for (const [name, sentence] of [
  ['HighPythonObjectGrowth', /Objects change: .*\/h/],
  ['MemoryLeakEventsDetected', /growth event/],
  ['ContainerMemoryGrowthRate', /grows .*\/h/],
  ['CriticalMemoryGrowthRate', /grows .*\/h/],
  ['ExcessiveGarbageCollection', /collections\/s/],
  ['HighMemoryUsage', /uses/],
  ['CriticalMemoryUsage', /uses/],
  ['ContainerHighMemoryUsage', /uses/],
  ['MemoryMetricsMissing', /scrape|target/i],
  ['MetricsAuthenticationFailure', /401|500/],
]) {
  test('the link of ' + name + ' leads to its page with its checks answered', async () => {
    const { path } = await link(name);
    const page = await open(BASE + path, { width: 1440, height: 900 });
    const root = await panel(page);
    const runbook = root.locator('.ll-runbook');
    assert.match(await runbook.innerText(), new RegExp(name));
    const findings = await runbook.locator('article').first().locator('.ll-finding').allInnerTexts();
    assert.ok(findings.some((finding) => sentence.test(finding)), findings.join('\n'));
    const commands = await runbook.locator('article').first().locator('.ll-command code').allInnerTexts();
    assert.doesNotMatch(commands.join('\n'), /<(namespace|pod|container)>/, 'the alert has that label');
    // An alert fires: whatever the figures are, nothing may read as all-clear.
    assert.doesNotMatch(await root.locator('.ll-verdict').innerText(), /^No leak\b/);
    await picture(page, name, { fullPage: false });
    assertClean(page);
  });
}

test('light and narrow show the same', async () => {
  const { path } = await link('HighMemoryGrowthRate');
  const light = await open(BASE + path + '&theme=light', { width: 1440, height: 900 });
  await panel(light);
  await picture(light, 'overview-light', { fullPage: false });
  assertClean(light);
  const narrow = await open(BASE + path, { width: 420, height: 900 });
  const root = await panel(narrow);
  assert.equal(await root.getByRole('tablist').count(), 1);
  await picture(narrow, 'overview-narrow', { fullPage: false });
  assertClean(narrow);
});

test('hostile values in a link are shown as text, quoted in commands, and break nothing', async () => {
  const hostile = ['"; rm -rf ~ #', '<img src=x onerror=alert(1)>', 'x'.repeat(10_000), '\u202Egnp.exe', "a'b\"c\nd"];
  for (const value of hostile) {
    const params = new URLSearchParams({ 'var-alertname': 'HighMemoryGrowthRate', 'var-namespace': value, 'var-pod': value });
    const page = await open(BASE + '/d/leaklens/leaklens?' + params);
    let dialogs = 0;
    page.on('dialog', (dialog) => {
      dialogs += 1;
      dialog.dismiss();
    });
    const root = await panel(page);
    assert.match(await root.innerText(), /HighMemoryGrowthRate/);
    assert.equal(await root.locator('img').count(), 0);
    assert.equal(dialogs, 0);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, 'the page is ' + wide + ' px too wide for ' + value.slice(0, 20));
    const commands = await root.locator('.ll-command code').allInnerTexts();
    for (const command of commands) {
      assert.doesNotMatch(command, /[\u202A-\u202E\u2066-\u2069]/);
    }
    await page.close();
  }
});

test('an alert nobody knows gets the general troubleshooting and no error', async () => {
  const page = await open(BASE + '/d/leaklens/leaklens?var-alertname=NobodyKnowsThisAlert');
  const root = await panel(page);
  assert.match(await root.locator('.ll-runbook').innerText(), /troubleshoot/i);
  assertClean(page);
});
