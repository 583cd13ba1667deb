// Verdicts: strict in what is heard, honest about what is not known, equal for equal facts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault, type Json } from '#core';
import { type Bundle, parseBundle } from './bundle.ts';
import { checkBundle } from './check.ts';
import { compileBundle } from './compile.ts';
import { evaluate, type Facts, type VerdictOutcome } from './evaluate.ts';
import { explain } from './explain.ts';

type Draft = Omit<Bundle, 'format' | 'name' | 'title' | 'description' | 'tests' | 'reasons'> &
  Partial<Pick<Bundle, 'tests' | 'reasons' | 'name'>>;

/** A bundle that says what a test is about, and fills in the rest. */
function bundle(draft: Draft): Bundle {
  const reasons = Object.fromEntries(draft.rules.map(({ reason }) => [reason, reason]));
  const tests = [{ name: 'any', facts: {}, expect: { outcome: 'review' } }] as Bundle['tests'];
  const words = { title: 'A test', description: 'A test' };
  return { format: 1, name: 'a-test', ...words, reasons, tests, ...draft };
}

const amount = { type: 'integer', description: 'Minor units' } as const;
const country = { type: 'string', description: 'ISO 3166' } as const;
const thresholds = bundle({
  facts: { amount, country },
  rules: [
    { id: 'blocked', if: { country: "in ['IR', 'KP']" }, outcome: 'deny', reason: 'blocked' },
    { id: 'large', if: { amount: '> 1000' }, outcome: 'review', reason: 'large' },
    { id: 'middling', if: { amount: '> 100' }, outcome: 'hold', reason: 'middling' },
    { id: 'others', outcome: 'allow', reason: 'fine' },
  ],
});

function verdict(of: Bundle, facts: Facts) {
  return evaluate(compileBundle(of), facts);
}

function answer(of: Bundle, facts: Facts): [VerdictOutcome, ...string[]] {
  const { outcome, reasons } = verdict(of, facts);
  return [outcome, ...reasons];
}

test('of all rules that hold the strictest is the answer, with its own reasons', () => {
  assert.deepEqual(answer(thresholds, { amount: 100, country: 'US' }), ['allow', 'fine']);
  assert.deepEqual(answer(thresholds, { amount: 101, country: 'US' }), ['hold', 'middling']);
  assert.deepEqual(answer(thresholds, { amount: 1001, country: 'US' }), ['review', 'large']);
  assert.deepEqual(answer(thresholds, { amount: 1001, country: 'KP' }), ['deny', 'blocked']);
  const { trace } = verdict(thresholds, { amount: 1001, country: 'KP' });
  assert.deepEqual(trace.rules, ['blocked', 'large', 'middling', 'others']);
});

test('what is missing is looked at, never allowed; what is denied anyway stays denied', () => {
  assert.deepEqual(answer(thresholds, { country: 'US' }), ['review', 'fact_missing']);
  assert.deepEqual(answer(thresholds, { amount: null, country: 'US' }), ['review', 'fact_missing']);
  assert.deepEqual(answer(thresholds, { country: 'IR' }), ['deny', 'blocked']);
  assert.deepEqual(answer(thresholds, { amount: 5000 }), ['review', 'large', 'fact_missing']);
});

test('a fact of another type than declared is a doubt, not a guess', () => {
  for (const wrong of ['100', 1.5, true, [1], { a: 1 }, 2 ** 53]) {
    const found = answer(thresholds, { amount: wrong as Json, country: 'US' });
    assert.deepEqual(found, ['review', 'fact_invalid'], JSON.stringify(wrong));
  }
});

test('a default stands in for what is missing, and for nothing else', () => {
  const facts = { amount: { ...amount, default: 0 }, country };
  const lenient = bundle({ ...thresholds, facts });
  assert.deepEqual(answer(lenient, { country: 'US' }), ['allow', 'fine']);
  assert.deepEqual(answer(lenient, { country: 'US', amount: 'x' }), ['review', 'fact_invalid']);
});

