// Who uses the console, and what they may do. The API enforces it; the console only hides what would be refused.

import { get, logOut as endSession, Refusal, useCsrf, useToken } from './api.js';

export const session = {
  known: false,
  name: '',
  role: '',
  tenant: null,
  expiresAt: null,
  baseUrl: '',
  baseUrlGuessed: true,
  byToken: false,
  canLogIn: false,
};

/** Whether people can log in through a provider here. */
export async function readStart() {
  try {
    session.canLogIn = (await (await fetch('/console/start.json', { cache: 'no-store' })).json()).login;
  } catch {
    session.canLogIn = false;
  }
}

/** Asks the API who this is; false if nobody is logged in. */
export async function identify() {
  try {
    const answer = await get('/session');
    useCsrf(answer.csrf_token);
    Object.assign(session, {
      known: true,
      name: answer.name,
      role: answer.role,
      tenant: answer.tenant,
      expiresAt: answer.expires_at,
      baseUrl: answer.base_url,
      baseUrlGuessed: answer.base_url_guessed,
    });
    return true;
  } catch (refusal) {
    session.known = false;
    if (refusal instanceof Refusal && refusal.status === 401) {
      return false;
    }
    throw refusal;
  }
}

/** Uses a token from now on, until the page is closed or reloaded; throws if the API does not know it. */
export async function logInByToken(text) {
  useToken(text);
  useCsrf(null);
  if (!(await identify())) {
    useToken(null);
    throw new Refusal(401, { message: 'The gateway does not know this token.' });
  }
  session.byToken = true;
}

/** Where to go afterwards: to the provider's logout, or to the console's own start. */
export async function logOut() {
  let next = null;
  if (session.expiresAt) {
    next = (await endSession()).provider_logout_url;
  }
  useToken(null);
  useCsrf(null);
  Object.assign(session, { known: false, byToken: false });
  return next;
}

export const isOperator = () => session.role === 'operator';
export const isTeam = () => session.tenant !== null;
/** Whether keys of this tenant may be issued, changed and revoked. */
export const mayManageKeys = tenant => isOperator() || session.tenant === tenant;
/** The start of a login that comes back to where the browser is now. */
export const loginAddress = (path = location.pathname + location.search) =>
  `/admin/login?to=${encodeURIComponent(/^\/console([/?][A-Za-z0-9/._~?=&%-]{0,500})?$/.test(path) ? path : '/console')}`;
