// All tenants: to look for one, and to make one.

import { every } from './api.js';
import { h } from './dom.js';
import { count, plural, usd } from './format.js';
import { badge, button, card, empty, head, tenantLink } from './parts.js';
import { go, to } from './router.js';
import { isOperator } from './session.js';
import { table } from './table.js';
import { createTenant } from './tenant-dialogs.js';
import { moment } from './time.js';

export default {
  title: () => 'Tenants',
  every: 30_000,
  load: ({ signal }) => every('/tenants', { signal }),
  view({ data, more }, context) {
    const make = button('New tenant', () => createTenant(name => go(to('/tenants', [name]))), 'primary');
    const search = (context.state.search ?? '').toLowerCase();
    const found = data.filter(tenant => tenant.name.includes(search) || (tenant.effective?.plan ?? '').includes(search));
    return [
      head({ title: 'Tenants', sub: 'A tenant is a team or a service, with keys, limits and a budget of its own.', actions: [isOperator() && make] }),
      card(
        { key: 'tenants' },
        h(
          'div',
          { class: 'card-head' },
          h(
            'div',
            { class: 'field' },
            h('label', { class: 'unseen', for: 'search' }, 'Search by name or plan'),
            h('input', {
              id: 'search',
              type: 'search',
              placeholder: 'Search by name or plan',
              value: context.state.search ?? '',
              on: {
                input: event => {
                  context.state.search = event.target.value;
                  context.redraw();
                },
              },
            }),
          ),
          h('span', { class: 'muted small' }, more ? `the first ${count(data.length)}` : plural(found.length, 'tenant')),
        ),
        table(context, {
          name: 'tenants',
          caption: 'Tenants',
          rows: found,
          key: tenant => tenant.name,
          sort: ['name', 1],
          columns: COLUMNS,
          empty:
            data.length === 0
              ? empty(
                  'No tenants yet',
                  'A tenant is a team or a service that calls OpenAI through the gateway. Make one, then issue it a key.',
                  isOperator() && make,
                )
              : empty('No tenant has this name', 'Nor a plan that is called so.'),
        }),
      ),
    ];
  },
};

const setting = (tenant, key) => tenant.effective?.[key];
const limit = (tenant, key) => setting(tenant, key) ?? Infinity;

const COLUMNS = [
  { key: 'name', label: 'Name', value: tenant => tenant.name, show: tenant => tenantLink(tenant.name) },
  { key: 'plan', label: 'Plan', value: tenant => setting(tenant, 'plan') ?? '' },
  {
    key: 'rpm',
    label: 'Requests/min',
    number: true,
    value: tenant => limit(tenant, 'rpm'),
    show: tenant => (setting(tenant, 'rpm') ? count(setting(tenant, 'rpm')) : '–'),
  },
  {
    key: 'tpm',
    label: 'Tokens/min',
    number: true,
    value: tenant => limit(tenant, 'tpm'),
    show: tenant => (setting(tenant, 'tpm') ? count(setting(tenant, 'tpm')) : '–'),
  },
  {
    key: 'budget',
    label: 'Budget a day',
    number: true,
    value: tenant => Number(limit(tenant, 'usd-per-day')),
    show: tenant => (setting(tenant, 'usd-per-day') ? usd(setting(tenant, 'usd-per-day')) : '–'),
  },
  {
    key: 'keys',
    label: 'Keys',
    number: true,
    value: tenant => tenant.keys,
    show: tenant => (tenant.keys === 0 ? badge('none', 'warn') : count(tenant.keys)),
  },
  {
    key: 'origin',
    label: 'Made',
    value: tenant => tenant.origin,
    show: tenant => h('span', null, origin(tenant), !tenant.in_force && badge('not in effect', 'bad', tenant.problems.join(' '))),
  },
  { key: 'changed', label: 'Changed', value: tenant => tenant.changed_at ?? '', show: tenant => moment(tenant.changed_at) },
];

const origin = tenant => (tenant.origin === 'declared' ? badge('in the file', '', tenant.declared_at) : badge('in the console'));
