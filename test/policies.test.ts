// The bundles that ship: each is complete, tested by its own examples, and can only be tightened.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, type Json } from '#core';
import type { Bundle, Conditions, Rule } from '../src/policy/bundle/bundle.ts';
import { checkBundle } from '../src/policy/bundle/check.ts';
import { compileBundle, type Program } from '../src/policy/bundle/compile.ts';
import { doubtsIn } from '../src/policy/bundle/doubts.ts';
import { evaluate, type Facts, type Verdict } from '../src/policy/bundle/evaluate.ts';
import { defaultBundles } from '../src/policy/defaults.ts';

const bundles = [...defaultBundles().values()].map(({ bundle }) => bundle);
const runs = { numRuns: 300 };
const strictness = ['allow', 'hold', 'review', 'deny'];
/** What the ledger tells of every command, whether or not a rule reads it. */
const toldAnyway = ['operation', 'legs', 'leg_kinds', 'currency'];

/** Facts whose default says that nothing is the matter: the exact limits say the same later. */
const harmless: Readonly<Record<string, readonly string[]>> = {
  'payment-authorization': ['count_1h', 'amount_24h'],
  'offer-eligibility': ['bereaved'],
};

for (const bundle of bundles) {
  describe(bundle.name, () => {
    const program = compileBundle(bundle);
    const facts = factsNear(bundle);

    test('its examples hold, and leave no rule out', () => {
      assert.deepEqual(checkBundle(bundle as Json).untested, []);
      assert.ok(bundle.tests.length >= 8);
    });

    test('everything that is declared is used', () => {
      const read = new Set(readNames(program));
      const declared = [...Object.keys(bundle.facts), ...Object.keys(bundle.nodes ?? {})];
      const idle = declared.filter((name) => !read.has(name) && !bundle.answers?.includes(name));
      const excused = bundle.name === 'ledger-operations' ? toldAnyway : [];
      assert.deepEqual(
        idle.filter((name) => !excused.includes(name)),
        [],
      );
      const given = new Set(bundle.rules.map(({ reason }) => reason));
      assert.deepEqual(Object.keys(bundle.reasons).sort(), [...given].sort());
    });

    test('what is not known is never allowed: each fact without a default is needed once', () => {
      const isNeeded = (name: string) =>
        bundle.tests.some((example) => {
          const without = { ...(example.facts as Facts), [name]: undefined };
          const { outcome, trace } = evaluate(program, without);
          return outcome !== 'allow' && trace.doubts.some(({ detail }) => detail === name);
        });
      const read = new Set(readNames(program));
      const open = Object.entries(bundle.facts).filter(([, fact]) => !('default' in fact));
      assert.deepEqual(
        open.map(([name]) => name).filter((name) => read.has(name) && !isNeeded(name)),
        [],
      );
    });

    test('equal facts have equal answers, in whatever order they are told', () => {
      const again = compileBundle(JSON.parse(canonicalJson(bundle as Json)) as Bundle);
      fc.assert(
        fc.property(facts, (given) => {
          const reversed = Object.fromEntries(Object.entries(given).reverse());
          const first = told(evaluate(program, given));
          assert.deepEqual(told(evaluate(program, reversed)), first);
          assert.deepEqual(told(evaluate(again, given)), first);
        }),
        runs,
      );
    });

    test('the order of the rules changes no answer', () => {
      const shuffled = [bundle.rules.toReversed(), rotate(bundle.rules)].map((rules) =>
        compileBundle({ ...bundle, rules }),
      );
      fc.assert(
        fc.property(facts, fc.constantFrom(...shuffled), (given, other) => {
          assert.deepEqual(essence(evaluate(other, given)), essence(evaluate(program, given)));
        }),
        runs,
      );
    });

    test('one rule more that denies never approves more', () => {
      const stricter = bundle.rules.map((rule) => compileBundle(withDeny(bundle, rule)));
      fc.assert(
        fc.property(facts, fc.constantFrom(...stricter), (given, other) => {
          assertNoMore(evaluate(other, given), evaluate(program, given));
        }),
        runs,
      );
    });

    test('a tighter threshold or cap never approves more', () => {
      const tighter = tightenings(bundle).map((each) => compileBundle(each));
      if (tighter.length === 0) return;
      fc.assert(
        fc.property(facts, fc.constantFrom(...tighter), (given, other) => {
          assertNoMore(evaluate(other, given), evaluate(program, given));
        }),
        runs,
      );
    });

    test('people answer for what is not known, and for nothing that a rule says', () => {
      const names = Object.keys(bundle.facts);
      const known = new Map(program.rules.map(({ id, outcome }) => [id, outcome]));
      fc.assert(
        fc.property(facts, fc.subarray(names), fc.nat(), (given, gone, some) => {
          const left = Object.fromEntries(
            Object.entries(given).filter(([name]) => !gone.includes(name)),
          );
          const asked = evaluate(program, left);
          const shown = doubtsIn({ ...asked, point: bundle.name });
          const answered = shown.filter((_, index) => (some >> (index % 30)) % 2 === 0);
          const [part, whole] = [answered, shown].map((each) => evaluate(program, left, each));
          for (const { outcome, trace, facts: heard } of [part!, whole!]) {
            for (const rule of asked.trace.rules) {
              assert.ok(strictness.indexOf(outcome) >= strictness.indexOf(known.get(rule)!));
            }
            assert.deepEqual([trace.doubts, heard], [asked.trace.doubts, asked.facts]);
          }
          assert.ok(answered.length === shown.length || part!.outcome !== 'allow');
          if (asked.outcome === 'deny') assert.equal(whole!.reasons.join(), asked.reasons.join());
        }),
        runs,
      );
    });

    test('a fact less never approves more', () => {
      const names = Object.keys(bundle.facts).filter(
        (name) => !harmless[bundle.name]?.includes(name),
      );
      fc.assert(
        fc.property(facts, fc.subarray(names, { minLength: 1, maxLength: 2 }), (given, gone) => {
          const left = Object.fromEntries(
            Object.entries(given).filter(([name]) => !gone.includes(name)),
          );
          assertNoMore(evaluate(program, left), evaluate(program, given));
        }),
        runs,
      );
    });
  });
}

