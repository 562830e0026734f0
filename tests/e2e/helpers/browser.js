// Debian's Chromium, one for a test file, and what a person would look at in it.
import { mkdir } from 'node:fs/promises';
import { after } from 'node:test';

import { chromium } from 'playwright-core';

// Screenshots go here; kept, because a failed journey is best understood by its picture.
const PICTURES = process.env.LEAKLENS_PICTURES || new URL('../../../target/pictures/', import.meta.url).pathname;

let browser = null;

after(async () => {
  if (browser) {
    await browser.close();
  }
});

// Opens an address. `faults` collects what the browser complains about: errors on the console,
// uncaught exceptions and failed requests; a journey ends with `assertClean`.
export async function open(url, { width = 1280, height = 900, ...context } = {}) {
  if (!browser) {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  }
  const page = await browser.newPage({ viewport: { width, height }, ...context });
  page.faults = [];
  // The npm packages lack a few of Grafana's icons.
  const icon = (url) => url.includes('/img/icons/');
  page.on('console', (message) => {
    if (message.type() === 'error' && !icon(message.location().url)) {
      page.faults.push('console: ' + message.text());
    }
  });
  page.on('pageerror', (error) => page.faults.push('uncaught: ' + error.message));
  page.on('response', (response) => {
    if (response.status() >= 400 && !icon(response.url())) {
      page.faults.push('HTTP ' + response.status() + ': ' + response.url());
    }
  });
  await page.goto(url);
  return page;
}

// The root of the panel, once it shows an answer: no query is under way and the first picture is drawn.
export async function panel(page, timeout = 30_000) {
  const root = page.locator('.leaklens').first();
  await root.waitFor({ state: 'visible', timeout });
  await page.waitForFunction(() => !document.querySelector('.leaklens [aria-busy="true"], .leaklens[aria-busy="true"]'), null, {
    timeout,
  });
  return root;
}

// Saves a picture of the page under a name.
export async function picture(page, name, options = {}) {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: PICTURES + '/' + name + '.png', fullPage: true, ...options });
}

// Fails with everything the browser complained about.
export function assertClean(page) {
  if (page.faults.length > 0) {
    throw new Error('the browser complained:\n' + page.faults.join('\n'));
  }
}
