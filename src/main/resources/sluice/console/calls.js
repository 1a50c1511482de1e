// Single calls, latest first: found by their id, or by whose they are and how they ended.

import { get } from './api.js';
import { h } from './dom.js';
import { compact, count, duration, usd } from './format.js';
import { filter, filterChoice } from './forms.js';
import { badge, button, card, empty, head, statusBadge, tenantLink } from './parts.js';
import { reason } from './reasons.js';
import { go, to } from './router.js';
import { isTeam } from './session.js';
import { table } from './table.js';
import { daysAfter, moment } from './time.js';

const PERIODS = { '1h': 1 / 24, '1d': 1, '7d': 7, '30d': 30 };
const PAGE = 100;
/** How a call was answered without OpenAI. */
const FREE = new Set(['HIT', 'JOINED', 'REPLAYED']);

function question(query) {
  const period = PERIODS[query.get('period') ?? '1d'] ?? 1;
  return {
    tenant: query.get('tenant'),
    model: query.get('model'),
    code: query.get('code'),
    status: query.get('status'),
    key: query.get('key'),
    from: daysAfter(new Date(), -period)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z'),
    limit: PAGE,
  };
}

export default {
  title: () => 'Calls',
  every: 10_000,
  async load({ query, signal, state }) {
    const asked = query.toString();
    if (state.asked !== asked) {
      Object.assign(state, { asked, older: [], cursor: null });
    }
    const latest = await get('/calls', { signal, query: question(query) });
    // Older pages stay as they were: calls do not change once they have ended.
    return { data: latest.data, cursor: latest.next_cursor };
  },
  view({ data, cursor }, context) {
    const { state } = context;
    const known = new Set(data.map(call => call.id));
    const rows = [...data, ...state.older.filter(call => !known.has(call.id))];
    const next = state.older.length > 0 ? state.cursor : cursor;
    return [
      head({
        title: 'Calls',
        sub: 'Recorded about a second after they end. Calls with a key that is not accepted are in the log only.',
        actions: [context.fresh],
      }),
      card(
        { key: 'calls' },
        h(
          'div',
          { class: 'card-body filters' },
          h(
            'form',
            { class: 'field', on: { submit: find } },
            h('label', { for: 'call-id' }, 'Request id'),
            h('input', {
              id: 'call-id',
              type: 'search',
              autocomplete: 'off',
              spellcheck: 'false',
              placeholder: 'x-sluice-request-id',
            }),
          ),
          !isTeam() && filter(context, 'tenant', 'Tenant'),
          filter(context, 'model', 'Model asked for'),
          filter(context, 'status', 'Status', { placeholder: 'such as 429' }),
          filter(context, 'code', 'Error code'),
          filter(context, 'key', 'Key'),
          filterChoice(context, 'period', 'Within', [
            ['1h', 'the last hour'],
            ['', 'the last day'],
            ['7d', '7 days'],
            ['30d', '30 days'],
          ]),
        ),
        table(context, {
          name: 'calls',
          caption: 'Calls',
          rows,
          key: call => call.id,
          columns: COLUMNS.filter(column => !isTeam() || column.key !== 'tenant'),
          empty: empty('No such calls', 'None has ended in this time, or none fits the filters.'),
          more: next && button('Older calls', () => older(context, next), 'slim'),
        }),
      ),
    ];
  },
};

function find(event) {
  event.preventDefault();
  const id = event.target.elements['call-id'].value.trim().replace(/^req_/, '');
  if (id) {
    go(to('/calls', [id]));
  }
}

async function older(context, cursor) {
  const { state } = context;
  const page = await get('/calls', { signal: context.signal, query: { ...question(context.query), cursor } });
  state.older.push(...page.data);
  state.cursor = page.next_cursor;
  state['table-calls'].shown += PAGE;
  context.redraw();
}

const COLUMNS = [
  {
    key: 'at',
    label: 'Ended',
    value: call => call.ended_at,
    show: call => h('a', { href: to('/calls', [call.id]) }, moment(call.ended_at)),
  },
  { key: 'tenant', label: 'Tenant', value: call => call.tenant, show: call => tenantLink(call.tenant) },
  { key: 'status', label: 'Status', value: call => call.status, show: statusBadge },
  { key: 'why', label: 'What happened', value: call => reason(call).title, show: call => h('span', { class: 'wrap' }, reason(call).title) },
  {
    key: 'model',
    label: 'Model',
    value: call => call.served_model || call.asked_model,
    show: call => h('span', { class: 'wrap' }, call.served_model || call.asked_model || h('span', { class: 'muted' }, call.endpoint)),
  },
  {
    key: 'tokens',
    label: 'Tokens',
    number: true,
    value: call => call.input_tokens + call.output_tokens,
    show: call => (call.input_tokens + call.output_tokens ? `${compact(call.input_tokens)} → ${compact(call.output_tokens)}` : ''),
  },
  {
    key: 'cost',
    label: 'Cost',
    number: true,
    value: call => call.cost_usd,
    show: call => (call.unpriced ? badge('no price', 'warn') : call.cost_usd || FREE.has(call.cache) ? usd(call.cost_usd) : ''),
  },
  {
    key: 'wait',
    label: 'Waited',
    number: true,
    value: call => call.wait_ms,
    show: call => (call.wait_ms >= 1 ? duration(call.wait_ms) : ''),
  },
  { key: 'total', label: 'Took', number: true, value: call => call.total_ms, show: call => duration(call.total_ms) },
  { key: 'limit', label: 'Limit', hidden: true, value: call => call.limit },
  { key: 'id', label: 'Request id', hidden: true, value: call => `req_${call.id}` },
];

export const tokensInWords = call =>
  `${count(call.input_tokens)} in${call.cached_tokens ? ` (${count(call.cached_tokens)} cached by OpenAI)` : ''}, ${count(call.output_tokens)} out${call.estimated ? ', estimated' : ''}`;
