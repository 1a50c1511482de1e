// Budgets of all tenants: which are nearly spent, and when they reset.

import { every } from './api.js';
import { h } from './dom.js';
import { percent, plural, span, usd } from './format.js';
import { badge, card, empty, head, meter, tenantLink, tile, tiles } from './parts.js';
import { limitInWords } from './reasons.js';
import { isOperator } from './session.js';
import { table } from './table.js';

export default {
  title: () => 'Budgets',
  every: 15_000,
  load: ({ signal }) => every('/limits', { signal }),
  view({ data }, context) {
    const rows = data.flatMap(tenant => tenant.budgets.map(budget => ({ ...budget, tenant: tenant.tenant, enforced: tenant.enforced })));
    const spent = rows.filter(row => row.remaining_usd <= 0);
    const near = rows.filter(row => row.remaining_usd > 0 && used(row) >= 0.8);
    return [
      head({
        title: 'Budgets',
        sub: 'Reserved before a call and settled with its cost, over all replicas. Days and months are in UTC.',
        actions: [context.fresh],
      }),
      h(
        'div',
        { class: 'stack' },
        rows.length > 0 &&
          tiles(
            tile('Used up', spent.length, spent.length > 0 ? 'calls are refused' : 'none', spent.length > 0 ? 'bad' : ''),
            tile('Nearly used up', near.length, '80 % or more', near.length > 0 ? 'warn' : ''),
            tile('In budget', rows.length - spent.length - near.length, plural(rows.length, 'budget')),
          ),
        card(
          { key: 'budgets' },
          table(context, {
            name: 'budgets',
            caption: 'Budgets',
            rows,
            key: row => `${row.tenant} ${row.budget}`,
            sort: ['used', -1],
            columns: COLUMNS,
            empty: empty(
              'No budgets',
              isOperator()
                ? 'Give a tenant one: open it, choose Change, and set a budget a day or a month.'
                : 'No tenant that you see has one.',
            ),
          }),
        ),
      ),
    ];
  },
};

const used = row => (row.amount_usd > 0 ? 1 - row.remaining_usd / row.amount_usd : 1);

const COLUMNS = [
  {
    key: 'tenant',
    label: 'Tenant',
    value: row => row.tenant,
    show: row => h('span', null, tenantLink(row.tenant), !row.enforced && [' ', badge('shadow')]),
  },
  { key: 'budget', label: 'Budget', value: row => row.budget, show: row => h('span', { class: 'wrap' }, limitInWords(row.budget)) },
  {
    key: 'used',
    label: 'Used',
    value: row => used(row),
    show: row =>
      meter(used(row), usd(row.amount_usd - row.remaining_usd), percent(used(row)), `${row.tenant}, ${limitInWords(row.budget)}`),
  },
  { key: 'left', label: 'Left', number: true, value: row => row.remaining_usd, show: row => usd(Math.max(0, row.remaining_usd)) },
  { key: 'amount', label: 'Amount', number: true, value: row => row.amount_usd, show: row => usd(row.amount_usd) },
  { key: 'reset', label: 'Resets in', number: true, value: row => row.reset_seconds, show: row => span(row.reset_seconds) },
];
