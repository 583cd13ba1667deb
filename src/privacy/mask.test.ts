// Masking: what people still see, that nothing found is left, and that twice is once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import fc from 'fast-check';
import { fieldClassNames } from './classes.ts';
import { detect } from './detect.ts';
import { type Masked, mask, maskFields, maskValue } from './mask.ts';
import { classOfToken, isToken, newToken } from './token.ts';

/** Pieces of text that meet in all orders, with and without blanks. */
const pieces = [
  '4111111111111111',
  '4111 1111 1111 1111',
  'DE89370400440532013000',
  '536-22-1234',
  'ann@example.com',
  '+14155550123',
  '(212) 555-0123',
  '10.0.0.1',
  'fe80::',
  '::1',
  'born 1/1/1990',
  '1/1/1990',
  'date of birth',
  'phone 5551234567',
  'account number 12345678',
  '021000021 routing 021000021',
  '00:1a:2b:3c:4d:5e',
  'tok_pan_01j9zq4k7m8n5p6r7s8t9v0w1x',
  '[card …1111]',
  '[date of birth]',
  ' ',
  ', ',
  'a',
  '1',
  '٤',
  '\u200b',
  '😀',
];
const texts = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('masking twice is masking once', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const once = mask(text);
      assert.equal(mask(once), once);
    }),
    { numRuns: 3000 },
  );
});

test('nothing that is found in a text is found, or stands, in the masked text', () => {
  const isPart = (sign = '') => /[\p{L}\p{N}]/u.test(sign);
  // What goes on with a colon or a dot is another address, or none: `::1::1`.
  const isPartOfAddress = (sign = '') => /[\p{L}\p{N}:.]/u.test(sign);
  fc.assert(
    fc.property(texts, (text) => {
      const masked = mask(text);
      assert.deepEqual(detect(masked), []);
      for (const { class: fieldClass, start, end } of detect(text)) {
        const value = text.slice(start, end);
        // A date is personal where it is told to be.
        if (fieldClass === 'date_of_birth' || fieldClass === 'free_text') continue;
        // Without a cue, digits that were an account number elsewhere are any number.
        if (['account_number', 'routing_number', 'phone'].includes(fieldClass)) continue;
        for (let at = masked.indexOf(value); at >= 0; at = masked.indexOf(value, at + 1)) {
          const joins = fieldClass === 'ip_address' ? isPartOfAddress : isPart;
          const alone = !joins(masked[at - 1]) && !joins(masked[at + value.length]);
          assert.ok(!alone, `${value} in ${masked}`);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('what is not personal stays as it is', () => {
  const text =
    'Refund 12.50 USD for trf_01j9zq4k7m8n5p6r7s8t9v0w1x by tok_mail_01j9zq4k7m8n5p6r7s8t9v0w1x.';
  assert.equal(mask(text), text);
});

test('people see which card it was, and no more', () => {
  assert.equal(
    mask('Card 4111 1111 1111 1111 of ann@example.com, born 1990-01-02, from 10.0.0.1'),
    'Card [card …1111] of [email], born [date of birth], from [ip address]',
  );
});

test('fields are masked by their classes, and unnamed ones are searched', () => {
  const fields = {
    holder: 'Ann Lee',
    iban: 'DE89 3704 0044 0532 0130 00',
    note: 'call +49 170 1234567',
    phone: 'tok_tel_01j9zq4k7m8n5p6r7s8t9v0w1x',
    short: '12345',
  };
  const masked = maskFields(fields, {
    holder: 'name',
    iban: 'iban',
    phone: 'phone',
    short: 'account_number',
  });
  assert.deepEqual(masked, {
    holder: '[name]',
    iban: '[iban …3000]',
    note: 'call [phone …4567]',
    phone: 'tok_tel_01j9zq4k7m8n5p6r7s8t9v0w1x',
    short: '[account number]',
  });
});

test('a masked value of any class is masked for good', () => {
  const classes = fc.constantFrom(...fieldClassNames);
  fc.assert(
    fc.property(classes, fc.string({ unit: 'binary' }), (fieldClass, value) => {
      const once = maskValue(fieldClass, value);
      assert.equal(maskValue(fieldClass, once), once);
      assert.equal(mask(once), once);
    }),
  );
});

test('a token tells its class, and a look-alike is none', () => {
  const random = seededRandom(1);
  for (const fieldClass of fieldClassNames) {
    const token = newToken(fieldClass, random);
    assert.equal(classOfToken(token), fieldClass);
    assert.equal(mask(`see ${token}!`), `see ${token}!`);
  }
  for (const text of [
    '',
    'tok_pan_',
    'tok_nope_01j9zq4k7m8n5p6r7s8t9v0w1x',
    'tok_pan_4111111111111111',
  ]) {
    assert.equal(isToken(text), false, text);
  }
});

test('raw text is no masked text to the compiler', () => {
  const accept = (text: Masked) => text;
  // @ts-expect-error a string is not masked
  accept('4111 1111 1111 1111');
  accept(mask('4111 1111 1111 1111'));
});
