import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBirth } from './birth.ts';
import { type EntityType, entryDigest, type ListEntry, type ListedName } from './entry.ts';
import { buildMatcher, type Listed, type Subject } from './matcher.ts';
import { costLimits, hardCost, letterSet, similarity, softCostOf } from './similarity.ts';

let entries = 0;

function listed(names: string | ListedName[], more: Partial<ListEntry> = {}): Listed {
  entries += 1;
  const entry: ListEntry = {
    id: String(entries),
    entityType: 'person',
    names: typeof names === 'string' ? [{ text: names, kind: 'primary' }] : names,
    birthDates: [],
    countries: [],
    programmes: [],
    ...more,
  };
  return { list: 'test', digest: entryDigest(entry), entry };
}

const thing = (name: string, entityType: EntityType) => listed(name, { entityType });

const matcher = await buildMatcher([
  listed('QUILLARK, Tamsin Odel', { birthDates: ['1959-12-04'], countries: ['AL'] }),
  listed('Muhammad Abd al-Rahman VENTRISK'),
  listed('Орло Вентриск'),
  listed([
    { text: 'Bertil Sandquist', kind: 'primary' },
    { text: 'Wren', kind: 'weak' },
  ]),
  listed('SONG, Tok Hwan'),
  thing('North Tarn Trading Company Limited', 'organisation'),
  thing('GREY GULL 7', 'vessel'),
  ...Array.from({ length: 60 }, (_, at) =>
    listed(`Muhammad Ali ${'bcdfghjklmnp'[at % 12]}ax${at}`),
  ),
]);

function best(subject: string | Subject, min = 300) {
  const asked = typeof subject === 'string' ? { name: subject } : subject;
  return matcher.search(asked, { min })[0];
}

const alike: readonly (readonly [why: string, name: string, listed: string])[] = [
  ['order and case', 'tamsin odel quillark', 'QUILLARK, Tamsin Odel'],
  ['a letter twice', 'Tamsin Odel Quilllark', 'QUILLARK, Tamsin Odel'],
  ['letters exchanged', 'Tamsni Odel Quillark', 'QUILLARK, Tamsin Odel'],
  ['another romanization', 'Tamzin Odel Kwillark', 'QUILLARK, Tamsin Odel'],
  ['a title', 'Haji Mr. Tamsin Odel Quillark', 'QUILLARK, Tamsin Odel'],
  ['particles joined', 'Mohammed Abdulrahman Ventrisk', 'Muhammad Abd al-Rahman VENTRISK'],
  ['particles spelled', 'Mohamed Abdel Rahman Ventrisk', 'Muhammad Abd al-Rahman VENTRISK'],
  ['accents', 'Bértil Sändquist', 'Bertil Sandquist'],
  ['another script', 'Orlo Ventrisk', 'Орло Вентриск'],
  ['tokens joined', 'Song Tokhwan', 'SONG, Tok Hwan'],
  ['legal forms', 'North Tarn Trading Co. Ltd', 'North Tarn Trading Company Limited'],
  ['legal form left out', 'North Tarn Trading', 'North Tarn Trading Company Limited'],
];

for (const [why, name, text] of alike) {
  test(`a name is found in spite of ${why}`, () => {
    const match = best(name);
    assert.equal(match?.name.text, text);
    assert.ok(match.score >= 880, `${name} scores ${match.score}`);
  });
}

test('what is common tells little', () => {
  const score = best('Ali Muhammad')?.score ?? 0;
  assert.ok(score < 800, `Ali Muhammad scores ${score}`);
});

test('a weak name must match in full', () => {
  assert.equal(best('Wren')?.score, 1000);
  assert.ok((best('Wren Ellison')?.score ?? 0) < 800);
});

test('an initial is less than the name, and more than nothing', () => {
  const [full, initial, without] = ['Tamsin O. Quillark', 'T. O. Quillark', 'Quillark'].map(
    (name) => best(name)?.score ?? 0,
  ) as [number, number, number];
  assert.ok(full > initial && initial > without, `${full} ${initial} ${without}`);
});

test('numbers tell ships apart', () => {
  assert.equal(best({ name: 'Grey Gull 7', entityType: 'vessel' })?.score, 1000);
  assert.ok((best({ name: 'Grey Gull 8', entityType: 'vessel' })?.score ?? 0) < 900);
});

