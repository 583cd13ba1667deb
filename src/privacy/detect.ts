// Finds personal values in free text, in time that grows with its length and no faster.
import { Fault } from '#core';
import { isIPv6 } from 'node:net';
import {
  ibanLengths,
  isCardNumber,
  isIban,
  isRoutingNumber,
  isSocialSecurityNumber,
} from './checksums.ts';
import { type FieldClass, fieldClassNames, fieldClasses, rankOf } from './classes.ts';
import { cut, type Folded, readings, unfold } from './fold.ts';

/** `start` to `end`, exclusive, in UTF-16 code units. */
export type Finding = {
  readonly class: FieldClass;
  readonly start: number;
  readonly end: number;
};

/** In UTF-16 code units. */
export const textMax = 65_536;

/** What stands glued to a finding shows once that is gone: a text that goes on so is hostile. */
const passesMax = 8;

/** Finds in a text that is folded, and in which `cut` stands for what is found already. */
export type Detector = (text: string) => Iterable<Finding>;

/**
 * The findings in a text by place; none overlaps another. Of themselves they are what its form
 * gives away; `more` finds what is known of otherwise.
 */
export function detect(text: string, more: readonly Detector[] = []): readonly Finding[] {
  if (text.length > textMax) {
    throw new Fault('input_invalid', `a text has at most ${textMax} characters here`);
  }
  let rest = text.replaceAll(cut, ' ');
  let findings: readonly Finding[] = [];
  for (let pass = 0; pass < passesMax; pass += 1) {
    const found = mergeFindings(readings(rest).flatMap((folded) => detectIn(folded, more)));
    if (found.length === 0) return findings;
    findings = mergeFindings([...findings, ...found]);
    rest = cutOut(rest, found);
  }
  return [{ class: 'free_text', start: 0, end: text.length }];
}

function detectIn(folded: Folded, more: readonly Detector[]): Finding[] {
  const text = hideOpaque(folded.text);
  const found = [...detectOnce(text), ...more.flatMap((detector) => [...detector(text)])];
  return found.map((finding) => {
    const [start, end] = unfold(folded, finding.start, finding.end);
    return { class: finding.class, start, end };
  });
}

/** By place; where two overlap they become one, of the stricter class. */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const merged: Finding[] = [];
  for (const next of [...findings].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) {
      merged.push(next);
      continue;
    }
    const stricter = rankOf(next.class) < rankOf(last.class) ? next.class : last.class;
    const end = Math.max(last.end, next.end);
    merged[merged.length - 1] = { class: stricter, start: last.start, end };
  }
  return merged;
}

function detectOnce(text: string): Finding[] {
  return [
    ...detectCards(text),
    ...detectIbans(text),
    ...detectPhones(text),
    ...detectEmails(text),
    ...shapes.flatMap((shape) => detectShape(text, shape)),
  ];
}

// Preparing ---------------------------------------------------------------------------------------

