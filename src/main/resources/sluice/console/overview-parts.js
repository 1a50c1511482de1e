// The parts of the overview: each answers one question that somebody on call has.

import { h } from './dom.js';
import { compact, count, duration, listed, percent, plural, span, usd } from './format.js';
import { badge, card, empty, meter, tenantLink } from './parts.js';
import { limitInWords, pauseInWords, reason, usedUpInWords } from './reasons.js';
import { to } from './router.js';
import { isTeam } from './session.js';
import { clock, moment } from './time.js';

const MOST = 8;
/** Below this share of a limit, it is what calls wait for. */
const NEARLY_NOTHING = 0.02;
/** Causes are told by the minute: one that was met within the last two may still be there. */
const STILL_THERE = 2 * 60_000;

const trouble = tenant => tenant.refused + tenant.gateway_errors + tenant.upstream_errors;
const list = items => h('ul', { class: 'list' }, items);

/** A tenant, what is said of it on the right, and what stands below. */
const row = (tenant, said, below) =>
  h('li', { 'data-key': tenant.tenant }, h('div', { class: 'list-line' }, h('strong', null, tenantLink(tenant.tenant)), said), below);

/** What is wrong now, and where it is written what to do; nothing if nothing is. */
export function troubles(data) {
  return (
    data.troubles.length > 0 &&
    card(
      { title: 'What is wrong now', wide: true, key: 'troubles' },
      list(
        data.troubles.map(trouble =>
          h(
            'li',
            { 'data-key': trouble.what + trouble.text },
            h('div', { class: 'list-line' }, h('strong', { class: 'bad lines' }, sentence(trouble.text)), moment(trouble.since)),
            h(
              'div',
              { class: 'list-line small muted' },
              h('span', null, 'What to do: ', h('code', { class: 'wrap' }, trouble.doc)),
              data.replicas.length > 1 && h('span', { class: 'mono wrap' }, where(trouble, data.replicas)),
            ),
          ),
        ),
      ),
    )
  );
}

const where = (trouble, replicas) => (trouble.replicas.length === replicas.length ? 'every replica' : listed(trouble.replicas));

/** Calls that have ended, however they did. */
export const all = counts => counts.answered + counts.refused + counts.gateway_errors + counts.upstream_errors + counts.client_gone;

/** Who is refused or fails, and why: what was met last comes first. */
export function refused(data) {
  const tenants = data.tenants.filter(tenant => trouble(tenant) > 0).slice(0, MOST);
  return card(
    { title: isTeam() ? 'Calls that were not answered' : 'Who is refused or fails, and why', key: 'refused' },
    tenants.length === 0
      ? empty('No call was refused or failed', 'Neither limits nor failures have stopped anybody.')
      : list(
          tenants.map(tenant =>
            row(
              tenant,
              h('span', { class: 'muted' }, plural(trouble(tenant), 'call')),
              tenant.causes
                .filter(cause => cause.outcome !== 'client-gone')
                .sort((one, other) => other.last.localeCompare(one.last))
                .map(cause => causeLine(tenant, cause, data.at)),
            ),
          ),
        ),
  );
}

function causeLine(tenant, cause, now) {
  const { title } = reason(cause);
  const over = new Date(now) - new Date(cause.last) >= STILL_THERE;
  const ours = over ? 'muted' : cause.outcome === 'tenant' || cause.status === 429 ? 'warn' : 'bad';
  return h(
    'div',
    { class: 'list-line small' },
    h(
      'span',
      { class: ours },
      title,
      cause.key_id && [', key ', h('a', { href: to('/keys', [], { key: cause.key_id }), class: 'mono' }, cause.key_id)],
      over && h('span', { class: 'nowrap' }, `, until ${clock(cause.last)}`),
    ),
    cause.key_id || tenant.tenant === ''
      ? h('span', { class: 'muted' }, count(cause.calls))
      : h(
          'a',
          { href: to('/calls', [], { tenant: tenant.tenant, code: cause.code, status: cause.code ? '' : cause.status }) },
          plural(cause.calls, 'call'),
        ),
  );
}

/** Who waits, and for what. */
export function waiting(data) {
  return card(
    { title: 'Who waits, and for what', key: 'waiting' },
    data.waiting_tenants.length === 0
      ? empty('Nobody waits', 'Calls are sent to OpenAI as they come.')
      : [
          h('p', { class: 'card-body small' }, whatFor(data)),
          list(
            data.waiting_tenants
              .slice(0, MOST)
              .map(tenant =>
                h(
                  'li',
                  { 'data-key': tenant.tenant },
                  h(
                    'div',
                    { class: 'list-line' },
                    h('strong', null, tenantLink(tenant.tenant)),
                    h('span', null, plural(tenant.interactive + tenant.batch, 'call')),
                  ),
                  h(
                    'div',
                    { class: 'list-line small muted' },
                    h(
                      'span',
                      null,
                      `the oldest for ${duration(tenant.oldest_wait_ms)}`,
                      tenant.batch > 0 && `, ${count(tenant.batch)} of them batch`,
                    ),
                    h('span', null, `weight ${tenant.weight}`),
                  ),
                ),
              ),
          ),
        ],
  );
}

