// The panel at every size, in both themes, by keyboard and for screen readers, with series of any data source.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { picture } from '../helpers/browser.js';
import { history, overview, podName, series } from '../helpers/frames.js';
import { answerFromMemory, openStage, show } from '../helpers/stage.js';
import { startWorkbench } from '../helpers/workbench.js';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NOW = Date.now();
const RANGE = { fromMs: NOW - 24 * 3_600_000, toMs: NOW };
const INCIDENT = {
  ...RANGE,
  series: series(40, 240, NOW),
  variables: { alertname: ['HighMemoryGrowthRate'], namespace: ['shop'], pod: [podName(0)], container: 'app' },
};

let workbench;
before(async () => (workbench = await startWorkbench()));
after(() => workbench && workbench.stop());

// What the browser complains about, but for the page that was there before: its health check finds no server.
const complained = (page) => page.faults.filter((fault) => !/\/health|status of 400/.test(fault));

// What axe-core calls serious or worse, in words.
async function complaints(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run('.leaklens'));
  const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return grave.map(({ id, help, nodes }) => id + ': ' + help + ' at ' + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | '));
}

// What is cut off or sticks out of the panel.
const stickingOut = (root) =>
  root.evaluate((root) => {
    const found = root.scrollWidth > root.clientWidth ? ['the panel'] : [];
    const edge = root.getBoundingClientRect();
    for (const element of root.querySelectorAll('button, input, select, h3, h4, .ll-number, .ll-pill')) {
      const box = element.getBoundingClientRect();
      if (box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1)) {
        found.push(element.outerHTML.slice(0, 120));
      }
    }
    return found;
  });

test('from 320 to 2560 pixels, light and dark, nothing sticks out and axe-core finds nothing serious', async () => {
  const page = await openStage(workbench, { width: 2600, height: 1000 });
  for (const mode of ['dark', 'light']) {
    for (const width of [320, 480, 768, 1280, 1920, 2560]) {
      const root = await show(page, { ...INCIDENT, mode, width, height: 860 });
      const tabs = await root.getByRole('tab').count();
      assert.equal(tabs, width < 1000 ? 3 : 0, width + ' pixels');
      for (let tab = 0; tab < Math.max(1, tabs); tab += 1) {
        if (tabs) {
          await root.getByRole('tab').nth(tab).click();
        }
        const where = mode + ', ' + width + ' pixels, part ' + tab;
        assert.deepEqual(await stickingOut(root), [], where);
        assert.deepEqual(await complaints(page), [], where);
        await picture(page, `look-${mode}-${width}-${tab}`, { clip: { x: 0, y: 0, width, height: 860 }, fullPage: false });
      }
    }
    for (const [width, height] of [[1600, 260], [260, 90], [400, 140]]) {
      const root = await show(page, { ...INCIDENT, mode, width, height });
      assert.deepEqual(await stickingOut(root), [], `${width} x ${height}`);
      assert.equal(await root.getByRole('tab').count(), height < 150 ? 0 : 3, `${width} x ${height}`);
      assert.equal(await root.locator('.ll-verdict').count(), 1);
      await picture(page, `look-${mode}-${width}x${height}`, { clip: { x: 0, y: 0, width, height }, fullPage: false });
    }
  }
  assert.deepEqual(complained(page), []);
});

test('with the keyboard alone one gets from the list through the chart to the runbook, and sees where one is', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  const root = await show(page, INCIDENT);
  const seen = new Set();
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      return { what: element.getAttribute('role') || element.className || element.tagName, ring: style.outlineStyle !== 'none', inside: !!element.closest('.leaklens') };
    });
    if (!at.inside) {
      break;
    }
    assert.ok(at.ring, at.what + ' has no visible focus');
    seen.add(at.what);
  }
  for (const what of ['ll-input', 'listbox', 'group', 'll-fold', 'll-button']) {
    assert.ok([...seen].some((one) => one.includes(what)), what + ' is not reached: ' + [...seen]);
  }
  await root.getByRole('listbox').focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const chosen = root.locator('[role="option"][aria-selected="true"]');
  assert.equal(await chosen.getAttribute('aria-posinset'), '2');
  assert.equal(await root.getByRole('listbox').getAttribute('aria-activedescendant'), await chosen.getAttribute('id'));
  await root.locator('.ll-chart-area').focus();
  await page.keyboard.press('ArrowLeft');
  await root.locator('.ll-readout').waitFor();
  const samples = root.locator('.ll-legend button').filter({ hasText: 'Samples' });
  await samples.focus();
  await page.keyboard.press('Space');
  assert.equal(await samples.getAttribute('aria-pressed'), 'false');
  assert.match(await root.locator('.ll-chart-area').getAttribute('aria-label'), /^Memory of search/);
  assert.deepEqual(complained(page), []);
});

