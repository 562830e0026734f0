// Grafana writes its boot data into the page before any script runs; here they are fetched first.
async function boot() {
  const path = location.pathname.split('/');
  const params = new URLSearchParams(location.search);
  const uid = path[1] === 'd' ? '?uid=' + encodeURIComponent(path[2]) : '';
  const response = await fetch('/api/workbench/boot' + uid);
  if (!response.ok) {
    throw new Error('boot data: HTTP ' + response.status + ' ' + (await response.text()));
  }
  const { dashboard, datasources, plugins, theme, user } = await response.json();
  const ofType = (type) => Object.fromEntries(Object.entries(plugins).filter(([, meta]) => meta.type === type));
  window.__grafana_public_path__ = '/public/';
  window.grafanaBootData = {
    dashboard,
    plugins,
    user: { ...user, isSignedIn: true, lightTheme: (params.get('theme') || theme) === 'light', timezone: 'browser' },
    navTree: [],
    settings: {
      appSubUrl: '',
      datasources,
      defaultDatasource: (Object.values(datasources).find((source) => source.isDefault) || {}).name || '',
      panels: ofType('panel'),
      apps: ofType('app'),
      buildInfo: { version: 'workbench', env: 'development' },
      featureToggles: {},
      unifiedAlerting: {},
      licenseInfo: {},
    },
  };
  // lodash registers itself with an AMD loader it finds: the host's packages come before SystemJS.
  for (const name of ['host.js', 'system.js', 'amd.js']) {
    await script('/' + name);
  }
  window.startWorkbench();
}

function script(source) {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = source;
    element.onload = resolve;
    element.onerror = () => reject(new Error('cannot load ' + source));
    document.head.appendChild(element);
  });
}

boot().catch((error) => {
  document.getElementById('page').textContent = 'The workbench could not start: ' + error.message;
});
