import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import fc from 'fast-check';
import { askCedar, type PreparedRules, readRules, readSchema } from './cedar.ts';
import { entitlementSchema } from './shipped.ts';

const schema = readSchema(entitlementSchema);
const head = '@id("mine") @reason("Mine.") permit (principal, action, resource)';

/** What nests or chains in a rule, so often. */
const shapes: Readonly<Record<string, (times: number) => string>> = {
  clauses: (times) => `${head}${' when { true }'.repeat(times)};`,
  exceptions: (times) => `${head}${' unless { false }'.repeat(times)};`,
  sums: (times) => `${head} when { 1${' + 1'.repeat(times)} == 1 };`,
  products: (times) => `${head} when { 1${' * 1'.repeat(times)} == 1 };`,
  conjunctions: (times) => `${head} when { true${' && true'.repeat(times)} };`,
  choices: (times) => `${head} when { ${'if true then true else '.repeat(times)}true };`,
  conditions: (times) =>
    `${head} when { ${'if '.repeat(times)}true${' then true else true'.repeat(times)} };`,
  attributes: (times) => `${head} when { context${'.time'.repeat(times)} == 1 };`,
  indexes: (times) => `${head} when { context${'["time"]'.repeat(times)} == 1 };`,
  calls: (times) => `${head} when { [1]${'.contains(1)'.repeat(times)} };`,
  durations: (times) =>
    `${head} when { context.time${'.offset(duration("1h"))'.repeat(times)} == context.time };`,
  brackets: (times) => `${head} when { ${'('.repeat(times)}true${')'.repeat(times)} };`,
  sets: (times) => `${head} when { ${'['.repeat(times)}1${']'.repeat(times)} == [1] };`,
  records: (times) => `${head} when { ${'{a: '.repeat(times)}1${'}'.repeat(times)} == {a: 1} };`,
  elements: (times) => `${head} when { [1${', 1'.repeat(times)}].contains(1) };`,
  actions: (times) =>
    `${head.replace('action', `action in [${'Action::"admin", '.repeat(times)}Action::"admin"]`)};`,
};

function prepared(text: string, rules = readRules(schema, text)): PreparedRules {
  return { id: text, schema, rules: new Map(rules.map((rule) => [rule.id, rule])) };
}

const nobody = { type: 'User', id: 'ann' };
const call = {
  principal: nobody,
  action: { type: 'Action', id: 'admin' },
  resource: { type: 'Tenant', id: 'bank' },
  context: { consents: [], time: { __extn: { fn: 'datetime', arg: '2026-01-05' } } },
  entities: [],
};
const sound = prepared(`${head};`);

/** The rules of a text, or what Cedar or we say against it. Never a trap. */
function tried(text: string): PreparedRules | string {
  try {
    return prepared(text);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'invalid_request', text.slice(0, 200));
    assert.doesNotMatch(error.message, /memory access|call stack|unreachable/, text.slice(0, 200));
    return error.message;
  }
}

for (const [what, make] of Object.entries(shapes)) {
  test(`however many ${what} a rule has, it is refused before Cedar runs out of memory`, () => {
    let longest = 0;
    for (const times of [1, 10, 20, 40, 75, 150, 190, 300, 600, 1_200, 2_000, 15_000]) {
      const rules = tried(make(times));
      if (typeof rules === 'string') continue;
      longest = times;
      const { errors } = askCedar(rules, call);
      assert.doesNotMatch(errors.join(), /memory access|call stack|unreachable/);
    }
    assert.ok(longest < 300, `${longest} are refused`);
    assert.equal(askCedar(sound, call).allowed, true);
  });
}

test('shapes within shapes do not exhaust it either', () => {
  const { expression } = fc.letrec((tie) => {
    const inner = tie('expression') as fc.Arbitrary<string>;
    const chain = fc
      .tuple(inner, fc.constantFrom('&&', '||', '+', '*', '-'), fc.integer({ min: 1, max: 40 }))
      .map(([each, sign, times]) => `(${each})${` ${sign} 1`.repeat(times)}`);
    return {
      expression: fc.oneof(
        { maxDepth: 24, depthSize: 'max', withCrossShrink: true },
        fc.constantFrom('1', 'true', 'principal', 'context.time'),
        chain,
        inner.map((each) => `(${each})`),
        inner.map((each) => `[${each}]`),
        inner.map((each) => `{a: ${each}}.a`),
        inner.map((each) => `!${each}`),
        inner.map((each) => `if ${each} then ${each.slice(0, 60)} else 1`),
        inner.map((each) => `${each} has a.b.c`),
      ),
    };
  });
  fc.assert(
    fc.property(
      expression as fc.Arbitrary<string>,
      fc.integer({ min: 1, max: 60 }),
      (each, times) => {
        tried(`${head} when { ${each} }${' unless { false }'.repeat(times)};`);
      },
    ),
    { numRuns: 60 },
  );
});

test('a text has a bounded number of words and signs, and no way around counting them', () => {
  const rules = (count: number) =>
    Array.from({ length: count }, (_, at) => head.replace('mine', `r${at}`)).join(';\n');
  assert.match(String(tried(`${rules(101)};`)), /more than 100 rules/);
  assert.match(String(tried(';'.repeat(4_001))), /the text has more than 4000 words and signs/);
  const sums = shapes['sums'] as (times: number) => string;
  const commented = sums(500).replaceAll(' + ', ' /*;*/ + ');
  assert.match(String(tried(commented)), /Lexical|unexpected token|words and signs/i);
  assert.match(String(tried(sums(500).replaceAll(' + ', ' // ;\n + '))), /words and signs/);
  const quoted = head.replace('Mine.', '(;{['.repeat(40));
  assert.equal(typeof tried(`${quoted};`), 'object', 'what is quoted has no structure');
  const from = performance.now();
  assert.match(String(tried(`"${'\\"'.repeat(16_000)}`)), /line 1/);
  assert.ok(performance.now() - from < 1_000, 'nor does an open string take long');
});

test('were Cedar to trap when it is asked, it fails that question and no other', () => {
  const make = shapes['exceptions'] as (times: number) => string;
  const [rule] = readRules(schema, make(1));
  assert.ok(rule);
  // As if nobody had checked it.
  const trap = prepared('trap', [{ ...rule, text: make(2_000) }]);
  for (let again = 0; again < 3; again += 1) {
    const answer = askCedar(trap, call);
    assert.deepEqual([answer.allowed, answer.errors.length], [false, 1]);
    assert.equal(askCedar(sound, call).allowed, true);
  }
});