test('five thousand suspects are sorted, filtered and walked through, with few of them on the page', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  await page.route('**/api/ds/query*', (route) => route.fulfill({ json: { results: { A: { status: 200, frames: [] } } } }));
  const root = await show(page, { ...RANGE, series: overview(5000, NOW) });
  const options = root.locator('.ll-option');
  assert.ok((await options.count()) < 40, 'rows out of sight are on the page');
  await root.getByRole('listbox').focus();
  await page.keyboard.press('End');
  await root.locator('[aria-posinset="5000"][aria-selected="true"]').waitFor();
  const top = await root.getByRole('listbox').evaluate((list) => list.scrollTop);

  // A refresh keeps choice, scroll and focus.
  await show(page, { series: overview(5000, NOW) });
  assert.equal(await root.getByRole('listbox').evaluate((list) => list.scrollTop), top);
  assert.equal(await root.locator('[aria-selected="true"]').getAttribute('aria-posinset'), '5000');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('role')), 'listbox');

  await root.getByLabel('Sort suspects by').selectOption('Growth');
  await root.getByRole('listbox').evaluate((list) => (list.scrollTop = 0));
  await root.locator('[aria-posinset="1"]').getByText(/31 MiB\/h/).waitFor();
  await root.getByRole('searchbox').fill('search leak');
  await root.getByText(/of 5000/).waitFor();
  assert.match(await options.first().innerText(), /^\d+\s+search-/);
  await picture(page, 'five-thousand');
});

test('what has been switched off, opened and chosen outlives a refresh, and nothing moves', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  const root = await show(page, INCIDENT);
  await root.locator('.ll-legend button').filter({ hasText: 'Other pods' }).click();
  await root.locator('.ll-fold').nth(1).click();
  await root.locator('.ll-option').nth(2).click();
  // Of what is in sight: how many rows stand ready below is nobody's business.
  const places = () =>
    root.evaluate((root) => {
      const parts = [...root.querySelectorAll('.ll-column, .ll-fold, .ll-chart-area, [role="option"]')];
      return parts.map((element) => Math.round(element.getBoundingClientRect().top)).filter((top) => top < window.innerHeight);
    });
  const [before, chosen] = [await places(), await root.locator('[aria-selected="true"]').innerText()];
  await page.evaluate(() => window.stage.show({ state: 'Loading' }));
  await page.waitForTimeout(50);
  assert.deepEqual(await places(), before, 'while it loads');
  await picture(page, 'loading');
  await show(page, { state: 'Streaming', series: series(40, 240, NOW) });
  assert.deepEqual(await places(), before, 'while answers keep coming');
  await picture(page, 'streaming');
  await show(page, { series: series(40, 240, NOW) });
  assert.deepEqual(await places(), before, 'after the answer');
  assert.equal(await root.locator('[aria-selected="true"]').innerText(), chosen);
  assert.equal(await root.locator('.ll-legend [aria-pressed="false"]').count(), 1);
});

test('dragging over the chart sets the dashboard’s time range', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  const root = await show(page, INCIDENT);
  await page.evaluate(() => window.stage.show({ onChangeTimeRange: (range) => (window.ranges = [...(window.ranges || []), range]) }));
  const box = await root.locator('.ll-chart-area').boundingBox();
  const at = (share) => [box.x + box.width * share, box.y + box.height / 2];
  await page.mouse.move(...at(0.4));
  await page.mouse.down();
  await page.mouse.move(...at(0.6), { steps: 4 });
  await picture(page, 'zooming');
  await page.mouse.up();
  const [range] = await page.evaluate(() => window.ranges);
  assert.ok(range.from > RANGE.fromMs && range.to < RANGE.toMs && range.to - range.from > 3_600_000, JSON.stringify(range));
});

test('part of five queries failing, and a failure after an answer, are said with the age of what is shown', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  const errors = [
    { refId: 'B', message: 'timed out after 30 s' },
    { refId: 'D', message: 'too many samples' },
  ];
  const root = await show(page, { ...INCIDENT, queries: 5, state: 'Error', errors });
  const banner = root.locator('.ll-banner');
  assert.match(await banner.innerText(), /2 of 5 queries failed/);
  assert.match(await banner.innerText(), /B: timed out after 30 s/);
  await picture(page, 'partial');
  await show(page, { series: [], queries: 1, state: 'Error', errors: [{ message: 'connection refused' }] });
  assert.match(await banner.innerText(), /The query failed What is shown is the answer of \d\d:\d\d, \d+ s old/);
  assert.match(await root.locator('.ll-verdict').innerText(), /this is \d+ s old/);
  await picture(page, 'old');
});

