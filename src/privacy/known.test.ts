// The customer's own values are found however they are written, and other people's are left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import fc from 'fast-check';
import { detect, textMax } from './detect.ts';
import { guessPersons } from './guess.ts';
import { type KnownValue, knownValues } from './known.ts';
import { mask } from './mask.ts';

const values: readonly KnownValue[] = [
  { class: 'name', value: 'Anneliese Müller-Lüdenscheidt' },
  { class: 'name', value: "Siobhán O'Brien" },
  { class: 'name', value: 'Bo Li' },
  { class: 'name', value: 'Mark Will' },
  { class: 'name', value: '王小明' },
  { class: 'name', value: '김민준' },
  { class: 'name', value: 'Ольга Петрова' },
  { class: 'address', value: 'Hauptstraße 12, 10115 Berlin' },
  { class: 'phone', value: '+49 170 1234567' },
  { class: 'account_number', value: '12345678' },
  { class: 'document_number', value: 'C01X00T47' },
  { class: 'email', value: 'a.mueller@example.com' },
  { class: 'date_of_birth', value: '1990-03-01' },
];
const known = knownValues(values);

const written: readonly (readonly [string, string])[] = [
  ['ANNELIESE MUELLER LUEDENSCHEIDT paid', '[name] [name] [name] paid'],
  ['anneliese müller-lüdenscheidt', '[name]'],
  ['for Anneliese: Mu\u0308ller', 'for [name]: [name]'],
  ['Müller, Anneliese', '[name], [name]'],
  ['siobhan obrien and O’Brien', '[name] and [name]'],
  ['An\u200bneliese and 𝐀𝐧𝐧𝐞𝐥𝐢𝐞𝐬𝐞', '[name] and [name]'],
  ['Bo Li, Li Bo, but a bo of li', '[name], [name], but a bo of li'],
  ['Mark has to pay: mark my words', '[name] has to pay: mark my words'],
  ['王小明您好', '[name]您好'],
  ['저는 김민준입니다', '저는 [name]입니다'],
  ['Olga Petrova and Ольга', '[name] and [name]'],
  ['hauptstrasse 12 in Berlin, 10115 berlin', '[address] in Berlin, [address]'],
  ['at Hauptstraße 12,\n10115 Berlin', 'at [address]'],
  ['0170/1234567 or +49(170)123-45-67', '[phone …4567] or [phone …4567]'],
  ['0049 170 1234 567', '[phone …4567]'],
  ['1-2-3-4-5-6-7-8 or 1234 5678', '[account number …5678] or [account number …5678]'],
  ['id c01x-00t47', 'id [document]'],
  ['A.Mueller@Example.com', '[email]'],
  [
    '01/03/1990, 1st of March 1990, Mar 1, 1990',
    '[date of birth], [date of birth], [date of birth]',
  ],
];

for (const [text, expected] of written) {
  test(`"${text}" is told as "${expected}"`, () => {
    const once = mask(text, known);
    assert.equal(once, expected);
    assert.equal(mask(once, known), once);
  });
}

test('other people, other numbers and longer words are left', () => {
  for (const text of [
    'Annelieses, Mullerland, Brienz and Liberty',
    '912345678 and 123456789 and 1234 of 5678901',
    'Berlin, and 12 of them',
    '2 March 1990, 1990-03-11',
  ]) {
    assert.equal(mask(text, known), text);
  }
});

test('masking with known values twice is masking once, and no value is left', () => {
  const pieces = [
    ...values.map(({ value }) => value),
    'card',
    'name',
    ' ',
    '-',
    '4',
    '\u200b',
    '[',
  ];
  const more = knownValues([...values, { class: 'name', value: 'Card Name' }]);
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 10 });
  fc.assert(
    fc.property(texts, (parts) => {
      const once = mask(parts.join(' '), more);
      assert.equal(mask(once, more), once);
      for (const { value } of values) assert.ok(!once.includes(value), once);
      const glued = mask(parts.join(''), more);
      assert.equal(mask(glued, more), glued);
    }),
    { numRuns: 500 },
  );
});

test('what is known is bounded, and the fault tells no value', () => {
  const value = { class: 'name', value: 'Quillark' } as const;
  const many = Array.from({ length: 257 }, () => value);
  for (const wrong of [many, [{ ...value, value: 'Quillark '.repeat(999) }]]) {
    assert.throws(
      () => knownValues(wrong),
      (error) => error instanceof Fault && !error.message.includes('Quillark'),
    );
  }
});

test('no text takes long to guess in, whoever wrote it', () => {
  const parts = [
    ...['A', 'Aa', 'A ', 'Aa ', 'Mr ', 'Mr A', 'Dear ', 'van ', "d'", '1 A ', '1 ', 'Rue de '],
    ...[
      '12 rue de la ',
      'Calle de ',
      'straße ',
      'A-',
      'my name is a ',
      'name: ',
      '王',
      '市',
      '김 ',
    ],
    ...['先生', 'я ', 'm', 'Am Alten ', 'thanks\n', 'C/ A ', "O'", 'Aa. ', '-', '日1'],
  ];
  for (const part of parts) {
    const text = part.repeat(textMax / 4 / part.length);
    const startedAt = performance.now();
    detect(text, [known, guessPersons]);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 500, `${part}: ${tookMs} ms`);
  }
});
