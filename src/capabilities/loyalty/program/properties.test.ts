import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileProgram } from './compile.ts';
import type { EarnRule, EarnTerms } from './earning-terms.ts';
import { roundings, stackings } from './earning-terms.ts';
import { earnFacts, type EarnState } from './earning.ts';
import { evaluateEarning } from './evaluate.ts';
import type { EarnTransaction, Program } from './program.ts';
import { everydayProgram } from './shipped.ts';

const seed = 20_260_515;
const runs = { seed, numRuns: 150 };
const now = Date.parse('2026-05-15T14:30:00Z');

const amount = fc.oneof(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 0, max: 10 ** 11 }));
const multiplier = (min: number) =>
  fc.integer({ min, max: 500 }).map((hundredths) => String(hundredths / 100));
const mcc = fc.constantFrom('5411', '5812', '5999', '6011');
const campaign = fc.constantFrom(undefined, 'spring', 'autumn');

/** Rules with other ids each, some of campaigns; `caps` where they are wanted. */
function rules(caps: boolean) {
  const rule = fc.record({
    mccs: fc.subarray(['5411', '5812', '5999'], { minLength: 1 }),
    campaign,
    own: multiplier(0),
    ofCampaign: multiplier(100),
    points: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    cap: fc.integer({ min: 0, max: 300 }),
  });
  return fc.array(rule, { maxLength: 6 }).map((drawn) =>
    drawn.map(
      (each, index): EarnRule => ({
        id: `rule-${index}`,
        title: 'Drawn',
        if: { mcc: `in ['${each.mccs.join("', '")}']` },
        multiplier: each.campaign === undefined ? each.own : each.ofCampaign,
        ...(each.campaign === undefined ? {} : { campaign: each.campaign }),
        ...(each.points === undefined ? {} : { points: each.points }),
        ...(caps ? { caps: [{ per: 'month' as const, points: each.cap }] } : {}),
      }),
    ),
  );
}

const terms = {
  stacking: fc.constantFrom(...stackings),
  rounding: fc.constantFrom(...roundings),
  rate: fc.record({
    points: fc.integer({ min: 1, max: 20 }),
    per: fc.integer({ min: 1, max: 700 }),
  }),
};
const drawn = fc.record({ ...terms, rules: rules(false) });

function program(earn: Partial<EarnTerms> & { rate: EarnTerms['rates']['purchase'] }): Program {
  const { caps: _, ...everyday } = everydayProgram().earn;
  const { rate, ...more } = earn;
  const rates = rate === undefined ? {} : { purchase: rate };
  return {
    ...everydayProgram(),
    point_value_micros: 1,
    earn: { ...everyday, reward_of_spend_bps_max: 10_000, ...more, rates },
  };
}

function earn(document: Program, transaction: EarnTransaction, used: EarnState['used'] = {}) {
  const compiled = compileProgram(document);
  const facts = earnFacts(transaction, { currency: document.currency, now });
  return evaluateEarning(compiled, facts, { used });
}

test('more spend never earns fewer points where nothing is capped', () => {
  fc.assert(
    fc.property(drawn, mcc, amount, amount, (earned, code, one, other) => {
      const document = program(earned);
      const points = (spent: number) =>
        earn(document, { kind: 'purchase', amount: spent, mcc: code }).points;
      assert.ok(points(Math.min(one, other)) <= points(Math.max(one, other)));
    }),
    runs,
  );
});

test('the order in which a document names its rules changes no point and no budget', () => {
  const shuffled = drawn.chain((earned) =>
    fc.record({
      earned: fc.constant(earned),
      order: fc.shuffledSubarray(earned.rules, { minLength: earned.rules.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, mcc, amount, ({ earned, order }, code, spent) => {
      const transaction: EarnTransaction = { kind: 'purchase', amount: spent, mcc: code };
      const one = earn(program(earned), transaction);
      const other = earn(program({ ...earned, rules: order }), transaction);
      assert.deepEqual({ ...other, version: one.version }, one);
      // Nothing is remembered between evaluations.
      assert.deepEqual(earn(program(earned), transaction), one);
    }),
    runs,
  );
});

test('caps are never exceeded, however a month of purchases is cut', () => {
  const capped = fc.record({
    ...terms,
    rules: rules(true),
    month: fc.integer({ min: 0, max: 2_000 }),
    purchases: fc.array(fc.record({ spent: amount, code: mcc }), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(capped, ({ month, purchases, ...earned }) => {
      const document = program({ ...earned, caps: [{ per: 'month', points: month }] });
      const used: Record<string, number> = {};
      let total = 0;
      for (const { spent, code } of purchases) {
        const transaction: EarnTransaction = { kind: 'purchase', amount: spent, mcc: code };
        const found = earn(document, transaction, used);
        total += found.points;
        for (const [counter, by] of Object.entries(found.counted)) {
          used[counter] = (used[counter] ?? 0) + by;
        }
      }
      assert.ok(total <= month);
      for (const { id, caps = [] } of earned.rules) {
        const most = caps[0]?.points ?? 0;
        assert.ok((used[`rule ${id} points month 2026-05`] ?? 0) <= most, `${id} has its cap`);
      }
    }),
    runs,
  );
});

test('a purchase in two parts earns the same but for the rounding of each', () => {
  const flat = drawn.map((earned) => ({
    ...earned,
    rules: earned.rules.map((rule) => {
      const { points: _, ...multiplies } = rule;
      return multiplies;
    }),
  }));
  fc.assert(
    fc.property(flat, mcc, amount, amount, (earned, code, one, other) => {
      const document = program(earned);
      const points = (spent: number) =>
        earn(document, { kind: 'purchase', amount: spent, mcc: code }).points;
      const apart = points(one) + points(other);
      assert.ok(Math.abs(points(one + other) - apart) <= 1);
    }),
    runs,
  );
});

test('parts and lines add up to the points, and no part is negative', () => {
  const anything = fc.record({ ...terms, rules: fc.oneof(rules(true), rules(false)) });
  fc.assert(
    fc.property(anything, mcc, amount, (earned, code, spent) => {
      const found = earn(program(earned), { kind: 'purchase', amount: spent, mcc: code });
      const sum = (items: readonly { readonly points: number }[]) =>
        items.reduce((total, { points }) => total + points, 0);
      assert.equal(sum(found.parts), found.points);
      assert.equal(sum(found.trace), found.points);
      assert.ok(found.points >= 0 && found.parts.every(({ points }) => points > 0));
    }),
    runs,
  );
});
