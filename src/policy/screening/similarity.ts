// How alike two tokens are: an edit distance in which the slips that people make cost little.

/** Below this, tokens are strangers. */
const similarityMin = 0.78;

/** Costs are in hundredths of a letter. */
const letter = 100;
const doubleCost = 35;
const exchangeCost = 60;
const kinCost = 45;
const softCost = 60;
/** On top, where the first letter differs: people rarely err there. */
const firstCost = 20;
/** However long a token: two letters that are quite others make it another token. */
export const costCap = 195;
/** No token of a name costs so much. */
const never = 10_000;
const lettersMax = 64;
const lettersMin = 3;
const lengthSlack = 3;

const hardBits = 0x7ff;
const softMask = 0x1f800;
const twiceShift = 17;
const twiceBits = hardBits << twiceShift;
export const hardMask = hardBits | twiceBits;

/** Letters that romanizations exchange; vowels are another such group, and come and go as `h`. */
const kin = ['gkqc', 'sz', 'vwf', 'bp', 'dt'];
const vowels = 'aeiouy';

const codes = 128;
/** What it costs to put one letter in place of another, by both codes. */
const swaps = new Int32Array(codes * codes).fill(letter);
/** What it costs to put a letter in or leave it out. */
const gaps = new Int32Array(codes).fill(letter);
/** By letter: its bit in a letter set, of its group where it has one; no bit for others. */
const bits = new Int32Array(codes);

for (const group of [...kin, vowels]) {
  for (const a of group) for (const b of group) swaps[at(a, b)] = kinCost;
}
for (const soft of `${vowels}h`) gaps[soft.charCodeAt(0)] = softCost;
for (let code = 0; code < codes; code += 1) swaps[code * codes + code] = 0;
// Numbers tell ships and aircraft apart: 1 is never nearly 2.
for (const digit of '0123456789') {
  const code = digit.charCodeAt(0);
  gaps[code] = never;
  for (let other = 0; other < codes; other += 1) {
    if (other !== code) swaps[code * codes + other] = swaps[other * codes + code] = never;
  }
}
for (const [place, group] of [...kin, 'j', 'l', 'm', 'n', 'r', 'x'].entries()) {
  for (const each of group) bits[each.charCodeAt(0)] = 1 << place;
}
for (const [place, group] of ['a', 'e', 'iy', 'o', 'u', 'h'].entries()) {
  for (const each of group) bits[each.charCodeAt(0)] = 1 << (place + 11);
}

function at(a: string, b: string): number {
  return a.charCodeAt(0) * codes + b.charCodeAt(0);
}

/** The letters of a token as bits: which there are, and which hard ones there are twice. */
export function letterSet(token: string): number {
  let set = 0;
  for (let index = 0; index < token.length; index += 1) {
    const bit = bits[token.charCodeAt(index)] as number;
    set |= bit <= hardBits && set & bit ? bit << twiceShift : bit;
  }
  return set;
}

// No edit costs less than what its changes of letters are counted here: a hard letter in place of
// another changes two of 50, one that is doubled changes one of 35, a vowel for a vowel two of 22.

/** Of letter sets: what their differences in hard letters cost at least. */
export function hardCost(first: number, second: number): number {
  const differ = first ^ second;
  return 50 * countBits(differ & hardBits) + doubleCost * countBits(differ & twiceBits);
}

/** Of letter sets: what their differences in soft letters cost at least. */
export function softCostOf(first: number, second: number): number {
  return 22 * countBits((first ^ second) & softMask);
}

/** By the other's length: the cost above which it is a stranger to a token of this length. */
export function costLimits(length: number): Int32Array {
  return limits[Math.min(length, lettersMax + 1)] as Int32Array;
}

const limits = Array.from({ length: lettersMax + 2 }, (_, mine) =>
  Int32Array.from({ length: 256 }, (__, theirs) => costLimit(mine, theirs)),
);

/** Tokens of very different length are strangers, whatever their letters. */
function costLimit(first: number, second: number): number {
  const longer = Math.max(first, second);
  if (longer < lettersMin || longer > lettersMax) return -1;
  if (Math.abs(first - second) > Math.min(lengthSlack, Math.ceil(longer / 4))) return -1;
  return Math.min(costCap, Math.floor((1 - similarityMin) * longer * letter));
}

/** 1 for equal tokens, 0 for strangers, else at least `similarityMin`. Symmetric. */
export function similarity(first: string, second: string): number {
  if (first === second) return 1;
  const limit = costLimits(first.length)[second.length] as number;
  if (limit < 0) return 0;
  const cost = editCost(first, second, limit);
  return cost > limit ? 0 : 1 - cost / (Math.max(first.length, second.length) * letter);
}

// Scratch: only one comparison runs at a time.
let beforeLast = new Int32Array(lettersMax + 1);
let last = new Int32Array(lettersMax + 1);
let row = new Int32Array(lettersMax + 1);
const letters = new Uint8Array(lettersMax);
const letterGaps = new Int32Array(lettersMax);

/** The cheapest way to turn one token into the other (Damerau), or more than `max`. */
function editCost(first: string, second: string, max: number): number {
  const width = second.length;
  last[0] = 0;
  for (let theirs = 0; theirs < width; theirs += 1) {
    letters[theirs] = second.charCodeAt(theirs);
    letterGaps[theirs] = gapCost(second, theirs);
    last[theirs + 1] = (last[theirs] as number) + (letterGaps[theirs] as number);
  }
  let code = 0;
  let leastBefore = 0;
  for (let mine = 0; mine < first.length; mine += 1) {
    const previous = code;
    code = first.charCodeAt(mine);
    const gap = gapCost(first, mine);
    let left = (last[0] as number) + gap;
    let least = left;
    row[0] = left;
    for (let theirs = 0; theirs < width; theirs += 1) {
      const other = letters[theirs] as number;
      const swap = swaps[code * codes + other] as number;
      const atStart = swap > 0 && (mine === 0 || theirs === 0) ? firstCost : 0;
      let best = (last[theirs] as number) + swap + atStart;
      best = Math.min(best, (last[theirs + 1] as number) + gap);
      best = Math.min(best, left + (letterGaps[theirs] as number));
      if (swap > 0 && theirs > 0 && letters[theirs - 1] === code && previous === other) {
        best = Math.min(best, (beforeLast[theirs - 1] as number) + exchangeCost);
      }
      left = best;
      row[theirs + 1] = best;
      if (best < least) least = best;
    }
    // An exchange may still start from the row before.
    if (least > max && leastBefore > max - exchangeCost) return never;
    leastBefore = least;
    const free = beforeLast;
    beforeLast = last;
    last = row;
    row = free;
  }
  return last[width] as number;
}

function gapCost(token: string, index: number): number {
  const code = token.charCodeAt(index);
  const gap = gaps[code] as number;
  if (gap === never) return never;
  if (index === 0) return gap + firstCost;
  return token.charCodeAt(index - 1) === code ? doubleCost : gap;
}

/** Set bits of 32 (Hacker's Delight, 5-1). */
function countBits(word: number): number {
  let found = word - ((word >>> 1) & 0x55555555);
  found = (found & 0x33333333) + ((found >>> 2) & 0x33333333);
  return Math.imul((found + (found >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
