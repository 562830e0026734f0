// For each alert of ours: its page, its commands without gaps, and every figure of every finding against PromQL written
// here, asked by a client that shares nothing with the product.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { alerts, ask, instant, messages, ruleNames, truth } from '../../helpers/servers.js';

const DAY_MS = 86_400_000;
const ALERTS = [
  'HighMemoryGrowthRate',
  'CriticalMemoryGrowthRate',
  'ContainerMemoryGrowthRate',
  'HighPythonObjectGrowth',
  'MemoryLeakEventsDetected',
  'ExcessiveGarbageCollection',
  'HighMemoryUsage',
  'CriticalMemoryUsage',
  'ContainerHighMemoryUsage',
  'MemoryMetricsMissing',
  'MetricsAuthenticationFailure',
];

let fleet;
let firing;
// A little in the past: what is scraped in this moment is there for both or for neither.
const toMs = Date.now() - 5000;
const at = toMs / 1000;

before(async () => {
  fleet = await truth();
  firing = (await alerts()).filter((alert) => alert.state === 'firing');
});

// The only value of a query, or nothing.
async function value(expr) {
  const samples = await instant(expr, at);
  assert.ok(samples.length <= 1, expr + ': ' + samples.length + ' samples');
  return samples.length ? samples[0].value : undefined;
}

const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const AMOUNT = '([\\d.]+) (B|KiB|MiB|GiB)';

// The bytes a sentence names where the pattern has an amount, `#`.
function bytes(sentence, pattern) {
  const found = sentence.match(new RegExp(pattern.replace('#', AMOUNT)));
  assert.ok(found, pattern + ' is not in: ' + sentence);
  return Number(found[1]) * UNITS[found[2]];
}

function number(sentence, pattern) {
  const found = sentence.match(pattern);
  assert.ok(found, pattern + ' is not in: ' + sentence);
  return Number(found[1].replace('−', '-'));
}

// Shown figures have three digits.
function near(shown, asked, what, share = 0.01) {
  assert.ok(asked !== undefined && Math.abs(shown - asked) <= Math.max(Math.abs(asked) * share, 0.011), `${what}: ${shown} instead of ${asked}`);
}

// What each finding must say of a pod, by its kind. `own` selects the series of its own page, `kube` what others say of it.
const CHECKS = {
  async growth({ sentence, state }, { own, pod }) {
    if (state !== 'bad' || !['linear', 'sawtooth', 'late'].includes(pod.shape)) {
      return;
    }
    const hours = Math.floor(Math.min(4, (at * 1000 - pod.onset_ms) / 3_600_000 - 1.5));
    // The view that is called most is the one that knows.
    const slope = `deriv(min_over_time(django_memory_usage_bytes{view_name="list",${own}}[30m])[${hours}h:5m]) * 3600`;
    near(bytes(sentence, 'by #/h'), await value(slope), sentence, 0.3);
  },
  async usage({ sentence }, { own, kube }) {
    const used = bytes(sentence, 'uses #');
    const gauges = await instant(`last_over_time(django_memory_usage_bytes{${own}}[1d])`, at);
    assert.ok(gauges.some(({ value }) => Math.abs(used - value) <= value * 0.01), sentence);
    near(bytes(sentence, 'limit of #'), await value(`kube_pod_container_resource_limits{resource="memory",${kube}}`), sentence);
  },
  async restarts({ sentence }, { own }) {
    const restarts = await value(`sum(changes(process_start_time_seconds{${own}}[1d]))`);
    const said = / did not restart/.test(sentence) ? 0 : / restarted once/.test(sentence) ? 1 : number(sentence, /restarted (\d+) times/);
    assert.equal(said, restarts, sentence);
  },
  async deploys({ sentence }, { kube }) {
    const [{ labels }] = await instant(`last_over_time(kube_pod_container_info{${kube}}[1d])`, at);
    assert.ok(sentence.includes(labels.image.split(':').pop()), sentence + ' ' + labels.image);
  },
  async siblings({ sentence, state }, { pod }) {
    const others = await value(`count(count by (pod) (last_over_time(django_memory_usage_bytes{app="${pod.workload}",pod!="${pod.pod}"}[1d])))`);
    if (state === 'unknown') {
      assert.equal(others, undefined, sentence);
    } else {
      assert.equal(/the other replica/.test(sentence) ? 1 : number(sentence, /(\d+) other replicas/), others, sentence);
    }
  },
  async page_cache({ sentence }, { kube }) {
    near(bytes(sentence, 'working set of #'), await value(`container_memory_working_set_bytes{${kube}}`), sentence);
    near(bytes(sentence, 'working set of [^,]*, #'), await value(`container_memory_rss{${kube}}`), sentence);
  },
  async object_growth({ sentence }, { own }) {
    for (const kind of ['dict', 'list']) {
      const slope = await value(`deriv(django_python_objects_total{object_type="${kind}",${own}}[1h]) * 3600`);
      near(number(sentence, new RegExp(kind + ' by (−?[\\d.]+)/h')), slope, sentence, 0.02);
    }
  },
  async gc_rate({ sentence }, { own }) {
    const all = await value(`sum(rate(django_gc_collections_total{${own}}[5m]))`);
    near(number(sentence, /^([\d.]+) collections/), all, sentence, 0.05);
  },
  async top_views({ sentence }, { own }) {
    const per = (what) => `sum by (view_name) (rate(django_allocation_bytes_${what}{${own}}[1h]))`;
    near(bytes(sentence, 'allocates most: # per request'), await value(`max(${per('sum')} / (${per('count')} > 0))`), sentence);
    const events = await value(`max(increase(django_memory_growth_events_total{${own}}[1h]))`);
    assert.equal(number(sentence, /(\d+) growth events?/), Math.round(events), sentence);
  },
  async request_rate({ sentence }, { own, pod }) {
    const secs = Math.floor(Math.min(86_400, pod.run_age_secs));
    const rate = await value(`sum(rate(django_allocation_bytes_count{${own}}[${secs}s]))`);
    near(number(sentence, /([\d.]+) requests\/s/), rate, sentence, 0.1);
  },
  async scrape_health({ sentence, state }, { own, pod }) {
    const up = await value(`up{${own}}`);
    assert.equal(state === 'bad', up === 0, sentence);
    if (pod.page === '401' || pod.page === '500') {
      assert.ok(sentence.includes(pod.page), sentence);
      assert.match(sentence, pod.page === '401' ? /credentials are wrong or missing/ : /no credentials are configured/);
    }
  },
  async sample_age({ sentence }, { own }) {
    const age = await value(`time() - max(timestamp(last_over_time(django_memory_usage_bytes{${own}}[1d])))`);
    const last = await value(`max(max_over_time(timestamp(django_memory_usage_bytes{${own}})[1d:15s]))`);
    const secs = Math.max(0, at - (last ?? at - age));
    const shown = sentence.match(/ is (?:(\d+) h ?)?(?:(\d+) min ?)?(?:(\d+) s )?old/);
    assert.ok(shown, sentence);
    const said = Number(shown[1] || 0) * 3600 + Number(shown[2] || 0) * 60 + Number(shown[3] || 0);
    assert.ok(Math.abs(said - secs) <= 90, `${sentence}: ${secs} s`);
  },
  async rules_loaded({ sentence }) {
    const loaded = (await ruleNames()).filter((name) => ALERTS.includes(name));
    assert.equal(number(sentence, /(\d+) of 11/), new Set(loaded).size, sentence);
  },
  async right_sizing({ sentence }, { kube }) {
    near(bytes(sentence, 'limit #'), await value(`kube_pod_container_resource_limits{resource="memory",${kube}}`), sentence);
    assert.equal(/request unknown/.test(sentence), (await value(`kube_pod_container_resource_requests{${kube}}`)) === undefined, sentence);
  },
  // A day has neither three days nor fourteen.
  time_pattern: async ({ state, sentence }) => assert.equal(state, 'unknown', sentence),
  user_activity: async ({ state, sentence }) => assert.equal(state, 'unknown', sentence),
  // Nobody in the fleet reports these, and nothing may be made of that.
  error_rate: unreported('django_http_exceptions_total_by_type_total'),
  database_queries: unreported('django_db_execute_total'),
  cpu: unreported('process_cpu_seconds_total'),
};

