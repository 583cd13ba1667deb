// Known values: what the bank has on record of a customer is found in texts however it is written.
import { Fault } from '#core';
import anyAscii from 'any-ascii';
import { type FieldClass, fieldClasses } from './classes.ts';
import type { Detector, Finding } from './detect.ts';
import { cut, fold } from './fold.ts';

export type KnownValue = { readonly class: FieldClass; readonly value: string };

/** Finds the values for which it was made; `mask` and `maskJson` take it. */
export type KnownValues = Detector;

const valuesMax = 256;
const valueMax = 4_000;
/** A part of a name that has fewer letters is found only where the whole name stands. */
const partMin = 3;
/** Fewer letters or digits are no number that could be told from others. */
const numberMin = 6;
/** Signs between two letters or digits of one number. */
const gapMax = 4;
/** What stands before the national part of a phone number: a country's code has three digits. */
const countryCodeMax = 3;
const nationalMin = 7;
const phoneReach = 8;

/** Names are by their words, and numbers by their letters and digits, whatever is between them. */
export function knownValues(values: readonly KnownValue[]): KnownValues {
  if (values.length > valuesMax) {
    throw new Fault('too_many_items', `at most ${valuesMax} known values`);
  }
  const phrases = new Map<string, Phrase[]>();
  const numbers: Numbers[] = [];
  for (const { class: fieldClass, value } of values) {
    if (value.length > valueMax) {
      throw new Fault('input_invalid', `a known value has at most ${valueMax} characters`);
    }
    for (const phrase of phrasesOf(fieldClass, value)) {
      const [first = ''] = phrase.words.split(' ');
      const others = phrases.get(first) ?? [];
      phrases.set(first, [...others, phrase]);
    }
    numbers.push(...numbersOf(fieldClass, value));
  }
  return function* find(text) {
    const worded = inWords(text);
    yield* findPhrases(text, worded, phrases);
    if (numbers.length > 0 && /[0-9]/.test(text)) yield* findNumbers(text, worded, numbers);
  };
}

// What is looked for ------------------------------------------------------------------------------

type Phrase = {
  readonly class: FieldClass;
  /** With one blank between them. */
  readonly words: string;
  /** It is a word of the language too: only with a capital is it somebody. */
  readonly needsCapital: boolean;
};

type Numbers = { readonly class: FieldClass; readonly signs: string };

/** They stand in names, and mean nobody alone. */
const particles = new Set(
  `van von der den del della dos das bin ibn the and mrs miss ltd inc llc plc gmbh company bank
  limited group trading and und les des`.split(/\s+/),
);
const alsoWords = new Set(
  `will may mark rose hope grace joy bill art frank june april august rich price young long white
  brown black green day king page cook hunt ray pat sue jack rob drew chase faith summer dawn
  autumn miles max sky case cash penny stone wood hill field rivers lane banks street church love
  best good little small sharp wise moody strong bond major baker butler carter cooper fisher
  gardener hunter mason miller porter potter taylor turner walker weaver north west east south
  early winter frost snow rain storm bush reed forest lake ford bridge gates hall house temple
  abbot bishop pope prince knight marshal sheriff noble bell ball bird fox wolf lamb swan drake`
    .trim()
    .split(/\s+/),
);

function phrasesOf(fieldClass: FieldClass, value: string): Phrase[] {
  if (fieldClass === 'date_of_birth') return datesOf(value).map(plainly(fieldClass));
  if (fieldClass === 'name') return namePhrases(value);
  if (fieldClasses[fieldClass].normalize('a-b') === 'AB') return [];
  const whole = wordsOf(value);
  // A town alone is no address: with its number, a street or a postal code is.
  const lines = fieldClass === 'address' ? value.split(/[,;\n]/).map(wordsOf) : [];
  const told = lines.filter((line) => /[0-9]/.test(line) && /\p{L}/u.test(line));
  return distinct([whole, ...told].filter(({ length }) => length >= partMin)).map(
    plainly(fieldClass),
  );
}

