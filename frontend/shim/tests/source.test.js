// What of a query reaches the backend, for every state a dashboard variable can be in.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firstValueFrom, of } from 'rxjs';

import { load } from './load.js';

// Grafana's `json` format: a single value bare (10 and later) or quoted (9), several as an array.
function host(values, { quoted = false } = {}) {
  const json = (value) => (Array.isArray(value) || quoted ? JSON.stringify(value) : value);
  const replace = (text, _scoped, format) =>
    text.replace(/\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g, (whole, braced, own, plain) => {
      const value = values[braced || plain];
      return value === undefined ? whole : (own || format) === 'json' ? json(value) : String(value);
    });
  class DataSourceWithBackend {
    constructor(settings) {
      this.settings = settings;
    }
    getResource(path, params) {
      return Promise.resolve([path, JSON.stringify(params)]);
    }
    getRef() {
      return { uid: 'u' };
    }
  }
  return { '@grafana/runtime': { DataSourceWithBackend, getTemplateSrv: () => ({ replace }) } };
}

function source(values, options) {
  const { DataSource } = load('datasource/source.js', host(values, options));
  assert.equal(DataSource.length, 1, 'Grafana 9 takes any other class for an Angular one');
  return new DataSource({});
}

const filled = (values, query, options) => source(values, options).applyTemplateVariables(query, {});

test('one value, several, none and absent are each told apart', () => {
  const query = { pod: '${pod:json}' };
  assert.deepEqual(filled({ pod: 'web-1' }, query).pod, ['web-1']);
  assert.deepEqual(filled({ pod: 'web-1' }, query, { quoted: true }).pod, ['web-1']);
  assert.deepEqual(filled({ pod: ['a', 'b'] }, query).pod, ['a', 'b']);
  assert.deepEqual(filled({ pod: '' }, query).pod, ['']);
  assert.deepEqual(filled({}, query).pod, []);
});

test('a value that happens to be JSON stays what it is', () => {
  for (const value of ['1e5', 'null', 'true', '{"a":1}', '017', '"; rm -rf ~ #', 'a,b', '{a,b}']) {
    assert.deepEqual(filled({ pod: value }, { pod: '$pod' }, { quoted: true }).pod, [value]);
  }
  for (const value of ['1e5', 'null', 'true', '{"a":1}', '017', 'a,b', '{a,b}']) {
    assert.deepEqual(filled({ pod: value }, { pod: '$pod' }).pod, [value]);
  }
});

test('lists hold texts and variables side by side, and text around a variable is kept', () => {
  assert.deepEqual(filled({ pod: ['a', 'b'] }, { pod: ['$pod', 'c'] }).pod, ['a', 'b', 'c']);
  assert.deepEqual(filled({ app: 'web' }, { pod: 'shop-$app-1' }).pod, ['shop-web-1']);
});

test('what is no label is left alone, and the query given is not changed', () => {
  const query = { queryType: 'history', limit: 5, suspect: '$pod', namespace: '$ns' };
  const copy = structuredClone(query);
  const result = filled({ pod: 'p', ns: 'n' }, query);
  assert.deepEqual(result, { queryType: 'history', limit: 5, suspect: 'p', namespace: ['n'] });
  assert.deepEqual(query, copy);
});

test('variable queries ask for one kind within a scope and a time range', async () => {
  const range = { from: new Date(1000), to: new Date(2000) };
  const [path, params] = (await source({ namespace: 'shop' }).metricFindQuery('pods?namespace=$namespace', { range })).map(
    ({ value }) => value
  );
  assert.equal(path, 'variables/pods');
  assert.deepEqual(JSON.parse(params), { namespace: '["shop"]', from: 1000, to: 2000 });
});

test('hidden queries are not asked', () => {
  assert.equal(source({}).filterQuery({ refId: 'A', hide: true }), false);
  assert.equal(source({}).filterQuery({ refId: 'A' }), true);
});

// Grafana's own alerting as its API answers; a path without an answer is refused.
async function handed(answers, queryType) {
  const asked = [];
  const get = (url) => {
    asked.push(url);
    const answer = answers[url.split('?')[0].split('/').slice(-2).join('/')];
    return answer ? Promise.resolve(answer) : Promise.reject({ status: 403, data: { message: 'no' } });
  };
  const base = host({});
  base['@grafana/runtime'].DataSourceWithBackend.prototype.query = ({ targets }) => of(targets);
  base['@grafana/runtime'].getBackendSrv = () => ({ get });
  base['@grafana/runtime'].getDataSourceSrv = () => ({ getList: () => [{ name: 'am' }] });
  const { DataSource } = load('datasource/source.js', base);
  const [target] = await firstValueFrom(new DataSource({}).query({ targets: [{ refId: 'A', queryType }] }));
  return { asked, grafana: target.grafana };
}

test("Grafana's own alerts are read with the session of whoever asks, and handed to the backend", async () => {
  const alert = (state) => ({ state, labels: { alertname: state } });
  const silenced = { labels: { alertname: 'Alerting' }, status: { state: 'suppressed', silencedBy: ['s'] } };
  const { grafana } = await handed({
    'v1/alerts': { data: { alerts: [alert('Alerting'), alert('Pending'), alert('Normal (MissingSeries)')] } },
    'v2/alerts': [silenced, { labels: {}, status: { state: 'active', silencedBy: [] } }],
    'v2/silences': [{ id: 's' }, { id: 'other' }],
  });
  assert.deepEqual(grafana, {
    alerts: [alert('Alerting'), alert('Pending')],
    suppressed: [silenced],
    silences: [{ id: 's' }],
    faults: [],
    alertmanager: 'am',
  });
});

test('what could not be read of Grafana is told, and nothing is asked for other queries', async () => {
  const { asked, grafana } = await handed({}, 'alerts');
  assert.equal(asked.length, 1, 'where no rule fires nothing is silenced');
  assert.match(grafana.faults[0], /^Grafana's own alerts could not be read: 403 no$/);
  assert.deepEqual(await handed({}, 'history'), { asked: [], grafana: undefined });
});
