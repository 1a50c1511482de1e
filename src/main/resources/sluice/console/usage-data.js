// What the usage page asks: sums by what was chosen, and for the largest of them how they went over time. A few small
// questions, one after the other, however many tenants there are.

import { get } from './api.js';
import { day, daysAfter } from './time.js';

export const PERIODS = [
  ['today', 'Today'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['month', 'This month'],
  ['12m', '12 months'],
];
export const GROUPS = [
  ['tenant', 'Tenant'],
  ['model', 'Model'],
  ['key', 'Key'],
  ['tag', 'Tag'],
  ['user', 'End user'],
];
export const MEASURES = [
  ['cost_usd', 'Cost'],
  ['calls', 'Calls'],
  ['tokens', 'Tokens'],
];
const LARGEST = 6;
/** The API lets only one of hour, tag and user be asked at a time. */
const WITHOUT_HOURS = new Set(['tag', 'user']);

/** From, to, and how the time between is cut, in UTC. */
function range(period, by, now = new Date()) {
  const today = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const tomorrow = daysAfter(today, 1);
  switch (period) {
    case 'today':
      return { from: today, to: tomorrow, slice: WITHOUT_HOURS.has(by) ? 'day' : 'hour' };
    case '7d':
      return { from: daysAfter(today, -6), to: tomorrow, slice: 'day' };
    case 'month':
      return { from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)), to: tomorrow, slice: 'day' };
    case '12m':
      return {
        from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11, 1)),
        to: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)),
        slice: 'month',
      };
    default:
      return { from: daysAfter(today, -29), to: tomorrow, slice: 'day' };
  }
}

/** Every hour, day or month of it, as the API writes them. */
export function slots({ from, to, slice }) {
  const all = [];
  for (let at = from; at < to; at = next(at, slice)) {
    const text = day(at);
    all.push(slice === 'month' ? text.slice(0, 7) : slice === 'hour' ? `${text}T${String(at.getUTCHours()).padStart(2, '0')}:00Z` : text);
  }
  return all;
}

function next(at, slice) {
  return slice === 'month'
    ? new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))
    : new Date(at.getTime() + (slice === 'hour' ? 3_600_000 : 86_400_000));
}

export const measured = (row, measure) => (measure === 'tokens' ? row.input_tokens + row.output_tokens : row[measure]);

/** `{ rows, series, slots, behind }`: sums by group, and the largest groups over time with the rest of all. */
export async function readUsage({ period, by, measure, tenant, signal }) {
  const cut = range(period, by);
  const query = { from: day(cut.from), to: day(cut.to), tenant, limit: 10_000 };
  const sums = await get('/usage', { signal, query: { ...query, by } });
  const rows = [...sums.data].sort((one, other) => measured(other, measure) - measured(one, measure));
  const largest = rows.filter(row => measured(row, measure) > 0).slice(0, LARGEST);
  const over = async filter => {
    const answer = await get('/usage', { signal, query: { ...query, ...filter, by: cut.slice } });
    return new Map(answer.data.map(row => [row[cut.slice], measured(row, measure)]));
  };
  const all = WITHOUT_HOURS.has(by) ? null : await over({});
  const names = slots(cut);
  const series = [];
  for (const row of largest) {
    const found = largest.length === 1 && rows.length === 1 && all ? all : await over({ [by]: row[by] });
    series.push({ name: row[by] || '(none)', values: names.map(slot => found.get(slot) ?? 0) });
  }
  const rest = names.map((slot, i) => Math.max(0, (all?.get(slot) ?? 0) - series.reduce((sum, each) => sum + each.values[i], 0)));
  if (all && rows.length > largest.length && rest.some(value => value > 1e-9)) {
    series.push({ name: `${rows.length - largest.length} others`, rest: true, values: rest });
  }
  return { rows, series, slots: names, cut, behind: sums.behind_seconds, more: sums.has_more };
}
