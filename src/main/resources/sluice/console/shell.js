// The frame around every page: navigation, who is logged in, and the life of the page shown.
//
// A page is `{ title(params), every, load(context), view(data, context) }`: `load` asks the API, `view` turns what it said
// into nodes. After each load, and whenever a page asks for it, the view is drawn again over the old one.

import { Refusal } from './api.js';
import { fill, h, svg } from './dom.js';
import { repeat } from './live.js';
import { failed, head, loading } from './parts.js';
import { go, to } from './router.js';
import { isTeam, logOut, session } from './session.js';
import { moment } from './time.js';

const PAGES = [
  { path: '', label: 'Overview', icon: 'M3 13h4l2-8 3 14 2.5-9 1.5 3H21', all: true },
  {
    path: '/tenants',
    label: 'Tenants',
    icon: 'M4 20v-2a4 4 0 0 1 4-4h4a4 4 0 0 1 4 4v2M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4M17 11a3 3 0 1 0-1-5.8M20 20v-2a4 4 0 0 0-2.6-3.7',
  },
  { path: '/keys', label: 'Keys', icon: 'M14.5 14a5 5 0 1 0-4.4-2.6L3 18.5V21h3v-2h2v-2h2l1.4-1.4M16 8h.01', all: true },
  { path: '/usage', label: 'Usage and cost', icon: 'M4 20V10M10 20V4M16 20v-7M21 20H3', all: true },
  {
    path: '/budgets',
    label: 'Budgets',
    icon: 'M12 3v18M16.5 7.5c-.8-1.2-2.4-2-4.5-2-2.6 0-4.3 1.3-4.3 3.2 0 4.6 9 2 9 6.6 0 1.9-1.9 3.2-4.7 3.2-2.3 0-4.1-.9-4.9-2.3',
    all: true,
  },
  { path: '/calls', label: 'Calls', icon: 'M4 6h16M4 12h16M4 18h10', all: true },
  {
    path: '/explain',
    label: 'Explain a call',
    icon: 'M9.2 9a3 3 0 1 1 4.3 2.700c-1 .5-1.5 1.2-1.5 2.300M12 17.500h.01M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18',
    all: true,
  },
  { path: '/audit', label: 'Audit', icon: 'M7 3h10v18l-2.5-1.500L12 21l-2.5-1.500L7 21zM10 8h4M10 12h4' },
];
const LARGEST_DELAY = 2 ** 31 - 1;

export class Shell {
  #app;
  #side = h('header', { class: 'side', 'data-open': 'false' });
  #main = h('main', { class: 'main', id: 'content', tabindex: -1 });
  #onLogOut;
  #page = null;
  #address = '';
  #context = null;
  #data;
  #polling = null;
  #problem = null;
  #loadedAt = null;
  #expiry = null;

