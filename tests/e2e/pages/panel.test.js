// The panel in the host's page: mounting, and what stands there when something is missing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, panel, picture } from '../helpers/browser.js';
import { startWorkbench } from '../helpers/workbench.js';

let workbench;
before(async () => (workbench = await startWorkbench()));
after(() => workbench && workbench.stop());
const dashboard = (search = '') => workbench.url + '/d/leaklens/leaklens' + search;

test('a server that is down is said, with its cause', async () => {
  const page = await open(dashboard('?refresh='));
  const root = await panel(page);
  await root.getByText(/refused|cannot reach|cannot connect/i).first().waitFor();
  await picture(page, 'server-down');
  // The failed query is the browser's only complaint.
  assert.deepEqual(page.faults.filter((fault) => !/ds\/query|status of 400|status of 50\d/.test(fault)), []);
});

test('one WebAssembly module serves the page, also when React mounts everything twice', async () => {
  const loads = [];
  const page = await open('about:blank');
  page.on('request', (request) => request.url().endsWith('.wasm') && loads.push(request.url()));
  await page.goto(dashboard('?strict&refresh='));
  await panel(page);
  assert.equal(loads.length, 1);
  assert.equal(await page.locator('.leaklens').count(), 1, 'a mount was left behind');
});

test('where the policy refuses WebAssembly, the panel names the word that is missing', async () => {
  const page = await open('about:blank');
  await page.route(/\/d\//, async (route) => {
    const response = await route.fetch();
    const policy = "script-src 'self' 'unsafe-inline'";
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
  });
  await page.goto(dashboard('?refresh='));
  await page.getByText("'wasm-unsafe-eval'").waitFor();
  await picture(page, 'wasm-refused');
});

test('a WebAssembly file that is missing is said by name', async () => {
  const page = await open('about:blank');
  await page.route(/\.wasm$/, (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await page.goto(dashboard('?refresh='));
  await page.getByText(/leaklens\.[0-9a-f]+\.wasm: HTTP 404/).waitFor();
});
