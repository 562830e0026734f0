// A real process that behaves in one of many ways: behave.js BEHAVIOUR SECONDS_PER_HOUR HOURS SEED.
// Every tick is a minute of its own compressed time. Rates are MB per hour of that time.
"use strict";

const { EventEmitter } = require("node:events");

const MB = 1 << 20;
const [behaviour, secsPerHour, hours, seed] = [process.argv[2], ...process.argv.slice(3).map(Number)];

let state = [...`${behaviour} ${seed}`].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
// Mulberry32: small, seeded.
const random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
};
const between = (low, high) => low + (high - low) * random();

const perTick = between(18, 60) / 60;
const amplitude = between(30, 90);
const period = between(1.5, 3);
const onset = between(0.25, 0.5) * hours;
const warmHours = between(0.1, 0.35);
const keys = Math.floor(between(2000, 6000));
const steps = Array.from({ length: 4 }, () => between(0.1, 0.9) * hours).sort((a, b) => a - b);

let kept = [];
let owed = 0;
const emitter = new EventEmitter();
emitter.setMaxListeners(0);
const cache = new Map();

// Buffers lie outside V8's heap; arrays of numbers and objects inside.
const buffer = (bytes) => Buffer.alloc(Math.max(1, Math.floor(bytes)), 0x5a);
const objects = (bytes) =>
  Array.from({ length: Math.floor(bytes / 120) }, (_, index) => ({ index, name: `object ${index}`, at: random() }));
const keep = (megabytes, make = buffer, piece = 64 * 1024) => {
  owed += megabytes * MB;
  for (; owed >= piece; owed -= piece) kept.push(make(piece));
};
const hold = (megabytes, piece = 256 * 1024) => {
  const target = Math.floor((megabytes * MB) / piece);
  while (kept.length < target) kept.push(buffer(piece));
  kept.length = target;
};
const churn = (megabytes) => {
  for (let made = 0; made < megabytes * MB; ) {
    const size = [500, 5000, 50000][Math.floor(random() * 3)];
    objects(size);
    made += size;
  }
};

const behaviours = {
  // Leaks.
  leak_buffers: () => keep(perTick),
  leak_objects: () => keep(perTick, objects),
  leak_map: () => {
    for (let bytes = 0; bytes < perTick * MB; bytes += 700) cache.set(random(), "x".repeat(250) + random());
  },
  leak_listeners: () => {
    for (let bytes = 0; bytes < perTick * MB; bytes += 8192) {
      const held = new Array(1000).fill(random());
      emitter.on("never", () => held.length);
    }
  },
  leak_late: (hour) => hour >= onset && keep(perTick),
  leak_after_warm_up: (hour) => keep(perTick + (hour < warmHours ? amplitude / warmHours / 60 : 0)),
  leak_in_bursts: () => random() < 1 / 25 && keep(perTick * 25),
  leak_under_churn: () => {
    churn(between(1, 4));
    keep(perTick, objects);
  },
  leak_slowly: () => keep(between(14, 18) / 60),
  leak_faster: (hour) => keep(perTick * (0.4 + (1.4 * hour) / hours)),
  leak_under_waves: (hour) => {
    keep(perTick);
    cache.set("wave", buffer((amplitude * MB * (1 + Math.sin((2 * Math.PI * hour) / period))) / 2));
  },
  leak_timers: () => {
    for (let bytes = 0; bytes < perTick * MB; bytes += 4200) {
      const held = new Array(500).fill(random());
      setTimeout(() => held.length, 1e8).unref();
    }
  },
  // Safe.
  idle: () => {},
  churning: () => churn(between(1, 8)),
  warm_up: (hour) => hold(amplitude * 2 * (1 - Math.exp(-hour / warmHours))),
  cache_of_known_keys: () => {
    for (let count = 0; count < keys / 60; count++) {
      const key = Math.floor(random() * keys);
      if (!cache.has(key)) cache.set(key, buffer(40000));
    }
  },
  cache_with_a_cap: () => {
    if (kept.length * 64 * 1024 < amplitude * 2 * MB) keep(perTick * 2);
    else kept[Math.floor(random() * kept.length)] = buffer(64 * 1024);
  },
  garbage: () => {
    // Lives for a while and dies: V8 lets the heap grow to a size that suits it.
    kept.push(objects(between(0.5, 2) * MB));
    if (kept.length > 30) kept.splice(0, 10);
  },
  one_step: (hour) => hour >= onset && kept.length === 0 && keep(amplitude * 2),
  steps_up_and_down: (hour) => hold(steps.filter((step) => hour >= step).length % 2 ? amplitude : 0),
  waves: (hour) => hold((amplitude * (1 + Math.sin((2 * Math.PI * hour) / period))) / 2),
  spikes: () => {
    if (random() < 1 / 60) cache.set("spike", buffer(amplitude * MB));
    else if (random() < 0.3) cache.delete("spike");
  },
  ramp_of_sessions: (hour) => hold(amplitude * Math.min(1, hour / (0.3 * hours))),
  lazy_loading: (hour) => hold((amplitude * Math.log1p(hour / 0.1)) / Math.log1p(hours / 0.1)),
  heap_to_its_maximum: () => {
    // Objects that live for about two hours: the heap grows to what they need, then stays.
    kept.push(objects(perTick * 1.5 * MB));
    if (kept.length > 120) kept.shift();
  },
};

const act = behaviours[behaviour];
const start = process.hrtime.bigint();
const total = Math.floor(hours * 60);
const tick = (number) => {
  if (number >= total) process.exit(0);
  act(number / 60);
  const aheadMs = ((number + 1) * secsPerHour * 1000) / 60 - Number(process.hrtime.bigint() - start) / 1e6;
  setTimeout(tick, Math.max(0, aheadMs), number + 1);
};
tick(0);
