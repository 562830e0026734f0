// Loads a plugin's module as Grafana does.
const loaded = new Map();

export function loadPlugin(id) {
  if (!loaded.has(id)) {
    loaded.set(id, importPlugin(id));
  }
  return loaded.get(id);
}

async function importPlugin(id) {
  const meta = window.grafanaBootData.plugins[id];
  if (!meta) {
    throw new Error('Plugin not found: ' + id);
  }
  const module = await System.import(location.origin + '/' + meta.module + '?_cache=' + meta.info.version);
  const plugin = module.plugin || (module.default && module.default.plugin);
  if (!plugin) {
    throw new Error('Plugin ' + id + ' exports no plugin');
  }
  plugin.meta = meta;
  return plugin;
}
