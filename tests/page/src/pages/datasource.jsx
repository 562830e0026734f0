// A data source's settings page: the plugin's config editor and "Save & test".
import React, { useEffect, useState } from 'react';
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, useTheme2 } from '@grafana/ui';

import { loadPlugin } from '../services/plugins.js';

export function DataSourcePage({ uid }) {
  const theme = useTheme2();
  const [options, setOptions] = useState(null);
  const [plugin, setPlugin] = useState(null);
  const [result, setResult] = useState(null);
  useEffect(() => {
    getBackendSrv()
      .get('/api/datasources/uid/' + uid)
      .then(async (options) => {
        setPlugin(await loadPlugin(options.type));
        // `?editable` shows the form as it is before anything is provisioned.
        setOptions({ ...options, readOnly: options.readOnly && !new URLSearchParams(location.search).has('editable') });
      })
      .catch((error) => setResult({ status: 'error', message: (error.data && error.data.message) || error.message }));
  }, [uid]);
  const test = async () => {
    setResult(null);
    try {
      setResult(await (await getDataSourceSrv().get(uid)).testDatasource());
    } catch (error) {
      setResult({ status: 'error', message: error.message, details: error.details || (error.error && error.error.details) });
    }
  };
  const Editor = plugin && plugin.components.ConfigEditor;
  const details = result && result.details;
  return (
    <main style={{ padding: theme.spacing(3), maxWidth: 1000 }}>
      {Editor && options && (
        <>
          <h2>{options.name}</h2>
          <Editor options={options} onOptionsChange={setOptions} />
          <Button onClick={test}>{options.readOnly ? 'Test' : 'Save & test'}</Button>
        </>
      )}
      {result && (
        <Alert title={result.message} severity={result.status === 'success' ? 'success' : 'error'}>
          {details && (details.verboseMessage || details.message)}
        </Alert>
      )}
    </main>
  );
}
