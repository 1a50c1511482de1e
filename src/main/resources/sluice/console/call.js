// One call, found by its request id: what happened, why, and what helps.

import { get, Refusal } from './api.js';
import { tokensInWords } from './calls.js';
import { h } from './dom.js';
import { duration, plural, usd } from './format.js';
import { body, card, copyable, facts, head, statusBadge, tenantLink } from './parts.js';
import { reason } from './reasons.js';
import { to } from './router.js';
import { moment } from './time.js';

const CAUSERS = {
  answered: 'nobody: it was answered',
  tenant: 'the caller, or a limit of its tenant',
  gateway: 'the gateway',
  upstream: 'OpenAI, or the way to it',
  'client-gone': 'the caller, who left',
};

export default {
  title: () => 'Call',
  every: 0,
  async load({ params: { id }, signal }) {
    const found = (await get('/calls', { signal, query: { id } })).data;
    if (found.length === 0) {
      throw new Refusal(404, {
        message:
          'No call with this id is recorded. It may have ended less than a second ago, be older than ledger.keep-calls, have carried a key that is not accepted, or belong to a tenant that you may not see.',
      });
    }
    return found[0];
  },
  view(call) {
    const { title, why, help } = reason(call);
    return [
      head({
        title: h('span', null, statusBadge(call), ' ', `${title[0].toUpperCase()}${title.slice(1)}`),
        crumb: h('a', { href: to('/calls') }, 'Calls'),
        sub: h('span', null, 'Ended ', moment(call.ended_at)),
      }),
      h(
        'div',
        { class: 'stack' },
        why &&
          h(
            'div',
            { class: `note-box ${call.outcome === 'tenant' ? 'warn' : call.outcome === 'client-gone' ? '' : 'bad'}` },
            h('p', null, why),
            help && h('p', null, h('strong', null, 'What helps: '), help),
          ),
        h(
          'div',
          { class: 'columns' },
          card(
            { title: 'The call' },
            body(
              facts([
                ['Tenant', tenantLink(call.tenant)],
                ['Key', call.key_id && h('a', { class: 'mono', href: to('/keys', [], { key: call.key_id }) }, call.key_id)],
                ['Subject', call.subject],
                ['Decided by', call.limit && h('code', null, call.limit)],
                ['Route', h('code', null, call.endpoint)],
                ['Model asked for', call.asked_model],
                ['Model that answered', call.served_model],
                ['Service tier', call.service_tier],
                ['Tags', call.tags],
                ['End user (hash)', call.user_hash],
                ['Account', call.account],
              ]),
            ),
          ),
          card(
            { title: 'What it took' },
            body(
              facts([
                ['Cost', call.unpriced ? 'not known: the model has no price' : usd(call.cost_usd)],
                ['Tokens', call.input_tokens + call.output_tokens > 0 && tokensInWords(call)],
                [
                  'Cache',
                  {
                    HIT: 'answered from the cache',
                    JOINED: 'shared the answer of an identical call',
                    REPLAYED: 'got the answer of the call it repeats',
                    MISS: 'looked up, not found',
                    BYPASS: 'not cacheable',
                  }[call.cache],
                ],
                ['Waited', duration(call.wait_ms)],
                ['Took', duration(call.total_ms)],
                ['Sent to OpenAI', call.attempts === 0 ? 'not at all' : plural(call.attempts, 'time')],
                ['Ended by', CAUSERS[call.outcome]],
                ['Error code', call.code && h('code', null, call.code)],
              ]),
            ),
          ),
          card({ title: 'For the log and for support', wide: true }, body(copyable('request-id', 'Request id', `req_${call.id}`))),
        ),
      ),
    ];
  },
};
