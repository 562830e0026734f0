// What is set up and what is missing, each with a link that mends it.
import { Fragment, useEffect, useState } from 'react';
import { config, getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, LinkButton } from '@grafana/ui';

import { h } from '../form.js';

const DATA_SOURCE = 'leaklens-datasource';
const DASHBOARD = 'leaklens';

export function SetUp({ plugin }) {
  const [checks, setChecks] = useState([]);
  useEffect(() => {
    let gone = false;
    findOut(plugin).then((checks) => gone || setChecks(checks));
    return () => {
      gone = true;
    };
  }, []);
  return h(
    Fragment,
    null,
    h('h3', null, 'Set-up'),
    checks.map(({ title, text, severity, link, href }) =>
      h(
        Alert,
        { key: title, title, severity },
        h('p', null, text),
        link && h(LinkButton, { href: (config.appSubUrl || '') + href, variant: 'secondary', size: 'sm' }, link)
      )
    )
  );
}

async function findOut(plugin) {
  const sources = getDataSourceSrv().getList({ pluginId: DATA_SOURCE });
  return Promise.all([enabled(plugin), configured(sources), ...sources.map(healthy), dashboard()]);
}

function enabled({ meta }) {
  return meta.enabled
    ? { title: 'App', severity: 'success', text: 'Enabled' }
    : { title: 'App', severity: 'warning', text: 'Not enabled: enable it above, or its panel and data source stay off.' };
}

function configured(sources) {
  const title = 'Data sources';
  if (sources.length === 0) {
    const text = 'None yet. Leaklens reads metrics through a data source of its own.';
    return { title, severity: 'warning', text, link: 'Add a Leaklens data source', href: '/datasources/new' };
  }
  return { title, severity: 'success', text: sources.map(({ name }) => name).join(', ') };
}

async function healthy({ uid, name }) {
  const title = 'Data source ' + name;
  const mend = { link: 'Configure', href: '/datasources/edit/' + uid };
  try {
    const { status, message } = await get('/api/datasources/uid/' + uid + '/health');
    return status === 'OK' ? { title, severity: 'success', text: message } : { title, severity: 'error', text: message, ...mend };
  } catch (error) {
    return { title, severity: 'error', text: messageOf(error), ...mend };
  }
}

async function dashboard() {
  const title = 'Dashboard';
  try {
    const { dashboard } = await get('/api/dashboards/uid/' + DASHBOARD);
    return { title, severity: 'success', text: dashboard.title, link: 'Open', href: '/d/' + DASHBOARD };
  } catch (error) {
    if (error.status !== 404) {
      return { title, severity: 'error', text: messageOf(error) };
    }
    const text =
      "No dashboard with the uid '" + DASHBOARD + "', to which alert messages link. Provision provisioning/dashboards, " +
      'or import its leaklens.json.';
    return { title, severity: 'warning', text, link: 'Import', href: '/dashboard/import' };
  }
}

function get(url) {
  return getBackendSrv().get(url, undefined, undefined, { showErrorAlert: false });
}

function messageOf(error) {
  return (error.data && error.data.message) || error.message || error.statusText || String(error);
}
