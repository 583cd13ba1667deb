// Ids: UUIDv7 inside and in the database, prefixed Crockford base32 (`trf_01j…`) outside.
import { hash } from 'node:crypto';
import type { Clock, Instant } from './clock.ts';
import type { Random } from './random.ts';

/** The hexadecimal text of a UUID, with dashes: what PostgreSQL reads and writes. */
export type Uuid = string;

/** What an id names. A new kind of thing adds its prefix here. */
export const idPrefixes = {
  account: 'acc',
  alert: 'alr',
  apiKey: 'key',
  approval: 'apr',
  authenticator: 'aut',
  backtest: 'bkt',
  case: 'cas',
  challenge: 'chl',
  command: 'cmd',
  consent: 'cns',
  claim: 'clm',
  control: 'ctl',
  decision: 'dec',
  delivery: 'dlv',
  difference: 'dif',
  event: 'evt',
  hold: 'hld',
  label: 'lbl',
  mandate: 'mdt',
  offer: 'off',
  party: 'pty',
  payment: 'pay',
  product: 'prd',
  promptCall: 'prm',
  proposal: 'prp',
  quote: 'quo',
  redelivery: 'rdl',
  redemption: 'rdm',
  replay: 'rpl',
  rollout: 'rol',
  score: 'sco',
  clearance: 'clr',
  screening: 'scr',
  serviceRequest: 'srq',
  sequence: 'seq',
  session: 'ses',
  ticket: 'tkt',
  transfer: 'trf',
  webhook: 'whk',
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

/** What sorts before every id of that instant or a later one, and is the id of nothing. */
export function uuidFrom(instant: Instant): Uuid {
  const digits = Math.max(0, instant).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

/**
 * The id that belongs to the `ordinal`-th effect of a command: UUIDv8 with the command's time in
 * front, so that it sorts with it, and a digest behind. Replaying a command draws the same ids.
 */
export function derivedUuid(command: Uuid, label: string, ordinal: number): Uuid {
  const digest = hash('sha256', `${command}:${label}:${ordinal}`, 'hex');
  const variant = hexDigits[(Number.parseInt(digest[15] as string, 16) & 3) | 8];
  const head = `${command.slice(0, 14)}8${digest.slice(0, 3)}`;
  return `${head}-${variant}${digest.slice(3, 6)}-${digest.slice(16, 28)}`;
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
// Ids are most of what a posting writes, so letters come two at a time, from tables.
const letterPairs = Array.from(
  { length: 1024 },
  (_, bits) => (alphabet[bits >>> 5] as string) + alphabet[bits & 31],
);
const letterValues = valuesOf(alphabet);
const hexValues = valuesOf(hexDigits);
const hexTriples = Array.from({ length: 4096 }, (_, bits) => bits.toString(16).padStart(3, '0'));

/** Value by character code; -1 for what is no letter of the alphabet. */
function valuesOf(letters: string): Int8Array {
  const values = new Int8Array(128).fill(-1);
  for (let value = 0; value < letters.length; value += 1) values[letters.charCodeAt(value)] = value;
  return values;
}

/** The public id: `externalId('transfer', uuid)` is `trf_` and 26 letters; it sorts as the UUID. */
export function externalId(kind: IdKind, uuid: Uuid): string {
  let text = `${idPrefixes[kind]}_`;
  // 130 bits in 26 letters: two zero bits lead. Two digits, then five at a time: each five hex
  // digits fill four letters.
  let bits = 0;
  let digits = 3;
  for (let index = 0; index < uuid.length; index += 1) {
    const value = hexValues[uuid.charCodeAt(index)] as number;
    if (value < 0) continue;
    bits = (bits << 4) | value;
    digits += 1;
    if (digits !== 5) continue;
    text += text.length === 4 ? (letterPairs[bits] as string) : fourLetters(bits);
    bits = 0;
    digits = 0;
  }
  return text;
}

function fourLetters(bits: number): string {
  return (letterPairs[bits >>> 10] as string) + letterPairs[bits & 1023];
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
      const value = letterValues[text.charCodeAt(index)] ?? -1;
      if (value < 0) return undefined;
      bits = (bits << 5) | value;
    }
    if (hex === '') {
      if (bits > 255) return undefined;
      hex = hexPairs[bits] as string;
    } else {
      hex += (hexTriples[bits >>> 8] as string) + hexPairs[bits & 255];
    }
  }
  const head = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}`;
  return `${head}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
