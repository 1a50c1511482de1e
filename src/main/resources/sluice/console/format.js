// Numbers and words as people read them. Numbers are written the same everywhere, so that copies of them compare.

const LOCALE = 'en-US';
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });
const cents = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD' });
const fine = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD', maximumSignificantDigits: 3 });
const shares = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });

export const count = value => whole.format(value ?? 0);
export const compact = value => (Math.abs(value) < 10_000 ? whole.format(value) : short.format(value));

/** Dollars; fractions of a cent are shown, since a single call often costs less than one. */
export function usd(value) {
  const dollars = Number(value ?? 0);
  return dollars !== 0 && Math.abs(dollars) < 0.1 ? fine.format(dollars) : cents.format(dollars);
}

/** A share that is not nothing is not shown as nothing. */
export const percent = share => {
  if (!Number.isFinite(share)) {
    return '–';
  }
  return share > 0 && share < 0.0005 ? '<0.1%' : shares.format(share);
};

export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) {
    return '–';
  }
  if (milliseconds < 1_000) {
    return milliseconds === 0 ? '0 ms' : milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
  }
  return span(milliseconds / 1_000);
}

/** Seconds as the two largest units. */
export function span(seconds) {
  if (seconds < 60) {
    return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  }
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

export const plural = (number, one, many = `${one}s`) => `${count(number)} ${number === 1 ? one : many}`;

/** A list as a sentence has it: a, b and c. */
export const listed = words => new Intl.ListFormat('en', { type: 'conjunction' }).format(words);
