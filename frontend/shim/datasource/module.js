// The data source plugin, as Grafana loads it.
import { DataSourcePlugin } from '@grafana/data';

import { ConfigEditor } from './config_editor.js';
import { QueryEditor } from './query_editor.js';
import { DataSource } from './source.js';
import { VariableEditor } from './variable_editor.js';

// `provide` comes from the frame that the build puts around this file: an AMD module returns its plugin.
provide(
  new DataSourcePlugin(DataSource)
    .setConfigEditor(ConfigEditor)
    .setQueryEditor(QueryEditor)
    .setVariableQueryEditor(VariableEditor)
);