test('a person is never a ship or a company', () => {
  assert.equal(best({ name: 'Grey Gull 7', entityType: 'person' }), undefined);
  assert.equal(best({ name: 'Tamsin Odel Quillark', entityType: 'vessel' }), undefined);
});

test('date of birth and country move the score, and say so', () => {
  const name = 'Tamsin Odel Kwillark';
  const score = (more: Partial<Subject>) => best({ name, ...more })?.score ?? 0;
  const plain = score({});
  assert.ok(score({ dateOfBirth: '1959-12-04' }) > score({ dateOfBirth: '1959' }));
  assert.ok(score({ dateOfBirth: '1959' }) > plain);
  assert.ok(plain > score({ dateOfBirth: '1963' }));
  assert.ok(score({ dateOfBirth: '1963' }) > score({ dateOfBirth: '1990-01-01' }));
  assert.ok(score({ countries: ['AL'] }) > plain && plain > score({ countries: ['FR'] }));
  const match = best({ name, dateOfBirth: '1990-01-01', countries: ['FR', 'AL'] });
  assert.deepEqual(match?.adjustments, [
    { reason: 'birth_far_conflict', points: -200 },
    { reason: 'country_match', points: 20 },
  ]);
});

test('vague dates of birth are compared as vaguely', () => {
  assert.equal(compareBirth('1961-05-02', ['1960/1963']), 'same_year');
  assert.equal(compareBirth('1962-05-02', ['1960~']), 'same_year');
  assert.equal(compareBirth('1964', ['1960~']), 'conflict');
  assert.equal(compareBirth('1960-05-02', ['1990', '1960-02-05']), 'same_date', 'day for month');
  assert.equal(compareBirth('1960', []), undefined);
});

test('a score says which listed name and which tokens made it', () => {
  const match = best('Quilllark Tamsin Odel');
  assert.deepEqual(match?.pairs.map(({ tokens, listed: token }) => [tokens, token]).sort(), [
    [[0], 'quillark'],
    [[1], 'tamsin'],
    [[2], 'odel'],
  ]);
});

test('a search among some entries finds the same there', () => {
  const all = matcher.search({ name: 'Muhammad Ventrisk' }, { min: 300 });
  const [first] = all;
  const among = matcher.search(
    { name: 'Muhammad Ventrisk' },
    { min: 300, among: ({ entry }) => entry.id === first?.listed.entry.id },
  );
  assert.deepEqual(among, [first]);
});

const token = fc.stringMatching(/^[a-z]{1,12}$/);
const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz');

test('similarity is symmetric, and no shortcut passes over an alike token', () => {
  const edited = fc
    .tuple(token, fc.array(fc.tuple(fc.nat(12), letter, fc.nat(2)), { maxLength: 3 }))
    .map(([text, edits]) => {
      let other = text;
      for (const [at, with_, cut] of edits)
        other = other.slice(0, at) + with_ + other.slice(at + cut);
      return [text, other] as const;
    });
  fc.assert(
    fc.property(edited, ([first, second]) => {
      const found = similarity(first, second);
      assert.ok(Math.abs(found - similarity(second, first)) < 1e-9, `${first} ${second}`);
      if (found === 0 || first === second) return;
      const [a, b] = [letterSet(first), letterSet(second)];
      const limit = costLimits(first.length)[second.length] as number;
      assert.ok(hardCost(a, b) + softCostOf(a, b) <= limit, `${first} ${second}`);
    }),
    { numRuns: 5_000 },
  );
});

test('any listed name finds itself, in any order of its words', () => {
  const words = fc.uniqueArray(token, { minLength: 2, maxLength: 5 });
  return fc.assert(
    fc.asyncProperty(words, async (names) => {
      const small = await buildMatcher([listed(names.join(' '))]);
      const [match] = small.search({ name: names.toReversed().join(' ') }, { min: 990 });
      assert.ok(match, names.join(' '));
    }),
    { numRuns: 50 },
  );
});

test('hostile names are answered soon', () => {
  for (const name of [
    'ali '.repeat(75),
    'a '.repeat(150),
    'x'.repeat(300),
    '',
    '  ',
    '—',
    '\u0000',
  ]) {
    const began = performance.now();
    best(name);
    assert.ok(performance.now() - began < 500, name.slice(0, 10));
  }
});
