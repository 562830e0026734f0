// `cargo xtask bench panel`: the shipped panel in Chromium, its chart beside uPlot's, on the same data in one run.
//
// Rounds are interleaved, so that what else the machine does falls on both; figures are medians and 90th percentiles.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

import { history, overview, series } from '../helpers/frames.js';
import { answerFromMemory, openStage, show } from '../helpers/stage.js';
import { startWorkbench } from '../helpers/workbench.js';

const UPLOT = await readFile(createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js'), 'utf8');
const ROUNDS = 15;
const SERIES = 20;
const NOW = Date.now();
const RANGE = { fromMs: NOW - 24 * 3_600_000, toMs: NOW };

const results = [];
const sorted = (times) => [...times].sort((a, b) => a - b);
const at = (times, share) => sorted(times)[Math.min(times.length - 1, Math.floor(times.length * share))];

// Notes a figure against its limit and prints it.
function note(what, value, limit, unit, more = '') {
  const held = value <= limit;
  results.push({ what, value, limit, held });
  console.log(`bench: ${what}: ${value.toFixed(unit === 'x' ? 2 : 1)} ${unit} (limit ${limit} ${unit}, ${held ? 'held' : 'missed'})${more}`);
}

const workbench = await startWorkbench();
try {
  const page = await openStage(workbench, { width: 1640, height: 900 });
  await page.evaluate(UPLOT + ';window.uPlot = uPlot;');
  await answerFromMemory(page);
  await page.evaluate(prepare);
  await firstPicture(page);
  await refresh(page);
  await redraw(page);
  await hover(page);
} finally {
  await workbench.stop();
}
process.exit(0);

// In the page: what to wait for.
function prepare() {
  // The picture is there when the browser has laid out and painted: a frame, and what comes after it.
  window.painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  // The longest the page was held up while `work` ran and until the panel was idle: messages to oneself come between tasks, so
  // the longest time between two of them is that of a task.
  window.longestTask = async (work) => {
    const { port1, port2 } = new MessageChannel();
    let longest = 0;
    let last = performance.now();
    port1.onmessage = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      port2.postMessage(0);
    };
    port2.postMessage(0);
    await window.painted();
    longest = 0;
    await work();
    do {
      await window.painted();
    } while (!document.querySelector('.leaklens[aria-busy="false"]'));
    await window.painted();
    port1.close();
    return longest;
  };
}

// From the answer to the list, the verdict and the chart on the screen.
async function firstPicture(page) {
  for (const [suspects, limit] of [[40, 150], [1000, 400]]) {
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      times.push(
        await page.evaluate(
          async ({ series, history, range }) => {
            window.answer = { data: history };
            await window.stage.show({ ...range, state: 'Loading', series: [] });
            while (!document.querySelector('.leaklens')) {
              await window.painted();
            }
            const began = performance.now();
            await window.stage.show({ state: 'Done', series });
            while (!document.querySelector('.ll-option') || document.querySelector('canvas.ll-hidden, .leaklens:not(:has(canvas))')) {
              await window.painted();
            }
            await window.painted();
            const took = performance.now() - began;
            window.stage.leave();
            return took;
          },
          { series: overview(suspects, NOW), history: history(1440, 4, NOW), range: RANGE }
        )
      );
    }
    note(`first picture, ${suspects} suspects`, at(times, 0.5), limit, 'ms', `, p90 ${at(times, 0.9).toFixed(1)}`);
  }
}

// The longest task of refreshes a minute apart: a thousand series judged here, and a thousand suspects that come judged.
async function refresh(page) {
  for (const [what, answer] of [
    ['1,000 series judged here', (nowMs) => series(1000, 240, nowMs)],
    ['1,000 suspects', (nowMs) => overview(1000, nowMs)],
  ]) {
    await show(page, { ...RANGE, series: answer(NOW) });
    const longest = [];
    for (let round = 1; round <= 7; round += 1) {
      longest.push(await page.evaluate((series) => window.longestTask(() => window.stage.show({ series })), answer(NOW + round * 60_000)));
    }
    note(`longest task of a refresh, ${what}`, at(longest, 0.5), 50, 'ms', `, all ${longest.map(Math.round)}`);
  }
  await page.evaluate(() => window.stage.leave());
}

