// What the panel says of a server that answers otherwise than one hopes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { assertClean, open, panel, picture } from '../helpers/browser.js';
import { startPrometheus } from '../helpers/prometheus.js';
import { startWorkbench } from '../helpers/workbench.js';

// `the-right-one`, at bcrypt's lowest cost.
const PASSWORD_HASH = '$2b$04$NjO.icwBtvUrFsuPzIQMV.2kqO/re2XktZMWDKZbSdYLU8Ttzp.C.';

// Runs tests with a workbench whose data source is what `start` gives: {source, stop}.
function against(what, start, tests) {
  describe(what, () => {
    const there = {};
    before(async () => {
      there.server = await start();
      there.workbench = await startWorkbench({ server: there.server.source });
    });
    after(async () => {
      await there.workbench?.stop();
      await there.server?.stop();
    });
    tests(async (name) => {
      const page = await open(there.workbench.url + '/d/leaklens/leaklens?refresh=&var-alertname=HighMemoryGrowthRate');
      const root = await panel(page);
      await picture(page, name);
      return { page, root };
    });
  });
}

// A failed query is the browser's only complaint.
const others = (page) => page.faults.filter((fault) => !/ds\/query|status of 400|status of 50\d/.test(fault));

// Everything the browser is sent and keeps while the page is loaded once more.
async function received(page) {
  const texts = [];
  page.on('response', (response) => response.request().isNavigationRequest() || texts.push(response.text().catch(() => '')));
  await page.reload();
  await panel(page);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  return [await page.content(), kept, ...(await Promise.all(texts))].join('\n');
}

const locked = (password) => async () => {
  const { url, stop } = await startPrometheus({ web: 'basic_auth_users:\n  reader: ' + PASSWORD_HASH + '\n' });
  const source = { url, basicAuth: true, basicAuthUser: 'reader', secureJsonData: { basicAuthPassword: password } };
  return { source, stop };
};

against('a wrong password', locked('the-wrong-one'), (look) => {
  test('is called one, and is not shown', async () => {
    const { page, root } = await look('wrong-password');
    await root.getByText(/other credentials \(401\)/).first().waitFor();
    const text = await received(page);
    assert.match(text, /other credentials/);
    assert.doesNotMatch(text, /the-wrong-one/);
    assert.deepEqual(others(page), []);
  });
});

against('the right password', locked('the-right-one'), (look) => {
  test('opens the server and reaches no browser', async () => {
    const { page } = await look('right-password');
    const text = await received(page);
    assert.doesNotMatch(text, /other credentials/);
    assert.doesNotMatch(text, /the-right-one|cmVhZGVyOnRoZS1yaWdodC1vbmU/);
    assertClean(page);
  });
});

const website = async () => {
  const server = createServer((_, response) => response.end('<!doctype html><title>Sign in</title><img src=x onerror=alert(1)>'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => new Promise((resolve) => server.close(resolve));
  return { source: { url: 'http://127.0.0.1:' + server.address().port }, stop };
};

against('a server that is no Prometheus', website, (look) => {
  test('is called that', async () => {
    const { page, root } = await look('not-prometheus');
    await root.getByText(/not Prometheus/).first().waitFor();
    assert.deepEqual(others(page), []);
  });
});

const empty = async () => {
  const { url, stop } = await startPrometheus();
  return { source: { url }, stop };
};

against('a server without metrics', empty, (look) => {
  test('is no all-clear, and the page of the alert is there', async () => {
    const { page, root } = await look('empty-server');
    const verdict = await root.getByRole('status').first().innerText();
    assert.doesNotMatch(verdict, /no leak|stable|all clear/i);
    await root.getByText('HighMemoryGrowthRate').first().waitFor();
    assertClean(page);
  });
});
