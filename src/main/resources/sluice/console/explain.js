// What would happen to a call, without making it.

import { change } from './api.js';
import { h } from './dom.js';
import { compact, duration, usd } from './format.js';
import { area, text } from './forms.js';
import { badge, body, button, card, empty, facts, head } from './parts.js';
import { limitInWords } from './reasons.js';
import { isTeam, session } from './session.js';

const EXAMPLE = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Say hello' }], max_tokens: 50 }, null, 2);
const ENDINGS = {
  answer_from_cache: ['It would be answered from the cache', 'good'],
  send: ['It would be sent at once', 'good'],
  wait: ['It would wait, then be sent', 'warn'],
  refuse: ['It would be refused', 'bad'],
};

export default {
  title: () => 'Explain a call',
  every: 0,
  load: async () => ({}),
  view(_, context) {
    const { state } = context;
    return [
      head({
        title: 'Explain a call',
        sub: isTeam()
          ? 'What would happen to a call of yours. Nothing is sent to OpenAI; asking costs one request of your limits.'
          : 'What would happen to a call. Nothing is sent to OpenAI, and nothing is counted.',
      }),
      h(
        'div',
        { class: 'columns' },
        card(
          { title: 'The call', key: 'question' },
          h(
            'form',
            {
              class: 'card-body stack',
              on: {
                submit: event => {
                  event.preventDefault();
                  ask(event.target, context);
                },
              },
            },
            !isTeam() &&
              text('e-tenant', 'Tenant', context.query.get('tenant') ?? '', {
                properties: { required: true },
                mistake: state.mistake?.param === 'tenant' ? state.mistake.message : '',
              }),
            text('e-path', 'Path', '/v1/chat/completions', { mistake: state.mistake?.param === 'path' ? state.mistake.message : '' }),
            area('e-body', 'Body, as JSON', EXAMPLE, { rows: 9, mistake: state.mistake?.param === 'body' ? state.mistake.message : '' }),
            state.mistake &&
              !['tenant', 'path', 'body'].includes(state.mistake.param) &&
              h('p', { class: 'note-box bad', role: 'alert' }, state.mistake.message),
            h('div', null, button(state.busy ? 'Asking …' : 'Explain', null, 'primary', { type: 'submit', disabled: state.busy })),
          ),
        ),
        h(
          'div',
          { 'aria-live': 'polite', 'data-key': 'answer' },
          state.answer ? answer(state.answer) : card({}, empty('Nothing asked yet', 'Fill in a call as a service would send it.')),
        ),
      ),
    ];
  },
};

async function ask(form, context) {
  const { state } = context;
  let parsed;
  try {
    parsed = form.elements['e-body'].value.trim() === '' ? undefined : JSON.parse(form.elements['e-body'].value);
  } catch (failure) {
    Object.assign(state, { mistake: { param: 'body', message: `This is not JSON: ${failure.message}.` } });
    context.redraw();
    return;
  }
  Object.assign(state, { busy: true, mistake: null });
  context.redraw();
  try {
    state.answer = await change('POST', '/explain', {
      tenant: isTeam() ? session.tenant : form.elements['e-tenant'].value.trim(),
      path: form.elements['e-path'].value.trim(),
      body: parsed,
    });
  } catch (failure) {
    Object.assign(state, { mistake: failure, answer: null });
  }
  state.busy = false;
  context.redraw();
}

function answer(said) {
  const [words, tone] = ENDINGS[said.would];
  return card(
    { title: 'The answer', aside: badge(words, tone) },
    body(
      h('p', null, said.because),
      facts([
        ['Error code', said.code && h('code', null, said.code)],
        ['Model', said.model],
        ['Wait', said.wait_ms !== null && said.wait_ms !== undefined && duration(said.wait_ms)],
        ['Would wait at most', said.max_wait_ms !== undefined && duration(said.max_wait_ms)],
        ['Cache', said.cache],
        ['Cost, at most', said.cost_usd !== null && said.cost_usd !== undefined && usd(said.cost_usd)],
        [
          'Limits',
          said.limits?.length > 0 &&
            h(
              'ul',
              null,
              said.limits.map(limit =>
                h('li', null, `${limitInWords(limit.limit)}: ${compact(Math.floor(limit.remaining))} of ${compact(limit.amount)} left`),
              ),
            ),
        ],
        [
          'Budgets',
          said.budgets?.length > 0 &&
            h(
              'ul',
              null,
              said.budgets.map(budget =>
                h('li', null, `${limitInWords(budget.budget)}: ${usd(budget.remaining_usd)} of ${usd(budget.amount_usd)} left`),
              ),
            ),
        ],
      ]),
      h('details', null, h('summary', null, 'All of the answer'), h('pre', null, JSON.stringify(said, null, 2))),
    ),
  );
}
