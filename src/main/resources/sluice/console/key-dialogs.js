// Issuing, replacing, revoking and restoring keys. A new key is shown once: the gateway keeps its digest only.

import { change, onceKey } from './api.js';
import { confirm, open, toast } from './dialog.js';
import { h } from './dom.js';
import { choice, text } from './forms.js';
import { copyable, howToCall } from './parts.js';

const FORM = 'key-form';
const END_HINT = 'The end of this day in UTC. Empty: until it is revoked.';
const endOf = day => `${day}T23:59:59Z`;
const GRACE = [
  ['0', 'at once'],
  ['3600', 'in an hour'],
  ['86400', 'in a day'],
  ['604800', 'in a week'],
  ['2592000', 'in 30 days'],
];

export function issueKey(tenant, then) {
  const once = onceKey();
  ask({
    title: `New key for ${tenant}`,
    action: 'Issue key',
    fields: problem => [
      text('k-label', 'Label', '', {
        hint: 'What it is for, such as production. Only people who manage keys see it.',
        mistake: problem?.param === 'label' ? problem.message : '',
      }),
      text('k-end', 'Valid until', '', {
        hint: END_HINT,
        properties: { type: 'date' },
        mistake: problem?.param === 'not_after' ? problem.message : '',
      }),
    ],
    send: form => {
      const body = {};
      if (form.elements['k-label'].value.trim()) {
        body.label = form.elements['k-label'].value.trim();
      }
      if (form.elements['k-end'].value) {
        body.not_after = endOf(form.elements['k-end'].value);
      }
      return change('POST', `/tenants/${encodeURIComponent(tenant)}/keys`, body, {
        once: once + (body.label ?? '').length + (body.not_after ?? ''),
      });
    },
    then,
  });
}

/** Another label, or another end. */
export function changeKey(key, then) {
  const form = open({ title: `Change key ${key.id}`, body: [] });
  const draw = problem =>
    form.fill(
      [
        h(
          'form',
          {
            id: FORM,
            class: 'stack',
            on: {
              submit: event => {
                event.preventDefault();
                save(event.target);
              },
            },
          },
          problem && !problem.param && h('p', { class: 'note-box bad', role: 'alert' }, problem.message),
          text('k-label', 'Label', key.label ?? '', { mistake: problem?.param === 'label' ? problem.message : '' }),
          text('k-end', 'Valid until', key.not_after?.slice(0, 10) ?? '', {
            hint: END_HINT,
            properties: { type: 'date' },
            mistake: problem?.param === 'not_after' ? problem.message : '',
          }),
        ),
      ],
      [
        h('button', { type: 'button', on: { click: () => form.close() } }, 'Cancel'),
        h('button', { type: 'submit', form: FORM, class: 'primary' }, 'Save'),
      ],
    );
  const save = async fields => {
    const end = fields.elements['k-end'].value;
    const changes = { label: fields.elements['k-label'].value.trim() };
    if (end !== (key.not_after?.slice(0, 10) ?? '')) {
      changes.not_after = end ? endOf(end) : null;
    }
    try {
      await change('PATCH', `/keys/${key.id}`, changes);
      form.close();
      toast('Saved.');
      then();
    } catch (failure) {
      draw(failure);
    }
  };
  draw(null);
  form.element.querySelector('input').focus();
}

export function rotateKey(key, then) {
  const once = onceKey();
  ask({
    title: `Replace key ${key.id}`,
    action: 'Issue the new key',
    fields: () => [
      h('p', null, `${key.tenant} gets a new key. The old one keeps working for a while, so that the service can change over.`),
      choice('k-grace', 'The old key ends', '86400', GRACE),
    ],
    send: form =>
      change(
        'POST',
        `/keys/${key.id}/rotate`,
        { grace_seconds: Number(form.elements['k-grace'].value) },
        { once: once + form.elements['k-grace'].value },
      ),
    then,
  });
}

function ask({ title, action, fields, send, then }) {
  const draw = (problem, busy = false) =>
    dialog.fill(
      [
        h(
          'form',
          {
            id: FORM,
            class: 'stack',
            on: {
              submit: event => {
                event.preventDefault();
                submit(event.target);
              },
            },
          },
          problem && !problem.param && h('p', { class: 'note-box bad', role: 'alert' }, problem.message),
          fields(problem),
        ),
      ],
      [
        h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Cancel'),
        h('button', { type: 'submit', form: FORM, class: 'primary', disabled: busy }, busy ? 'Issuing …' : action),
      ],
    );
  const submit = async form => {
    try {
      const issued = await send(form);
      dialog.close();
      show(issued);
      then();
    } catch (failure) {
      draw(failure);
    }
  };
  const dialog = open({ title, body: [] });
  draw(null);
  dialog.element.querySelector('input, select')?.focus();
}

/** The key itself, this once. */
function show(issued) {
  const dialog = open({
    title: `The new key of ${issued.tenant}`,
    closable: false,
    body: [
      issued.key
        ? h('p', { class: 'note-box warn' }, 'Copy it now and keep it where secrets are kept. It is not shown again, not even to you.')
        : h('p', { class: 'note-box bad' }, 'This key was issued before, and shown then. If nobody noted it, replace it.'),
      issued.key && copyable('new-key', 'Key', issued.key),
      issued.key && howToCall('new', issued.key),
      h('p', { class: 'small muted' }, 'Logs and this console call it ', h('span', { class: 'mono' }, issued.id), '.'),
    ],
    foot: [h('button', { type: 'button', class: 'primary', on: { click: () => dialog.close() } }, 'I have stored it')],
  });
}

export function revokeKey(key, then) {
  confirm({
    title: `Revoke key ${key.id}?`,
    body: [
      `Calls of ${key.tenant} with this key${key.label ? ` (${key.label})` : ''} are refused at every replica from now on, and its open calls end. An operator can restore it.`,
    ],
    action: 'Revoke key',
    run: async () => {
      await change('POST', `/keys/${key.id}/revoke`, undefined, { once: onceKey() });
      toast(`Key ${key.id} is revoked.`);
      then();
    },
  });
}

export function restoreKey(key, then) {
  confirm({
    title: `Restore key ${key.id}?`,
    body: [`${key.tenant} may call with it again.`],
    action: 'Restore key',
    run: async () => {
      await change('POST', `/keys/${key.id}/restore`, undefined, { once: onceKey() });
      toast(`Key ${key.id} is accepted again.`);
      then();
    },
  });
}
