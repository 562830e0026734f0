// Answers of any size, as a host hands them to a panel: data frames in Grafana's own form, with arrays for values.
export const MIB = 1048576;
const HOUR_MS = 3_600_000;

// A day of `points` values that end now: every tenth pod grows by 30 MiB an hour.
export function course(pod, points, nowMs) {
  const growth = pod % 10 === 0 ? 30 * MIB : 0;
  const times = Array.from({ length: points }, (_, at) => nowMs - (points - 1 - at) * ((24 * HOUR_MS) / points));
  const hours = (at) => (at * 24) / points;
  return [times, times.map((_, at) => 200 * MIB + growth * hours(at) + ((at * 7919 + pod * 104729) % 101) * 10_000)];
}

// A pod's name as a deployment of Kubernetes makes it: the same three workloads over and over.
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const digits = (number, count) => (count ? digits(Math.floor(number / ALPHABET.length), count - 1) + ALPHABET[number % ALPHABET.length] : '');
export const podName = (pod) => ['checkout', 'search', 'mail'][pod % 3] + '-7f9c6d5b8-' + digits(pod, 5);

// Series as Prometheus' data source answers, a frame each.
export function series(pods, points, nowMs, unit = 'bytes') {
  return Array.from({ length: pods }, (_, pod) => {
    const [times, bytes] = course(pod, points, nowMs);
    const labels = { pod: podName(pod), container: 'app', namespace: 'shop' };
    return frame('', [
      { name: 'Time', type: 'time', values: times },
      { name: 'container_memory_rss', type: 'number', values: bytes, labels, config: { unit } },
    ]);
  });
}

// Frames `suspects`, `sparklines` and `alerts` as our own data source answers; docs/frames.md describes them.
export function overview(pods, nowMs) {
  const rows = Array.from({ length: pods }, (_, pod) => row(pod, pods, nowMs));
  const column = (name, type) => ({ name, type, values: rows.map((row) => row[name]) });
  const kind = (value, name) => (name === 'onset' || name === 'last_sample' ? 'time' : typeof value === 'number' || value === null ? 'number' : 'string');
  const suspects = frame('suspects', Object.entries(rows[0] || row(0, 1, nowMs)).map(([name, value]) => column(name, kind(value, name))));
  const spark = rows.map(({ id }, pod) => ({ name: id, type: 'number', values: course(pod, 48, nowMs)[1] }));
  const sparklines = frame('sparklines', [{ name: 'time', type: 'time', values: course(0, 48, nowMs)[0] }, ...spark]);
  return [suspects, sparklines];
}

function row(pod, pods, nowMs) {
  const name = podName(pod);
  const leaks = pod % 10 === 0;
  return {
    id: JSON.stringify({ container: 'app', namespace: 'shop', pod: name }),
    labels: JSON.stringify({ container: 'app', namespace: 'shop', pod: name }),
    namespace: 'shop',
    pod: name,
    container: 'app',
    workload: '',
    instance: '10.0.0.' + (pod % 250) + ':8000',
    job: 'django',
    metric: 'django_memory_usage_bytes',
    score: leaks ? 0.97 : 0.02,
    verdict: leaks ? 'leak' : 'stable',
    shape: 'linear',
    severity: leaks ? 'warning' : '',
    rate_bytes_per_hour: leaks ? (30 + pod / pods) * MIB : 0.1 * MIB,
    rate_low_bytes_per_hour: leaks ? 28 * MIB : -0.1 * MIB,
    rate_high_bytes_per_hour: leaks ? 32 * MIB : 0.2 * MIB,
    current_bytes: (300 + (pod % 500)) * MIB,
    floor_bytes: 290 * MIB,
    limit_bytes: 1024 * MIB,
    secs_to_limit: leaks ? 40_000 - pod : null,
    secs_to_limit_low: leaks ? 35_000 : null,
    secs_to_limit_high: leaks ? 50_000 : null,
    onset: leaks ? nowMs - 7 * HOUR_MS : null,
    restarts: 0,
    samples: 1440,
    span_secs: 86_400,
    last_sample: nowMs - 20_000,
    reasons: JSON.stringify(['The floor grew in every window of the last 7 h']),
    stands_for: '[]',
  };
}

// The frames that answer `history` for one pod, with others beside it, `points` samples each.
export function history(points, siblings, nowMs) {
  const [times, bytes] = course(0, points, nowMs);
  const others = Array.from({ length: siblings }, (_, at) => ({ name: podName(3 * at + 3), type: 'number', values: course(3 * at + 3, points, nowMs)[1] }));
  return [
    frame('samples', [
      { name: 'time', type: 'time', values: times },
      { name: 'value_bytes', type: 'number', values: bytes },
    ]),
    frame('siblings', [{ name: 'time', type: 'time', values: times }, ...others]),
  ];
}

function frame(name, fields) {
  return { name, refId: 'A', length: fields[0].values.length, fields: fields.map((field) => ({ config: {}, ...field })) };
}
