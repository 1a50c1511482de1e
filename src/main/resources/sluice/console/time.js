// Moments: relative for reading, absolute on hover. Relative ones are brought up to date without a reload.

import { h } from './dom.js';

const STEPS = [
  [60, 1, 's'],
  [3_600, 60, 'min'],
  [86_400, 3_600, 'h'],
  [2_592_000, 86_400, 'd'],
];
const full = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'long',
});
const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });
const EVERY = 10_000;

const absolute = iso => full.format(new Date(iso));

function relative(iso, now = Date.now()) {
  const seconds = Math.round((now - new Date(iso)) / 1_000);
  const size = Math.abs(seconds);
  if (size < 3) {
    return 'just now';
  }
  for (const [below, unit, word] of STEPS) {
    if (size < below) {
      const number = Math.floor(size / unit);
      return seconds > 0 ? `${number} ${word} ago` : `in ${number} ${word}`;
    }
  }
  return date.format(new Date(iso));
}

/** An element that says when; a dash if that is not known. */
export const moment = iso =>
  iso ? h('time', { datetime: iso, title: absolute(iso), 'data-relative': true, class: 'nowrap' }, relative(iso)) : '–';

/** The hour and minute, for plots. */
export const clock = iso => new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

export function keepTimesFresh() {
  setInterval(() => {
    if (!document.hidden) {
      for (const element of document.querySelectorAll('time[data-relative]')) {
        element.textContent = relative(element.dateTime);
      }
    }
  }, EVERY);
}

const two = number => String(number).padStart(2, '0');

/** A day of UTC, as the usage API wants it. */
export const day = moment => `${moment.getUTCFullYear()}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())}`;

export const daysAfter = (moment, days) => new Date(moment.getTime() + days * 86_400_000);
