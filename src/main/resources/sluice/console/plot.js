// Stacked bars over time, drawn as SVG at the size they are shown at: axes with units, a legend, values on hover, and
// the same numbers as a table.

import { everyNth, ticks } from './axis.js';
import { h, svg } from './dom.js';

const HEIGHT = 210;
const TOP = 12;
const BOTTOM = 24;
const LEFT = 58;
const CLOSEST = 64;

/**
 * @param labels of the bars, the first at the left; `full` for the tip and the table
 * @param series from the bottom up: `{ name, look, values }`, `look` being a class of plot.css
 * @param format of a value, with its unit
 */
export function plot({ name, title, width, labels, full = labels, series, format, axis = format }) {
  const totals = labels.map((_, i) => series.reduce((sum, each) => sum + (each.values[i] ?? 0), 0));
  const marks = ticks(Math.max(...totals, 0));
  const scale = { width, top: marks.at(-1), bar: (width - LEFT) / Math.max(1, labels.length) };
  const picture = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${HEIGHT}`,
      width,
      height: HEIGHT,
      role: 'img',
      'aria-label': `${title}. The numbers are in the table below the plot.`,
    },
    marks.map(mark => gridLine(mark, scale, axis)),
    series.map((each, place) =>
      svg(
        'g',
        { class: each.look },
        labels.map((_, i) => bar(series, place, i, scale)),
      ),
    ),
    labels.map(
      (label, i) =>
        i % everyNth(labels.length, width - LEFT, CLOSEST) === 0 &&
        svg('text', { x: LEFT + (i + 0.5) * scale.bar, y: HEIGHT - 6, 'text-anchor': 'middle' }, label),
    ),
    svg('rect', {
      class: 'cursor',
      'data-keep': true,
      x: 0,
      y: TOP,
      width: scale.bar,
      height: HEIGHT - TOP - BOTTOM,
      visibility: 'hidden',
    }),
  );
  const tip = h('div', { class: 'plot-tip', 'data-keep': true, hidden: true });
  return h(
    'figure',
    { class: 'plot', 'data-key': `plot-${name}` },
    legend(series),
    h(
      'div',
      {
        class: 'plot-frame',
        on: {
          pointermove: event => point(event, { scale, labels: full, series, totals, format }),
          pointerleave: event => leave(event.currentTarget),
        },
      },
      picture,
      tip,
    ),
    numbers({ title, labels: full, series, totals, format }),
  );
}

const y = (value, top) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);

function gridLine(mark, { width, top }, axis) {
  const at = Math.round(y(mark, top)) + 0.5;
  return [
    svg('line', { class: 'grid', x1: LEFT, x2: width, y1: at, y2: at }),
    svg('text', { x: LEFT - 8, y: at + 4, 'text-anchor': 'end' }, axis(mark)),
  ];
}

function bar(series, place, i, { top, bar: width }) {
  const value = series[place].values[i] ?? 0;
  if (!(value > 0)) {
    return null;
  }
  const below = series.slice(0, place).reduce((sum, each) => sum + (each.values[i] ?? 0), 0);
  const gap = Math.min(3, width * 0.2);
  const height = Math.max(1, y(below, top) - y(below + value, top));
  return svg('rect', {
    x: round(LEFT + i * width + gap / 2),
    y: round(y(below, top) - height),
    width: round(width - gap),
    height: round(height),
  });
}

const round = value => Math.round(value * 10) / 10;

const swatch = look =>
  svg('svg', { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' }, svg('rect', { class: look, width: 10, height: 10 }));

const legend = series =>
  h(
    'ul',
    { class: 'key', 'aria-hidden': 'true' },
    series.map(each => h('li', null, swatch(each.look), each.name)),
  );

function point(event, { scale, labels, series, totals, format }) {
  const frame = event.currentTarget;
  const box = frame.getBoundingClientRect();
  const x = ((event.clientX - box.left) / box.width) * scale.width;
  const i = Math.floor((x - LEFT) / scale.bar);
  if (i < 0 || i >= labels.length) {
    leave(frame);
    return;
  }
  const cursor = frame.querySelector('.cursor');
  cursor.setAttribute('x', LEFT + i * scale.bar);
  cursor.setAttribute('width', scale.bar);
  cursor.setAttribute('visibility', 'visible');
  const tip = frame.querySelector('.plot-tip');
  const shown = series.filter(each => each.values[i] > 0);
  tip.replaceChildren(
    h('strong', null, labels[i]),
    h(
      'ul',
      null,
      [...shown]
        .reverse()
        .map(each => h('li', null, swatch(each.look), h('span', null, each.name), h('span', null, format(each.values[i])))),
      shown.length !== 1 && h('li', null, h('span', null, 'Total'), h('span', null, format(totals[i]))),
    ),
  );
  tip.hidden = false;
  const left = ((LEFT + (i + 1) * scale.bar) / scale.width) * box.width + 8;
  const fits = left + tip.offsetWidth < box.width;
  tip.style.left = `${fits ? left : Math.max(0, left - (scale.bar / scale.width) * box.width - tip.offsetWidth - 16)}px`;
}

function leave(frame) {
  frame.querySelector('.plot-tip').hidden = true;
  frame.querySelector('.cursor').setAttribute('visibility', 'hidden');
}

const numbers = ({ title, labels, series, totals, format }) =>
  h(
    'details',
    null,
    h('summary', { class: 'small muted' }, 'Show the numbers'),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${title}, the numbers` },
      h(
        'table',
        null,
        h('caption', { class: 'unseen' }, title),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            h('th', { scope: 'col' }, 'When'),
            series.map(each => h('th', { scope: 'col', class: 'number' }, each.name)),
            h('th', { scope: 'col', class: 'number' }, 'Total'),
          ),
        ),
        h(
          'tbody',
          null,
          labels.map((label, i) =>
            h(
              'tr',
              null,
              h('th', { scope: 'row' }, label),
              series.map(each => h('td', { class: 'number' }, format(each.values[i] ?? 0))),
              h('td', { class: 'number' }, format(totals[i])),
            ),
          ),
        ),
      ),
    ),
  );
