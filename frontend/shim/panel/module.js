// The panel plugin, as Grafana loads it.
import { PanelPlugin } from '@grafana/data';

import { PanelMount } from './mount.js';

// Options saved by an earlier version, in today's shape. There is none yet; with the handler, panels saved from the
// first version on carry a version by which later ones can tell.
const migrate = (panel) => ({ ...panel.options });

// `provide` comes from the frame that the build puts around this file: an AMD module returns its plugin.
provide(
  new PanelPlugin(PanelMount)
    .setMigrationHandler(migrate)
    .setDataSupport({ annotations: true, alertStates: true })
);