test('an error of the engine is a doubt with its own reason', () => {
  const dividing = bundle({
    facts: { amount },
    rules: [
      { id: 'ratio', if: { '100 / amount': '> 1' }, outcome: 'deny', reason: 'ratio' },
      { id: 'others', outcome: 'allow', reason: 'fine' },
    ],
  });
  assert.deepEqual(answer(dividing, { amount: 0 }), ['review', 'engine_error']);
  assert.match(verdict(dividing, { amount: 0 }).trace.doubts[0]?.detail ?? '', /divide by zero/);
  const overflowing = bundle({
    facts: { amount },
    nodes: {
      huge: { kind: 'formula', type: 'integer', value: 'amount * 9007199254740991' },
    },
    rules: [
      { id: 'huge', if: { huge: '> 0' }, outcome: 'deny', reason: 'huge' },
      { id: 'others', outcome: 'allow', reason: 'fine' },
    ],
  });
  assert.deepEqual(answer(overflowing, { amount: 2 ** 52 }), ['review', 'engine_error']);
});

test('where no rule says anything, a person looks', () => {
  const silent = bundle({ ...thresholds, rules: thresholds.rules.slice(0, 1) });
  assert.deepEqual(answer(silent, { amount: 1, country: 'US' }), ['review', 'no_rule_held']);
});

test('money stays exact to the last minor unit', () => {
  const exact = bundle({
    facts: { amount },
    rules: [
      { id: 'more', if: { amount: '> 9007199254740990' }, outcome: 'deny', reason: 'more' },
      { id: 'others', outcome: 'allow', reason: 'fine' },
    ],
  });
  assert.deepEqual(answer(exact, { amount: 9_007_199_254_740_990 }), ['allow', 'fine']);
  assert.deepEqual(answer(exact, { amount: 9_007_199_254_740_991 }), ['deny', 'more']);
});

test('tables answer by their hit policy, and an ambiguous one does not answer', () => {
  type Hit = Extract<NonNullable<Bundle['nodes']>[string], { kind: 'table' }>['hit'];
  const table = (hit: Hit, type: 'integer' | 'integer[]', amountGiven: number) => {
    const drafted = bundle({
      facts: { amount },
      nodes: {
        points: {
          kind: 'table',
          type,
          hit,
          rules: [
            { id: 'big', if: { amount: '>= 100' }, value: '30' },
            { id: 'some', if: { amount: '>= 10' }, value: '10' },
            { id: 'ten', if: { amount: '== 10' }, value: '10' },
          ],
        },
      },
      answers: ['points'],
      rules: [
        {
          id: 'known',
          if: { [type === 'integer' ? 'points' : 'size(points)']: '>= 0' },
          outcome: 'allow',
          reason: 'fine',
        },
      ],
    });
    const found = verdict(drafted, { amount: amountGiven });
    return found.outcome === 'allow' ? found.answers['points'] : found.reasons;
  };
  assert.equal(table('first', 'integer', 100), 30);
  assert.equal(table('unique', 'integer', 50), 10);
  assert.deepEqual(table('unique', 'integer', 100), ['engine_error']);
  assert.equal(table('any', 'integer', 10), 10);
  assert.deepEqual(table('any', 'integer', 100), ['engine_error']);
  assert.deepEqual(table('rule_order', 'integer[]', 100), [30, 10]);
  assert.deepEqual(table('collect', 'integer[]', 100), [10, 30]);
  assert.equal(table('sum', 'integer', 100), 40);
  assert.equal(table('min', 'integer', 100), 10);
  assert.equal(table('max', 'integer', 100), 30);
  assert.equal(table('sum', 'integer', 1), 0);
  for (const hit of ['first', 'unique', 'any', 'min', 'max'] as const) {
    assert.deepEqual(table(hit, 'integer', 1), ['engine_error'], hit);
  }
});

test('limits come with the verdict, and one that cannot be worked out is looked at', () => {
  const limited = bundle({
    facts: { amount, account: { type: 'string', description: 'Whose' } },
    rules: [{ id: 'others', outcome: 'allow', reason: 'fine' }],
    limits: [
      {
        id: 'daily',
        key: "'account:' + account",
        window: { kind: 'calendar', unit: 'day', time_zone: 'Europe/Berlin' },
        measure: 'amount',
        amount: 'amount',
        cap: '500000',
      },
    ],
  });
  const { outcome, consume } = verdict(limited, { amount: 7, account: 'acc_1' });
  assert.equal(outcome, 'allow');
  assert.deepEqual(consume, [
    {
      limit: 'daily',
      key: 'account:acc_1',
      window: { kind: 'calendar', unit: 'day', time_zone: 'Europe/Berlin' },
      measure: 'amount',
      amount: 7,
      cap: 500000,
      leg: 0,
    },
  ]);
  assert.deepEqual(answer(limited, { amount: 7 }), ['review', 'fact_missing']);
  assert.deepEqual(answer(limited, { amount: -7, account: 'a' }), ['review', 'engine_error']);
});