function unreported(metric) {
  return async ({ state, sentence }, { own }) => {
    assert.equal(await value(`count(${metric}{${own}})`), undefined);
    assert.equal(state, 'unknown', sentence);
    assert.ok(sentence.includes(metric), sentence);
  };
}

for (const name of ALERTS) {
  test('what ' + name + ' shows agrees with Prometheus', async () => {
    // Of a failing scrape both kinds: refused and not configured.
    const of = firing.filter((alert) => alert.labels.alertname === name);
    of.sort((a, b) => Number(b.value) - Number(a.value) || (a.labels.pod < b.labels.pod ? -1 : 1));
    const looked = name === 'MetricsAuthenticationFailure' ? of : of.slice(0, 1);
    assert.ok(looked.length > 0, name + ' does not fire');
    for (const { labels } of looked) {
      const scope = Object.fromEntries(['namespace', 'pod', 'container'].filter((key) => labels[key]).map((key) => [key, [labels[key]]]));
      const answer = await ask({ queryType: 'overview', alertname: [name], ...scope }, toMs - DAY_MS, toMs);
      assert.equal(answer.error, undefined);
      const [row] = answer.tables.alerts;
      assert.equal(row.alertname, name);
      const page = JSON.parse(answer.tables.runbook[0].page);
      assert.ok(page.alerts.includes(name), page.title);

      const steps = page.groups.flatMap((group) => group.steps);
      const commands = [...page.groups, ...steps].flatMap(({ commands }) => commands);
      assert.ok(commands.length > 0);
      for (const { filled, missing } of commands) {
        assert.deepEqual(missing, [], filled);
      }

      const pod = fleet.pods.find((pod) => pod.pod === labels.pod);
      const own = `namespace="${pod.namespace}",pod="${pod.pod}"`;
      const findings = steps.flatMap(({ findings }) => findings);
      assert.ok(findings.length > 0, 'no check is answered');
      for (const finding of findings) {
        assert.match(finding.sentence, /^([A-Z\d]|web in )/, 'a sentence begins with a capital letter or with a name');
        if (finding.query) {
          // What the link to Explore asks is PromQL that Prometheus takes.
          await instant(finding.query, at);
        }
        await CHECKS[finding.kind](finding, { own, kube: own, pod });
      }
    }
  });
}

test('the fingerprints are those of Alertmanager', async () => {
  const key = (labels) => JSON.stringify(Object.entries(labels).sort());
  const fires = async () => new Set((await alerts()).filter(({ state }) => state === 'firing').map(({ labels }) => key(labels)));
  const before = await fires();
  const answer = await ask({ queryType: 'alerts' }, toMs - DAY_MS, toMs);
  const ours = new Set(answer.tables.alerts.map((row) => row.fingerprint));
  const after = await fires();
  // What was sent may be over by now, or may have begun a moment ago.
  const lasting = ({ labels }) => before.has(key(labels)) && after.has(key(labels));
  const sent = (await messages()).flatMap(({ body }) => (body && body.alerts) || []).filter(lasting);
  assert.ok(sent.length > 0);
  for (const { fingerprint, labels } of sent) {
    assert.ok(ours.has(fingerprint), JSON.stringify(labels));
  }
});
