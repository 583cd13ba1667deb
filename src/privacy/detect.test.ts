// What is found in free text, what is left alone, and that no text takes long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import fc from 'fast-check';
import {
  ibanLengths,
  ibanRemainder,
  isCardNumber,
  isIban,
  isRoutingNumber,
  isSocialSecurityNumber,
  passesLuhn,
} from './checksums.ts';
import { detect, mergeFindings, textMax } from './detect.ts';

/** The findings as `class: text`. */
function found(text: string): string[] {
  return detect(text).map(
    (finding) => `${finding.class}: ${text.slice(finding.start, finding.end)}`,
  );
}

const digits = (length: number) =>
  fc.array(fc.nat(9), { minLength: length, maxLength: length }).map((parts) => parts.join(''));

const prefixes: readonly (readonly [string, number])[] = [
  ['4', 16],
  ['4', 13],
  ['4', 19],
  ['51', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['36', 14],
  ['3528', 16],
  ['6011', 16],
  ['62', 18],
  ['67', 12],
  ['2200', 16],
];
const cards = fc
  .constantFrom(...prefixes)
  .chain(([prefix, length]) => digits(length - prefix.length - 1).map((rest) => prefix + rest))
  .map((body) => {
    const check = [...'0123456789'].find((last) => passesLuhn(body + last));
    return body + check;
  });

const ibans = fc.constantFrom(...ibanLengths).chain(([country, length]) =>
  fc
    .array(fc.constantFrom(...'0123456789ABCXYZ'), { minLength: length - 4, maxLength: length - 4 })
    .map((parts) => parts.join(''))
    .map((account) => {
      const check = 98 - ibanRemainder(`${country}00${account}`);
      return `${country}${String(check).padStart(2, '0')}${account}`;
    }),
);

const inFours = (separator: string) => (text: string) =>
  (text.match(/.{1,4}/g) ?? []).join(separator);
const writing = fc.constantFrom(
  (text: string) => text,
  inFours(' '),
  inFours('-'),
  inFours('\u00a0'),
  (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
);
const around = fc.constantFrom('', ' ', ', ', ': ', '(', ')\n', '"', '; 12 ', ' 2026-01-05 ', 'é');

function isCovered(text: string, value: string): boolean {
  const start = text.indexOf(value);
  const inside = detect(text).filter((it) => it.start <= start && it.end >= start + value.length);
  return inside.length === 1;
}

test('every card number is found, however it is written', () => {
  fc.assert(
    fc.property(cards, writing, around, around, (card, write, before, behind) => {
      assert.ok(isCardNumber(card));
      const text = `${before}${write(card)}${behind}`;
      assert.ok(isCovered(text, write(card)), text);
    }),
    { numRuns: 1000 },
  );
});

test('every IBAN is found, however it is written', () => {
  fc.assert(
    fc.property(
      ibans,
      writing,
      around,
      around,
      fc.boolean(),
      (iban, write, before, behind, low) => {
        assert.ok(isIban(iban));
        const value = write(low ? iban.toLowerCase() : iban);
        assert.ok(isCovered(`${before}${value}${behind}`, value), value);
      },
    ),
    { numRuns: 1000 },
  );
});

test('digits at random are rarely taken for a card or an IBAN', () => {
  const samples = fc.sample(fc.integer({ min: 12, max: 19 }).chain(digits), 4000);
  const taken = samples.filter((text) => detect(`ref ${text}.`).length > 0);
  assert.ok(taken.length < samples.length * 0.06, String(taken.length));
  const shaped = fc.sample(
    fc.tuple(fc.constantFrom('DE', 'GB', 'FR'), digits(20)).map((parts) => parts.join('')),
    2000,
  );
  assert.ok(shaped.filter(isIban).length < shaped.length * 0.03);
});

test('one wrong digit is no card, and a wrong length or country no IBAN', () => {
  assert.deepEqual(found('4111 1111 1111 1112'), []);
  assert.deepEqual(found('DE89370400440532013001'), []);
  assert.deepEqual(found('DE8937040044053201300'), []);
  assert.equal(isIban('ZZ89370400440532013000'), false);
});

const examples: readonly (readonly [string, readonly string[]])[] = [
  ['Pay from 4111111111111111 12/27.', ['pan: 4111111111111111']],
  ['amex 3782 822463 10005', ['pan: 3782 822463 10005']],
  ['card4111111111111111', ['pan: 4111111111111111']],
  ['to DE89 3704 0044 0532 0130 00 please', ['iban: DE89 3704 0044 0532 0130 00']],
  ['SSN 536-22-1234 or 536 22 1234', ['national_id: 536-22-1234', 'national_id: 536 22 1234']],
  ['his SSN is 536221234', ['national_id: 536221234']],
  ['000-12-3456, 666-12-3456, 900-12-3456, 536-00-1234', []],
  ['routing number 021000021', ['routing_number: 021000021']],
  ['order 021000021', []],
  ['account number: 12345678', ['account_number: 12345678']],
  ['mail ann.lee+x@mail.example.co.uk.', ['email: ann.lee+x@mail.example.co.uk']],
  ['an @ b, a@b, @home', []],
  ['jürgen@müller.example', ['email: jürgen@müller.example']],
  ['call +49 (0)170 1234567', ['phone: +49 (0)170 1234567']],
  ['call 555 1234 567', ['phone: 555 1234 567']],
  ['(212) 555-0123 and 212.555.0123', ['phone: (212) 555-0123', 'phone: 212.555.0123']],
  ['from 192.168.0.1, fe80::1.', ['ip_address: 192.168.0.1', 'ip_address: fe80::1']],
  ['at 12:34:56 version 1.2.3 std::vector 999.1.1.1', []],
  ['mac 00:1A:2b:3c:4d:5e', ['device_id: 00:1A:2b:3c:4d:5e']],
  ['born on 1 March 1990', ['date_of_birth: 1 March 1990']],
  ['DOB: 1990-03-01', ['date_of_birth: 1990-03-01']],
  ['due 1990-03-01', []],
  ['03/01/1990 (date of birth)', ['date_of_birth: 03/01/1990']],
  ['born 3/1/1990, as said 3/1/1990', ['date_of_birth: 3/1/1990', 'date_of_birth: 3/1/1990']],
  ['tok_pan_01j9zq4k7m8n5p6r7s8t9v0w1x trf_01j9zq4k7m8n5p6r7s8t9v0w1x', []],
  ['0190a2b3-1234-7abc-8def-0123456789ab', []],
  ['a 2026 report: 1,200 units at 12.50, total 15000.00', []],
];

for (const [text, expected] of examples) {
  test(`in "${text}" ${expected.length === 0 ? 'nothing is' : 'the value is'} found`, () => {
    assert.deepEqual(found(text), expected);
  });
}

test('security and routing numbers follow their rules', () => {
  assert.ok(isSocialSecurityNumber('536221234'));
  assert.ok(!isSocialSecurityNumber('536220000'));
  assert.ok(isRoutingNumber('021000021') && isRoutingNumber('322271627'));
  assert.ok(!isRoutingNumber('021000022') && !isRoutingNumber('991000021'));
});

test('where findings overlap, one remains, of the stricter class', () => {
  const findings = [
    { class: 'phone', start: 0, end: 10 },
    { class: 'pan', start: 5, end: 20 },
    { class: 'email', start: 20, end: 30 },
  ] as const;
  assert.deepEqual(mergeFindings(findings), [
    { class: 'pan', start: 0, end: 20 },
    { class: 'email', start: 20, end: 30 },
  ]);
});

test('a text that is too long is refused, and the fault does not quote it', () => {
  const text = '4111111111111111 '.repeat(textMax / 16);
  assert.throws(
    () => detect(text),
    (error) => error instanceof Fault && !error.message.includes('4111'),
  );
});

test('no text takes long, whoever wrote it', () => {
  const parts = [
    '1',
    'a',
    '1 ',
    '1-',
    '+1',
    '@',
    'a@',
    'a@a.',
    'a.',
    ':',
    '1:',
    'a:',
    '1.',
    '(',
    ' ',
  ];
  parts.push(
    'DE89',
    'DE89 3704 ',
    'born ',
    'born 1/',
    '4111 ',
    'account no ',
    'tok_pan_',
    '0190a2b3-',
  );
  parts.push(
    '4111111111111111DE89370400440532013000',
    '4111111111111111a',
    '٣',
    '\u200b',
    '536-22-',
    'call 1(',
  );
  for (const part of parts) {
    const text = part.repeat(textMax / part.length);
    const startedAt = performance.now();
    detect(text);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 2_000, `${part}: ${tookMs} ms`);
  }
});

test('a text that hides values behind values without end is one finding', () => {
  const text = '4111111111111111a'.repeat(20);
  assert.deepEqual(detect(text), [{ class: 'free_text', start: 0, end: text.length }]);
});
