// The editor of a dashboard variable that lists what the server has.
import { Fragment } from 'react';
import { Select } from '@grafana/ui';

import { field, h } from '../form.js';
import { LabelFilters } from './query_editor.js';
import { LABELS } from './source.js';

export function VariableEditor({ query, onChange, datasource, range }) {
  const current = typeof query === 'object' && query ? query : { kind: query || '' };
  const set = (changes) => {
    const next = { ...current, ...changes };
    onChange(next, next.kind);
  };
  return h(
    Fragment,
    null,
    field(
      'leaklens-variable-kind',
      'List',
      'What the variable offers',
      h(Select, {
        inputId: 'leaklens-variable-kind',
        width: 44,
        options: LABELS.filter(({ list }) => list).map(({ label, list }) => ({ value: list, label: label + 's' })),
        value: current.kind,
        onChange: ({ value }) => set({ kind: value }),
      })
    ),
    h(LabelFilters, { query: current, set, id: (name) => 'leaklens-variable-' + name, datasource, range })
  );
}
