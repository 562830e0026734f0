// The data source: a thin client of the backend, which answers everything.
import { DataSourceWithBackend, getTemplateSrv } from '@grafana/runtime';
import { from, switchMap } from 'rxjs';

import { grafanaAlerts } from './alerts.js';

// Labels a query can be narrowed by; the keys of model::query::Scope. `list` is what the backend calls their values,
// where it can list them.
export const LABELS = [
  { key: 'alertname', label: 'Alert', list: 'alertnames' },
  { key: 'namespace', label: 'Namespace', list: 'namespaces' },
  { key: 'workload', label: 'Workload' },
  { key: 'pod', label: 'Pod', list: 'pods' },
  { key: 'container', label: 'Container', list: 'containers' },
  { key: 'instance', label: 'Instance', list: 'instances' },
  { key: 'job', label: 'Job', list: 'jobs' },
];
const SCOPE = [...LABELS.map(({ key }) => key), 'startsAt'];
const ONE_VARIABLE = /^(\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\])$/;

export class DataSource extends DataSourceWithBackend {
  // Grafana 9.4 takes a class whose constructor has not exactly one parameter for an Angular one.
  constructor(settings) {
    super(settings);
    // Grafana's standard annotation editor around our query editor.
    this.annotations = {};
  }

  getDefaultQuery() {
    return { queryType: 'overview' };
  }

  filterQuery(query) {
    return !query.hide;
  }

  // Alerts of Grafana's own rules are read with the session of whoever asks, and handed to the backend, which has none.
  query(request) {
    if (!request.targets.some(asksForAlerts)) {
      return super.query(request);
    }
    const handed = (grafana) => ({ ...request, targets: request.targets.map((target) => ({ ...target, grafana })) });
    return from(grafanaAlerts()).pipe(switchMap((grafana) => super.query(handed(grafana))));
  }

  applyTemplateVariables(query, scopedVars) {
    const filled = { ...query };
    for (const key of SCOPE) {
      if (query[key] !== undefined) {
        filled[key] = [].concat(query[key]).flatMap((text) => fill(text, scopedVars));
      }
    }
    if (query.suspect) {
      filled.suspect = getTemplateSrv().replace(query.suspect, scopedVars);
    }
    return filled;
  }

  interpolateVariablesInQueries(queries, scopedVars) {
    return queries.map((query) => ({ ...this.applyTemplateVariables(query, scopedVars), datasource: this.getRef() }));
  }

  // A variable's query: `pods`, `pods?namespace=$namespace`, or {kind: 'pods', namespace: [...], ...}.
  async metricFindQuery(query, options) {
    const { kind, ...scope } = typeof query === 'string' ? parse(query) : query;
    const filled = this.applyTemplateVariables(scope, options && options.scopedVars);
    const values = await this.values(kind, filled, options && options.range);
    return values.map((value) => ({ text: value, value }));
  }

  // Values the server has of one kind, within a scope and a time range.
  values(kind, scope, range) {
    const params = {};
    for (const key of SCOPE) {
      if (scope[key] && scope[key].length) {
        params[key] = JSON.stringify(scope[key]);
      }
    }
    if (range) {
      params.from = range.from.valueOf();
      params.to = range.to.valueOf();
    }
    return this.getResource('variables/' + encodeURIComponent(kind), params);
  }
}

function asksForAlerts({ queryType }) {
  return !['suspects', 'growth', 'history'].includes(queryType);
}

// The values a text stands for. A variable alone is read as JSON, so that each of several values stays whole; one
// the dashboard does not have narrows nothing. A single value is bare text in Grafana 10 and later.
function fill(text, scopedVars) {
  if (!ONE_VARIABLE.test(text)) {
    return [getTemplateSrv().replace(text, scopedVars)];
  }
  const filled = getTemplateSrv().replace(text, scopedVars, 'json');
  if (filled === text) {
    return [];
  }
  try {
    const value = JSON.parse(filled);
    return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [filled];
  } catch {
    return [filled];
  }
}

function parse(text) {
  const [kind, search] = text.trim().split('?');
  const query = { kind };
  for (const [key, value] of new URLSearchParams(search)) {
    query[key] = [...(query[key] || []), value];
  }
  return query;
}
