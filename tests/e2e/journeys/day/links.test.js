// From the panel onward: each link leads where its template or Grafana says, with the labels and the range of what is
// looked at, whole.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertClean, open, panel, picture } from '../../helpers/browser.js';
import { alerts, instant } from '../../helpers/servers.js';
import { startWorkbench } from '../../helpers/workbench.js';

const PROMETHEUS = process.env.LEAKLENS_PROMETHEUS;
const NAME = 'HighMemoryGrowthRate';
// As they stand in a provisioning file, where a single dollar is a variable of Grafana's environment.
const TEMPLATES = {
  logsLink: 'https://logs.example/?ns=$${namespace}&pod=$${pod}&container=$${container}&from=$${from}&to=$${to}',
  profilesLink: 'https://profiles.example/$${workload}?q=$${query}',
  changesLink: 'https://git.example/$${repository}/commits?since=$${since}&until=$${until}',
};

let workbench;

before(async () => {
  const jsonData = { ...TEMPLATES, runbookParameters: { repository: 'shop/web' } };
  const others = [
    { name: 'Alertmanager & co', type: 'alertmanager', uid: 'am', access: 'proxy', url: process.env.LEAKLENS_ALERTMANAGER },
    { name: 'Metrics', type: 'prometheus', uid: 'metrics', access: 'proxy', url: PROMETHEUS },
  ];
  workbench = await startWorkbench({ server: { url: PROMETHEUS, jsonData }, others });
});

after(() => workbench?.stop());

test('logs, profiles, changes, Explore, rule and silence are each one click away', async () => {
  const firing = (await alerts()).filter(({ labels, state }) => labels.alertname === NAME && state === 'firing');
  const { labels, annotations } = firing.sort((a, b) => Number(b.value) - Number(a.value))[0];
  const leak = new URL(annotations.leak_url);
  const page = await open(workbench.url + leak.pathname + leak.search, { width: 1440, height: 900 });
  const root = await panel(page);
  const onward = root.getByRole('navigation', { name: 'Look further' });
  await onward.waitFor();
  const address = async (within, name) => new URL(await within.getByRole('link', { name, exact: true }).getAttribute('href'), workbench.url);

  const logs = await address(onward, 'Logs');
  assert.equal(logs.origin, 'https://logs.example');
  assert.deepEqual(
    ['ns', 'pod', 'container'].map((name) => logs.searchParams.get(name)),
    [labels.namespace, labels.pod, labels.container]
  );
  const [from, to] = ['from', 'to'].map((name) => Number(logs.searchParams.get(name)));
  // `now` and `now-24h` are each worked out by themselves.
  assert.ok(Math.abs(to - from - 86_400_000) < 1000, logs.href);
  assert.ok(Math.abs(to - Date.now()) < 300_000, logs.href);

  const profiles = await address(onward, 'Profiles');
  const selector = profiles.searchParams.get('q');
  const series = await instant(`last_over_time(${selector}[1d])`, to / 1000);
  assert.ok(series.length > 0 && series.every((one) => one.labels.pod === labels.pod), selector);
  assert.ok(profiles.pathname.length > 1 && labels.pod.startsWith(profiles.pathname.slice(1)), profiles.href);

  const changes = await address(onward, 'Changes');
  assert.equal(changes.pathname, '/shop/web/commits');
  const date = (ms) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000', '');
  assert.deepEqual([changes.searchParams.get('since'), changes.searchParams.get('until')], [date(from), date(to)]);

  const explore = await address(onward, 'Explore');
  assert.equal(explore.origin + explore.pathname, workbench.url + '/explore');
  const left = JSON.parse(explore.searchParams.get('left'));
  assert.equal(left.datasource, 'leaklens');
  assert.equal(left.queries[0].queryType, 'history');
  assert.ok(left.queries[0].suspect.includes(labels.pod), left.queries[0].suspect);
  assert.deepEqual(left.range, { from: String(from), to: String(to) });

  const strip = root.locator('.ll-alert');
  const rule = await address(strip, 'Rule');
  assert.equal(rule.pathname, '/alerting/list');
  assert.ok(rule.searchParams.get('search').includes(NAME), rule.href);
  const silence = await address(strip, 'Silence');
  assert.equal(silence.pathname, '/alerting/silence/new');
  assert.equal(silence.searchParams.get('alertmanager'), 'Alertmanager & co');
  assert.deepEqual(silence.searchParams.getAll('matcher').sort(), Object.entries(labels).map(([name, value]) => name + '=' + value).sort());
  await picture(page, 'links', { fullPage: false });
  assertClean(page);
});
