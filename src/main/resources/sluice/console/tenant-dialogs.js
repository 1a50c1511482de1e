// Making, changing and deleting tenants.

import { change, get, onceKey } from './api.js';
import { confirm, open, toast } from './dialog.js';
import { h } from './dom.js';
import { text } from './forms.js';
import { difference, Mistakes, readSettings, settingsForm } from './settings.js';

const FORM = 'tenant-form';

/** Asks for a name and settings; calls back with the name of the tenant that was made. */
export function createTenant(then) {
  const once = onceKey();
  form({
    title: 'New tenant',
    action: 'Create',
    settings: { plan: undefined },
    effective: null,
    named: true,
    send: async (settings, name) => {
      await change('POST', '/tenants', { name, settings }, { once: once + settingsMark(name, settings) });
      toast(`${name} is in effect. Now issue it a key.`);
      then(name);
    },
  });
}

/** The same key for the same wish only: a corrected form is another request. */
function settingsMark(name, settings) {
  let mark = 0;
  for (const character of JSON.stringify([name, settings])) {
    mark = (mark * 31 + character.codePointAt(0)) >>> 0;
  }
  return mark.toString(16);
}

export function changeTenant(tenant, then) {
  form({
    title: `Change ${tenant.name}`,
    action: 'Save',
    settings: tenant.settings,
    effective: tenant.effective,
    send: async settings => {
      const changes = difference(tenant.settings, settings);
      if (Object.keys(changes).length > 0) {
        await change('PATCH', `/tenants/${encodeURIComponent(tenant.name)}`, { settings: changes });
        toast('Saved. It is in effect at every replica within a second.');
      }
      then();
    },
  });
}

async function form({ title, action, settings, effective, named = false, send }) {
  // Without them the plan that it has can still be kept.
  const plans = (await get('/plans').catch(() => ({ data: [] }))).data;
  let shown = settings;
  let name = '';
  const draw = (problem, busy = false) => {
    const elsewhere = problem && !problem.param;
    const problems = problem?.problems?.length > 0 ? problem.problems : problem?.param ? [problem] : [];
    dialog.fill(
      [
        h(
          'form',
          {
            id: FORM,
            class: 'stack',
            novalidate: true,
            on: {
              submit: event => {
                event.preventDefault();
                submit(event.target);
              },
            },
          },
          elsewhere && h('p', { class: 'note-box bad', role: 'alert' }, problem.message),
          named &&
            text('t-name', 'Name', name, {
              mistake: problems.find(({ param }) => param === 'name')?.message ?? '',
              hint: 'Lower-case letters, digits and . _ -, such as support-bot. It cannot be changed later.',
              properties: { autocapitalize: 'none', on: { input: event => lowerCase(event.target) } },
            }),
          settingsForm(
            shown,
            effective,
            problems.filter(({ param }) => !named || param !== 'name'),
            plans,
          ),
        ),
      ],
      [
        h('button', { type: 'button', on: { click: () => dialog.close() } }, 'Cancel'),
        h('button', { type: 'submit', form: FORM, class: 'primary', disabled: busy }, busy ? 'Saving …' : action),
      ],
    );
    dialog.element.querySelector('[aria-invalid="true"]')?.focus();
  };
  const submit = async element => {
    try {
      name = named ? element.elements['t-name'].value.trim() : '';
      const read = allRead(element, named && name === '' ? [{ param: 'name', message: 'Give it a name.' }] : []);
      shown = read;
      draw(null, true);
      await send(read, name);
      dialog.close();
    } catch (failure) {
      draw(failure);
    }
  };
  const allRead = (element, problems) => {
    try {
      const read = readSettings(element, settings, effective);
      if (problems.length === 0) {
        return read;
      }
    } catch (failure) {
      if (!(failure instanceof Mistakes)) {
        throw failure;
      }
      problems.push(...failure.problems);
    }
    throw new Mistakes(problems);
  };
  const dialog = open({ title, body: [] });
  draw(null);
  dialog.element.querySelector('input').focus();
}

/** Keeps the cursor where it is. */
function lowerCase(input) {
  const at = input.selectionStart;
  input.value = input.value.toLowerCase();
  input.setSelectionRange(at, at);
}

export function deleteTenant(tenant, then) {
  confirm({
    title: `Delete ${tenant.name}?`,
    body: ['Its calls are refused at once, and its keys are deleted. What it has used stays in the books.'],
    action: 'Delete tenant',
    word: tenant.name,
    run: async () => {
      await change('DELETE', `/tenants/${encodeURIComponent(tenant.name)}`);
      toast(`${tenant.name} is deleted.`);
      then();
    },
  });
}
