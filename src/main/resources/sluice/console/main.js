// Starts the console: who is here, then the page that the address names.

import { whenSessionEnds } from './api.js';
import audit from './audit.js';
import budgets from './budgets.js';
import call from './call.js';
import calls from './calls.js';
import { h } from './dom.js';
import explain from './explain.js';
import keys from './keys.js';
import { askToLogIn, sessionEnded } from './login.js';
import overview from './overview.js';
import { card, empty, head } from './parts.js';
import { find, followLinks } from './router.js';
import { identify, readStart, session } from './session.js';
import { Shell } from './shell.js';
import tenant from './tenant.js';
import tenants from './tenants.js';
import { keepTimesFresh } from './time.js';
import usage from './usage.js';

const ROUTES = [
  ['/', overview],
  ['/tenants', tenants],
  ['/tenants/:name', tenant],
  ['/keys', keys],
  ['/usage', usage],
  ['/budgets', budgets],
  ['/calls', calls],
  ['/calls/:id', call],
  ['/explain', explain],
  ['/audit', audit],
];
const MISSING = {
  title: () => 'Not found',
  load: async () => null,
  view: () => [
    head({ title: 'Not found' }),
    card(
      {},
      empty('The console has no such page', 'The menu lists them all.', h('a', { class: 'button', href: '/console' }, 'To the overview')),
    ),
  ],
};

const app = document.getElementById('app');

function run() {
  const shell = new Shell(app, { onLogOut: () => location.replace('/console') });
  const show = () => {
    const found = find(ROUTES, location);
    shell.show(found?.page ?? MISSING, found?.params ?? {}, new URLSearchParams(location.search));
  };
  addEventListener('sluice:moved', show);
  whenSessionEnds(refusal =>
    sessionEnded(refusal, () => {
      shell.identified();
      shell.refresh();
    }),
  );
  show();
}

async function start() {
  followLinks();
  keepTimesFresh();
  await readStart();
  try {
    await identify();
  } catch (failure) {
    askToLogIn(app, { problem: failure.message, then: run });
    return;
  }
  if (session.known) {
    run();
  } else {
    askToLogIn(app, { then: run });
  }
}

start();