const letters26 = '(?=[0-9]{0,25}[a-z])[0-9a-hjkmnp-tv-z]{26}';
const hex = (length: number) => `[0-9a-f]{${length}}`;
const uuid = `(?=[0-9-]{0,35}[a-f])${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;
/** Tokens, public ids and UUIDs: they stand for things, and must survive masking. */
const opaque = new RegExp(
  `(?<![A-Za-z0-9_])(?:[a-z]{3}_(?:[a-z]{2,5}_)?${letters26}|${uuid})(?![A-Za-z0-9_])`,
  'g',
);

/** What masking has put in the place of a value. */
const labelWords = fieldClassNames.map((each) => fieldClasses[each].label).join('|');
const labels = new RegExp(`\\[(?:${labelWords})(?: …[\\p{L}\\p{N}]{1,4})?\\]`, 'gu');

function hideOpaque(text: string): string {
  const hide = (found: string) => cut.repeat(found.length);
  const rest = text.replace(opaque, hide);
  return rest.includes('[') ? rest.replace(labels, hide) : rest;
}

function cutOut(text: string, findings: readonly Finding[]): string {
  let rest = '';
  for (const { start, end } of findings) {
    rest += text.slice(rest.length, start) + cut.repeat(end - start);
  }
  return rest + text.slice(rest.length);
}

// Numbers in groups -------------------------------------------------------------------------------

type Group = { readonly value: string; readonly end: number; readonly sizes: readonly number[] };

/**
 * What begins at `start` and may be written in groups: each prefix that ends with a group, up to
 * `lengthMax` letters or digits.
 */
function readGroups(
  text: string,
  start: number,
  { part, gap, lengthMax }: { part: RegExp; gap: string; lengthMax: number },
): Group[] {
  const found: Group[] = [];
  let value = '';
  const sizes: number[] = [];
  for (let at = start; ; ) {
    const from = at;
    while (value.length <= lengthMax && part.test(text.charAt(at))) {
      value += text.charAt(at);
      at += 1;
    }
    if (at === from || value.length > lengthMax) return found;
    sizes.push(at - from);
    if (value.length >= groupedMin) found.push({ value, end: at, sizes: [...sizes] });
    for (let signs = 0; signs < 3 && at < text.length && gap.includes(text.charAt(at)); ) {
      signs += 1;
      at += 1;
    }
  }
}

/** The shortest that is looked for, a phone number, has so many. */
const groupedMin = 7;

const digit = /^[0-9]$/;
const alphanumeric = /^[A-Za-z0-9]$/;
/** What people, and those who hide something, put between the groups of a number. */
const gap = ' \t\r\n.,:;·•|/\\_*~+()-';
const phoneGap = ' .-()/';
/** A group of digits, which may touch a word (`card4111…`), but be no part of a hex string. */
const groupStart = /(?<![0-9])(?<![0-9][A-Za-z]{1,16})[0-9]/g;

function* detectCards(text: string): Generator<Finding> {
  for (const { index: start } of text.matchAll(groupStart)) {
    for (const group of readGroups(text, start, { part: digit, gap, lengthMax: 19 })) {
      if (!isEven(group.sizes) || !isCardNumber(group.value)) continue;
      yield { class: 'pan', start, end: group.end };
    }
  }
}

/** 4-4-4-4 and 4-4-4-4-3, or one by one, or as on American Express and Diners cards. */
function isEven(sizes: readonly number[]): boolean {
  const [first = 0] = sizes;
  const isSame = sizes.every(
    (size, at) => size === first || (at === sizes.length - 1 && size < first),
  );
  return isSame || /^4-6-[45]$/.test(sizes.join('-'));
}

/** Letters of Greek and Cyrillic that look like those of Latin, and these in the same order. */
const likeLatin = 'АВЕКМНОРСТХУАΒΕΖΗΙΚΜΝΟΡΤΧΥавекмнорстхуІіЅѕ';
const latin = 'ABEKMHOPCTXYABEZHIKMNOPTXYabekmhopctxyIiSs';

function* detectIbans(written: string): Generator<Finding> {
  const text = written.replace(
    /[\u0370-\u04ff]/g,
    (letter) => latin[likeLatin.indexOf(letter)] ?? letter,
  );
  for (const { index: start } of text.matchAll(/(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}/g)) {
    const lengthMax = ibanLengths.get(text.slice(start, start + 2).toUpperCase());
    if (lengthMax === undefined) continue;
    const groups = readGroups(text, start, { part: alphanumeric, gap, lengthMax });
    const whole = groups.find(({ value }) => value.length === lengthMax);
    if (whole && isIban(whole.value.toUpperCase())) yield { class: 'iban', start, end: whole.end };
  }
}

/** E.164: a plus sign and up to 15 digits, the first of which is no zero. */
function* detectPhones(text: string): Generator<Finding> {
  for (const { index: start } of text.matchAll(/\+(?=\(?[1-9])/g)) {
    const at = digit.test(text.charAt(start + 1)) ? start + 1 : start + 2;
    const groups = readGroups(text, at, { part: digit, gap: phoneGap, lengthMax: 15 });
    const longest = groups.at(-1);
    if (longest) yield { class: 'phone', start, end: longest.end };
  }
}

// Shapes ------------------------------------------------------------------------------------------

const localMax = 64;
const domainMax = 255;
const localPart = /^[\p{L}\p{N}._%+'-]$/u;
const domain = /^(?:[\p{L}\p{N}-]{1,63}\.){1,9}(?:xn--[a-z0-9-]{1,59}|\p{L}{2,63})/iu;

/** RFC 5321 addresses as people write them, international ones too. */
function* detectEmails(text: string): Generator<Finding> {
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (at - start < localMax && localPart.test(text.charAt(start - 1))) start -= 1;
    const found = start < at && domain.exec(text.slice(at + 1, at + 1 + domainMax));
    if (found) yield { class: 'email', start, end: at + 1 + found[0].length };
  }
}

/** `ann (at) example (dot) com`. */
const spelledAt = '[ ]{0,2}[\\[({][ ]?at[ ]?[\\])}][ ]{0,2}';
const spelledDot = '(?:\\.|[ ]{0,2}[\\[({][ ]?dot[ ]?[\\])}][ ]{0,2})';
const domainPart = '[\\p{L}\\p{N}-]{1,63}';
const spelledDomain = `${domainPart}(?:${spelledDot}${domainPart}){1,5}`;

type Shape = {
  readonly class: FieldClass;
  readonly pattern: RegExp;
  readonly isValid?: (match: string) => boolean;
  /** Words that must stand before what alone could be any number or date. */
  readonly cue?: RegExp;
  /** Or behind it. */
  readonly cueBehind?: RegExp;
};

/** Between a cue and its value: no digit, no bracket of a label, nothing that was cut out. */
const between = '[^0-9[\\]\\n\\0]{0,24}$';
const cue = (words: string) => new RegExp(`(?:${words})${between}`, 'i');
/** As far as a cue and its gap reach. */
const cueReach = 48;

const octet = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const month = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}';
const ordinal = '[0-9]{1,2}(?:st|nd|rd|th)?';
const dates = [
  '[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}',
  '[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})',
  `${ordinal}[ .]{1,2}(?:of )?${month}[ .,]{1,2}[0-9]{4}`,
  `${month}[ .]{1,2}${ordinal}[ ,]{1,2}[0-9]{4}`,
].join('|');
const alone = (pattern: string, flags = 'g') =>
  new RegExp(`(?<![A-Za-z0-9])(?:${pattern})(?![A-Za-z0-9])`, flags);
const bare = (text: string) => text.replace(/[^0-9]/g, '');

/** Each repetition is bounded and none can give back what another takes: linear in the text. */
const shapes: readonly Shape[] = [
  {
    class: 'email',
    pattern: new RegExp(`[\\p{L}\\p{N}._%+-]{1,64}${spelledAt}${spelledDomain}`, 'giu'),
  },
  {
    class: 'national_id',
    pattern: alone('[0-9]{3}([- ])[0-9]{2}\\1[0-9]{4}'),
    isValid: (match) => isSocialSecurityNumber(bare(match)),
  },
  {
    class: 'national_id',
    pattern: alone('[0-9]{9}'),
    isValid: isSocialSecurityNumber,
    cue: cue('\\bssn\\b|social security|\\btin\\b|tax(?:payer)? id'),
  },
  {
    class: 'routing_number',
    pattern: alone('[0-9]{9}'),
    isValid: isRoutingNumber,
    cue: cue('\\b(?:aba|rtn|routing|transit)\\b'),
  },
  {
    class: 'account_number',
    pattern: alone('[0-9](?:[ -]?[0-9]){5,16}'),
    cue: cue('\\b(?:account|acct|a/c) ?(?:number|num|nr|no\\b|#|:)'),
  },
  {
    class: 'phone',
    pattern: alone('(?:\\([2-9][0-9]{2}\\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}'),
  },
  {
    class: 'phone',
    pattern: alone('[0-9](?:[ ()./-]{0,3}[0-9]){6,14}'),
    cue: cue('\\b(?:tele)?phone|\\bmobile|\\b(?:tel|cell|call|fax|sms|whatsapp)\\b'),
  },
  {
    class: 'device_id',
    pattern: alone('[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\\1){4}[0-9A-Fa-f]{2}'),
  },
  {
    class: 'ip_address',
    // Of a longer run, too: an address stands in it.
    pattern: new RegExp(`(?<![0-9A-Za-z.])(?:${octet}\\.){3,30}${octet}(?![0-9A-Za-z])`, 'g'),
  },
  {
    class: 'ip_address',
    pattern: /(?<![0-9A-Za-z:.])[0-9A-Fa-f:.]{2,44}[0-9A-Fa-f:](?![0-9A-Za-z:])/g,
    isValid: (match) => /[0-9]/.test(match) && isIPv6(match),
  },
  {
    class: 'date_of_birth',
    pattern: alone(dates, 'gi'),
    cue: cue(
      '\\bborn\\b|\\bbirth|\\bd\\.?o\\.?b\\b|\\bgeboren\\b|\\bnacid[oa]\\b|\\bn[ée]e? le\\b',
    ),
    cueBehind: /^[ (,:-]{0,4}(?:date of birth|birth ?da(?:y|te)|dob\b|born\b)/i,
  },
];

function detectShape(text: string, shape: Shape): Finding[] {
  const candidates = [...text.matchAll(shape.pattern)].filter(
    ([match]) => shape.isValid?.(match) ?? true,
  );
  const { cue: before, cueBehind } = shape;
  const told = new Set<string>();
  for (const { 0: match, index } of candidates) {
    const end = index + match.length;
    const isTold =
      before === undefined ||
      before.test(text.slice(Math.max(0, index - cueReach), index)) ||
      cueBehind?.test(text.slice(end, end + cueReach));
    if (isTold) told.add(match);
  }
  // What was told once is known wherever it stands.
  return candidates
    .filter(([match]) => told.has(match))
    .map(({ 0: match, index }) => ({
      class: shape.class,
      start: index,
      end: index + match.length,
    }));
}
