// Addresses and the pages that they show. Links are ordinary links: they can be opened in another tab, and copied.

const ROOT = '/console';

/** The page of an address: `routes` maps patterns such as /tenants/:name to pages. */
export function find(routes, address) {
  const path = address.pathname.replace(/\/+$/, '').slice(ROOT.length) || '/';
  for (const [pattern, page] of routes) {
    const names = [...pattern.matchAll(/:(\w+)/g)].map(found => found[1]);
    const match = new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`).exec(path);
    if (match) {
      return { page, params: Object.fromEntries(names.map((name, i) => [name, decoded(match[i + 1])])) };
    }
  }
  return null;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a page, from its parts: the first is written as it is, the others may be any text. */
export function to(path, parts = [], query = {}) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '' && value !== undefined));
  const text = search.toString();
  return ROOT + path + parts.map(part => `/${encodeURIComponent(part)}`).join('') + (text ? `?${text}` : '');
}

export function go(address, { replace = false } = {}) {
  history[replace ? 'replaceState' : 'pushState'](null, '', address);
  dispatchEvent(new Event('sluice:moved'));
}

/** Follows links within the console without loading the page anew. */
export function followLinks() {
  document.addEventListener('click', event => {
    const link = event.target.closest?.('a[href]');
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.hasAttribute('download') || event.defaultPrevented) {
      return;
    }
    const address = new URL(link.href);
    if (address.origin === location.origin && (address.pathname === ROOT || address.pathname.startsWith(`${ROOT}/`)) && !address.hash) {
      event.preventDefault();
      go(address.pathname + address.search);
    }
  });
  addEventListener('popstate', () => dispatchEvent(new Event('sluice:moved')));
}