// A chart of so many series drawn from new data: from the answer in hand to pixels, ours with the copy into WebAssembly.
async function redraw(page) {
  await show(page, { ...RANGE, series: overview(40, NOW) });
  for (const [points, limit] of [[1440, 1.25], [14400, 1.0]]) {
    const figures = await page.evaluate(
      async ({ answer, rounds, series }) => {
        // As they come out of an answer: arrays made by the reader of JSON.
        const frames = JSON.parse(answer);
        const size = document.querySelector('.ll-chart-area').getBoundingClientRect();
        const [samples, siblings] = frames;
        // Newer by a sample each time: an answer that says the same is not drawn again.
        const renew = (values) => (values[values.length - 1] += 1024);
        const aligned = [samples.fields[0].values.map((ms) => ms / 1000), samples.fields[1].values, ...siblings.fields.slice(1).map(({ values }) => values)];
        const place = document.createElement('div');
        place.style.cssText = 'position:absolute;top:1000px';
        document.body.append(place);
        let drawn = null;
        const line = { stroke: '#5794f2', width: 1, points: { show: false } };
        const axis = { stroke: '#ccc', grid: { stroke: '#333' } };
        const u = new window.uPlot(
          { width: Math.round(size.width), height: Math.round(size.height), series: [{}, ...aligned.slice(1).map(() => line)], axes: [axis, axis], legend: { show: false }, hooks: { draw: [() => drawn && drawn()] } },
          aligned,
          place
        );
        // Reading a pixel makes the browser finish what was drawn.
        const finish = (canvas) => canvas.getContext('2d').getImageData(0, 0, 1, 1);
        const theirs = async () => {
          renew(aligned[1]);
          const began = performance.now();
          await new Promise((resolve) => {
            drawn = resolve;
            u.setData(aligned);
          });
          finish(u.ctx.canvas);
          return performance.now() - began;
        };
        const ours = async () => {
          const canvas = document.querySelector('.leaklens canvas');
          renew(samples.fields[1].values);
          window.answer = { data: frames };
          let began = 0;
          const { stage } = window;
          const drawing = new Promise((resolve) => new MutationObserver((_, observer) => (observer.disconnect(), resolve())).observe(canvas, { attributes: true, attributeFilter: ['width'] }));
          const source = window.System.get('app:rxjs');
          // The clock starts where the data source hands its answer over.
          window.System.get('app:@grafana/runtime').setDataSourceSrv({
            get: async () => ({ query: () => ((began = performance.now()), source.of(window.answer)) }),
            getInstanceSettings: () => undefined,
            getList: () => [],
          });
          await stage.show({ series: [...series] });
          await drawing;
          finish(canvas);
          return performance.now() - began;
        };
        for (let round = 0; round < 3; round += 1) {
          await ours();
          await theirs();
        }
        const times = { ours: [], theirs: [] };
        for (let round = 0; round < rounds; round += 1) {
          times.ours.push(await ours());
          await window.painted();
          times.theirs.push(await theirs());
          await window.painted();
        }
        u.destroy();
        place.remove();
        return times;
      },
      { answer: JSON.stringify(history(points, SERIES - 1, NOW)), rounds: ROUNDS, series: overview(40, NOW) }
    );
    const [ours, theirs] = [at(figures.ours, 0.5), at(figures.theirs, 0.5)];
    note(`redraw of ${SERIES} series at ${points} points against uPlot`, ours / theirs, limit, 'x', `, ${ours.toFixed(1)} ms against ${theirs.toFixed(1)} ms; p90 ${at(figures.ours, 0.9).toFixed(1)} against ${at(figures.theirs, 0.9).toFixed(1)}`);
  }
}

// From the pointer's move to the read-out.
async function hover(page) {
  const times = await page.evaluate(async (rounds) => {
    const area = document.querySelector('.ll-chart-area');
    const box = area.getBoundingClientRect();
    const times = [];
    for (let round = 0; round < 10 * rounds; round += 1) {
      const began = performance.now();
      const clientX = box.left + box.width * (0.2 + 0.6 * ((round * 37) % 100) / 100);
      const seen = new Promise((resolve) => new MutationObserver((_, observer) => (observer.disconnect(), resolve())).observe(area, { childList: true, subtree: true, attributes: true, characterData: true }));
      area.dispatchEvent(new PointerEvent('pointermove', { bubbles: true, clientX, clientY: box.top + box.height / 2 }));
      await seen;
      // Reading a place makes the browser lay out.
      area.querySelector('.ll-readout')?.getBoundingClientRect();
      times.push(performance.now() - began);
      await window.painted();
    }
    return times;
  }, ROUNDS);
  note('hover, 20 series at 14,400 points', at(times, 0.9), 8, 'ms', `, median ${at(times, 0.5).toFixed(1)} (p90 is judged)`);
}
