// Masking: JSON by the classes of its schema, and free text by search, ten kilobytes of each.
import { knownValues, mask, maskJson } from '#privacy';
import Type from 'typebox';
import { quantile, sortedTimes } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

const bytes = 10_240;
const rounds = 400;
const warmUp = 200;

const of = (fieldClass: string) => Type.String({ 'x-class': fieldClass });
const party = Type.Object({
  party_id: Type.String(),
  name: of('name'),
  date_of_birth: of('date_of_birth'),
  email: Type.Union([of('email'), Type.Null()]),
  address: of('address'),
  segment: Type.Enum(['person', 'business']),
  accounts: Type.Array(
    Type.Object({
      account_id: Type.String(),
      iban: of('iban'),
      currency: Type.String(),
      balance: Type.Integer(),
      opened_at: Type.String(),
    }),
  ),
});
const page = Type.Object({
  items: Type.Array(party),
  next: Type.Union([Type.String(), Type.Null()]),
});

const digits = (at: number, length: number) => String(at * 7_919).padStart(length, '0');
const account = (at: number) => ({
  account_id: `acc_${digits(at, 26)}`,
  iban: `DE89${digits(at, 18)}`,
  currency: 'EUR',
  balance: 1_234_567 + at,
  opened_at: `2026-01-05T09:00:${digits(at, 2).slice(-2)}.000Z`,
});
const itemOf = (at: number) => ({
  party_id: `pty_${digits(at, 26)}`,
  name: `Ann Quillark ${at}`,
  date_of_birth: '1984-02-29',
  email: `ann.quillark+${at}@example.com`,
  address: `${at} Elm Street, Springfield, IL 62704`,
  segment: 'person',
  accounts: [account(2 * at), account(2 * at + 1)],
});
const sentence =
  'Ann Quillark called about the card 4111 1111 1111 1111 on 2026-01-05: 12.50 EUR were charged ' +
  'twice by the shop. Please refund it to DE89 3704 0044 0532 0130 00 and write to ' +
  'ann.quillark@example.com or call +49 170 1234567. ';

const known = knownValues([
  { class: 'name', value: 'Ann Quillark' },
  { class: 'address', value: '12 Elm Street, Springfield, IL 62704' },
  { class: 'phone', value: '+49 170 1234567' },
  { class: 'email', value: 'ann.quillark@example.com' },
  { class: 'date_of_birth', value: '1984-02-29' },
  { class: 'iban', value: 'DE89370400440532013000' },
]);

export const masking: Benchmark = {
  title: 'Masking: 10 kB of JSON by its schema, and 10 kB of free text, times in milliseconds',
  guess: {
    json_p50_ms: 0.1,
    json_p99_ms: 0.4,
    json_known_p50_ms: 0.3,
    text_p50_ms: 4,
    text_p99_ms: 8,
    text_known_p50_ms: 6,
    wide_text_p50_ms: 8,
  },
  targets: {
    json_p50_ms: { max: 0.5 },
    text_p50_ms: { max: 25 },
    text_p99_ms: { max: 25 },
    text_known_p99_ms: { max: 25 },
    wide_text_p99_ms: { max: 25 },
  },
  async run() {
    const count = Math.ceil(bytes / JSON.stringify(itemOf(1)).length);
    const value = { items: Array.from({ length: count }, (_, at) => itemOf(at)), next: null };
    const text = sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes);
    // Every digit and blank in another form: nothing can be read as it is.
    const wide = text
      .replace(/[0-9]/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
      .replaceAll(' ', '\u00a0');
    return {
      ...timed('json', () => maskJson(page, value)),
      ...timed('json_known', () => maskJson(page, value, known)),
      ...timed('text', () => mask(text)),
      ...timed('text_known', () => mask(text, known)),
      ...timed('wide_text', () => mask(wide, known)),
    };
  },
};

function timed(name: string, work: () => unknown): Figures {
  for (let round = 0; round < warmUp; round += 1) work();
  const times = Array.from({ length: rounds }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  });
  const sorted = sortedTimes(times);
  return {
    [`${name}_p50_ms`]: quantile(sorted, 0.5),
    [`${name}_p99_ms`]: quantile(sorted, 0.99),
  };
}
