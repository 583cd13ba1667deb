// Folding: a text in the plain signs that detectors look for, and the way back to where they stood.

export type Folded = {
  readonly text: string;
  /** Where each unit of `text` stood, and the end; undefined while all are in their places. */
  readonly places?: readonly number[];
};

/** Stands for what is out of the question: no letter, digit, sign or blank of any detector. */
export const cut = '\0';

/** What is read as it is: ASCII that can be seen, blanks and line ends. */
const plain = /^[\0\t\n\r -~]*$/;
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

/**
 * A text as it may be read: where something in it cannot be seen, that may hide in the midst of a
 * value or stand between two words.
 */
export function readings(text: string): readonly Folded[] {
  if (plain.test(text)) return [{ text }];
  return unseen.test(text) ? [fold(text), fold(text, ' ')] : [fold(text)];
}

/** Other digits and wide or styled letters in plain ones, and `gap` for what cannot be seen. */
export function fold(text: string, gap = ''): Folded {
  if (plain.test(text)) return { text };
  let folded = '';
  let last = '';
  const places: number[] = [];
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) as number;
    const sign = String.fromCodePoint(code);
    let put = plainSign(code, sign);
    if (put === '') put = gap;
    // The frame of a keycap, or an accent on a digit, is dress.
    if (put === sign && code > 0x2ff && /\p{M}/u.test(put) && /[0-9]/.test(last)) put = '';
    for (let unit = 0; unit < put.length; unit += 1) places.push(at);
    folded += put;
    if (put !== '') last = put;
    at += sign.length;
  }
  places.push(text.length);
  return { text: folded, places };
}

/** The span in the text itself, with what was left out within and right behind it. */
export function unfold({ places }: Folded, start: number, end: number): [number, number] {
  if (places === undefined) return [start, end];
  const last = places[end - 1] as number;
  let behind = end;
  while (behind < places.length - 1 && places[behind] === last) behind += 1;
  return [places[start] as number, places[behind] as number];
}

const remembered = new Map<number, string>();
const rememberedMax = 4_096;

function plainSign(code: number, sign: string): string {
  if (code > 0x1f && code < 0x7f) return sign;
  const known = remembered.get(code);
  if (known !== undefined) return known;
  const put = plainSignOf(code, sign);
  if (remembered.size < rememberedMax) remembered.set(code, put);
  return put;
}

function plainSignOf(code: number, sign: string): string {
  if (sign === cut || /[\t\n\r]/.test(sign)) return sign;
  if (/\p{Cc}/u.test(sign)) return ' ';
  if (unseen.test(sign)) return '';
  if (/\p{Zs}|[\u2028\u2029]/u.test(sign)) return ' ';
  if (/\p{Pd}|\u2212/u.test(sign)) return '-';
  if (/[\u2018\u2019\u02bc\uff07]/.test(sign)) return "'";
  const composed = sign.normalize('NFKC');
  if (/^[!-~]$/.test(composed)) return composed;
  return /\p{Nd}/u.test(sign) ? digitOf(code) : sign;
}

/** Decimal digits stand in the code charts in tens, from zero on. */
function digitOf(code: number): string {
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String(code - zero);
}
