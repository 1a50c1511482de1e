// Who changed what, newest first.

import { get } from './api.js';
import { h } from './dom.js';
import { filter } from './forms.js';
import { badge, button, card, empty, head, tenantLink } from './parts.js';
import { to } from './router.js';
import { table } from './table.js';
import { moment } from './time.js';

const PAGE = 100;
const ACTIONS = {
  'tenant.create': 'made a tenant',
  'tenant.change': 'changed a tenant',
  'tenant.delete': 'deleted a tenant',
  'tenant.erase': 'erased a tenant’s data',
  'key.issue': 'issued a key',
  'key.rotate': 'replaced a key',
  'key.change': 'changed a key',
  'key.delete': 'deleted a key',
  'key.revoke': 'revoked a key',
  'key.restore': 'restored a key',
  'break-glass': 'used an emergency token',
};

export default {
  title: () => 'Audit',
  every: 30_000,
  async load({ query, signal, state }) {
    const asked = query.toString();
    if (state.asked !== asked) {
      Object.assign(state, { asked, older: [], cursor: null });
    }
    return get('/audit', { signal, query: { tenant: query.get('tenant'), limit: PAGE } });
  },
  view({ data, next_cursor: cursor }, context) {
    const { state } = context;
    const known = new Set(data.map(entry => entry.number));
    const rows = [...data, ...state.older.filter(entry => !known.has(entry.number))];
    const next = state.older.length > 0 ? state.cursor : cursor;
    return [
      head({
        title: 'Audit',
        sub: 'Every change made through the admin API or this console. Entries are kept forever and cannot be changed here.',
      }),
      card(
        { key: 'audit' },
        h('div', { class: 'card-body filters' }, filter(context, 'tenant', 'Tenant')),
        table(context, {
          name: 'audit',
          caption: 'Changes',
          rows,
          key: entry => String(entry.number),
          columns: COLUMNS,
          empty: empty('No changes yet', 'What people and programs change appears here.'),
          more: next && button('Older entries', () => older(context, next), 'slim'),
        }),
      ),
    ];
  },
};

async function older(context, cursor) {
  const { state } = context;
  const page = await get('/audit', { signal: context.signal, query: { tenant: context.query.get('tenant'), limit: PAGE, cursor } });
  state.older.push(...page.data);
  state.cursor = page.next_cursor;
  state['table-audit'].shown += PAGE;
  context.redraw();
}

const subject = entry =>
  entry.action.startsWith('key.')
    ? h('a', { class: 'mono', href: to('/keys', [], { key: entry.subject }) }, entry.subject)
    : entry.subject !== entry.tenant && h('span', { class: 'wrap' }, entry.subject);

const COLUMNS = [
  { key: 'at', label: 'When', value: entry => entry.at, show: entry => moment(entry.at) },
  {
    key: 'who',
    label: 'Who',
    value: entry => entry.who,
    show: entry => h('span', { class: 'wrap' }, entry.who.replace(/^oidc:/, ''), ' ', badge(entry.role)),
  },
  {
    key: 'action',
    label: 'Did what',
    value: entry => entry.action,
    show: entry => h('span', { title: entry.action }, ACTIONS[entry.action] ?? entry.action.replaceAll('.', ' ')),
  },
  { key: 'tenant', label: 'Tenant', value: entry => entry.tenant, show: entry => entry.tenant && tenantLink(entry.tenant) },
  { key: 'subject', label: 'Which', value: entry => entry.subject, show: entry => subject(entry) || '' },
  {
    key: 'change',
    label: 'Change',
    value: entry => JSON.stringify({ before: entry.before, after: entry.after }),
    show: entry => difference(entry),
  },
  { key: 'from', label: 'From', value: entry => entry.from, show: entry => h('span', { class: 'mono small' }, entry.from) },
];

function difference({ before, after }) {
  if (!before && !after) {
    return '';
  }
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    key => JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key]),
  );
  if (keys.length === 0) {
    return '';
  }
  return h(
    'details',
    { class: 'small' },
    h('summary', null, keys.slice(0, 3).join(', '), keys.length > 3 && ' …'),
    h(
      'ul',
      null,
      keys.map(key => h('li', { class: 'wrap' }, h('code', null, key), ': ', value(before?.[key]), ' → ', value(after?.[key]))),
    ),
  );
}

const value = text =>
  text === undefined || text === null
    ? h('span', { class: 'muted' }, 'none')
    : h('code', null, typeof text === 'object' ? JSON.stringify(text) : String(text));
