// The settings of a tenant as a form: the usual ones as fields, the others as JSON, exactly as in the configuration.

import { h } from './dom.js';
import { area, choice, number, text } from './forms.js';

const NUMBERS = [
  ['rpm', 'Requests a minute'],
  ['tpm', 'Tokens a minute'],
  ['rpd', 'Requests a day'],
  ['tpd', 'Tokens a day'],
  ['concurrent', 'Calls at once'],
  ['weight', 'Weight in the queue'],
];
const MONEY = [
  ['usd-per-day', 'Budget a day, in dollars'],
  ['usd-per-month', 'Budget a month, in dollars'],
];
const LISTS = ['models', 'endpoints'];
const CHOICES = {
  priority: [
    'Priority',
    [
      ['', 'As the plan says'],
      ['interactive', 'Interactive'],
      ['batch', 'Batch'],
    ],
  ],
  cache: [
    'Cache',
    [
      ['', 'As the plan says'],
      ['off', 'Off'],
      ['deterministic', 'Deterministic calls'],
      ['identical', 'Identical calls'],
    ],
  ],
};
const FIELDS = new Set([...NUMBERS, ...MONEY].map(([key]) => key).concat(LISTS, Object.keys(CHOICES), 'plan', 'max-wait', 'shadow'));
const CLASSES = ['inference', 'stored-objects', 'files', 'fine-tuning', 'batch', 'realtime', 'other'];

/** A mistake of the person who fills in the form, at one field. */
class Mistake extends Error {
  constructor(param, message) {
    super(message);
    this.param = param;
  }
}

/** The fields; `problem` is the mistake in them, or what the API has said. */
export function settingsForm(settings, effective, problem) {
  const param = problem?.param?.replace(/^settings\./, '').split(/[.[]/)[0];
  const mistake = key => (param === key ? problem.message : '');
  const inherited = key => (settings[key] === undefined && effective?.[key] !== undefined ? `now ${effective[key]}` : undefined);
  const numeric = ([key, label]) =>
    number(`s-${key}`, label, settings[key], {
      mistake: mistake(key),
      properties: { placeholder: inherited(key) ?? (effective ? 'no limit' : 'from the plan') },
    });
  const others = Object.fromEntries(Object.entries(settings).filter(([key]) => !FIELDS.has(key)));
  const misplaced = param && !FIELDS.has(param) ? problem.message : '';
  return [
    h(
      'div',
      { class: 'pair' },
      text('s-plan', 'Plan', settings.plan, {
        mistake: mistake('plan'),
        hint: 'Limits left empty are those of the plan.',
        properties: { placeholder: inherited('plan') ?? 'free' },
      }),
      number('s-max-wait', 'Waits at most', settings['max-wait'], {
        mistake: mistake('max-wait'),
        hint: 'For OpenAI’s quota, such as 30s.',
        properties: { placeholder: inherited('max-wait'), inputmode: 'text' },
      }),
    ),
    h('div', { class: 'pair' }, MONEY.map(numeric)),
    h('div', { class: 'pair' }, NUMBERS.map(numeric)),
    text('s-models', 'Models', settings.models?.join(', '), {
      mistake: mistake('models'),
      hint: 'Names or patterns such as gpt-4o*, separated by commas. Empty: all.',
    }),
    h(
      'fieldset',
      { class: 'field' },
      h('legend', null, 'What it may call'),
      h(
        'div',
        { class: 'checks' },
        CLASSES.map(each =>
          h(
            'label',
            { class: 'check' },
            h('input', { type: 'checkbox', name: 's-endpoints', value: each, checked: endpoints(settings, effective).includes(each) }),
            each,
          ),
        ),
      ),
      mistake('endpoints') && h('span', { class: 'mistake', role: 'alert' }, mistake('endpoints')),
    ),
    h(
      'details',
      { open: Object.keys(others).length > 0 || Boolean(misplaced) },
      h('summary', null, 'More settings'),
      h(
        'div',
        { class: 'pair' },
        Object.entries(CHOICES).map(([key, [label, options]]) => choice(`s-${key}`, label, settings[key], options)),
      ),
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', id: 's-shadow', checked: settings.shadow === true }),
        'Shadow: report what limits would refuse, but let it pass',
      ),
      area('s-others', 'Others, as JSON', Object.keys(others).length ? JSON.stringify(others, null, 2) : '', {
        mistake: misplaced,
        hint: 'Such as {"per-user": {"rpm": 5}} or {"from": ["10.0.0.0/8"]}, as in the configuration reference.',
      }),
    ),
  ];
}

const endpoints = (settings, effective) => settings.endpoints ?? effective?.endpoints ?? ['inference'];

/** What the form says; throws a Mistake. */
export function readSettings(form, before, effective) {
  const value = key => form.elements[`s-${key}`].value.trim();
  const settings = readOthers(value('others'));
  for (const [key, label] of [...NUMBERS, ...MONEY]) {
    const written = value(key).replaceAll(/[_ ]/g, '');
    const text = key.startsWith('usd-') ? written.replace(/^\$/, '') : written;
    if (text !== '') {
      if (!/^\d+(\.\d+)?$/.test(text)) {
        throw new Mistake(key, `${label}: write a number, such as 100.`);
      }
      settings[key] = Number(text);
    }
  }
  for (const key of ['plan', 'max-wait', ...Object.keys(CHOICES)]) {
    if (value(key) !== '') {
      settings[key] = value(key);
    }
  }
  const models = value('models')
    .split(',')
    .map(each => each.trim())
    .filter(Boolean);
  if (models.length > 0) {
    settings.models = models;
  }
  const granted = [...form.querySelectorAll('[name="s-endpoints"]:checked')].map(each => each.value);
  const unlisted = endpoints(before, effective).filter(each => !CLASSES.includes(each));
  const wanted = [...granted, ...unlisted];
  if (before.endpoints || wanted.join() !== endpoints({}, effective).join()) {
    if (wanted.length === 0) {
      throw new Mistake('endpoints', 'Choose at least one.');
    }
    settings.endpoints = wanted;
  }
  if (form.elements['s-shadow'].checked) {
    settings.shadow = true;
  }
  return settings;
}

function readOthers(text) {
  if (text === '') {
    return {};
  }
  let read;
  try {
    read = JSON.parse(text);
  } catch (failure) {
    throw new Mistake('others', `This is not JSON: ${failure.message}.`);
  }
  if (read === null || typeof read !== 'object' || Array.isArray(read)) {
    throw new Mistake('others', 'Write an object, such as {"shadow": true}.');
  }
  return read;
}

/** What to send to get from one to the other: what is gone becomes null, which resets it. */
export function difference(before, after) {
  const changes = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[key]) !== JSON.stringify(after[key])) {
      changes[key] = after[key] ?? null;
    }
  }
  return changes;
}
