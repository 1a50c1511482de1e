// One tenant: what is left of its limits, its keys, its settings.

import { every, get } from './api.js';
import { h } from './dom.js';
import { compact, count, duration, plural, span, usd } from './format.js';
import { issueKey } from './key-dialogs.js';
import { keyTable } from './keys.js';
import { badge, body, button, card, empty, facts, head, howToCall, meter, statusBadge } from './parts.js';
import { limitInWords, reason } from './reasons.js';
import { go, to } from './router.js';
import { isOperator, isTeam, mayManageKeys } from './session.js';
import { changeTenant, deleteTenant } from './tenant-dialogs.js';
import { moment } from './time.js';

const LATEST_CALLS = 8;

export default {
  title: ({ name }) => name,
  every: 10_000,
  async load({ signal, params: { name } }) {
    const path = `/tenants/${encodeURIComponent(name)}`;
    const [tenant, keys, limits, calls] = await Promise.all([
      get(path, { signal }),
      every(`${path}/keys`, { signal }),
      get('/limits', { signal, query: { tenant: name } }).catch(() => null),
      // Without a shared ledger there are no calls to show.
      get('/calls', { signal, query: { tenant: name, limit: LATEST_CALLS } }).catch(failure => ({ data: null, failure })),
    ]);
    return { tenant, keys: keys.data, left: limits?.data[0] ?? null, calls };
  },
  view({ tenant, keys, left, calls }, context) {
    const managed = tenant.origin === 'managed';
    return [
      head({
        title: tenant.name,
        crumb: !isTeam() && h('a', { href: to('/tenants') }, 'Tenants'),
        sub: h(
          'span',
          null,
          left && `Plan ${left.plan}. `,
          managed ? ['Made ', moment(tenant.created_at), '.'] : `Declared in ${tenant.declared_at}, and changed there.`,
        ),
        actions: [
          mayManageKeys(tenant.name) && button('New key', () => issueKey(tenant.name, context.refresh), 'primary'),
          isOperator() && managed && button('Change', () => changeTenant(tenant, context.refresh)),
          isOperator() && managed && button('Delete', () => deleteTenant(tenant, () => go(to('/tenants'))), 'danger'),
        ],
      }),
      h(
        'div',
        { class: 'stack' },
        !tenant.in_force && h('p', { class: 'note-box bad', role: 'alert' }, 'This tenant is not in effect. ', tenant.problems.join(' ')),
        left &&
          !left.enforced &&
          h('p', { class: 'note-box warn' }, 'In shadow mode: limits are counted and reported, but refuse nothing.'),
        h(
          'div',
          { class: 'columns' },
          remaining(left),
          latest(tenant, calls),
          card(
            { title: 'Keys', key: 'keys', wide: true },
            keyTable(
              context,
              keys,
              empty(
                'No keys yet',
                'Without one, the service cannot call.',
                mayManageKeys(tenant.name) && button('New key', () => issueKey(tenant.name, context.refresh), 'primary'),
              ),
              { tenant: false },
            ),
            body(howToCall('tenant', '$OPENAI_API_KEY')),
          ),
          settings(tenant),
        ),
      ),
    ];
  },
};

function remaining(left) {
  if (!left) {
    return null;
  }
  const limits = left.limits.map(limit =>
    meter(
      1 - limit.remaining / limit.amount,
      limitInWords(limit.limit),
      `${compact(Math.max(0, Math.floor(limit.remaining)))} of ${compact(limit.amount)} left`,
      limitInWords(limit.limit),
    ),
  );
  const budgets = left.budgets.map(budgetMeter);
  const flying = left.concurrent
    ? meter(left.in_flight / left.concurrent, 'calls at once', `${count(left.in_flight)} of ${count(left.concurrent)}`, 'calls at once')
    : h('p', { class: 'small muted' }, `${plural(left.in_flight, 'call')} in flight`);
  return card(
    {
      title: 'What is left',
      key: 'left',
      aside: h('a', { class: 'small', href: to('/explain', [], { tenant: left.tenant }) }, 'Explain a call'),
    },
    body(
      limits.length + budgets.length === 0 && h('p', { class: 'muted' }, 'No limits of its own; OpenAI’s quota is shared fairly.'),
      limits,
      budgets,
      flying,
    ),
  );
}

function budgetMeter(budget) {
  const spent = budget.amount_usd - budget.remaining_usd;
  return meter(
    budget.amount_usd > 0 ? spent / budget.amount_usd : 1,
    [h('span', { class: 'muted' }, `${limitInWords(budget.budget)}: `), usd(spent)],
    `of ${usd(budget.amount_usd)}, resets in ${span(budget.reset_seconds)}`,
    limitInWords(budget.budget),
  );
}

function latest(tenant, calls) {
  return card(
    {
      title: 'Latest calls',
      key: 'latest',
      aside: h('a', { class: 'small', href: to('/calls', [], { tenant: tenant.name }) }, 'All calls'),
    },
    calls.data === null
      ? empty('Not known', calls.failure.message)
      : calls.data.length === 0
        ? empty('No calls in the last day', 'They appear here within ten seconds.')
        : h(
            'ul',
            { class: 'list' },
            calls.data.map(call =>
              h(
                'li',
                { 'data-key': call.id },
                h(
                  'div',
                  { class: 'list-line' },
                  h('span', null, statusBadge(call), ' ', h('a', { href: to('/calls', [call.id]) }, call.asked_model || call.endpoint)),
                  h(
                    'span',
                    { class: 'muted small' },
                    call.status < 400 ? `${usd(call.cost_usd)} · ${duration(call.total_ms)} · ` : `${reason(call).title} · `,
                    moment(call.ended_at),
                  ),
                ),
              ),
            ),
          ),
  );
}

function settings(tenant) {
  const effective = tenant.effective ?? {};
  const own = new Set(Object.keys(tenant.settings ?? {}));
  return card(
    { title: 'Settings in effect', key: 'settings', wide: true },
    body(
      facts(
        Object.entries(effective)
          .filter(([key]) => key !== 'name' && key !== 'keys')
          .map(([key, value]) => [h('span', { class: 'mono' }, key), h('span', null, shown(value), ' ', own.has(key) && badge('its own'))]),
      ),
    ),
  );
}

function shown(value) {
  if (Array.isArray(value) && value.every(each => typeof each !== 'object')) {
    return value.join(', ');
  }
  return typeof value === 'object' && value !== null ? h('code', null, JSON.stringify(value)) : String(value);
}
