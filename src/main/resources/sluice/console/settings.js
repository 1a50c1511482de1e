// The settings of a tenant as a form: the usual ones as fields, the others as JSON, exactly as in the configuration.

import { h } from './dom.js';
import { count, usd } from './format.js';
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
/** What each class of endpoints grants, as the documents say it. */
const CLASSES = {
  inference:
    'calls that run a model now: chat, completions, responses, embeddings, decisions, moderations, images, speech; the model list; the legacy /v1/engines/…',
  'stored-objects':
    'objects the account keeps: stored responses and chats, conversations, assistants, threads, videos, containers, skills, voices',
  files: 'files, uploads, vector stores',
  'fine-tuning': 'fine-tuning, evals, deleting a model',
  batch: 'batches',
  realtime: 'the WebSockets of /v1/realtime, /v1/realtime/translations and /v1/live/sessions; recordings of live sessions',
  other: 'routes newer than this version, passed through unread; each takes one request of the account’s quota',
  'realtime-direct':
    'hands out upstream credentials or lets media bypass the gateway: /v1/realtime/client_secrets, sessions, calls; live calls over WebRTC and SIP; ChatKit sessions',
  agents: 'agents the upstream runs on its own: /v1/agents/…, with their sessions, environments and automations',
  admin: 'the organization itself: /v1/organization/…, /v1/projects/…, vaults, webhooks, safety cases',
};
/** These reach beyond the gateway. */
const GRAVE = new Set(['realtime-direct', 'agents', 'admin']);

/** Mistakes of the person who fills in the form, each at its field, as the API tells of them. */
export class Mistakes extends Error {
  constructor(problems) {
    super(problems.map(({ message }) => message).join(' '));
    this.param = problems[0].param;
    this.problems = problems;
  }
}

const keyOf = param => param.replace(/^settings\./, '').split(/[.[]/)[0];

/** The fields; `problems` are the mistakes in them, found here or by the API. */
export function settingsForm(settings, effective, problems, plans) {
  const mistake = key =>
    problems
      .filter(({ param }) => keyOf(param) === key)
      .map(({ message }) => message)
      .join(' ');
  const inherited = key => (settings[key] === undefined && effective?.[key] !== undefined ? `now ${effective[key]}` : undefined);
  const numeric = ([key, label]) =>
    number(`s-${key}`, label, settings[key], {
      mistake: mistake(key),
      properties: { placeholder: inherited(key) ?? (effective ? 'no limit' : 'from the plan') },
    });
  const others = Object.fromEntries(Object.entries(settings).filter(([key]) => !FIELDS.has(key)));
  const misplaced = problems
    .filter(({ param }) => !FIELDS.has(keyOf(param)))
    .map(({ message }) => message)
    .join(' ');
  return [
    h(
      'div',
      { class: 'pair' },
      choice('s-plan', 'Plan', settings.plan, planOptions(settings, plans), {
        mistake: mistake('plan'),
        hint: 'Limits left empty are those of the plan.',
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
        Object.entries(CLASSES).map(([each, grants]) =>
          h(
            'label',
            { class: 'check explained' },
            h('input', { type: 'checkbox', name: 's-endpoints', value: each, checked: endpoints(settings, effective).includes(each) }),
            h('span', null, h('strong', null, each), ' ', h('span', { class: GRAVE.has(each) ? 'hint warn' : 'hint' }, grants)),
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
        Object.entries(CHOICES).map(([key, [label, options]]) => choice(`s-${key}`, label, settings[key], options, { mistake: mistake(key) })),
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

const DEFAULT_PLAN = 'free';

/** Every plan with what it grants, and the tenant's own one if there is no such plan any more. */
function planOptions(settings, plans) {
  const known = plans.map(({ name, settings: granted }) => [name, `${name}: ${planInWords(granted)}`]);
  const gone = settings.plan && !plans.some(({ name }) => name === settings.plan) ? [[settings.plan, `${settings.plan} (no such plan)`]] : [];
  return [['', `As if none were chosen: ${DEFAULT_PLAN}`], ...known, ...gone];
}

function planInWords(granted) {
  const limits = [
    ...NUMBERS.filter(([key]) => key !== 'weight').map(([key, label]) => granted[key] && `${count(granted[key])} ${label.toLowerCase()}`),
    granted['usd-per-day'] && `${usd(Number(granted['usd-per-day']))} a day`,
    granted['usd-per-month'] && `${usd(Number(granted['usd-per-month']))} a month`,
  ].filter(Boolean);
  return limits.length > 0 ? limits.join(', ') : 'no limits';
}

const endpoints = (settings, effective) => settings.endpoints ?? effective?.endpoints ?? ['inference'];

/** What the form says; throws all mistakes at once. */
export function readSettings(form, before, effective) {
  const value = key => form.elements[`s-${key}`].value.trim();
  const problems = [];
  const mistaken = (param, message) => problems.push({ param, message });
  const settings = readOthers(value('others'), mistaken);
  for (const [key, label] of [...NUMBERS, ...MONEY]) {
    const written = value(key).replaceAll(/[_ ]/g, '');
    const text = key.startsWith('usd-') ? written.replace(/^\$/, '') : written;
    if (text !== '') {
      if (/^\d+(\.\d+)?$/.test(text)) {
        settings[key] = Number(text);
      } else {
        mistaken(key, `${label}: write a number, such as 100.`);
      }
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
  const unlisted = endpoints(before, effective).filter(each => !CLASSES[each]);
  const wanted = [...granted, ...unlisted];
  if (before.endpoints || wanted.join() !== endpoints({}, effective).join()) {
    if (wanted.length === 0) {
      mistaken('endpoints', 'Choose at least one.');
    }
    settings.endpoints = wanted;
  }
  if (form.elements['s-shadow'].checked) {
    settings.shadow = true;
  }
  if (problems.length > 0) {
    throw new Mistakes(problems);
  }
  return settings;
}

function readOthers(text, mistaken) {
  if (text === '') {
    return {};
  }
  let read;
  try {
    read = JSON.parse(text);
  } catch (failure) {
    mistaken('others', `This is not JSON: ${failure.message}.`);
    return {};
  }
  if (read === null || typeof read !== 'object' || Array.isArray(read)) {
    mistaken('others', 'Write an object, such as {"shadow": true}.');
    return {};
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
