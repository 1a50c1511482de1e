// Logging in: through the provider, or with an admin token. A token is kept in memory alone, so a reload asks again.

import { fill, h } from './dom.js';
import { open } from './dialog.js';
import { identify, logInByToken, loginAddress, session } from './session.js';

const TOKEN = 'admin-token';

/** In place of the console, until somebody has logged in. */
export function askToLogIn(app, { problem = '', then }) {
  document.title = 'Log in · Sluice';
  const draw = (mistake, busy = false) =>
    fill(
      app,
      h(
        'main',
        { class: 'login', id: 'content', tabindex: -1 },
        h('div', { class: 'brand' }, h('img', { src: '/console/static/icon.svg', alt: '' }), 'Sluice'),
        h('h1', null, 'Log in to the console'),
        problem && h('p', { class: 'note-box bad', role: 'alert' }, problem),
        session.canLogIn && h('a', { class: 'button primary', href: loginAddress() }, 'Log in with your organization'),
        session.canLogIn && h('p', { class: 'or' }, 'or'),
        tokenForm(
          mistake,
          busy,
          async text => {
            draw('', true);
            try {
              await logInByToken(text);
              then();
            } catch (failure) {
              draw(failure.message);
              document.getElementById(TOKEN).focus();
            }
          },
          session.canLogIn,
        ),
      ),
    );
  draw('');
  document.getElementById(TOKEN).focus();
}

function tokenForm(mistake, busy, use, second) {
  return h(
    'form',
    {
      on: {
        submit: event => {
          event.preventDefault();
          use(new FormData(event.target).get('token').trim());
        },
      },
    },
    h(
      'div',
      { class: 'field' },
      h('label', { for: TOKEN }, 'Admin token'),
      h('input', {
        id: TOKEN,
        name: 'token',
        type: 'password',
        required: true,
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-invalid': mistake ? 'true' : null,
        'aria-describedby': mistake ? `${TOKEN}-mistake ${TOKEN}-hint` : `${TOKEN}-hint`,
      }),
      mistake && h('span', { class: 'mistake', id: `${TOKEN}-mistake`, role: 'alert' }, mistake),
      h('span', { class: 'hint', id: `${TOKEN}-hint` }, 'Kept in this tab’s memory until you close or reload it.'),
    ),
    h('button', { type: 'submit', class: second ? '' : 'primary', disabled: busy }, busy ? 'Logging in …' : 'Log in with the token'),
  );
}

let asking = false;

/** Over the page, which stays as it is with everything typed into it. */
export function sessionEnded(refusal, then) {
  if (asking || !session.known) {
    return;
  }
  asking = true;
  session.known = false;
  const back = dialog => {
    asking = false;
    removeEventListener('focus', look);
    dialog.close();
    then();
  };
  const look = async () => {
    if (await identify().catch(() => false)) {
      back(dialog);
    }
  };
  const body = mistake => [
    h(
      'p',
      null,
      refusal.code === 'session_ended'
        ? refusal.message.replace(/ Log in again at .*/, '')
        : 'The gateway no longer accepts what you logged in with.',
      ' Your page stays as it is.',
    ),
    session.canLogIn &&
      h('a', { class: 'button primary', href: loginAddress('/console'), target: '_blank', rel: 'noopener' }, 'Log in again in a new tab'),
    session.canLogIn && h('p', { class: 'small muted' }, 'Then come back to this tab. Or use a token:'),
    tokenForm(
      mistake,
      false,
      async text => {
        try {
          await logInByToken(text);
          back(dialog);
        } catch (failure) {
          dialog.fill(body(failure.message));
        }
      },
      session.canLogIn,
    ),
  ];
  const dialog = open({ title: 'Your session has ended', body: body(''), closable: false });
  addEventListener('focus', look);
}
