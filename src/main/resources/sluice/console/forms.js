// Fields of forms, each with its label, hint and mistake; and what the API says about one of them, put next to it.

import { h } from './dom.js';

/** A field of any kind: `input` is the element without its id. */
export function field({ id, label, hint, mistake, input, properties = {} }) {
  const about = [mistake && `${id}-mistake`, hint && `${id}-hint`].filter(Boolean).join(' ');
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(input ?? 'input', { id, name: id, 'aria-invalid': mistake ? 'true' : null, 'aria-describedby': about || null, ...properties }),
    mistake && h('span', { class: 'mistake', id: `${id}-mistake`, role: 'alert' }, mistake),
    hint && h('span', { class: 'hint', id: `${id}-hint` }, hint),
  );
}

export const text = (id, label, value, more = {}) =>
  field({
    id,
    label,
    ...more,
    properties: { type: 'text', autocomplete: 'off', spellcheck: 'false', value: value ?? '', ...more.properties },
  });

export const number = (id, label, value, more = {}) =>
  text(id, label, value, { ...more, properties: { inputmode: 'decimal', ...more.properties } });

export function choice(id, label, value, options, more = {}) {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(
      'select',
      { id, name: id, on: more.on, 'aria-invalid': more.mistake ? 'true' : null },
      options.map(([key, words]) => h('option', { value: key, selected: key === (value ?? '') }, words)),
    ),
    more.mistake && h('span', { class: 'mistake', role: 'alert' }, more.mistake),
    more.hint && h('span', { class: 'hint' }, more.hint),
  );
}

export const area = (id, label, value, more = {}) =>
  h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(
      'textarea',
      {
        id,
        name: id,
        spellcheck: 'false',
        rows: more.rows ?? 3,
        'aria-invalid': more.mistake ? 'true' : null,
        'aria-describedby': `${id}-hint`,
      },
      value ?? '',
    ),
    more.mistake && h('span', { class: 'mistake', role: 'alert' }, more.mistake),
    more.hint && h('span', { class: 'hint', id: `${id}-hint` }, more.hint),
  );

export function segments(label, value, options, choose) {
  return h(
    'div',
    { class: 'segments', role: 'group', 'aria-label': label },
    options.map(([key, words]) =>
      h(
        'button',
        {
          type: 'button',
          'aria-pressed': String(key === value),
          on: { click: () => choose(key) },
        },
        words,
      ),
    ),
  );
}

/** A filter that takes effect when it is left or Enter is pressed. */
export function filter(context, name, label, more = {}) {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: `filter-${name}` }, label),
    h('input', {
      id: `filter-${name}`,
      type: 'search',
      autocomplete: 'off',
      spellcheck: 'false',
      value: context.query.get(name) ?? '',
      placeholder: more.placeholder,
      on: { change: event => context.setQuery({ [name]: event.target.value.trim() }) },
    }),
  );
}

/** The same for one of several values. */
export const filterChoice = (context, name, label, options) =>
  choice(`filter-${name}`, label, context.query.get(name) ?? '', options, {
    on: { change: event => context.setQuery({ [name]: event.target.value }) },
  });