test('obligations are those of the rules that led to the answer, the more demanding of two', () => {
  const demanding = bundle({
    facts: { amount },
    rules: [
      { id: 'one', outcome: 'hold', reason: 'one', obligations: { step_up: ['otp'] } },
      {
        id: 'two',
        if: { amount: '> 10' },
        outcome: 'hold',
        reason: 'two',
        obligations: { step_up: ['otp', 'call'], approvals: 2 },
      },
      { id: 'soft', outcome: 'allow', reason: 'soft', obligations: { review_queue: 'none' } },
    ],
  });
  assert.deepEqual(verdict(demanding, { amount: 11 }).obligations, {
    step_up: ['otp', 'call'],
    approvals: 2,
  });
  assert.deepEqual(verdict(demanding, { amount: 1 }).obligations, { step_up: ['otp'] });
});

test('an explanation tells of every rule which condition failed, on which value', () => {
  const { rules } = explain(compileBundle(thresholds), { amount: 500, country: 'US' });
  assert.deepEqual(
    rules.map(({ rule, held }) => [rule, held]),
    [
      ['blocked', 'no'],
      ['large', 'no'],
      ['middling', 'yes'],
      ['others', 'yes'],
    ],
  );
  assert.deepEqual(rules[1]?.conditions, [
    { key: 'amount', cell: '> 1000', held: 'no', read: { amount: 500 }, doubt: null },
  ]);
  const unknown = explain(compileBundle(thresholds), { country: 'US' }).rules[1];
  assert.deepEqual(
    [unknown?.held, unknown?.conditions[0]?.doubt],
    ['unknown', 'fact_missing: amount'],
  );
});

const strictness = ['allow', 'hold', 'review', 'deny'];
const factsOf = fc.record(
  {
    amount: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.constantFrom(100, 101, 1000, 1001)),
    country: fc.constantFrom('US', 'IR', 'KP', ''),
  },
  { requiredKeys: [] },
);

test('equal facts give equal verdicts, in whatever order the rules and conditions stand', () => {
  fc.assert(
    fc.property(
      factsOf,
      fc.shuffledSubarray(thresholds.rules, { minLength: 4 }),
      (facts, rules) => {
        const one = verdict(thresholds, facts);
        const other = verdict({ ...thresholds, rules }, facts);
        assert.deepEqual(verdict(thresholds, facts), one);
        assert.equal(other.outcome, one.outcome);
        assert.deepEqual([...other.reasons].sort(), [...one.reasons].sort());
      },
    ),
  );
});

test('a rule that denies, or a threshold that is tighter, never approves more', () => {
  const rule = fc.record({
    limit: fc.integer({ min: 0, max: 2000 }),
    outcome: fc.constantFrom('deny', 'review', 'hold'),
  });
  fc.assert(
    fc.property(
      factsOf,
      rule,
      fc.integer({ min: 0, max: 1000 }),
      (facts, { limit, outcome }, cut) => {
        const before = strictness.indexOf(verdict(thresholds, facts).outcome);
        const added = {
          id: 'added',
          if: { amount: `>= ${limit}` },
          outcome: outcome as VerdictOutcome,
          reason: 'large',
        };
        const stricter = { ...thresholds, rules: [...thresholds.rules, added] };
        assert.ok(strictness.indexOf(verdict(stricter, facts).outcome) >= before);
        const tighter = {
          ...thresholds,
          rules: thresholds.rules.map((each) =>
            each.id === 'large' ? { ...each, if: { amount: `> ${1000 - cut}` } } : each,
          ),
        };
        assert.ok(strictness.indexOf(verdict(tighter, facts).outcome) >= before);
      },
    ),
  );
});

test('the less is known, the less is allowed', () => {
  fc.assert(
    fc.property(factsOf, fc.constantFrom('amount', 'country'), (facts, forgotten) => {
      const { [forgotten]: _, ...fewer } = facts as Record<string, Json>;
      if (verdict(thresholds, fewer).outcome !== 'allow') return;
      assert.equal(verdict(thresholds, facts).outcome, 'allow');
    }),
  );
});

