// Elements from plain functions, and a way to bring an old tree up to date with a new one. Text always becomes a text
// node, never markup, so whatever callers put into a name stays a name.

const SVG = 'http://www.w3.org/2000/svg';
const HANDLERS = Symbol('handlers');

export const h = (tag, properties, ...children) => build(document.createElement(tag), properties, children);
export const svg = (tag, properties, ...children) => build(document.createElementNS(SVG, tag), properties, children);

function build(element, properties, children) {
  for (const [name, value] of Object.entries(properties ?? {})) {
    set(element, name, value);
  }
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === undefined || value === null || value === false) {
    return;
  }
  if (name === 'on') {
    element[HANDLERS] = value;
    listen(element, value);
  } else if (name === 'value' || name === 'checked') {
    element[name] = value;
    element.setAttribute(name, value === true ? '' : value);
  } else {
    element.setAttribute(name, value === true ? '' : value);
  }
}

function listen(element, handlers) {
  for (const [type, handler] of Object.entries(handlers)) {
    element[`on${type}`] = handler;
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== undefined && child !== null && child !== false) {
      element.append(child instanceof Node ? child : String(child));
    }
  }
}

/** Makes an element's children these, and keeps those that are there already: focus, selection and scroll stay. */
export function fill(element, ...children) {
  const fresh = document.createElement('div');
  append(fresh, children);
  morphChildren(element, fresh);
}

function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
  } else if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
    }
  } else if (!old.hasAttribute('data-keep')) {
    morphAttributes(old, fresh);
    morphHandlers(old, fresh);
    morphChildren(old, fresh);
  }
}

function morphAttributes(old, fresh) {
  // What somebody has typed stays, unless the page itself wants another value.
  const changed = old.nodeName === 'INPUT' && old !== document.activeElement && old.getAttribute('value') !== fresh.getAttribute('value');
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === 'open' && old.nodeName === 'DETAILS')) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  if (changed) {
    old.value = fresh.value;
  }
}

function morphHandlers(old, fresh) {
  for (const type of Object.keys(old[HANDLERS] ?? {})) {
    old[`on${type}`] = null;
  }
  old[HANDLERS] = fresh[HANDLERS];
  listen(old, fresh[HANDLERS] ?? {});
}

const keyOf = node => (node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null);

function morphChildren(old, fresh) {
  const keyed = new Map([...old.childNodes].filter(keyOf).map(node => [keyOf(node), node]));
  let place = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const key = keyOf(wanted);
    const known = key ? keyed.get(key) : place && !keyOf(place) ? place : null;
    if (!known) {
      old.insertBefore(wanted, place);
      continue;
    }
    if (known === place) {
      place = place.nextSibling;
    } else {
      old.insertBefore(known, place);
    }
    keyed.delete(key);
    morph(known, wanted);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