function whatFor(data) {
  if (isTeam()) {
    return 'Calls wait for OpenAI’s quota, which all services share. They are sent in turn, by themselves.';
  }
  const causes = data.accounts.flatMap(account => {
    if (account.paused_for) {
      return [`${account.account} is paused: ${pauseInWords(account.paused_for)}`];
    }
    const used = Object.entries(account.remaining)
      .filter(([, left]) => left < NEARLY_NOTHING)
      .map(([limit]) => usedUpInWords(limit));
    return used.length > 0 ? [`${account.account} has used up its ${listed(used)}`] : [];
  });
  return causes.length > 0 ? `${listed(causes)}.` : 'Calls wait for the quota of the accounts. They are sent in turn.';
}

/** The accounts at OpenAI: whether they serve, and how much of their limits is left. */
export function accounts(data) {
  return card(
    { title: 'Accounts', key: 'accounts' },
    list(
      data.accounts.map(account =>
        h(
          'li',
          { 'data-key': account.account },
          h('div', { class: 'list-line' }, h('strong', { class: 'wrap' }, account.account), state(account)),
          account.paused_for &&
            h(
              'p',
              { class: 'small warn' },
              sentence(pauseInWords(account.paused_for)),
              account.paused_seconds > 0 && ` The next try is in ${span(account.paused_seconds)}.`,
            ),
          account.unreachable &&
            h('p', { class: 'small warn' }, `The last connection failed: ${account.unreachable.replaceAll('_', ' ')}.`),
          account.keys_in_service === 0 && h('p', { class: 'small bad' }, 'None of its keys is in service.'),
          account.paused_models.map(paused =>
            h(
              'p',
              { class: 'small warn' },
              `${paused.model}${paused.service_tier ? ` (${paused.service_tier})` : ''} is paused for ${span(paused.paused_seconds)}: ${pauseInWords(paused.paused_for)}.`,
            ),
          ),
          Object.entries(account.remaining).map(([limit, left]) =>
            meter(1 - left, limitInWords(limit), `${percent(left)} left`, `${account.account}, ${limitInWords(limit)}`),
          ),
        ),
      ),
    ),
  );
}

const sentence = text => `${text[0].toUpperCase()}${text.slice(1)}${/[.…]$/.test(text) ? '' : '.'}`;

function state(account) {
  const flying = h('span', { class: 'muted small' }, `${plural(account.in_flight, 'call')} in flight `);
  return h(
    'span',
    null,
    flying,
    account.paused_for ? badge('paused', 'warn') : account.unreachable ? badge('shaky', 'warn') : badge('serving', 'good'),
  );
}

/** Who calls most, whether or not it is answered: a flood that is refused is still a flood. */
export function busiest(data) {
  const tenants = data.tenants
    .filter(tenant => tenant.tenant !== '' && all(tenant) > 0)
    .sort((one, other) => all(other) - all(one))
    .slice(0, MOST);
  return card(
    { title: 'Who calls most', key: 'busiest' },
    tenants.length === 0
      ? data.noTenants
        ? empty(
            'Make a tenant first',
            'A tenant is a team or a service. Without one, every call is refused.',
            h('a', { href: to('/tenants') }, 'Tenants'),
          )
        : empty('No calls yet', 'Point a service at the gateway, and its calls appear here.')
      : list(
          tenants.map(tenant =>
            row(
              tenant,
              h(
                'span',
                null,
                `${compact(all(tenant))} ${all(tenant) === 1 ? 'call' : 'calls'}`,
                h('span', { class: 'muted' }, ` · ${compact(tenant.answered)} answered · ${usd(tenant.cost_usd)}`),
              ),
            ),
          ),
        ),
  );
}

export function replicas(data) {
  return card(
    { title: 'Replicas', key: 'replicas' },
    list(
      data.replicas.map(replica =>
        h(
          'li',
          { 'data-key': replica.replica },
          h(
            'div',
            { class: 'list-line' },
            h('span', { class: 'mono wrap' }, replica.replica),
            replica.answered ? badge('answers', 'good') : badge('does not answer', 'bad'),
          ),
        ),
      ),
    ),
  );
}
