// Keys of all tenants, or of one: who may call, until when.

import { every } from './api.js';
import { h } from './dom.js';
import { filter, filterChoice } from './forms.js';
import { changeKey, issueKey, restoreKey, revokeKey, rotateKey } from './key-dialogs.js';
import { badge, button, card, empty, head, keyState, tenantLink } from './parts.js';
import { isOperator, isTeam, mayManageKeys, session } from './session.js';
import { table } from './table.js';
import { moment } from './time.js';

export default {
  title: () => 'Keys',
  every: 30_000,
  load: ({ signal, query }) => every('/keys', { signal, query: { tenant: query.get('tenant') } }),
  view({ data }, context) {
    const state = context.query.get('state') ?? '';
    const id = context.query.get('key') ?? '';
    const found = data.filter(key => (state === '' || key.state === state) && key.id.startsWith(id));
    return [
      head({
        title: 'Keys',
        sub: 'The gateway keeps digests only. A key is named by the first 12 digits of its digest, as in the log.',
        actions: [isTeam() && button('New key', () => issueKey(session.tenant, context.refresh), 'primary')],
      }),
      card(
        { key: 'keys' },
        h(
          'div',
          { class: 'card-body filters' },
          !isTeam() && filter(context, 'tenant', 'Tenant'),
          filter(context, 'key', 'Id begins with'),
          filterChoice(context, 'state', 'State', [
            ['', 'all'],
            ['active', 'active'],
            ['expired', 'expired'],
            ['revoked', 'revoked'],
          ]),
        ),
        keyTable(context, found, empty('No keys', data.length > 0 ? 'None fits the filters.' : 'Open a tenant to issue one.')),
      ),
    ];
  },
};

/** A table of keys, with what may be done to each. */
export function keyTable(context, rows, nothing, { tenant = true } = {}) {
  return table(context, {
    name: 'keys',
    caption: 'Keys',
    rows,
    key: key => key.id,
    sort: ['created', -1],
    empty: nothing,
    columns: COLUMNS.filter(column => tenant || column.key !== 'tenant'),
    actions: key =>
      mayManageKeys(key.tenant) && [
        key.origin === 'managed' &&
          button('Change', () => changeKey(key, context.refresh), 'slim quiet', { 'aria-label': `Change key ${key.id}` }),
        key.state !== 'revoked' &&
          key.origin === 'managed' &&
          button('Replace', () => rotateKey(key, context.refresh), 'slim quiet', { 'aria-label': `Replace key ${key.id}` }),
        key.state !== 'revoked' &&
          button('Revoke', () => revokeKey(key, context.refresh), 'slim quiet danger', { 'aria-label': `Revoke key ${key.id}` }),
        key.state === 'revoked' &&
          isOperator() &&
          button('Restore', () => restoreKey(key, context.refresh), 'slim quiet', { 'aria-label': `Restore key ${key.id}` }),
      ],
  });
}

const COLUMNS = [
  { key: 'id', label: 'Key', value: key => key.id, show: key => h('span', { class: 'mono' }, key.id) },
  { key: 'tenant', label: 'Tenant', value: key => key.tenant, show: key => tenantLink(key.tenant) },
  { key: 'label', label: 'Label', value: key => key.label ?? '', show: key => (key.label ? h('span', { class: 'wrap' }, key.label) : '') },
  {
    key: 'state',
    label: 'State',
    value: key => key.state,
    show: key => h('span', null, keyState(key.state), key.replaced_by && [' ', badge('replaced', '', `by ${key.replaced_by}`)]),
  },
  {
    key: 'end',
    label: 'Valid until',
    value: key => key.not_after ?? '',
    show: key => (key.not_after ? moment(key.not_after) : h('span', { class: 'muted' }, 'no end')),
  },
  {
    key: 'created',
    label: 'Issued',
    value: key => key.created_at ?? '',
    show: key => (key.created_at ? moment(key.created_at) : h('span', { class: 'muted nowrap' }, 'in the file')),
  },
  {
    key: 'by',
    label: 'By',
    value: key => key.created_by ?? '',
    show: key => (key.created_by ? h('span', { class: 'wrap' }, key.created_by.replace(/^oidc:/, '')) : ''),
  },
];