  constructor(app, { onLogOut }) {
    this.#app = app;
    this.#onLogOut = onLogOut;
    fill(app);
    app.append(h('div', { class: 'shell' }, this.#side, this.#main));
    addEventListener('resize', () => this.#draw());
    this.identified();
  }

  /** Somebody has logged in, perhaps with another role. */
  identified() {
    clearTimeout(this.#expiry);
    if (session.expiresAt) {
      this.#expiry = setTimeout(() => this.refresh(), Math.min(LARGEST_DELAY, Math.max(0, new Date(session.expiresAt) - Date.now()) + 500));
    }
    this.#drawSide();
  }

  show(page, params, query) {
    const same = page === this.#page && location.pathname === this.#address;
    this.#address = location.pathname;
    this.#side.dataset.open = 'false';
    if (same) {
      this.#context.query = query;
      this.#main.setAttribute('aria-busy', 'true');
      this.#draw();
      this.refresh();
      return;
    }
    this.#polling?.stop();
    this.#context?.abort.abort();
    this.#page = page;
    this.#context = this.#newContext(params, query);
    this.#data = undefined;
    this.#problem = null;
    this.#loadedAt = null;
    document.title = `${page.title(params)} · Sluice`;
    this.#drawSide();
    fill(this.#main);
    this.#draw();
    scrollTo(0, 0);
    if (this.#context.moved) {
      this.#main.focus({ preventScroll: true });
    }
    this.#polling = repeat(() => this.#load(this.#context), page.every ?? 0);
  }

  /** Asks again, now. */
  refresh() {
    this.#polling?.now();
  }

  #newContext(params, query) {
    const context = {
      params,
      query,
      state: {},
      abort: new AbortController(),
      moved: this.#context !== null,
      redraw: () => context === this.#context && this.#draw(),
      refresh: () => context === this.#context && this.refresh(),
      setQuery: changes => {
        const next = new URLSearchParams(context.query);
        for (const [name, value] of Object.entries(changes)) {
          value === '' || value === undefined ? next.delete(name) : next.set(name, value);
        }
        const text = next.toString();
        go(location.pathname + (text ? `?${text}` : ''), { replace: true });
      },
    };
    context.signal = context.abort.signal;
    return context;
  }

  async #load(context) {
    try {
      const data = await this.#page.load(context);
      if (context !== this.#context) {
        return true;
      }
      this.#data = data;
      this.#problem = null;
      this.#loadedAt = new Date().toISOString();
    } catch (failure) {
      if (failure.name === 'AbortError' || context !== this.#context) {
        return true;
      }
      if (!(failure instanceof Refusal)) {
        console.error(failure);
      }
      this.#problem = failure;
    }
    this.#main.removeAttribute('aria-busy');
    this.#draw();
    return this.#problem === null;
  }

  #draw() {
    const page = this.#page;
    if (!page) {
      return;
    }
    this.#context.width = Math.max(260, this.#main.clientWidth - (innerWidth <= 860 ? 28 : 56));
    this.#context.fresh = page.every ? this.#fresh() : null;
    if (this.#data !== undefined) {
      fill(this.#main, this.#problem && this.#stale(), page.view(this.#data, this.#context));
    } else if (this.#problem) {
      fill(
        this.#main,
        head({ title: page.title(this.#context.params) }),
        failed(this.#problem, () => this.#context.refresh()),
      );
    } else {
      fill(this.#main, head({ title: page.title(this.#context.params) }), loading());
    }
  }

  #fresh() {
    return this.#problem
      ? h('span', { class: 'fresh stale', title: this.#problem.message }, 'Not up to date')
      : h('span', { class: 'fresh', title: 'This page updates itself while you look at it.' }, 'Live');
  }

  #stale() {
    return h(
      'p',
      { class: 'note-box warn', role: 'status', 'data-key': 'stale' },
      this.#problem.message,
      ' What you see is from ',
      moment(this.#loadedAt),
      '. Trying again by itself.',
    );
  }

  #drawSide() {
    const here = location.pathname.replace(/\/+$/, '');
    const pages = PAGES.filter(page => page.all || !isTeam());
    if (isTeam()) {
      pages.splice(1, 0, { ...PAGES[1], path: `/tenants/${encodeURIComponent(session.tenant)}`, label: 'Your service' });
    }
    fill(
      this.#side,
      h('a', { class: 'brand', href: to('') }, h('img', { src: '/console/static/icon.svg', alt: '' }), 'Sluice'),
      h(
        'button',
        {
          type: 'button',
          class: 'menu',
          'aria-expanded': this.#side.dataset.open,
          'aria-controls': 'nav',
          on: { click: () => this.#toggle() },
        },
        'Menu',
      ),
      h(
        'nav',
        { class: 'nav', id: 'nav', 'aria-label': 'Pages' },
        pages.map(page => {
          const address = to(page.path);
          const current = page.path === '' ? here === address : here === address || here.startsWith(`${address}/`);
          return h('a', { href: address, 'aria-current': current ? 'page' : null }, icon(page.icon), page.label);
        }),
      ),
      h(
        'div',
        { class: 'who' },
        h(
          'div',
          null,
          h('div', { class: 'who-name' }, session.name.replace(/^oidc:/, '')),
          h('div', { class: 'small muted' }, roleInWords()),
        ),
        h(
          'div',
          { class: 'who-row' },
          h(
            'button',
            { type: 'button', class: 'slim', on: { click: () => this.#turn() } },
            isDark() ? 'Light' : 'Dark',
            h('span', { class: 'unseen' }, ' theme'),
          ),
          (session.byToken || session.expiresAt) &&
            h('button', { type: 'button', class: 'slim', on: { click: () => this.#leave() } }, 'Log out'),
        ),
      ),
    );
  }

  #toggle() {
    this.#side.dataset.open = this.#side.dataset.open === 'true' ? 'false' : 'true';
    this.#drawSide();
  }

  #turn() {
    const theme = isDark() ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem('sluice-theme', theme);
    } catch {
      // It then holds until the page is closed.
    }
    this.#drawSide();
  }

  async #leave() {
    const next = await logOut().catch(() => null);
    next ? location.assign(next) : this.#onLogOut();
  }
}

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
};

function roleInWords() {
  return { operator: 'Operator', viewer: 'Viewer, may not change anything' }[session.role] ?? `Member of ${session.tenant}`;
}

const icon = path =>
  svg(
    'svg',
    {
      viewBox: '0 0 24 24',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.8',
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'aria-hidden': 'true',
    },
    svg('path', { d: path }),
  );
