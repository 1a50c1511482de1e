// What happens right now, and what needs attention. One cheap question every few seconds.

import { get } from './api.js';
import { h } from './dom.js';
import { compact, count, percent, plural, usd } from './format.js';
import { accounts, all, busiest, refused, replicas, troubles, waiting } from './overview-parts.js';
import { card, body, head, tile, tiles } from './parts.js';
import { plot } from './plot.js';
import { isTeam, session } from './session.js';
import { clock } from './time.js';

const COUNTS = ['answered', 'cache_hits', 'refused', 'gateway_errors', 'upstream_errors', 'client_gone', 'cost_usd'];
/** Rates are of these minutes, the running one left out. */
const LATEST = 5;

export default {
  title: () => 'Overview',
  every: 5_000,
  async load({ signal, state }) {
    const data = await get('/overview', { signal });
    if (!isTeam() && !state.anyTenant && data.tenants.every(({ tenant }) => tenant === '')) {
      const some = await get('/tenants', { signal, query: { limit: 1 } }).catch(() => null);
      state.anyTenant = some === null || some.data.length > 0;
      return { ...data, noTenants: !state.anyTenant };
    }
    return data;
  },
  view: (data, context) => [
    head({
      title: isTeam() ? session.tenant : 'Overview',
      sub: `The last ${data.minutes.length} minutes${data.replicas.length > 1 ? `, over ${data.replicas.length} replicas` : ''}`,
      actions: [context.fresh],
    }),
    h(
      'div',
      { class: 'stack' },
      !data.complete && h('p', { class: 'note-box warn', role: 'status' }, incomplete(data.replicas)),
      troubles(data),
      figures(data),
      h(
        'div',
        { class: 'columns' },
        card({ title: 'Calls per minute', wide: true, key: 'calls' }, body(calls(data, context.width - 34))),
        refused(data),
        waiting(data),
        !isTeam() && accounts(data),
        !isTeam() && busiest(data),
        !isTeam() && data.replicas.length > 1 && replicas(data),
      ),
    ),
  ],
};

const sum = minutes => Object.fromEntries(COUNTS.map(name => [name, minutes.reduce((total, minute) => total + minute[name], 0)]));

/** Without Redis, this replica knows of no other. */
const incomplete = replicas =>
  replicas.length === 1
    ? 'Redis cannot be reached: these numbers are this replica’s alone.'
    : 'Some replicas have not answered, so these numbers are too low.';

function figures(data) {
  const total = sum(data.minutes);
  const latest = data.minutes.slice(-1 - LATEST, -1);
  const failed = total.gateway_errors + total.upstream_errors;
  return tiles(
    tile('Calls a minute', compact(Math.round((all(sum(latest)) / Math.max(1, latest.length)) * 10) / 10), `${count(all(total))} in all`),
    tile('Answered', percent(total.answered / all(total)), `${percent(total.cache_hits / total.answered)} from the cache`),
    tile(
      'Waiting now',
      count(data.waiting),
      data.waiting === 0 ? 'nobody waits' : plural(data.waiting_tenants.length, 'tenant'),
      data.waiting > 0 ? 'warn' : '',
    ),
    tile('Refused', count(total.refused), percent(total.refused / all(total)), total.refused > 0 ? 'warn' : ''),
    tile('Failed', count(failed), failed === 0 ? 'none' : `${count(total.upstream_errors)} by OpenAI`, failed > 0 ? 'bad' : ''),
    tile('Spent', usd(total.cost_usd), 'in this time'),
  );
}

function calls(data, width) {
  const column = pick => data.minutes.map(pick);
  return plot({
    name: 'minutes',
    title: 'Calls per minute by how they ended',
    width,
    format: count,
    axis: compact,
    labels: column(minute => clock(minute.at)),
    series: [
      { name: 'Answered by OpenAI', look: 'ok', values: column(minute => minute.answered - minute.cache_hits) },
      { name: 'Answered from the cache', look: 'hit', values: column(minute => minute.cache_hits) },
      { name: 'Refused', look: 'refused', values: column(minute => minute.refused) },
      { name: 'Failed', look: 'failed', values: column(minute => minute.gateway_errors + minute.upstream_errors) },
      { name: 'Caller left', look: 'rest', values: column(minute => minute.client_gone) },
    ],
  });
}