test('options leave parts out, and thresholds, limits, units and labels are followed', async () => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  const root = await show(page, { ...INCIDENT, options: { growth: 100, limit: 4096, parts: ['suspects', 'chart'] } });
  assert.equal(await root.locator('.ll-runbook').count(), 0);
  assert.doesNotMatch(await root.locator('.ll-verdict').innerText(), /^Leak/);
  assert.match(await root.locator('.ll-option').first().innerText(), /of 4 GiB/);
  // The same figures in kibibytes are a thousand times as much.
  await show(page, { options: {}, series: series(2, 240, NOW, 'kbytes') });
  await root.getByText(/29.* GiB\/h|30.* GiB\/h/).first().waitFor();
  await show(page, { options: { roles: { pod: 'container' } } });
  await root.locator('.ll-option-main').getByText('app').first().waitFor();
});

test('the panel’s own options have defaults and help, and it offers itself for what has numbers over time', async () => {
  const page = await openStage(workbench);
  const { items, offered, migrated } = await page.evaluate(() => {
    const { plugin } = window.stage;
    const items = [];
    const add = (kind) => (item) => (items.push({ kind, ...item, settings: undefined }), builder);
    const builder = new Proxy({}, { get: (_, kind) => add(kind) });
    plugin.optionsSupplier ? plugin.optionsSupplier(builder, { data: [] }) : plugin.getPanelOptionsSupplier()(builder, { data: [] });
    const offered = (summary) => {
      const list = [];
      plugin.getSuggestionsSupplier().getSuggestionsForData({ dataSummary: summary, getListAppender: () => ({ append: (one) => list.push(one) }) });
      return list.length;
    };
    return {
      items,
      offered: [offered({ hasTimeField: true, hasNumberField: true }), offered({ hasTimeField: false, hasNumberField: true })],
      migrated: plugin.onPanelMigration({ options: { growth: 7 } }),
    };
  });
  assert.ok(items.length >= 12, JSON.stringify(items));
  assert.ok(items.every(({ description }) => description && description.endsWith('.')), 'each has help');
  assert.deepEqual(items.find(({ path }) => path === 'growth').defaultValue, 10);
  assert.deepEqual(offered, [1, 0]);
  assert.deepEqual(migrated, { growth: 7 });
});

// Bytes of objects, texts, arrays, numbers and functions in a snapshot of the heap.
async function dataBytes(session) {
  let text = '';
  const take = ({ chunk }) => (text += chunk);
  session.on('HeapProfiler.addHeapSnapshotChunk', take);
  await session.send('HeapProfiler.takeHeapSnapshot');
  session.off('HeapProfiler.addHeapSnapshotChunk', take);
  const { snapshot, nodes } = JSON.parse(text);
  const { node_fields: fields, node_types: [types] } = snapshot.meta;
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')];
  let bytes = 0;
  for (let at = 0; at < nodes.length; at += fields.length) {
    bytes += ['code', 'native', 'synthetic', 'hidden'].includes(types[nodes[at + type]]) ? 0 : nodes[at + size];
  }
  return bytes;
}

test('two hundred mounts leave nothing behind', async (context) => {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  await answerFromMemory(page);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // What the page holds: its data, bytes by the heap's own account. Code is left out: the browser goes on compiling what runs
  // often. Nodes and what holds them are freed in turns, so the lowest of some collections is what is kept.
  const figures = async () => {
    const lowest = { dataBytes: await dataBytes(session), nodes: Infinity, listeners: Infinity };
    for (let turn = 0; turn < 5; turn += 1) {
      await session.send('HeapProfiler.collectGarbage');
      await page.waitForTimeout(100);
      const { metrics } = await session.send('Performance.getMetrics');
      const metric = (wanted) => metrics.find(({ name }) => name === wanted).value;
      lowest.nodes = Math.min(lowest.nodes, metric('Nodes'));
      lowest.listeners = Math.min(lowest.listeners, metric('JSEventListeners'));
    }
    return lowest;
  };
  const mounts = (count, props) =>
    page.evaluate(
      async ({ count, props }) => {
        const tick = () => new Promise((resolve) => setTimeout(resolve, 0));
        for (let mount = 0; mount < count; mount += 1) {
          await window.stage.show(props);
          while (!document.querySelector('.leaklens canvas')) {
            await tick();
          }
          window.stage.leave();
          await tick();
        }
      },
      { count, props }
    );
  const props = { ...RANGE, series: [...overview(40, NOW), ...history(60, 2, NOW)] };
  await mounts(30, props);
  const before = await figures();
  await mounts(200, props);
  const after = await figures();
  context.diagnostic(JSON.stringify({ before, after }));
  console.log('200 mounts: data ' + (after.dataBytes - before.dataBytes) + ' bytes, nodes ' + (after.nodes - before.nodes) + ', listeners ' + (after.listeners - before.listeners));
  assert.ok(after.dataBytes - before.dataBytes < 200 * 100, 'each mount leaves a hundred bytes and more');
  assert.ok(after.nodes - before.nodes < 50, 'nodes are left');
  assert.ok(after.listeners - before.listeners < 10, 'listeners are left');
});