describe('what a bank must be able to rely on', () => {
  const programs = new Map(bundles.map((bundle) => [bundle.name, compileBundle(bundle)]));
  const allows = (name: string, given: Facts) =>
    evaluate(programs.get(name)!, given).outcome === 'allow';
  const near = (name: string) => factsNear(programs.get(name)!.bundle);

  test('an agent alone never changes anything, whatever else is true', () => {
    const alone = { confirmed_by_customer: false, mandate_left: 0, approvals: 0 };
    const effect = fc.constantFrom('write', 'financial', 'anything');
    fc.assert(
      fc.property(near('agent-actions'), effect, (given, kind) => {
        assert.ok(!allows('agent-actions', { ...given, ...alone, effect: kind }));
      }),
      runs,
    );
  });

  test('agents and partners administer nothing, and post nothing to the ledger by hand', () => {
    fc.assert(
      fc.property(
        near('administration'),
        near('ledger-operations'),
        fc.constantFrom('agent', 'partner'),
        (change, posting, principal_kind) => {
          const isAsking = /^approval\.(request|withdraw)$/.test(String(change['operation']));
          assert.ok(isAsking || !allows('administration', { ...change, principal_kind }));
          const isGoingOn = /^payment\.(capture|cancel)$/.test(String(posting['operation']));
          const mayStep = isGoingOn && principal_kind === 'partner';
          assert.ok(mayStep || !allows('ledger-operations', { ...posting, principal_kind }));
        },
      ),
      runs,
    );
  });

  test('nobody is denied credit by a machine, but for the lack of their consent', () => {
    const denials = programs
      .get('personal-loan')!
      .bundle.rules.filter(({ outcome }) => outcome === 'deny');
    assert.deepEqual(
      denials.map(({ id }) => id),
      ['no-consent'],
    );
  });

  test('credit looks at age for majority alone, and at no other trait of the person', () => {
    const { bundle, rules, nodes } = programs.get('personal-loan')!;
    const forbidden = /sex|gender|race|origin|nation|religion|marital|postcode|zip|address|birth/;
    assert.deepEqual(
      Object.keys(bundle.facts).filter((name) => forbidden.test(name)),
      [],
    );
    const readers = rules.filter(({ conditions }) =>
      conditions.some(({ reads }) => reads.includes('age_years')),
    );
    assert.deepEqual(
      readers.map(({ id }) => id),
      ['under-age'],
    );
    assert.ok(!readNames({ ...programs.get('personal-loan')!, rules: [] }).includes('age_years'));
    assert.ok(nodes.length > 0);
  });

  test('nobody posts points directly, whatever else is true', () => {
    fc.assert(
      fc.property(near('ledger-operations'), (given) => {
        assert.ok(!allows('ledger-operations', { ...given, of_points: true }));
      }),
      runs,
    );
  });

  test('no budget and no gift of 50,001 points goes without a manager', () => {
    const alone = { manager_approvals: 0 };
    const gives = fc.constantFrom('earn', 'award', 'adjust', 'transfer');
    fc.assert(
      fc.property(near('loyalty-guardrails'), gives, fc.nat(), (given, operation, more) => {
        const many = { ...given, ...alone, operation, points: 50_001 + more };
        assert.ok(!allows('loyalty-guardrails', many));
        assert.ok(!allows('loyalty-guardrails', { ...given, ...alone, operation: 'fund' }));
      }),
      runs,
    );
  });

  test('the system alone keeps house; who is suspended is given and spends nothing', () => {
    const house = fc.constantFrom('mature', 'restore', 'take_back', 'expire', 'forfeit');
    const others = fc.constantFrom('user', 'partner', 'agent');
    const moves = fc.constantFrom('earn', 'award', 'transfer', 'redeem');
    fc.assert(
      fc.property(near('loyalty-guardrails'), house, others, moves, (given, due, who, move) => {
        const by = { ...given, operation: due, principal_kind: who };
        assert.ok(!allows('loyalty-guardrails', by));
        const suspended = { ...given, operation: move, account_standing: 'suspended' };
        assert.ok(!allows('loyalty-guardrails', suspended));
      }),
      runs,
    );
  });

  test('a payment of a customer takes from the limits of the account', () => {
    fc.assert(
      fc.property(near('payment-authorization'), (given) => {
        const { outcome, consume } = evaluate(programs.get('payment-authorization')!, given);
        const isOfCustomer = ['card', 'transfer', 'bill', 'standing_order', 'cash'].includes(
          String(given['kind']),
        );
        if (outcome !== 'allow' || !isOfCustomer) return;
        const taken = consume.map(({ limit }) => limit);
        assert.ok(taken.includes('account-daily-amount') && taken.includes('account-daily-count'));
      }),
      runs,
    );
  });
});

