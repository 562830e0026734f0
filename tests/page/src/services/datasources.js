// Grafana's registry of data sources.
import { config, getTemplateSrv } from '@grafana/runtime';

import { loadPlugin } from './plugins.js';

export class DataSourceSrv {
  constructor() {
    this.instances = new Map();
  }

  // As Grafana lists them: its own beside those of a type, none beside those of a plugin; Alertmanagers, which have no
  // metrics, only where all are wanted.
  getList({ type, pluginId, all } = {}) {
    const own = { type: 'datasource', name: '-- Grafana --', uid: 'grafana', meta: {}, jsonData: {} };
    const metrics = (settings) => all || settings.type !== 'alertmanager';
    const listed = Object.values(config.datasources).filter(metrics).concat(pluginId ? [] : own);
    return listed.filter((settings) => (!type || settings === own || [].concat(type).includes(settings.type)) && (!pluginId || settings.type === pluginId));
  }

  // By nothing (the default), a name, a uid or {uid, type}, each of which may be a variable.
  getInstanceSettings(ref, scopedVars) {
    const key = getTemplateSrv().replace((ref && typeof ref === 'object' ? ref.uid : ref) || '', scopedVars);
    const all = Object.values(config.datasources);
    if (!key || key === 'default') {
      return config.datasources[config.defaultDatasource] || all[0];
    }
    return all.find((settings) => settings.uid === key || settings.name === key);
  }

  get(ref, scopedVars) {
    const settings = this.getInstanceSettings(ref, scopedVars);
    if (!settings) {
      return Promise.reject(new Error('Datasource ' + JSON.stringify(ref) + ' was not found'));
    }
    if (!this.instances.has(settings.uid)) {
      this.instances.set(settings.uid, instantiate(settings));
    }
    return this.instances.get(settings.uid);
  }

  reload() {}
}

async function instantiate(settings) {
  const plugin = await loadPlugin(settings.type);
  if (plugin.DataSourceClass.length !== 1) {
    // Grafana 9 takes such a class for an Angular one.
    throw new Error('Datasource ' + settings.name + ' was not found');
  }
  const instance = new plugin.DataSourceClass(settings);
  instance.components = plugin.components;
  instance.meta = settings.meta;
  return instance;
}
