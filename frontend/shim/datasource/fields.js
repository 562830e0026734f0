// Lines of the configuration form, each bound to one key. `form` is {options, json, set, setJson, disabled}.
import { InlineSwitch, RadioButtonGroup, SecretTextArea, TextArea } from '@grafana/ui';

import { field, h, INPUT_WIDTH, Text, toNumber } from '../form.js';

export const id = (key) => 'leaklens-config-' + key;

// A line of this form.
export const line = (key, label, tooltip, control) => field(id(key), label, tooltip, control, 30);

export function text({ json, setJson, disabled }, key, label, tooltip, placeholder) {
  const onDone = (value) => setJson({ [key]: value.trim() || undefined });
  return line(key, label, tooltip, h(Text, { id: id(key), disabled, placeholder, value: json[key] || '', onDone }));
}

export function number({ json, setJson, disabled }, key, label, tooltip, placeholder, factor = 1) {
  const value = json[key] === undefined ? '' : json[key] / factor;
  const onDone = (value) => setJson({ [key]: toNumber(value, factor) });
  const control = h(Text, { id: id(key), type: 'number', min: 0, width: 20, disabled, placeholder, value, onDone });
  return line(key, label, tooltip, control);
}

export function toggle({ json, setJson, disabled }, key, label, tooltip) {
  const onChange = (event) => setJson({ [key]: event.currentTarget.checked });
  return line(key, label, tooltip, h(InlineSwitch, { id: id(key), disabled, value: !!json[key], onChange }));
}

export function choice({ json, setJson, disabled }, key, label, tooltip, values) {
  const options = values.map((value) => ({ value, label: value }));
  const onChange = (value) => setJson({ [key]: value });
  const control = h(RadioButtonGroup, { id: id(key), disabled, options, value: json[key] || values[0], onChange });
  return line(key, label, tooltip, control);
}

export function lines(form, key, label, tooltip) {
  const read = (rows) => (rows.length ? rows : undefined);
  return area(form, key, label, tooltip, [].concat(form.json[key] || []), read);
}

export function pairs(form, key, label, tooltip) {
  const read = (rows) => (rows.length ? Object.fromEntries(rows.map(pair)) : undefined);
  const rows = Object.entries(form.json[key] || {}).map(([name, value]) => name + '=' + value);
  return area(form, key, label, tooltip, rows, read);
}

function pair(row) {
  const at = row.indexOf('=');
  return at < 0 ? [row, ''] : [row.slice(0, at).trim(), row.slice(at + 1).trim()];
}

function area({ setJson, disabled }, key, label, tooltip, rows, read) {
  const onBlur = (event) => {
    const rows = event.currentTarget.value.split('\n').map((row) => row.trim());
    setJson({ [key]: read(rows.filter((row) => row !== '')) });
  };
  const defaultValue = rows.join('\n');
  const control = h(TextArea, { id: id(key), rows: 3, cols: INPUT_WIDTH, disabled, defaultValue, onBlur });
  return line(key, label, tooltip, control);
}

// A secret is written, never read back: Grafana tells only whether it is set.
export function secret({ options, set, disabled }, key, label, tooltip, Control) {
  const configured = options.secureJsonFields || {};
  const written = options.secureJsonData || {};
  const control = h(Control, {
    id: id(key),
    disabled,
    rows: Control === SecretTextArea ? 5 : undefined,
    cols: Control === SecretTextArea ? INPUT_WIDTH : undefined,
    width: Control === SecretTextArea ? undefined : INPUT_WIDTH,
    isConfigured: !!configured[key],
    value: written[key] || '',
    onChange: (event) => set({ secureJsonData: { ...written, [key]: event.currentTarget.value } }),
    onReset: () =>
      set({
        secureJsonFields: { ...configured, [key]: false },
        secureJsonData: { ...written, [key]: '' },
      }),
  });
  return line(key, label, tooltip, control);
}
