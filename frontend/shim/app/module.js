// The app plugin: it only bundles the data source and the panel, and says whether they are set up.
import { AppPlugin } from '@grafana/data';

import { SetUp } from './set_up.js';

// `provide` comes from the frame that the build puts around this file: an AMD module returns its plugin.
provide(
  new AppPlugin().addConfigPage({
    id: 'set-up',
    title: 'Set-up',
    icon: 'check-circle',
    body: SetUp,
  })
);
