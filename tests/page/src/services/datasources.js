// Grafana's registry of data sources.
import { config, getTemplateSrv } from '@grafana/runtime';

import { loadPlugin } from './plugins.js';

export class DataSourceSrv {
  constructor() {
    this.instances = new Map();
  }

  getList({ type, pluginId } = {}) {
    const wanted = type || pluginId;
    return Object.values(config.datasources).filter((settings) => !wanted || [].concat(wanted).includes(settings.type));
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