function told(verdict: Verdict): string {
  return canonicalJson(verdict as unknown as Json);
}

/** All that does not follow the order of the rules: of two queues, the first rule's is taken. */
function essence({ outcome, reasons, consume, answers, trace }: Verdict) {
  return { outcome, reasons: reasons.toSorted(), consume, answers, rules: trace.rules.toSorted() };
}

function assertNoMore(stricter: Verdict, original: Verdict): void {
  if (stricter.outcome === 'allow') assert.equal(original.outcome, 'allow');
}

function rotate<T>(items: readonly T[]): T[] {
  const middle = Math.floor(items.length / 2);
  return [...items.slice(middle), ...items.slice(0, middle)];
}

function withDeny(bundle: Bundle, { id, reason, if: conditions = {} }: Rule): Bundle {
  const denying: Rule = { id: `no-${id}`, if: conditions, outcome: 'deny', reason };
  return { ...bundle, rules: [...bundle.rules, denying] };
}

/** The bundle with one number of a rule that does not allow, or of a cap, made tighter. */
function tightenings(bundle: Bundle): Bundle[] {
  const ofRules = bundle.rules.flatMap((rule, index) =>
    rule.outcome === 'allow'
      ? []
      : tighterConditions(rule.if ?? {}).map((conditions) => ({
          ...bundle,
          rules: bundle.rules.with(index, { ...rule, if: conditions }),
        })),
  );
  const limits = bundle.limits ?? [];
  const ofLimits = limits.map((limit, index) => ({
    ...bundle,
    limits: limits.with(index, { ...limit, cap: limit.cap.replace(/\d+/g, half) }),
  }));
  return [...ofRules, ...ofLimits];
}