function namePhrases(value: string): Phrase[] {
  const words = wordsOf(value).split(' ');
  // O'Brien and Anne-Marie, written in one word.
  const joined = wordsOf(value.replace(/['’-]/g, '')).split(' ');
  const turned = [words.at(-1) ?? '', ...words.slice(0, -1)];
  const wholes = [words, joined, turned, [...words].reverse()].map((each) => each.join(' '));
  const pieces = value.split(/[\s,]+/).map(wordsOf);
  const parts = distinct([...pieces, ...words, ...joined, ...spelledOut(value)]).filter(
    (part) => part.length >= partMin && !particles.has(part),
  );
  const whole = distinct(wholes).filter(({ length }) => length > 1);
  return [
    ...whole.map((each) => ({
      class: 'name' as const,
      words: each,
      needsCapital: !each.includes(' ') && (each.length < partMin || alsoWords.has(each)),
    })),
    ...parts
      .filter((part) => !whole.includes(part))
      .map((part) => ({
        class: 'name' as const,
        words: part,
        needsCapital: alsoWords.has(part),
      })),
  ];
}

/** Müller is Mueller where nobody has an umlaut. */
function spelledOut(name: string): string[] {
  const spelled = name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[äæ]/g, 'ae')
    .replace(/[öø]/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/å/g, 'aa');
  return wordsOf(spelled).split(' ');
}

const months =
  'january february march april may june july august september october november december';

/** 1990-03-01 as people write it. */
function datesOf(value: string): string[] {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value.trim()) ?? [];
  if (!year || !month || !day) return [wordsOf(value)];
  const name = months.split(' ')[Number(month) - 1] ?? month;
  const [m, d] = [String(Number(month)), String(Number(day))];
  const names = [name, name.slice(0, 3)];
  const figures = [
    ...[`${year} ${month} ${day}`, `${year}${month}${day}`, `${year} ${m} ${d}`],
    ...[`${day} ${month} ${year}`, `${d} ${m} ${year}`, `${day}${month}${year}`],
    ...[`${month} ${day} ${year}`, `${m} ${d} ${year}`],
  ];
  const spelled = names.flatMap((each) => [
    ...[`${d} ${each} ${year}`, `${day} ${each} ${year}`, `${d} of ${each} ${year}`],
    ...[`${each} ${d} ${year}`, `${each} ${day} ${year}`],
    ...['st', 'nd', 'rd', 'th'].flatMap((end) => [
      ...[`${d}${end} ${each} ${year}`, `${d}${end} of ${each} ${year}`],
      `${each} ${d}${end} ${year}`,
    ]),
  ]);
  return distinct([...figures, ...spelled]);
}

function numbersOf(fieldClass: FieldClass, value: string): Numbers[] {
  if (fieldClasses[fieldClass].normalize('a-b') !== 'AB') return [];
  const signs = wordsOf(value).replaceAll(' ', '');
  if (signs.length < numberMin) return [];
  if (fieldClass !== 'phone') return [{ class: fieldClass, signs }];
  // Abroad with its country's code, at home with a zero or nothing before it.
  const isAbroad = value.trim().startsWith('+');
  const national = Math.max(nationalMin, signs.length - (isAbroad ? countryCodeMax : 1));
  return [{ class: fieldClass, signs: signs.slice(-national) }];
}

const plainly = (fieldClass: FieldClass) => (words: string) => ({
  class: fieldClass,
  words,
  needsCapital: false,
});

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

// Finding it --------------------------------------------------------------------------------------

function* findPhrases(
  text: string,
  { words, places }: Worded,
  phrases: ReadonlyMap<string, readonly Phrase[]>,
): Generator<Finding> {
  for (let at = 1; at < words.length; ) {
    const end = words.indexOf(' ', at);
    for (const phrase of phrases.get(words.slice(at, end)) ?? []) {
      const behind = at + phrase.words.length;
      if (!words.startsWith(phrase.words, at) || words[behind] !== ' ') continue;
      const start = places[at] as number;
      if (phrase.needsCapital && !/\p{Lu}/u.test(text.charAt(start))) continue;
      yield { class: phrase.class, start, end: endOf(text, places[behind - 1] as number) };
    }
    at = end + 1;
  }
}

function* findNumbers(
  text: string,
  { words, places }: Worded,
  numbers: readonly Numbers[],
): Generator<Finding> {
  let signs = '';
  const of: number[] = [];
  for (let at = 0; at < words.length; at += 1) {
    if (words[at] === ' ') continue;
    signs += words[at];
    of.push(places[at] as number);
  }
  for (const wanted of numbers) {
    const { length } = wanted.signs;
    for (let at = signs.indexOf(wanted.signs); at >= 0; at = signs.indexOf(wanted.signs, at + 1)) {
      const isWhole = isOneNumber(text, of.slice(at, at + length));
      if (!isWhole) continue;
      let start = of[at] as number;
      if (wanted.class === 'phone') start = startOfPhone(text, start);
      else if (isDigit(text[start]) && isDigit(text[start - 1])) continue;
      yield { class: wanted.class, start, end: endOf(text, of[at + length - 1] as number) };
    }
  }
}

/** No gap is wide, and no digit follows. */
function isOneNumber(text: string, places: readonly number[]): boolean {
  const isClose = places.every(
    (place, at) => at === 0 || place - (places[at - 1] as number) <= gapMax + 1,
  );
  const last = places.at(-1) as number;
  return isClose && !(isDigit(text[last]) && isDigit(text[last + 1]));
}

/** The country's code, or zero, that stands before it. */
function startOfPhone(text: string, start: number): number {
  let first = start;
  for (let at = start - 1; at >= Math.max(0, start - phoneReach); at -= 1) {
    const sign = text.charAt(at);
    if (!/[0-9 +()./-]/.test(sign)) break;
    if (/[0-9+(]/.test(sign)) first = at;
  }
  return first;
}

function isDigit(sign = ''): boolean {
  return sign >= '0' && sign <= '9';
}

/** Behind the sign at a place, and the accents on it. */
function endOf(text: string, place: number): number {
  let end = place + ((text.codePointAt(place) as number) > 0xffff ? 2 : 1);
  while (end < text.length && /\p{M}/u.test(text.charAt(end))) end += 1;
  return end;
}

// Words -------------------------------------------------------------------------------------------

type Worded = {
  /** In small Latin letters and digits, one blank around each. */
  readonly words: string;
  /** Where each unit of `words` stands. */
  readonly places: readonly number[];
};

function wordsOf(value: string): string {
  return inWords(fold(value).text).words.trim();
}

/** Scripts without blanks: each sign is a word, and none is written in Latin. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

function inWords(text: string): Worded {
  const units = [' '];
  const places = [0];
  const put = (letters: string, at: number) => {
    for (const unit of letters.split('')) {
      if (unit === ' ' && units.at(-1) === ' ') continue;
      units.push(unit);
      places.push(at);
    }
  };
  let at = 0;
  for (const sign of text) {
    put(lettersOf(sign), at);
    at += sign.length;
  }
  put(' ', at);
  return { words: units.join(''), places };
}

const remembered = new Map<string, string>();
const rememberedMax = 8_192;

/** In small Latin letters; a blank for what is neither a letter nor a digit, and around a word. */
function lettersOf(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code < 0x80) {
    if ((code > 0x60 && code < 0x7b) || (code > 0x2f && code < 0x3a)) return sign;
    if (sign === cut) return ` ${cut} `;
    return code > 0x40 && code < 0x5b ? String.fromCharCode(code + 32) : ' ';
  }
  const known = remembered.get(sign);
  if (known !== undefined) return known;
  let put = ' ';
  if (unspaced.test(sign)) put = ` ${sign.normalize('NFKC')} `;
  else if (/[\p{L}\p{N}\p{M}]/u.test(sign)) {
    put = anyAscii(sign)
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '');
  }
  if (remembered.size < rememberedMax) remembered.set(sign, put);
  return put;
}
