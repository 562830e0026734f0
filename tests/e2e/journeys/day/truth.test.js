// A day of the fleet at default settings: every pod against the ground truth, every figure against Prometheus.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { ask, instant, truth } from '../../helpers/servers.js';

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

let fleet;
let rows;
let toMs;

before(async () => {
  fleet = await truth();
  toMs = Date.now();
  const answer = await ask({ queryType: 'suspects', limit: 1000 }, toMs - DAY_MS, toMs);
  assert.equal(answer.error, undefined);
  rows = new Map(answer.tables.suspects.filter((row) => row.metric.startsWith('django')).map((row) => [row.pod, row]));
});

test('every leak is found and nothing sound is called a leak', () => {
  const wrong = [];
  for (const pod of fleet.pods.filter((pod) => pod.page === '')) {
    const row = rows.get(pod.pod);
    const verdict = row ? row.verdict : 'absent';
    const shown = `${pod.shape.padEnd(14)} ${pod.pod.padEnd(34)} leaks=${pod.leaks} restarts=${pod.restarts} -> ${verdict} ${row ? row.score.toFixed(2) : ''}`;
    if ((verdict === 'leak') !== pod.leaks) {
      wrong.push(shown);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the rate of a steady leak is right within 15 % and its interval holds it', () => {
  const wrong = [];
  let judged = 0;
  for (const pod of fleet.pods.filter((pod) => pod.leaks && pod.page === '' && pod.shape === 'linear')) {
    const row = rows.get(pod.pod);
    judged += 1;
    const error = Math.abs(row.rate_bytes_per_hour - pod.rate_bytes_per_hour) / pod.rate_bytes_per_hour;
    if (error > 0.15) {
      wrong.push(`${pod.pod}: ${(row.rate_bytes_per_hour / MIB).toFixed(1)} instead of ${(pod.rate_bytes_per_hour / MIB).toFixed(1)} MiB/h`);
    }
  }
  assert.ok(judged > 0, 'the fleet has no steady leak');
  assert.deepEqual(wrong, []);
});

test('leaks come before everything sound', () => {
  const sound = new Set(fleet.pods.filter((pod) => !pod.leaks).map((pod) => pod.pod));
  const order = [...rows.values()].map((row) => row.pod);
  const lastLeak = order.findLastIndex((pod) => fleet.pods.some((one) => one.pod === pod && one.leaks));
  assert.deepEqual(order.slice(0, lastLeak + 1).filter((pod) => sound.has(pod)), []);
});

test('limits, usage and restarts agree with the same questions asked by hand', async () => {
  const at = toMs / 1000;
  const limits = await instant('max by (pod, exported_pod) (last_over_time(kube_pod_container_resource_limits{resource="memory"}[1d]))', at);
  const limitOf = new Map(limits.map(({ labels, value }) => [labels.exported_pod || labels.pod, value]));
  for (const pod of fleet.pods.filter((pod) => pod.page === '' && pod.deleted_ms === null)) {
    const row = rows.get(pod.pod);
    assert.equal(row.limit_bytes, limitOf.get(pod.pod), `limit of ${pod.pod}`);
    const gauges = await instant(`django_memory_usage_bytes{pod="${pod.pod}"}`, row.last_sample / 1000);
    const values = gauges.map(({ value }) => value);
    assert.ok(values.includes(row.current_bytes), `usage of ${pod.pod}: ${row.current_bytes} is none of ${values}`);
    const changes = await instant(`sum(changes(process_start_time_seconds{pod="${pod.pod}"}[1d]))`, at);
    assert.equal(row.restarts, changes[0].value, `restarts of ${pod.pod}`);
  }
});
