// Links to Explore. Ours is no data source to write PromQL for: they lead to the Prometheus data source that the settings
// name, else to the only one there is, else to the default one; without any there is no link.
import { config, getDataSourceSrv } from '@grafana/runtime';

// The address under which Explore asks `expr` over the panel's time range, or nothing.
export function explore(expr, { data, timeRange }) {
  const source = prometheus(data.request);
  if (!source || !mayExplore(config.bootData)) {
    return '';
  }
  const { uid, type } = source;
  const queries = [{ refId: 'A', datasource: { type, uid }, expr }];
  const range = { from: String(timeRange.from.valueOf()), to: String(timeRange.to.valueOf()) };
  const pane = { datasource: uid, queries, range };
  const params = new URLSearchParams({ orgId: config.bootData.user.orgId });
  // Grafana 10 shows several panes, each under a name.
  if (parseInt(config.buildInfo.version, 10) >= 10) {
    params.set('schemaVersion', 1);
    params.set('panes', JSON.stringify({ leaklens: pane }));
  } else {
    params.set('left', JSON.stringify(pane));
  }
  return config.appSubUrl + '/explore?' + params;
}

// Grafana's menu has Explore for those who may use it; others would be led to the home page.
function mayExplore({ navTree = [] }) {
  return navTree.length === 0 || navTree.some(({ id }) => id === 'explore');
}

function prometheus(request) {
  const sources = getDataSourceSrv();
  const all = sources.getList({ pluginId: 'prometheus' });
  const first = request && request.targets[0];
  const own = first && sources.getInstanceSettings(first.datasource);
  const named = own && own.jsonData && own.jsonData.prometheusUid;
  if (named) {
    return all.find(({ uid }) => uid === named);
  }
  return all.length === 1 ? all[0] : all.find(({ isDefault }) => isDefault);
}
