// Masked JSON: by the classes of a schema, by search where it says nothing, and against tricks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '#core';
import fc from 'fast-check';
import Type from 'typebox';
import { fieldClassNames } from './classes.ts';
import { maskJson } from './json.ts';
import { knownValues } from './known.ts';
import { classKeyword } from './schema-node.ts';

const of = (fieldClass: string) => Type.String({ [classKeyword]: fieldClass });
const closed = { additionalProperties: false };
const card = '4111111111111111';

const profile = Type.Object(
  {
    id: Type.String(),
    name: of('name'),
    segment: Type.Union([Type.Literal('person'), Type.Literal('business')]),
    email: Type.Union([of('email'), Type.Null()]),
    cards: Type.Array(Type.Object({ pan: of('pan'), limit: Type.Integer() }, closed)),
    contacts: Type.Record(Type.String(), of('phone')),
    note: of('free_text'),
    balance: Type.Integer(),
  },
  closed,
);

const person = {
  id: 'pty_01j9zq4k7m8n5p6r7s8t9v0w1x',
  name: 'Ann Quillark',
  segment: 'person',
  email: 'ann@example.com',
  cards: [{ pan: card, limit: 4_111_111_111_111_111 }],
  contacts: { home: '+49 170 1234567' },
  note: 'Card 4111 1111 1111 1111 of Quillark',
  balance: 1_234_567,
};

test('fields are masked by the classes in their schema, and figures stay', () => {
  const known = knownValues([{ class: 'name', value: 'Ann Quillark' }]);
  const masked = maskJson(profile, person, known);
  assert.deepEqual(masked, {
    ...person,
    name: '[name]',
    email: '[email]',
    cards: [{ pan: '[card …1111]', limit: 4_111_111_111_111_111 }],
    contacts: { home: '[phone …4567]' },
    note: 'Card [card …1111] of [name]',
  });
  assert.deepEqual(maskJson(profile, masked, known), masked);
  const clean = { balance: 1, segment: 'person' };
  assert.equal(maskJson(profile, clean), clean, 'what holds nothing is not copied');
});

test('one of several forms is told by its kind and its constant members', () => {
  const schema = Type.Union([
    Type.Object({ kind: Type.Literal('card'), number: of('pan') }),
    Type.Object({ kind: Type.Literal('order'), number: Type.String() }),
  ]);
  const number = '12345';
  assert.deepEqual(maskJson(schema, { kind: 'card', number }), { kind: 'card', number: '[card]' });
  assert.deepEqual(maskJson(schema, { kind: 'order', number }), { kind: 'order', number });
  assert.deepEqual(maskJson(schema, { kind: 'none', number: card }), {
    ...{ kind: 'none', number: '[card …1111]' },
  });
});

test('classes reach through references, parts, tuples and patterns', () => {
  const schema = {
    $defs: {
      node: {
        properties: { holder: { [classKeyword]: 'name' }, next: { $ref: '#/$defs/node' } },
      },
    },
    allOf: [
      { $ref: '#/$defs/node' },
      { properties: { pair: { prefixItems: [{ $ref: '#/$defs/x' }] } } },
    ],
    patternProperties: { '^tax_': { [classKeyword]: 'national_id' } },
    anyOf: [{ $ref: '#' }, { properties: { more: { [classKeyword]: 'unheard of' } } }],
  };
  const value = { holder: 'A', next: { holder: 'B' }, tax_1: '12', pair: [card], more: 'C' };
  assert.deepEqual(maskJson(schema, value), {
    ...{ holder: '[name]', next: { holder: '[name]' }, tax_1: '[national id]' },
    ...{ pair: ['[card …1111]'], more: '[name]' },
  });
});

test('a class holds for whatever stands in its field', () => {
  const schema = { properties: { pan: { [classKeyword]: 'pan' } } };
  for (const pan of [Number(card), [card], { deep: [card, 12_345_678] }]) {
    const text = JSON.stringify(maskJson(schema, { pan } as unknown as Json));
    assert.doesNotMatch(text, /4111111|12345678/);
  }
});

const wide = (text: string) =>
  text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
const escaped = (text: string) =>
  [...text].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
const separated = (sign: string) => (card.match(/.{4}/g) ?? []).join(sign);

