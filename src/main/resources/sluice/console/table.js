// Tables: sorted by any column, a screenful at a time, exported as CSV.
//
// A column is `{ key, label, show(row), value(row), number, hidden }`: `show` makes what is seen, `value` what is sorted and
// exported; a hidden one is exported only.

import { download } from './csv.js';
import { h } from './dom.js';
import { count } from './format.js';
import { button } from './parts.js';

const SCREENFUL = 100;

/** @param context of the page, which keeps how the table is sorted */
export function table(context, { name, caption, columns, rows, key, sort, empty, exported = name, more = null, actions }) {
  if (rows.length === 0) {
    return empty;
  }
  const state = (context.state[`table-${name}`] ??= { sort, shown: SCREENFUL });
  const visible = columns.filter(column => !column.hidden);
  const sorted = sortRows(rows, columns, state.sort);
  const again = change => {
    Object.assign(state, change);
    context.redraw();
  };
  return [
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${caption}, as a table` },
      h(
        'table',
        { class: 'table-cards', role: 'table' },
        h('caption', { class: 'unseen' }, caption),
        h(
          'thead',
          { role: 'rowgroup' },
          h(
            'tr',
            { role: 'row' },
            visible.map(column => header(column, state, again)),
            actions && h('th', { role: 'columnheader' }, h('span', { class: 'unseen' }, 'Actions')),
          ),
        ),
        h(
          'tbody',
          { role: 'rowgroup' },
          sorted.slice(0, state.shown).map(row =>
            h(
              'tr',
              { 'data-key': key(row), role: 'row' },
              visible.map((column, i) => cell(column, row, i)),
              actions && h('td', { role: 'cell' }, h('div', { class: 'row-actions' }, actions(row))),
            ),
          ),
        ),
      ),
    ),
    h(
      'div',
      { class: 'table-foot' },
      h(
        'span',
        null,
        sorted.length > state.shown ? `${count(state.shown)} of ${count(sorted.length)}` : count(sorted.length),
        sorted.length === 1 ? ' row' : ' rows',
      ),
      sorted.length > state.shown && button('Show more', () => again({ shown: state.shown + 4 * SCREENFUL }), 'slim'),
      more,
      button('Export CSV', () => save(exported, columns, sorted), 'slim quiet'),
    ),
  ];
}

function header(column, state, again) {
  const active = state.sort?.[0] === column.key;
  const descending = active && state.sort[1] < 0;
  const order = active ? (descending ? 'descending' : 'ascending') : null;
  return h(
    'th',
    { scope: 'col', role: 'columnheader', class: column.number ? 'number' : '', 'aria-sort': order },
    column.value
      ? h(
          'button',
          {
            type: 'button',
            class: 'sort',
            on: { click: () => again({ sort: [column.key, active ? -state.sort[1] : column.number ? -1 : 1] }) },
          },
          column.label,
          h('span', { 'aria-hidden': 'true' }, active ? (descending ? '↓' : '↑') : ''),
        )
      : column.label,
  );
}

function cell(column, row, place) {
  const shown = column.show ? column.show(row) : column.value(row);
  const nothing = shown === '' || shown === null || shown === undefined;
  return h(
    place === 0 ? 'th' : 'td',
    {
      scope: place === 0 ? 'row' : null,
      role: place === 0 ? 'rowheader' : 'cell',
      'data-label': column.label,
      class: `${column.number ? 'number' : ''} ${nothing ? 'nothing' : ''}`,
    },
    nothing ? '' : typeof shown === 'object' ? shown : h('span', null, shown),
  );
}

function sortRows(rows, columns, sort) {
  const column = sort && columns.find(each => each.key === sort[0]);
  if (!column) {
    return rows;
  }
  const compare = (one, other) =>
    typeof one === 'number' && typeof other === 'number'
      ? one - other
      : String(one ?? '').localeCompare(String(other ?? ''), 'en', { numeric: true });
  return [...rows].sort((one, other) => compare(column.value(one), column.value(other)) * sort[1]);
}

function save(name, columns, rows) {
  const exported = columns.filter(column => column.value);
  download(`sluice-${name}.csv`, [exported.map(column => column.label), ...rows.map(row => exported.map(column => column.value(row)))]);
}
