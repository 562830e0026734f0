// The panel's options and field settings. Defaults of thresholds are those of the detector, in the units people set
// them in; frontend/panel/README.md says what becomes of them.
const PARTS = [
  ['suspects', 'Suspects'],
  ['chart', 'Chart'],
  ['evidence', 'Evidence'],
  ['runbook', 'Runbook'],
].map(([value, label]) => ({ value, label }));

// Path, name, default, help.
const THRESHOLDS = [
  ['growth', 'Growth, MiB/h', 10, 'A leak grows by more.'],
  ['criticalGrowth', 'Critical growth, MiB/h', 50, 'A critical leak grows by more.'],
  ['usage', 'Usage, MiB', 500, 'More is worth a warning.'],
  ['criticalUsage', 'Critical usage, MiB', 1000, 'More is critical.'],
  ['minEvidence', 'Shortest history, min', 30, 'Nothing is concluded from less.'],
];

const ROLES = ['namespace', 'pod', 'container', 'workload'];

const JUDGED = ['Series of other data sources'];

export function options(builder) {
  builder.addMultiSelect({
    path: 'parts',
    name: 'Parts',
    description: 'What is shown beside the verdict.',
    defaultValue: PARTS.map(({ value }) => value),
    settings: { options: PARTS },
  });
  for (const [path, name, defaultValue, description] of THRESHOLDS) {
    builder.addNumberInput({ path, name, description, defaultValue, category: JUDGED, settings: { min: 0 } });
  }
  builder
    .addNumberInput({ path: 'limit', name: 'Limit, MiB', description: 'Of every series.', category: JUDGED, settings: { min: 0 } })
    .addTextInput({
      path: 'limitQuery',
      name: 'Limit from query',
      description: 'The query (A, B, …) whose series are limits, matched by namespace, pod and container.',
      category: JUDGED,
    });
  for (const role of ROLES) {
    builder.addTextInput({
      path: 'roles.' + role,
      name: 'Label of the ' + role,
      description: 'Or several, with commas: the first that is there.',
      category: JUDGED,
      settings: { placeholder: role },
    });
  }
}

// Unit and links of fields are honoured; the rest means nothing here.
export const fields = {
  disableStandardOptions: ['displayName', 'min', 'max', 'decimals', 'color', 'thresholds', 'mappings', 'noValue'],
};

// Options saved by an earlier version, in today's shape. There is none yet; with the handler, panels saved from the
// first version on carry a version by which later ones can tell.
export const migrate = (panel) => ({ ...panel.options });

// Suits whatever has numbers over time. Grafana 13 calls a function, earlier versions its method.
const suits = ({ hasTimeField, hasNumberField }) => hasTimeField && hasNumberField;
export const suggest = (summary) => (suits(summary) ? [{ name: 'Leak suspects' }] : []);
suggest.getSuggestionsForData = (builder) => {
  if (suits(builder.dataSummary)) {
    const suggestion = { name: 'Leak suspects', pluginId: 'leaklens-panel', options: {}, fieldConfig: { defaults: {}, overrides: [] } };
    builder.getListAppender(suggestion).append({});
  }
};