// What is refused ---------------------------------------------------------------------------------

function flawsOf(value: unknown): [string, string][] {
  try {
    checkBundle(value as Json);
  } catch (error) {
    assert.ok(error instanceof Fault && error.code === 'bundle_invalid', String(error));
    const { errors } = error.detail as { errors: { pointer: string; detail: string }[] };
    return errors.map(({ pointer, detail }) => [pointer, detail]);
  }
  return [];
}

const fine = bundle({
  ...thresholds,
  tests: [{ name: 'fine', facts: { amount: 1, country: 'US' }, expect: { outcome: 'allow' } }],
});

function withRule(rule: object): unknown {
  return {
    ...fine,
    rules: [...fine.rules, { id: 'x', outcome: 'deny', reason: 'large', ...rule }],
  };
}

const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
  ['a rule without an outcome', { ...fine, rules: [{ id: 'x', reason: 'fine' }] }, '/rules/0', /./],
  ['an unknown member', { ...fine, extra: 1 }, '/extra', /no member/],
  ['a clock', withRule({ if: { 'now()': '> 1' } }), '/rules/4/if/now()', /calls now/],
  ['chance', withRule({ if: { amount: '> random()' } }), '/rules/4/if/amount', /calls random/],
  ['I/O', withRule({ if: { "fetch('x')": "== ''" } }), "/rules/4/if/fetch('x')", /calls fetch/],
  ['a name that nobody declares', withRule({ if: { nope: '> 1' } }), '/rules/4/if/nope', /"nope"/],
  ['unlike types', withRule({ if: { amount: "> 'a'" } }), '/rules/4/if/amount', /integer and str/],
  [
    'a cell that is no condition',
    withRule({ if: { amount: '+ 1' } }),
    '/rules/4/if/amount',
    /boole/,
  ],
  ['a cell that reaches out', withRule({ if: { 'true || amount': '> 1' } }), '/rules/4', /\|\|/],
  ['text that does not parse', withRule({ if: { amount: '> >' } }), '/rules/4/if/amount', /expect/],
  ['null', withRule({ if: { amount: '== null' } }), '/rules/4/if/amount', /no null/],
  ['a reason without words', withRule({ reason: 'what' }), '/rules/4/reason', /"what"/],
  ['a rule twice', withRule({ id: 'large' }), '/rules/4/id', /twice/],
  ['an integer beyond 64 bits', withRule({ if: { amount: `> ${2n ** 63n}` } }), '/rules/4', /64/],
  [
    'nodes in a circle',
    {
      ...fine,
      nodes: {
        a: { kind: 'formula', type: 'integer', value: 'b + 1' },
        b: { kind: 'formula', type: 'integer', value: 'a + 1' },
      },
    },
    '/nodes/a',
    /a → b → a/,
  ],
  [
    'a default of another type',
    { ...fine, facts: { ...fine.facts, amount: { ...amount, default: 'x' } } },
    '/facts/amount/default',
    /integer/,
  ],
  [
    'a test that fails',
    { ...fine, tests: [{ name: 'wrong', facts: { amount: 1 }, expect: { outcome: 'deny' } }] },
    '/tests/0',
    /"wrong" expects the outcome "deny", and it is "review"/,
  ],
];

for (const [name, value, place, detail] of refused) {
  test(`a bundle with ${name} is refused, with the place and the reason`, () => {
    const flaws = flawsOf(value);
    const told = flaws.find(([at, why]) => at.startsWith(place) && detail.test(why));
    assert.ok(told, JSON.stringify(flaws));
  });
}

test('a bundle that is too large is refused before anything else is looked at', () => {
  const huge = { ...fine, description: 'x'.repeat(600_000) };
  assert.match(flawsOf(huge)[0]?.[1] ?? '', /524288 are the most/);
  assert.throws(() => parseBundle('text'), Fault);
});

test('a bundle that is fine has a digest of its own, whatever the order of its members', () => {
  const { program } = checkBundle(fine as Json);
  const turned = Object.fromEntries(Object.entries(fine).reverse());
  assert.equal(checkBundle(turned as Json).program.digest, program.digest);
  assert.match(program.version, /^a-test@[0-9a-f]{12}$/);
  const other = checkBundle({ ...fine, title: 'Another' } as Json).program.digest;
  assert.notEqual(other, program.digest);
});