/** How somebody hides a value who wants it out. Encodings of the whole, as base64, are no text. */
const tricks: readonly (readonly [string, Json])[] = [
  ['signs of no width', [...card].join('\u200b')],
  ['soft hyphens and marks of direction', [...card].join('\u00ad\u202e')],
  ['tag characters', [...card].join('\u{e0020}')],
  ['wide digits', wide(card)],
  [
    'digits in bold',
    [...card].map((digit) => String.fromCodePoint(0x1d7ce + Number(digit))).join(''),
  ],
  [
    'digits of other scripts',
    [...card].map((digit) => String.fromCodePoint(0x966 + Number(digit))).join(''),
  ],
  ['keycaps', [...card].map((digit) => `${digit}\ufe0f\u20e3`).join('')],
  ['accents on digits', [...card].map((digit) => `${digit}\u0301`).join('')],
  ['control characters', [...card].join('\0')],
  ...['/', '_', '·', ' - ', '.', ',', '\n', '*', '|', ':', '\t', ')('].map(
    (sign) => [`groups with ${JSON.stringify(sign)}`, separated(sign)] as const,
  ),
  ['digits one by one', [...card].join(' ')],
  ['an IBAN in small letters', 'de89 3704 0044 0532 0130 00'],
  ['an IBAN with Cyrillic letters', 'ВЕ68 5390 0754 7034'],
  ['an address with signs of no width', 'ann\u200b@exam\u200bple.com'],
  ['a spelled address', 'ann.lee (at) example (dot) com'],
  ['the name of a member', { [card]: true, [wide(card)]: false }],
  ['a figure', Number(card)],
  ['a negative figure', -Number(card)],
  ['JSON in a text', JSON.stringify({ a: { pan: card } })],
  ['escapes in JSON in a text', `{"a":"${escaped(card)}"}`],
  ['escapes in JSON in JSON', JSON.stringify(`{"a":"${escaped(card)}"}`)],
  ['deep arrays', JSON.parse(`${'['.repeat(5_000)}"${card}"${']'.repeat(5_000)}`) as Json],
  ['a long text', 'x'.repeat(70_000) + card],
  ['many texts', Array.from({ length: 30 }, () => `${'1 a '.repeat(4_000)} ${card}`)],
];

for (const [trick, value] of tricks) {
  test(`nothing gets out by ${trick}`, () => {
    const masked = maskJson(true, { note: value });
    const flat = JSON.stringify(masked)
      .normalize('NFKC')
      .replace(/[^\p{L}\p{N}…]/gu, '');
    assert.doesNotMatch(flat, /4111111|37040044|53900754|exam\W?ple|u0034|४१११/i);
    assert.match(JSON.stringify(masked), /\[(?:card|iban|email|text)/);
    assert.deepEqual(maskJson(true, masked), masked);
  });
}

test('masking JSON twice is masking it once, whatever the schema', () => {
  const texts = fc.constantFrom(
    card,
    'ann@example.com',
    'Mr Quillark',
    '[name]',
    'x',
    '',
    '12345678',
  );
  const { value: values } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      texts,
      fc.constantFrom<Json>(null, true, 1.5, Number(card)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(texts, fc.constantFrom('a', 'b', '__proto__')), tie('value'), {
        maxKeys: 3,
      }),
    ),
  }));
  const { schema: schemas } = fc.letrec<{ schema: object }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...fieldClassNames).map((each) => ({ [classKeyword]: each })),
      fc.constant({ type: 'number' }),
      fc.record({ properties: fc.record({ a: tie('schema'), b: tie('schema') }) }),
      fc.record({ items: tie('schema') }),
      fc.record({ anyOf: fc.array(tie('schema'), { maxLength: 2 }) }),
      fc.record({ additionalProperties: tie('schema') }),
    ),
  }));
  fc.assert(
    fc.property(schemas, values, (schema, value) => {
      const once = maskJson(schema, value);
      assert.deepEqual(maskJson(schema, once), once);
      if (JSON.stringify(schema).includes('"type"')) return;
      assert.deepEqual(maskJson(true, once), once, 'and nothing is left for who has no schema');
    }),
    { numRuns: 500 },
  );
});
