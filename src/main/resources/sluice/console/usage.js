// What was used and what it cost: by tenant, model, key, tag or end user, over time.

import { h } from './dom.js';
import { compact, count, percent, span, usd } from './format.js';
import { filter, segments } from './forms.js';
import { body, card, empty, head, tenantLink, tile, tiles } from './parts.js';
import { plot } from './plot.js';
import { to } from './router.js';
import { isTeam } from './session.js';
import { table } from './table.js';
import { GROUPS, measured, MEASURES, PERIODS, readUsage } from './usage-data.js';

const FORMATS = { cost_usd: usd, calls: count, tokens: count };
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const asked = query => ({
  period: query.get('period') ?? '30d',
  by: query.get('by') ?? (isTeam() ? 'model' : 'tenant'),
  measure: query.get('measure') ?? 'cost_usd',
  tenant: query.get('tenant') ?? '',
});

export default {
  title: () => 'Usage and cost',
  every: 60_000,
  load: async ({ query, signal }) => {
    const question = asked(query);
    return { question, ...(await readUsage({ ...question, signal })) };
  },
  view(data, context) {
    const { period, by, measure } = asked(context.query);
    const choose = name => value => context.setQuery({ [name]: value });
    return [
      head({
        title: 'Usage and cost',
        sub: 'Days and months are in UTC.',
        actions: [segments('Period', period, PERIODS, choose('period'))],
      }),
      h(
        'div',
        { class: 'stack' },
        h(
          'div',
          { class: 'filters' },
          segments(
            'Group by',
            by,
            GROUPS.filter(([key]) => !isTeam() || key !== 'tenant'),
            choose('by'),
          ),
          segments('Measure', measure, MEASURES, choose('measure')),
          !isTeam() && filter(context, 'tenant', 'Only of tenant'),
        ),
        data.behind > 10 &&
          h(
            'p',
            { class: 'note-box warn', role: 'status' },
            `Calls of the last ${span(data.behind)} are not counted yet: the ledger is behind.`,
          ),
        totals(data.rows),
        over(data, context.width - 34),
        sums(data, context),
      ),
    ];
  },
};

function totals(rows) {
  const sum = name => rows.reduce((total, row) => total + row[name], 0);
  return tiles(
    tile('Cost', usd(sum('cost_usd')), sum('unpriced') > 0 ? `${count(sum('unpriced'))} calls have no price` : ''),
    tile('Saved by the cache', usd(sum('saved_usd')), `${percent(sum('hits') / sum('answered'))} of answers`),
    tile('Calls', compact(sum('calls')), `${percent(sum('answered') / sum('calls'))} answered`),
    tile('Tokens in', compact(sum('input_tokens')), `${percent(sum('cached_tokens') / sum('input_tokens'))} cached by OpenAI`),
    tile('Tokens out', compact(sum('output_tokens'))),
  );
}

function over(data, width) {
  const { by, measure } = data.question;
  const title = `${named(MEASURES, measure)} by ${named(GROUPS, by).toLowerCase()} per ${data.cut.slice}`;
  return card(
    { title, key: 'plot' },
    data.series.length === 0
      ? empty('Nothing was used in this time', 'Choose a longer period, or make a call.')
      : body(
          plot({
            name: `usage-${by}-${measure}-${data.cut.slice}`,
            title,
            width,
            format: FORMATS[measure],
            axis: measure === 'cost_usd' ? usd : compact,
            labels: data.slots.map(label),
            full: data.slots,
            series: data.series.map((each, i) => ({ ...each, look: each.rest ? 'rest' : `s${i}` })),
          }),
        ),
  );
}

const named = (pairs, key) => pairs.find(([each]) => each === key)?.[1] ?? key;

function label(slot) {
  if (slot.length === 7) {
    return `${MONTHS[Number(slot.slice(5)) - 1]} ${slot.slice(2, 4)}`;
  }
  return slot.includes('T') ? slot.slice(11, 16) : `${Number(slot.slice(8, 10))} ${MONTHS[Number(slot.slice(5, 7)) - 1]}`;
}

function sums(data, context) {
  const { by, measure } = data.question;
  const show =
    {
      tenant: row => tenantLink(row.tenant),
      key: row => h('a', { class: 'mono', href: to('/keys', [], { key: row.key }) }, row.key || '–'),
    }[by] ?? (row => h('span', { class: 'wrap' }, row[by] || h('span', { class: 'muted' }, 'none')));
  return card(
    { title: `By ${named(GROUPS, by).toLowerCase()}`, key: 'sums' },
    table(context, {
      name: `usage-${by}`,
      caption: `Usage by ${by}`,
      rows: data.rows,
      key: row => row[by],
      sort: [measure === 'calls' ? 'calls' : measure === 'tokens' ? 'in' : 'cost', -1],
      empty: empty('No usage', 'Nothing was called in this time.'),
      exported: `usage-by-${by}`,
      columns: [
        { key: 'name', label: named(GROUPS, by), value: row => row[by], show },
        { key: 'calls', label: 'Calls', number: true, value: row => row.calls, show: row => count(row.calls) },
        { key: 'answered', label: 'Answered', number: true, value: row => row.answered, show: row => percent(row.answered / row.calls) },
        { key: 'hits', label: 'From the cache', number: true, value: row => row.hits, show: row => count(row.hits) },
        { key: 'in', label: 'Tokens in', number: true, value: row => row.input_tokens, show: row => count(row.input_tokens) },
        { key: 'out', label: 'Tokens out', number: true, value: row => row.output_tokens, show: row => count(row.output_tokens) },
        { key: 'saved', label: 'Saved', number: true, value: row => row.saved_usd, show: row => usd(row.saved_usd) },
        { key: 'cost', label: 'Cost', number: true, value: row => row.cost_usd, show: row => h('strong', null, usd(row.cost_usd)) },
        {
          key: 'share',
          label: 'Share',
          number: true,
          show: row => percent(measured(row, measure) / data.rows.reduce((sum, each) => sum + measured(each, measure), 0)),
        },
      ],
    }),
  );
}
