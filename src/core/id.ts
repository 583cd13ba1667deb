// Ids: UUIDv7 inside and in the database, prefixed Crockford base32 (`trf_01j…`) outside.
import { hash } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** The hexadecimal text of a UUID, with dashes: what PostgreSQL reads and writes. */
export type Uuid = string;

/** What an id names. A new kind of thing adds its prefix here. */
export const idPrefixes = {
  account: 'acc',
  apiKey: 'key',
  command: 'cmd',
  decision: 'dec',
  event: 'evt',
  hold: 'hld',
  transfer: 'trf',
} as const;

export type IdKind = keyof typeof idPrefixes;

/** A new UUIDv7 (RFC 9562, 5.7): 48 bits of the instant, then 74 random ones. */
export function newUuid({ clock, random }: { clock: Clock; random: Random }): Uuid {
  const bytes = new Uint8Array(16);
  bytes.set(random.bytes(10), 6);
  const instant = clock.now();
  for (let index = 0; index < 6; index += 1) bytes[index] = (instant / 2 ** (40 - 8 * index)) & 255;
  return asUuid(bytes, 0x70);
}

/**
 * The id that belongs to the `ordinal`-th effect of a command: UUIDv8 with the command's time in
 * front, so that it sorts with it, and a digest behind. Replaying a command draws the same ids.
 */
export function derivedUuid(command: Uuid, label: string, ordinal: number): Uuid {
  const digest = hash('sha256', `${command}:${label}:${ordinal}`, 'hex');
  const variant = hexDigits[(Number.parseInt(digest[15] as string, 16) & 3) | 8];
  return `${command.slice(0, 14)}8${digest.slice(0, 3)}-${variant}${digest.slice(3, 6)}-${digest.slice(16, 28)}`;
}

const hexDigits = '0123456789abcdef';
const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function asUuid(bytes: Uint8Array, version: number): Uuid {
  bytes[6] = ((bytes[6] as number) & 0x0f) | version;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  let text = '';
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) text += '-';
    text += hexPairs[bytes[index] as number];
  }
  return text;
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const alphabetIndex = new Map([...alphabet].map((letter, index) => [letter, index]));

/** The public id: `externalId('transfer', uuid)` is `trf_` and 26 letters; it sorts as the UUID. */
export function externalId(kind: IdKind, uuid: Uuid): string {
  const hex = uuid.replaceAll('-', '');
  // 130 bits in 26 letters: two zero bits lead. Twenty bits fit both five hex digits and four
  // letters, so the text is cut into steps of five digits behind the first two.
  let text = twoLetters(Number.parseInt(hex.slice(0, 2), 16));
  for (let index = 2; index < 32; index += 5) {
    const step = Number.parseInt(hex.slice(index, index + 5), 16);
    text +=
      (alphabet[step >>> 15] as string) +
      alphabet[(step >>> 10) & 31] +
      alphabet[(step >>> 5) & 31] +
      alphabet[step & 31];
  }
  return `${idPrefixes[kind]}_${text}`;
}

function twoLetters(byte: number): string {
  return (alphabet[byte >>> 5] as string) + alphabet[byte & 31];
}

/** The UUID of a public id, or undefined when the text is not an id of that kind. */
export function internalId(kind: IdKind, text: string): Uuid | undefined {
  const prefix = idPrefixes[kind];
  if (text.length !== prefix.length + 27 || !text.startsWith(`${prefix}_`)) return undefined;
  let hex = '';
  for (let index = prefix.length + 1; index < text.length; ) {
    // The first two letters carry one byte, every four after them carry twenty bits.
    const end = hex === '' ? index + 2 : index + 4;
    let bits = 0;
    for (; index < end; index += 1) {
      const value = alphabetIndex.get(text[index] as string);
      if (value === undefined) return undefined;
      bits = (bits << 5) | value;
    }
    if (hex === '' && bits > 255) return undefined;
    hex += bits.toString(16).padStart(hex === '' ? 2 : 5, '0');
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
