// Dates of birth as lists give them, often vaguely: written down, and compared with a person's.

/**
 * The notation is a part of EDTF (ISO 8601-2): `1965`, `1965-03`, `1965-03-04`, `1965~` for about,
 * and `1963/1967` for between.
 */
const notation = /^\d{4}(-\d{2}(-\d{2})?)?~?(\/\d{4}(-\d{2}(-\d{2})?)?)?$/;

export type BirthMatch = 'same_date' | 'same_year' | 'near' | 'conflict' | 'far_conflict';

/** Best first. */
const order: readonly BirthMatch[] = ['same_date', 'same_year', 'near', 'conflict', 'far_conflict'];
const nearYears = 1;
const aboutYears = 2;
const farYears = 10;

/** How a date of birth fits the best of those listed; undefined when nothing is listed. */
export function compareBirth(born: string, listed: readonly string[]): BirthMatch | undefined {
  const found = listed.map((date) => compareDates(born, date));
  return order.find((match) => found.includes(match));
}

function compareDates(born: string, listed: string): BirthMatch {
  if (isWhole(born) && isWhole(listed)) {
    if (born === listed || swapped(born) === listed) return 'same_date';
  }
  const [mine, theirs] = [span(born), span(listed)];
  const gap = Math.max(mine.from - theirs.to, theirs.from - mine.to);
  if (gap <= 0) return 'same_year';
  if (gap <= nearYears) return 'near';
  return gap < farYears ? 'conflict' : 'far_conflict';
}

/** The years in which a date may lie. */
function span(date: string): { from: number; to: number } {
  const [from = '', to = from] = date.split('/');
  const about = date.includes('~') ? aboutYears : 0;
  return { from: yearOf(from) - about, to: yearOf(to) + about };
}

function yearOf(date: string): number {
  return Number(date.slice(0, 4));
}

function isWhole(date: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(date);
}

/** Day and month are the commonest pair to be exchanged. */
function swapped(date: string): string {
  return `${date.slice(0, 4)}-${date.slice(8, 10)}-${date.slice(5, 7)}`;
}

// Reading -----------------------------------------------------------------------------------------

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

/** A date as lists write it: `04 Dec 1959`, `circa 1960`, `1961 to 1963`, `1961-07-03`. */
export function readBirthDate(text: string): string | undefined {
  const about = /^(circa|c\.|about|approximately)\s+/i;
  const isAbout = about.test(text);
  const [first = '', last] = text
    .replace(about, '')
    .trim()
    .split(/\s+to\s+|\s*[–/]\s*/);
  const from = readDay(first);
  const to = last === undefined ? undefined : readDay(last);
  if (from === undefined || (last !== undefined && to === undefined)) return undefined;
  const date = `${from}${isAbout ? '~' : ''}${to === undefined ? '' : `/${to}`}`;
  return notation.test(date) ? date : undefined;
}

function readDay(text: string): string | undefined {
  const numbers = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text);
  if (numbers) return joined(numbers[1], numbers[2], numbers[3]);
  const words = /^(?:(\d{1,2}) )?([A-Za-z]{3})[a-z]* (\d{4})$/.exec(text);
  const month = months.indexOf(words?.[2]?.toLowerCase() ?? '') + 1;
  return words && month > 0 ? joined(words[3], String(month), words[1]) : undefined;
}

function joined(year = '', month?: string, day?: string): string | undefined {
  if (month === undefined) return year;
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  const head = `${year}-${month.padStart(2, '0')}`;
  if (day === undefined) return head;
  return Number(day) >= 1 && Number(day) <= 31 ? `${head}-${day.padStart(2, '0')}` : undefined;
}
