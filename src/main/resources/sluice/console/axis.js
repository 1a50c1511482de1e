// Round steps for an axis.

/** The values to mark from 0 to at least the largest one, about so many. */
export function ticks(largest, about = 4) {
  if (!(largest > 0)) {
    return [0, 1];
  }
  const rough = largest / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(factor => factor * power).find(size => size >= rough);
  const marks = [0];
  while (marks.at(-1) < largest) {
    marks.push(Number((step * marks.length).toPrecision(12)));
  }
  return marks;
}

/** Which of so many labels to write, if each takes this width. */
export function everyNth(number, width, each) {
  return Math.max(1, Math.ceil(number / Math.max(1, Math.floor(width / each))));
}
