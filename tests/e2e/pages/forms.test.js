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
