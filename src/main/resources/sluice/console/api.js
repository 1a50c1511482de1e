// The admin API: every request of the console goes through here. A token stays in this module's memory; a session is a
// cookie that no script can read, with a CSRF token for changes.

const ROOT = '/admin/v1';
let token = null;
let csrf = null;
let onEnd = () => {};

/** Why the API refused something, in its own words. */
export class Refusal extends Error {
  constructor(status, { message, code, param, problems } = {}) {
    super(message ?? `The gateway answered with status ${status}.`);
    this.status = status;
    this.code = code ?? '';
    this.param = param ?? '';
    /** All mistakes of the request, each with its field. */
    this.problems = problems ?? [];
  }
}

/** Calls back when a request finds that nobody is logged in any more. */
export const whenSessionEnds = callback => {
  onEnd = callback;
};

export const useToken = text => {
  token = text;
};

export const useCsrf = text => {
  csrf = text;
};

export const get = (path, { signal, query } = {}) => ask('GET', path + search(query), { signal });

/** A change. With `once`, repeating it after a lost answer does not do it twice. */
export const change = (method, path, body, { once } = {}) => ask(method, path, { body, once });

/** A key that makes a POST happen once. */
export const onceKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');

export async function logOut() {
  return ask('POST', '/admin/logout', { root: '' });
}

/** All pages of a list, up to so many items; `more` says whether there are others. */
export async function every(path, { signal, query, most = 5_000 } = {}) {
  const items = [];
  let cursor;
  let last;
  do {
    last = await get(path, { signal, query: { limit: 1_000, ...query, cursor } });
    items.push(...last.data);
    cursor = last.next_cursor ?? undefined;
  } while (cursor && items.length < most);
  return { ...last, data: items, more: Boolean(cursor) };
}

function search(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') {
      parameters.set(name, value);
    }
  }
  const text = parameters.toString();
  return text ? `?${text}` : '';
}

async function ask(method, path, { body, signal, once, root = ROOT } = {}) {
  const headers = {};
  if (token) {
    headers.authorization = `Bearer ${token}`;
  }
  if (csrf && method !== 'GET') {
    headers['x-csrf-token'] = csrf;
  }
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
  }
  if (once) {
    headers['idempotency-key'] = once;
  }
  const response = await reach(root + path, {
    method,
    headers,
    signal,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
  });
  const answer = await read(response);
  if (response.ok) {
    return answer;
  }
  const refusal = new Refusal(response.status, answer?.error);
  if (response.status === 401) {
    onEnd(refusal);
  }
  throw refusal;
}

async function reach(address, request) {
  try {
    return await fetch(address, request);
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Refusal(0, { message: 'The gateway cannot be reached. Is it running, and is your network up?', code: 'unreachable' });
  }
}

async function read(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
