// The panel plugin, as Grafana loads it.
import { PanelPlugin } from '@grafana/data';

import { PanelMount } from './mount.js';
import { fields, migrate, options, suggest } from './options.js';

// `provide` comes from the frame that the build puts around this file: an AMD module returns its plugin.
provide(
  new PanelPlugin(PanelMount)
    .setMigrationHandler(migrate)
    .setPanelOptions(options)
    .useFieldConfig(fields)
    .setSuggestionsSupplier(suggest)
);
