// Dialogs and short notices. The browser's own dialog element keeps the focus inside, and closes with Escape.

import { fill, h } from './dom.js';

let number = 0;

/**
 * Opens a dialog; `body` and `foot` are lists of nodes. Returns what changes and closes it. Unless it is closable, it
 * stays until somebody closes it by code.
 */
export function open({ title, body, foot = [], closable = true }) {
  const id = `dialog-${++number}`;
  let finished = false;
  const content = h('div', { class: 'dialog-body' });
  const buttons = h('div', { class: 'dialog-foot' });
  const element = h(
    'dialog',
    {
      'aria-labelledby': id,
      on: {
        cancel: event => closable || event.preventDefault(),
        // A second Escape, or a phone's back gesture, closes it all the same.
        close: () => (closable || finished ? element.remove() : element.showModal()),
      },
    },
    h('div', { class: 'dialog-head' }, h('h2', { id }, title)),
    content,
    buttons,
  );
  const dialog = {
    fill(nodes, more = foot) {
      fill(content, nodes);
      fill(buttons, more);
      buttons.hidden = more.length === 0;
    },
    close() {
      finished = true;
      element.close();
      element.remove();
    },
    element,
  };
  dialog.fill(body);
  document.body.append(element);
  element.showModal();
  return dialog;
}

/** Asks before something that cannot be undone by closing the page; `word` must be typed, if there is one. */
export function confirm({ title, body, action, word = '', run }) {
  const draw = (mistake, busy = false) => {
    dialog.fill(
      [
        ...body.map(text => (typeof text === 'string' ? h('p', null, text) : text)),
        word &&
          h(
            'div',
            { class: 'field' },
            h('label', { for: 'confirm-word' }, `Type ${word} to confirm`),
            h('input', { id: 'confirm-word', autocomplete: 'off', spellcheck: 'false' }),
          ),
        mistake && h('p', { class: 'note-box bad', role: 'alert' }, mistake),
      ],
      [
        h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Cancel'),
        h('button', { type: 'button', class: 'primary danger', disabled: busy, on: { click: go } }, busy ? 'Working …' : action),
      ],
    );
  };
  const go = async () => {
    if (word && document.getElementById('confirm-word').value !== word) {
      draw(`Type ${word} exactly.`);
      return;
    }
    draw('', true);
    try {
      await run();
      dialog.close();
    } catch (failure) {
      draw(failure.message);
    }
  };
  const dialog = open({ title, body: [] });
  draw('');
  dialog.element.querySelector('input, button')?.focus();
}

/** Says that something has been done. */
export function toast(text) {
  const element = h('p', { class: 'toast', role: 'status' }, text);
  document.body.append(element);
  setTimeout(() => element.remove(), 4_000);
}
