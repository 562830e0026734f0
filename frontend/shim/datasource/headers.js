// Custom headers: jsonData.httpHeaderName<n> with the value in secureJsonData.httpHeaderValue<n>. A removed header
// leaves a gap in the numbers: values cannot be read back, so none can move up.
import { Fragment } from 'react';
import { Button, SecretInput } from '@grafana/ui';

import { h, Text } from '../form.js';
import { id, line, secret } from './fields.js';

const NAME = 'httpHeaderName';
const VALUE = 'httpHeaderValue';

export function Headers(form) {
  const { options, json, set, setJson, disabled } = form;
  const named = Object.keys(json).filter((key) => key.startsWith(NAME) && json[key] !== undefined);
  const numbers = named.map((key) => parseInt(key.slice(NAME.length), 10)).sort((a, b) => a - b);
  const next = (numbers[numbers.length - 1] || 0) + 1;
  const remove = (n) =>
    set({
      jsonData: { ...json, [NAME + n]: undefined },
      secureJsonFields: { ...options.secureJsonFields, [VALUE + n]: false },
      secureJsonData: { ...options.secureJsonData, [VALUE + n]: '' },
    });
  return h(
    Fragment,
    null,
    numbers.map((n) => {
      const name = h(Text, {
        id: id(NAME + n),
        disabled,
        placeholder: 'X-Scope-OrgID',
        value: json[NAME + n],
        onDone: (value) => setJson({ [NAME + n]: value.trim() }),
        addonAfter:
          !disabled &&
          h(Button, { variant: 'secondary', icon: 'trash-alt', 'aria-label': 'Remove header ' + n, onClick: () => remove(n) }),
      });
      return h(
        Fragment,
        { key: n },
        line(NAME + n, 'Header ' + n, 'Sent with every request', name),
        secret(form, VALUE + n, 'Value ' + n, null, SecretInput)
      );
    }),
    !disabled &&
      h(Button, { variant: 'secondary', icon: 'plus', onClick: () => setJson({ [NAME + next]: '' }) }, 'Add header')
  );
}
