// The host's side of the page: registers the packages plugins share, sets the services, shows what the address asks for.
import React from 'react';
import * as ReactDOM from 'react-dom';
import * as rxjs from 'rxjs';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import { mount } from 'host-mount';

import { App } from './app.jsx';
import { BackendSrv } from './services/backend.js';
import { DataSourceSrv } from './services/datasources.js';
import { TemplateSrv } from './services/templates.js';

// What Grafana 9.4 and all later versions hand to plugins; a module that asks for more does not load.
const SHARED = {
  react: React,
  'react-dom': ReactDOM,
  rxjs,
  '@grafana/data': data,
  '@grafana/runtime': runtime,
  '@grafana/ui': ui,
};

// The editors of panel options that every Grafana since 9.4 has. Their forms are Grafana's own; only defaults are read here.
const EDITORS = ['boolean', 'color', 'field-name', 'multi-select', 'number', 'radio', 'select', 'slider', 'strings', 'text', 'unit'];

// Tests put a plugin's panel on a page of its own.
window.mountTree = mount;

window.startWorkbench = () => {
  const imports = {};
  for (const [name, module] of Object.entries(SHARED)) {
    imports[name] = 'app:' + name;
    System.set('app:' + name, { ...module, default: module, __useDefault: true });
  }
  System.addImportMap({ imports });

  data.standardEditorsRegistry.setInit(() => EDITORS.map((id) => ({ id, name: id, editor: () => null })));

  const { dashboard } = window.grafanaBootData;
  // The build puts the packages' version here.
  runtime.config.buildInfo.version = HOST_VERSION;
  runtime.setBackendSrv(new BackendSrv());
  runtime.setDataSourceSrv(new DataSourceSrv());
  runtime.setTemplateSrv(new TemplateSrv(dashboard));
  runtime.setEchoSrv({ addEvent() {}, addBackend() {}, flush() {} });
  if (runtime.setAppEvents) {
    runtime.setAppEvents(new data.EventBusSrv());
  }

  const strict = new URLSearchParams(location.search).has('strict');
  const app = <App dashboard={dashboard} />;
  mount(document.getElementById('page'), strict ? <React.StrictMode>{app}</React.StrictMode> : app);
};
