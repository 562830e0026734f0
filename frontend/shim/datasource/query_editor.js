// The query editor, in panels, alert rules, annotations and Explore.
import { Fragment, useState } from 'react';
import { InlineFieldRow, MultiSelect, RadioButtonGroup, Select } from '@grafana/ui';

import { field, h, Text, toNumber } from '../form.js';
import { LABELS } from './source.js';

const TYPES = [
  { value: 'overview', label: 'Overview', description: 'Suspects, alerts and runbook' },
  { value: 'suspects', label: 'Suspects', description: 'A row each, worst first' },
  { value: 'growth', label: 'Growth', description: 'One number each, for alert rules' },
  { value: 'history', label: 'History', description: 'One suspect in full' },
  { value: 'alerts', label: 'Alerts', description: 'Firing and pending alerts' },
  { value: 'runbook', label: 'Runbook', description: 'Pages of the alert, filled in' },
];
const GROWTH_VALUES = [
  { value: 'score', label: 'Score', description: 'From 0 to 1; 0 is healthy' },
  { value: 'rate', label: 'Rate', description: 'Bytes per hour; 0 where nothing leaks' },
  { value: 'secs_to_limit', label: 'Time to limit', description: 'Seconds; a hundred years where never' },
];
const RANKED = ['overview', 'suspects', 'growth'];

export function QueryEditor({ query, onChange, onRunQuery, datasource, range }) {
  const type = query.queryType || 'overview';
  const id = (name) => 'leaklens-' + query.refId + '-' + name;
  const set = (changes) => {
    onChange({ ...query, ...changes });
    onRunQuery();
  };
  return h(
    Fragment,
    null,
    field(
      id('type'),
      'Type',
      'What is asked',
      h(Select, {
        inputId: id('type'),
        width: 36,
        options: TYPES,
        value: type,
        onChange: ({ value }) => set({ queryType: value }),
      })
    ),
    h(LabelFilters, { query, set, id, datasource, range }),
    RANKED.includes(type) &&
      field(
        id('limit'),
        'At most',
        'A notice counts the rest',
        h(Text, {
          id: id('limit'),
          type: 'number',
          min: 1,
          width: 16,
          placeholder: '100',
          value: query.limit || '',
          onDone: (text) => set({ limit: toNumber(text) }),
        })
      ),
    type === 'growth' &&
      field(
        id('value'),
        'Value',
        'The number that rules compare',
        h(RadioButtonGroup, {
          id: id('value'),
          options: GROWTH_VALUES,
          value: query.value || 'score',
          onChange: (value) => set({ value }),
        })
      ),
    type === 'history' &&
      field(
        id('suspect'),
        'Suspect',
        'The id of a row of suspects; without it, the first',
        h(Text, { id: id('suspect'), value: query.suspect || '', onDone: (suspect) => set({ suspect }) })
      )
  );
}

// One multi-select per label. Values are read from the server when a list is opened; others can be typed, and so
// can dashboard variables.
export function LabelFilters({ query, set, id, datasource, range }) {
  return h(
    InlineFieldRow,
    null,
    LABELS.map((label) => h(LabelFilter, { key: label.key, label, query, set, id, datasource, range }))
  );
}

function LabelFilter({ label: { key, label, list }, query, set, id, datasource, range }) {
  const [known, setKnown] = useState({ values: [] });
  const chosen = [].concat(query[key] || []).filter((value) => value !== '');
  const load = () => {
    setKnown({ values: known.values, loading: true });
    const { [key]: _, ...others } = query;
    datasource
      .values(list, datasource.applyTemplateVariables(others, {}), range)
      .then((values) => setKnown({ values }))
      .catch((error) => setKnown({ values: [], problem: (error.data && error.data.message) || error.message || String(error) }));
  };
  const options = [...new Set([...chosen, ...known.values])].map((value) => ({ value, label: value }));
  return field(
    id(key),
    label,
    null,
    h(MultiSelect, {
      inputId: id(key),
      'aria-label': label,
      width: 36,
      placeholder: 'any',
      allowCustomValue: true,
      isClearable: true,
      isLoading: known.loading === true,
      noOptionsMessage: known.problem ? 'Cannot list values: ' + known.problem : list ? 'The server has none; type one' : 'Type a value',
      options,
      value: chosen,
      onOpenMenu: list && load,
      onChange: (selected) => set({ [key]: selected.map(({ value }) => value) }),
    })
  );
}
