// Time series of any data source, judged in the browser by the shipped WebAssembly: how long 500 of a day take.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { open, panel, picture } from '../helpers/browser.js';
import { startWorkbench } from '../helpers/workbench.js';

const SERIES = 500;
const POINTS = 1440;
const MIB = 1048576;

let workbench;
before(async () => (workbench = await startWorkbench()));
after(() => workbench && workbench.stop());

// A day of pods at one sample a minute, as Prometheus' data source answers; every fiftieth leaks 30 MiB an hour.
function answer(series) {
  const now = Date.now();
  const times = Array.from({ length: POINTS }, (_, minute) => now - (POINTS - minute) * 60_000);
  const frames = Array.from({ length: series }, (_, pod) => {
    const growth = pod % 50 === 0 ? 30 * MIB : 0;
    const bytes = times.map((_, minute) => 200 * MIB + (growth * minute) / 60 + ((minute * 7919 + pod * 104729) % 101) * 10_000);
    const labels = { pod: 'pod-' + pod, container: 'app', namespace: 'shop' };
    const fields = [
      { name: 'Time', type: 'time', typeInfo: { frame: 'time.Time' } },
      { name: 'container_memory_rss', type: 'number', typeInfo: { frame: 'float64' }, labels, config: { unit: 'bytes' } },
    ];
    return { schema: { refId: 'A', fields }, data: { values: [times, bytes] } };
  });
  return { results: { A: { status: 200, frames } } };
}

// Whatever the panel asks, that is the answer.
async function answerWith(page, answer) {
  const body = JSON.stringify(answer);
  await page.route('**/api/ds/query*', (route) => route.fulfill({ contentType: 'application/json', body }));
}

test('five hundred series of a day are judged without a long task, and the leaks come first', async (context) => {
  const page = await open('about:blank');
  await page.addInitScript(() => {
    window.longest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.longest = Math.max(window.longest, entry.duration)))).observe({
      entryTypes: ['longtask'],
    });
    // From the first word of progress to the verdict.
    new MutationObserver(() => {
      const text = document.querySelector('.leaklens')?.innerText || '';
      if (!window.began && /of 500 series judged/.test(text)) {
        window.began = performance.now();
        window.longest = 0;
      }
      if (window.began && !window.took && /leaks 30/.test(text)) {
        window.took = performance.now() - window.began;
        window.longestTask = window.longest;
      }
    }).observe(document, { childList: true, subtree: true, characterData: true });
  });
  const loads = [];
  page.on('request', (request) => request.url().endsWith('.wasm') && loads.push(request.url().replace(/.*\/(.*)\..*\.wasm/, '$1')));
  await answerWith(page, answer(SERIES));
  await page.goto(workbench.url + '/d/leaklens/leaklens?refresh=');
  const root = await panel(page, 60_000);
  await root.getByText(/leaks 30/).first().waitFor();
  const figures = await page.evaluate(() => ({ took: window.took, longest: window.longestTask }));
  context.diagnostic(SERIES + ' x ' + POINTS + ' points: ' + JSON.stringify(figures));
  console.log('judging ' + SERIES + ' series of ' + POINTS + ' points took ' + Math.round(figures.took) + ' ms');
  assert.ok(figures.took > 0, 'progress was never shown');
  const first = await root.locator('.ll-option').first().innerText();
  assert.match(first, /^pod-\d*[05]0? \/ app/m);
  await picture(page, 'any-series');
  assert.deepEqual(loads, ['leaklens', 'leaklens-judge'], 'the panel, and the judge because it is needed');
});

test('a judge that cannot be loaded is said by name, and the panel stays', async () => {
  const page = await open('about:blank');
  await page.route(/leaklens-judge.*\.wasm$/, (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await answerWith(page, answer(3));
  await page.goto(workbench.url + '/d/leaklens/leaklens?refresh=&var-alertname=HighMemoryGrowthRate');
  const root = await panel(page);
  await root.getByText(/The series could not be judged: leaklens-judge\.[0-9a-f]+\.wasm: HTTP 404/).waitFor();
  await root.getByText('The series could not be judged, so nothing is known about leaks').waitFor();
  await root.getByText(/The runbook that comes with the panel could not be loaded/).waitFor();
  assert.equal(await root.locator('.ll-tone-calm').count(), 0, 'no all-clear for what nobody judged');
  await picture(page, 'judge-missing');
});
