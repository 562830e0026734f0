// An app's page: its configuration tabs.
import React, { useEffect, useState } from 'react';
import { useTheme2 } from '@grafana/ui';

import { loadPlugin } from '../services/plugins.js';

export function PluginPage({ id }) {
  const theme = useTheme2();
  const [plugin, setPlugin] = useState(null);
  useEffect(() => {
    loadPlugin(id).then((plugin) => {
      plugin.meta = { ...plugin.meta, enabled: true };
      setPlugin(plugin);
    });
  }, [id]);
  return (
    <main style={{ padding: theme.spacing(3), maxWidth: 1000 }}>
      <h2>{plugin && plugin.meta.name}</h2>
      {plugin && plugin.configPages.map(({ id, body: Body }) => <Body key={id} plugin={plugin} query={{}} />)}
    </main>
  );
}
