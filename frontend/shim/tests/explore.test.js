// The links to Explore, in the forms of Grafana 9 and of 10 and later.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './load.js';

const LOKI = { uid: 'l', type: 'loki' };
const ONE = { uid: 'a', type: 'prometheus' };
const OTHER = { uid: 'b & "c"', type: 'prometheus', isDefault: true };
const EXPR = 'sum by (pod) (rate(x{a="b & c+d"}[5m])) > 1';

function address(sources, { version = '13.2.2', jsonData = {}, base = '', navTree = [] } = {}) {
  const registry = {
    getList: ({ pluginId }) => sources.filter((source) => source.type === pluginId),
    getInstanceSettings: () => ({ jsonData }),
  };
  const config = { buildInfo: { version }, appSubUrl: base, bootData: { user: { orgId: 7 }, navTree } };
  const { explore } = load('panel/explore.js', { '@grafana/runtime': { config, getDataSourceSrv: () => registry } });
  const timeRange = { from: new Date(1000), to: new Date(2000) };
  return explore(EXPR, { data: { request: { targets: [{ datasource: { uid: 'leaklens' } }] } }, timeRange });
}

test('each Grafana gets the form it reads, whole and escaped', () => {
  const pane = {
    datasource: OTHER.uid,
    queries: [{ refId: 'A', datasource: { type: 'prometheus', uid: OTHER.uid }, expr: EXPR }],
    range: { from: '1000', to: '2000' },
  };
  for (const version of ['10.0.0', '13.2.2', '14.0.0-pre']) {
    const url = new URL(address([OTHER], { version, base: '/grafana' }), 'http://localhost');
    assert.equal(url.pathname, '/grafana/explore');
    assert.deepEqual(JSON.parse(url.searchParams.get('panes')), { leaklens: pane });
    assert.equal(url.searchParams.get('schemaVersion'), '1');
    assert.equal(url.searchParams.get('orgId'), '7');
  }
  const nine = new URL(address([OTHER], { version: '9.4.7' }), 'http://localhost');
  assert.deepEqual(JSON.parse(nine.searchParams.get('left')), pane);
});

test('the data source is the one named, the only one or the default one, and is never guessed', () => {
  const uid = (sources, options) => JSON.parse(new URL(address(sources, options), 'http://x').searchParams.get('panes')).leaklens.datasource;
  assert.equal(uid([LOKI, ONE]), 'a');
  assert.equal(uid([ONE, OTHER]), OTHER.uid);
  assert.equal(uid([ONE, OTHER], { jsonData: { prometheusUid: 'a' } }), 'a');
  assert.equal(address([LOKI]), '');
  assert.equal(address([ONE, { ...OTHER, isDefault: false }]), '');
  assert.equal(address([ONE], { jsonData: { prometheusUid: 'gone' } }), '', 'one that was named and is gone is not replaced');
});

test('who may not explore is not led there', () => {
  assert.notEqual(address([ONE], { navTree: [{ id: 'home' }, { id: 'explore' }] }), '');
  assert.equal(address([ONE], { navTree: [{ id: 'home' }] }), '');
});
