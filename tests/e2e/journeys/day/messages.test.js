// What the day's alerts and their messages say, against the ground truth.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { alerts, messages, truth, until } from '../../helpers/servers.js';

const DAY_MS = 86_400_000;
const MIB = 1_048_576;
// Alerts about a level are right about whatever is above it, leak or not.
const LEVELS = { HighMemoryUsage: 500 * MIB, CriticalMemoryUsage: 1000 * MIB, ContainerHighMemoryUsage: 800 * MIB };

test('an alert fires only for a pod that has what the alert is about', async () => {
  const pods = new Map((await truth()).pods.map((pod) => [pod.pod, pod]));
  const wrong = [];
  for (const { labels, value } of (await alerts()).filter((alert) => alert.state === 'firing')) {
    const pod = pods.get(labels.pod);
    assert.ok(pod, `${labels.alertname} names ${labels.pod}, no pod of the fleet`);
    const broken = { MetricsAuthenticationFailure: ['401', '500'].includes(pod.page), MemoryMetricsMissing: pod.page !== '' };
    const level = LEVELS[labels.alertname];
    const right = level ? Number(value) > level : (broken[labels.alertname] ?? pod.leaks);
    if (!right) {
      wrong.push(`${labels.alertname}: ${labels.pod} (${pod.shape}, page "${pod.page}"), value ${value}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a message about growth links to the pod that leaks, from a day before the alert began to now', async () => {
  const link = await until('a message about growth', 120, async () => {
    const attachments = (await messages()).flatMap(({ body }) => body.attachments || []);
    return attachments.find(({ title }) => title?.includes('HighMemoryGrowthRate'))?.title_link;
  });
  const { pathname, searchParams } = new URL(link);
  assert.equal(pathname, '/d/leaklens/leaklens');
  assert.equal(searchParams.get('var-alertname'), 'HighMemoryGrowthRate');
  const pod = (await truth()).pods.find((pod) => pod.pod === searchParams.get('var-pod'));
  assert.ok(pod?.leaks, link);
  assert.equal(Number(searchParams.get('var-startsAt')) - Number(searchParams.get('from')), DAY_MS, link);
  assert.equal(searchParams.get('to'), 'now', link);
  assert.ok((await messages()).some(({ path }) => path === '/webhook'), 'the webhook has nothing');
});