function tighterConditions(conditions: Conditions): Conditions[] {
  return Object.entries(conditions).flatMap(([key, cell]) => {
    const [, operator = '', number = ''] = /^(<=?|>=?) (\d+(?:\.\d+)?)$/.exec(cell) ?? [];
    if (number === '') return [];
    const tighter = operator.startsWith('>') ? half(number) : double(number);
    return [{ ...conditions, [key]: `${operator} ${tighter}` }];
  });
}

function half(number: string): string {
  return number.includes('.') ? (Number(number) / 2).toFixed(3) : `${Math.floor(+number / 2)}`;
}

function double(number: string): string {
  return number.includes('.') ? (Number(number) * 2).toFixed(3) : `${+number * 2}`;
}

function readNames({ nodes, rules, limits }: Program): string[] {
  const ofConditions = (each: { conditions: readonly { reads: readonly string[] }[] }) =>
    each.conditions.flatMap(({ reads }) => reads);
  return [
    ...rules.flatMap(ofConditions),
    ...limits.flatMap((limit) => [
      ...ofConditions(limit),
      ...[limit.key, limit.amount, limit.cap].flatMap(({ reads }) => reads),
    ]),
    ...nodes.flatMap((node) =>
      node.kind === 'formula'
        ? node.value.reads
        : node.rules.flatMap((rule) => [...ofConditions(rule), ...rule.value.reads]),
    ),
  ];
}

/** An example of the bundle, with some facts at or beside the values that its rules name. */
function factsNear(bundle: Bundle): fc.Arbitrary<Facts> {
  const text = JSON.stringify([bundle.nodes, bundle.rules, bundle.limits]);
  const numbers = [...text.matchAll(/\b\d+(?:\.\d+)?\b/g)].map(([number]) => Number(number));
  const words = [...text.matchAll(/'([^']*)'/g)].map(([, word = '']) => word);
  const integers = numbers.filter(Number.isInteger).flatMap((each) => [each - 1, each, each + 1]);
  const near: Readonly<Record<string, fc.Arbitrary<number | string | boolean>>> = {
    integer: fc.constantFrom(...integers, 0),
    number: fc.oneof(fc.constantFrom(...numbers, 0), fc.double({ min: 0, max: 1, noNaN: true })),
    string: fc.constantFrom(...words, 'something-else'),
    boolean: fc.boolean(),
  };
  const arbitraryOf = (type: string): fc.Arbitrary<Json> => {
    const scalar = near[type.replace('[]', '')]!;
    return type.endsWith('[]') ? fc.array(scalar, { maxLength: 3 }) : scalar;
  };
  const changes = Object.entries(bundle.facts).map(([name, { type }]) =>
    fc.tuple(
      fc.constant(name),
      fc.oneof({ weight: 8, arbitrary: arbitraryOf(type) }, fc.constant(null)),
    ),
  );
  return fc
    .tuple(
      fc.constantFrom(...bundle.tests.map(({ facts }) => facts as Facts)),
      fc.array(fc.oneof(...changes), { maxLength: 4 }),
    )
    .map(([example, changed]) => ({ ...example, ...Object.fromEntries(changed) }));
}
