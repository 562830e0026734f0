// The forms people set Leaklens up with, in the host's own parts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertClean, open, picture } from '../helpers/browser.js';
import { startWorkbench } from '../helpers/workbench.js';

let workbench;
before(async () => (workbench = await startWorkbench()));
after(() => workbench && workbench.stop());
const CONFIG = '/datasources/edit/leaklens?editable';

test('the configuration form shows what is set and never a secret', async () => {
  const page = await open(workbench.url + CONFIG);
  const url = page.getByLabel('URL', { exact: true });
  await url.waitFor();
  assert.match(await url.inputValue(), /^https?:\/\//);
  assert.equal(await page.getByLabel('Growth (MiB per hour)', { exact: true }).getAttribute('placeholder'), '10');
  for (const input of await page.locator('input[type=password]').all()) {
    assert.equal(await input.inputValue(), '', 'a secret came back from the server');
  }
  await picture(page, 'config-editor');
  assertClean(page);
});

// What people write into each field, and what is there once they have left it.
const WRITTEN = [
  ['Ruler URL', ' http://vmalert:8880 ', 'http://vmalert:8880'],
  ['Alertmanager URL', 'http://alertmanager:9093', 'http://alertmanager:9093'],
  ['Its user', 'leaklens', 'leaklens'],
  ['To logs', 'https://logs/?pod=${pod}', 'https://logs/?pod=${pod}'],
  ['To profiles', 'https://profiles/?pod=${pod}', 'https://profiles/?pod=${pod}'],
  ['To changes', 'https://git/${repository}', 'https://git/${repository}'],
  ['To explore', '/explore?q=${query}', '/explore?q=${query}'],
  ['To rule', 'https://rules/${alertname}', 'https://rules/${alertname}'],
  ['To silence', 'https://am/?filter=${filter}', 'https://am/?filter=${filter}'],
  ['Prometheus for Explore', 'metrics', 'metrics'],
  ['Folders and files', '/etc/a\n\n /etc/b ', '/etc/a\n/etc/b'],
  ['Parameters', 'repository = shop/web\nowner=', 'repository=shop/web\nowner='],
  ['Clusters', 'eu=prod-eu', 'eu=prod-eu'],
  ['User activity metric', 'logins_total', 'logins_total'],
];

test('alerts, links and runbooks keep what is written into them', async () => {
  const page = await open(workbench.url + CONFIG);
  const field = (label) => page.getByLabel(label, { exact: true });
  await field('Ruler URL').waitFor();
  for (const [label, written] of WRITTEN) {
    await field(label).fill(written);
    await field(label).blur();
  }
  // Text areas show what was typed until the form is drawn anew, and each other field when its setting came back.
  for (const [label, , kept] of WRITTEN) {
    const shown = (await field(label).inputValue()).split('\n').map((row) => row.replace(' = ', '=').trim());
    assert.equal(shown.filter((row) => row !== '').join('\n'), kept, label);
  }
  // Secrets of Alertmanager are written and never shown.
  for (const label of ['Its password', 'Its token']) {
    assert.equal(await field(label).getAttribute('type'), 'password', label);
    await field(label).fill('s3cret');
  }
  await field('To silence').scrollIntoViewIfNeeded();
  await picture(page, 'config-editor-filled');
  await field('Alertmanager URL').fill('');
  await field('Alertmanager URL').blur();
  assert.equal(await field('Alertmanager URL').getAttribute('placeholder'), 'http://alertmanager:9093');
  assertClean(page);
});

test('basic authentication asks for user and password only where it is on', async () => {
  const page = await open(workbench.url + CONFIG);
  const basic = page.locator('#leaklens-config-basicAuth');
  await basic.waitFor({ state: 'attached' });
  const toggle = () => page.locator('label[for=leaklens-config-basicAuth]').first().click();
  if (await basic.isChecked()) {
    await toggle();
  }
  assert.equal(await page.getByLabel('Password', { exact: true }).count(), 0);
  await toggle();
  await page.getByLabel('User', { exact: true }).fill('someone');
  await page.getByLabel('Password', { exact: true }).waitFor();
  assertClean(page);
});

test('a header can be added and removed', async () => {
  const page = await open(workbench.url + CONFIG);
  await page.getByRole('button', { name: 'Add header' }).click();
  const name = page.getByLabel(/^Header \d+$/).last();
  await name.fill('X-Scope-OrgID');
  await name.blur();
  assert.equal(await name.inputValue(), 'X-Scope-OrgID');
  const before = await page.getByLabel(/^Header \d+$/).count();
  await page.getByRole('button', { name: /^Remove header/ }).last().click();
  assert.equal(await page.getByLabel(/^Header \d+$/).count(), before - 1);
  assertClean(page);
});

test('the query editor shows the settings of each type', async () => {
  const page = await open(workbench.url + '/explore');
  const type = page.getByLabel('Type', { exact: true });
  for (const [name, settings] of [
    ['Growth', ['At most', 'Value']],
    ['History', ['Suspect']],
    ['Alerts', []],
  ]) {
    await type.click();
    await page.locator('[role=option], [aria-label="Select option"]').filter({ hasText: new RegExp('^' + name) }).click();
    for (const label of ['At most', 'Value', 'Suspect']) {
      const state = settings.includes(label) ? 'visible' : 'detached';
      await page.getByText(label, { exact: true }).waitFor({ state, timeout: 5000 });
    }
  }
  await picture(page, 'query-editor');
});
