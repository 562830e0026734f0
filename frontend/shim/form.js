// Small parts the forms are made of.
import { createElement, useState } from 'react';
import { InlineField, Input } from '@grafana/ui';

// A local name: a bundler spells an imported one out at every call.
export const h = createElement;

export const INPUT_WIDTH = 44;

// A labelled line of a form. Its control takes `id`, so that the label belongs to it.
export function field(id, label, tooltip, control, labelWidth = 16) {
  return h(InlineField, { key: id, label, tooltip, labelWidth, htmlFor: id, interactive: true }, control);
}

// Text that is handed over when it is finished: on leaving the input or on Enter.
export function Text({ id, value, onDone, ...rest }) {
  const [draft, setDraft] = useState(null);
  const done = () => {
    if (draft !== null && draft !== value) {
      onDone(draft);
    }
    setDraft(null);
  };
  return h(Input, {
    width: INPUT_WIDTH,
    ...rest,
    id,
    value: draft === null ? value : draft,
    onChange: (event) => setDraft(event.currentTarget.value),
    onBlur: done,
    onKeyDown: (event) => event.key === 'Enter' && done(),
  });
}

// A number times `factor`, or undefined for an empty input.
export function toNumber(text, factor = 1) {
  const number = parseFloat(text);
  return Number.isFinite(number) ? number * factor : undefined;
}
