// Dashboard variables: their values come from the address, then from the dashboard.
import { config, locationService } from '@grafana/runtime';

const PATTERN = /\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?::(\w+))?\}/g;

export class TemplateSrv {
  constructor(dashboard) {
    this.variables = ((dashboard && dashboard.templating) || { list: [] }).list;
  }

  getVariables() {
    return this.variables.map((variable) => ({
      ...variable,
      options: variable.type === 'datasource' ? sources(variable).map((value) => ({ value })) : variable.options,
      current: { value: this.value(variable.name) },
    }));
  }

  // A string, an array of strings, or undefined where there is no such variable.
  value(name, scopedVars) {
    if (scopedVars && scopedVars[name]) {
      return scopedVars[name].value;
    }
    const variable = this.variables.find((variable) => variable.name === name);
    const given = new URLSearchParams(locationService.getLocation().search).getAll('var-' + name);
    if (!variable) {
      return undefined;
    }
    const value = given.length ? given : [].concat((variable.current && variable.current.value) || '');
    if (variable.type === 'datasource' && !sources(variable).includes(value[0])) {
      return sources(variable)[0];
    }
    if (value.includes('$__all') || value.includes('All')) {
      return variable.allValue || '$__all';
    }
    return variable.multi ? value : value[0];
  }

  containsTemplate(text) {
    return [...String(text).matchAll(PATTERN)].some(([, a, b, , c]) => this.value(a || b || c) !== undefined);
  }

  replace(text, scopedVars, format) {
    return String(text === undefined ? '' : text).replace(PATTERN, (whole, plain, bracket, bracketFormat, brace, braceFormat) => {
      const value = this.value(plain || bracket || brace, scopedVars);
      if (value === undefined) {
        return whole;
      }
      const wanted = braceFormat || bracketFormat || format;
      return typeof wanted === 'function' ? wanted(value, {}) : formatted(value, wanted);
    });
  }
}

// What a variable of data sources can be: those of its type, the default one first.
function sources({ query }) {
  const all = Object.values(config.datasources).filter(({ type }) => type === query);
  return all.sort((a, b) => Number(!!b.isDefault) - Number(!!a.isDefault)).map(({ uid }) => uid);
}

function formatted(value, format) {
  if (!Array.isArray(value)) {
    return String(value);
  }
  if (format === 'json') {
    return JSON.stringify(value);
  }
  return value.length === 1 ? value[0] : format === 'csv' ? value.join(',') : '{' + value.join(',') + '}';
}
