// Counting leaks: the personal values that stand in logs, prompts and exports, by class.
import { type FieldClass, rankOf } from './classes.ts';
import { detect, textMax } from './detect.ts';
import type { KnownValues } from './known.ts';

export type LeakCounts = Readonly<Partial<Record<FieldClass, number>>>;

/** What is read at once shares this much with what was read before: no value is cut in two. */
const overlap = 1_024;

/**
 * The personal values in a text, by class: those whose form gives them away, and known ones. It is
 * read as it is, and with its escapes undone: those of JSON, of URLs and of HTML. What is encoded
 * as a whole, as in base64 or under encryption, is not opened.
 */
export function countLeaks(text: string, known?: KnownValues): LeakCounts {
  const readings = [text, unescaped(text)];
  const counts = readings
    .filter((reading, at) => readings.indexOf(reading) === at)
    .map((reading) => countsIn(reading, known));
  const classes = [...new Set(counts.flatMap((each) => [...each.keys()]))];
  return Object.fromEntries(
    classes
      .sort((a, b) => rankOf(a) - rankOf(b))
      .map((each) => [each, Math.max(...counts.map((found) => found.get(each) ?? 0))]),
  );
}

function countsIn(text: string, known: KnownValues | undefined): Map<FieldClass, number> {
  const counts = new Map<FieldClass, number>();
  const step = textMax - overlap;
  for (let from = 0; from < Math.max(1, text.length - overlap); from += step) {
    const part = hideDigests(text.slice(from, from + textMax));
    for (const finding of detect(part, known ? [known] : [])) {
      // In the overlap it has been counted, unless it goes beyond.
      if (from > 0 && finding.end <= overlap) continue;
      counts.set(finding.class, (counts.get(finding.class) ?? 0) + 1);
    }
  }
  return counts;
}

/** In the digits of a digest, a signature or a key all numbers turn up sooner or later. */
const digest = /(?<![A-Za-z0-9+/_-])(?=[0-9]{0,80}[A-Za-z+/_-])[A-Za-z0-9+/_-]{40,}={0,2}/g;

function hideDigests(text: string): string {
  return text.replace(digest, (found) => (isRandom(found) ? ' '.repeat(found.length) : found));
}

/** A path or a name of many words has neither capitals in words nor digits among letters. */
function isRandom(text: string): boolean {
  if (/^[0-9a-f]+$/.test(text)) return true;
  const changes = text.match(/[a-z][A-Z0-9]|[A-Z][0-9]|[0-9][A-Za-z]/g)?.length ?? 0;
  return changes * 6 >= text.length;
}

function unescaped(text: string): string {
  return text
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => signOf(Number.parseInt(code, 16)))
    .replace(/\\([nrt"\\/])/g, (_, sign: string) => (/[nrt]/.test(sign) ? ' ' : sign))
    .replace(/(?:%[0-9a-fA-F]{2}){1,64}/g, decoded)
    .replace(/&#(x?)([0-9a-fA-F]{1,6});/g, (_, isHex: string, code: string) =>
      signOf(Number.parseInt(code, isHex ? 16 : 10)),
    );
}

function signOf(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    return escapes;
  }
}
