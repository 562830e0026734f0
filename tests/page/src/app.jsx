// Theme, portal and the page of the address.
import React, { useEffect, useMemo, useReducer } from 'react';
import { createTheme } from '@grafana/data';
import { config, locationService } from '@grafana/runtime';
import { ErrorBoundaryAlert, GlobalStyles, PortalContainer, ThemeContext } from '@grafana/ui';

import { DashboardPage } from './pages/dashboard.jsx';
import { DataSourcePage } from './pages/datasource.jsx';
import { ExplorePage } from './pages/explore.jsx';
import { PluginPage } from './pages/plugin.jsx';

export function App({ dashboard }) {
  const location = useLocation();
  const params = new URLSearchParams(location.search);
  const mode = params.get('theme') || (config.bootData.user.lightTheme ? 'light' : 'dark');
  const theme = useMemo(() => createTheme({ colors: { mode } }), [mode]);
  config.theme2 = theme;
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <ErrorBoundaryAlert>
        <Page path={location.pathname.split('/')} params={params} dashboard={dashboard} />
      </ErrorBoundaryAlert>
      {PortalContainer && <PortalContainer />}
    </ThemeContext.Provider>
  );
}

function Page({ path, params, dashboard }) {
  if (path[1] === 'datasources') {
    return <DataSourcePage uid={path[3]} />;
  }
  if (path[1] === 'plugins') {
    return <PluginPage id={path[2]} />;
  }
  if (path[1] === 'explore' || params.has('editor')) {
    return <ExplorePage params={params} />;
  }
  return <DashboardPage dashboard={dashboard} params={params} />;
}

function useLocation() {
  const [, changed] = useReducer((count) => count + 1, 0);
  useEffect(() => locationService.getHistory().listen(changed), []);
  return locationService.getLocation();
}
