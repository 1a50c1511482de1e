// Pieces that several pages are made of.

import { h, svg } from './dom.js';
import { percent } from './format.js';
import { to } from './router.js';
import { session } from './session.js';
import { toast } from './dialog.js';

export const head = ({ title, sub, crumb, actions = [] }) =>
  h(
    'div',
    { class: 'head' },
    h(
      'div',
      { class: 'head-text' },
      crumb && h('p', { class: 'crumbs' }, crumb),
      h('h1', { class: 'wrap' }, title),
      sub && h('p', null, sub),
    ),
    h('div', { class: 'head-actions' }, actions),
  );

export const card = ({ title, aside, key, wide }, ...children) =>
  h(
    'section',
    { class: wide ? 'card wide' : 'card', 'data-key': key, 'aria-label': title },
    title && h('div', { class: 'card-head' }, h('h2', null, title), aside),
    children,
  );

export const body = (...children) => h('div', { class: 'card-body' }, children);

export const loading = () => h('div', { class: 'loading', role: 'status' }, h('p', { class: 'unseen' }, 'Loading'), h('span'), h('span'));

export const failed = (failure, again) =>
  h(
    'div',
    { class: 'card empty', role: 'alert' },
    h(
      'strong',
      null,
      failure.status === 404 ? 'There is nothing here' : failure.status === 403 ? 'You may not see this' : 'This could not be loaded',
    ),
    h('p', { class: 'wrap' }, failure.message),
    h('button', { type: 'button', on: { click: again } }, 'Try again'),
  );

export const empty = (title, text, action) => h('div', { class: 'empty' }, h('strong', null, title), text && h('p', null, text), action);

export const badge = (text, tone = '', title) => h('span', { class: `badge ${tone}`, title }, text);

export const tile = (label, value, note, tone = '') =>
  h('div', { class: 'tile' }, h('dt', null, label), h('dd', { class: tone }, value, note && h('span', { class: 'note' }, note)));

export const tiles = (...all) => h('dl', { class: 'tiles' }, all);

export const facts = pairs =>
  h(
    'dl',
    { class: 'facts' },
    pairs
      .filter(pair => pair[1] !== undefined && pair[1] !== null && pair[1] !== false && pair[1] !== '')
      .map(([name, value]) => [h('dt', null, name), h('dd', null, value)]),
  );

export const tenantLink = name =>
  name === '' ? h('span', { class: 'muted' }, 'unknown callers') : h('a', { href: to('/tenants', [name]), class: 'wrap' }, name);

export const keyState = state => badge(state, { active: 'good', expired: 'warn', revoked: 'bad' }[state] ?? '');

export function statusBadge(call) {
  const tone = call.status < 400 ? 'good' : call.outcome === 'tenant' ? 'warn' : call.outcome === 'client-gone' ? '' : 'bad';
  return badge(call.status, tone);
}

/** How much of something is used, from 0 to 1, as a bar with words under it. */
export function meter(used, left, right, label) {
  const share = Math.max(0, Math.min(1, used));
  const tone = share >= 1 ? 'bad' : share >= 0.8 ? 'warn' : '';
  return h(
    'div',
    { class: 'meter' },
    h('div', { class: 'meter-text' }, h('span', null, left), h('span', { class: 'muted' }, right)),
    svg(
      'svg',
      {
        class: `meter-track ${tone}`,
        viewBox: '0 0 100 6',
        preserveAspectRatio: 'none',
        role: 'img',
        'aria-label': `${label}: ${percent(share)} used`,
      },
      svg('rect', { x: 0, y: 0, width: Math.round(share * 1000) / 10, height: 6 }),
    ),
  );
}

export const button = (label, run, kind = '', more = {}) =>
  h('button', { type: 'button', class: kind, on: { click: run }, ...more }, label);

/** Text to copy, with a button that does it. */
export function copyable(id, label, text) {
  const input = h('input', { id, readonly: true, value: text, on: { focus: event => event.target.select() } });
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    h(
      'div',
      { class: 'copy-row' },
      input,
      button('Copy', () => copy(document.getElementById(id))),
    ),
  );
}

/** What a service sets, and a first call to try it with. */
export function howToCall(id, key) {
  const call = `curl ${session.baseUrl}/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'`;
  return h(
    'details',
    null,
    h('summary', null, 'How a service uses it'),
    h('pre', null, `export OPENAI_BASE_URL=${session.baseUrl}\nexport OPENAI_API_KEY=${key}`),
    copyable(`${id}-call`, 'A first call', call),
    session.baseUrlGuessed &&
      h(
        'p',
        { class: 'small muted' },
        'This address is a guess from the one of this console. Set ',
        h('code', null, 'listen.base-url'),
        ' to the one that services use.',
      ),
  );
}

async function copy(input) {
  input.select();
  try {
    // Browsers offer this to pages over TLS and on loopback only.
    await navigator.clipboard.writeText(input.value);
  } catch {
    document.execCommand('copy');
  }
  toast('Copied');
}
