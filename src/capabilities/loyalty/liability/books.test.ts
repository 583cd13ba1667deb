import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { liabilityTermsOf } from '../program/liability-terms.ts';
import { book, type Booked, movementOf, owedOf, type Terms, totalOf } from './books.ts';
import type { Cohort } from './cohorts.ts';
import type { Estimate } from './redemption-rate.ts';

const unit = { valueMicros: 1_000_000 };
const ifrs15: Terms = { ...liabilityTermsOf({ policy: 'ifrs15' }, 1_000_000), ...unit };
const ias37: Terms = { ...liabilityTermsOf({ policy: 'ias37' }, 1_000_000), ...unit };

type Known = { points: number; spend?: number; redeemed: number; lapsed?: number; expect: number };

function booking(known: Known, before?: Booked, ahead: readonly number[] = []) {
  const { points, spend = 0, redeemed, lapsed = 0, expect } = known;
  const sold = spend > 0 ? points : 0;
  const cohort: Cohort = { month: '2026-01', points, spend, sold, lapsed, redeemed: [redeemed] };
  const outstanding = points - redeemed - lapsed;
  const estimate: Estimate = {
    ...{ month: '2026-01', age: 0, points, redeemed, lapsed, outstanding, ultimate: expect },
    ...{ low: expect, high: expect, error: 0, method: 'chain_ladder' },
  };
  return { cohort, estimate, ahead, before };
}

function inTurn(terms: Terms, steps: readonly Known[]): Booked[] {
  const booked: Booked[] = [];
  for (const step of steps) booked.push(book(booking(step, booked.at(-1)), terms));
  return booked;
}

test('IFRS 15, example 52, run by run: 8,676, then 4,110 and 3,493, and 1,073 are owed', () => {
  const sale = { points: 10_000, spend: 100_000 };
  const [first, second, third] = inTurn(ifrs15, [
    { ...sale, redeemed: 0, expect: 9_500 },
    { ...sale, redeemed: 4_500, expect: 9_500 },
    { ...sale, redeemed: 8_500, expect: 9_700 },
  ]) as [Booked, Booked, Booked];
  assert.deepEqual([first.deferred, owedOf(first)], [8_676n, 8_676n]);
  const released = (now: Booked, before: Booked) => {
    const { redeemed, breakage } = movementOf([now], [before]);
    return redeemed + breakage;
  };
  assert.deepEqual([released(second, first), released(third, second)], [4_110n, 3_493n]);
  assert.deepEqual([third.deferred, owedOf(third)], [8_676n, 1_073n]);
});

test('when nothing is left all that was deferred is released, whatever was expected', () => {
  const sale = { points: 1_000, spend: 10_000 };
  const booked = inTurn(ifrs15, [
    { ...sale, redeemed: 100, expect: 800 },
    { ...sale, redeemed: 300, lapsed: 700, expect: 300 },
  ]);
  const { deferred, redeemed, breakage } = booked[1] as Booked;
  assert.ok(deferred > 0n && redeemed > 0n && breakage > 0n);
  assert.equal(owedOf(booked[1] as Booked), 0n);
});

test('points that were taken back take what was deferred for them along', () => {
  const [before, after] = inTurn(ifrs15, [
    { points: 1_000, spend: 10_000, redeemed: 0, expect: 1_000 },
    { points: 500, spend: 5_000, redeemed: 0, expect: 500 },
  ]) as [Booked, Booked];
  assert.equal(before.deferred, 909n);
  assert.equal(after.deferred, 455n);
});

test('points that nobody paid for are set aside with all that they are worth', () => {
  const [given] = inTurn(ifrs15, [{ points: 1_000, redeemed: 0, expect: 800 }]);
  assert.equal(given?.deferred, 800n);
});

test('IAS 37: what is still expected, at its cost, at its present value', () => {
  const [first, second] = inTurn(ias37, [
    { points: 1_000, redeemed: 0, expect: 800 },
    { points: 1_000, redeemed: 300, expect: 900 },
  ]) as [Booked, Booked];
  assert.deepEqual([first.deferred, owedOf(first)], [800n, 800n]);
  assert.deepEqual(movementOf([second], [first]), {
    deferred: 0n,
    redeemed: 300n,
    breakage: -100n,
  });
  assert.equal(owedOf(second), 600n);
  const discounted = { ...ias37, discount_bps: 1_000 };
  const ahead = [...Array.from({ length: 11 }, () => 0), 1_100];
  const inAYear = book(
    booking({ points: 2_000, redeemed: 0, expect: 1_100 }, undefined, ahead),
    discounted,
  );
  assert.equal(owedOf(inAYear), 1_000n);
});

test('whatever happens to points, what is owed is what was deferred less what was released', () => {
  const step = fc.record({
    points: fc.integer({ min: 0, max: 1_000_000 }),
    spend: fc.integer({ min: 0, max: 1_000_000_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    left: fc.double({ min: 0, max: 1, noNaN: true }),
    rate: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const steps = fc.array(step, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(steps, fc.boolean(), (drawn, isProvision) => {
      const terms = isProvision ? ias37 : ifrs15;
      const booked = inTurn(
        terms,
        drawn.map(({ points, spend, share, left, rate }) => {
          const redeemed = Math.floor(points * share);
          const lapsed = Math.floor((points - redeemed) * left);
          const expect = redeemed + Math.floor((points - redeemed - lapsed) * rate);
          return { points, spend, redeemed, lapsed, expect };
        }),
      );
      let owed = 0n;
      for (const [at, each] of booked.entries()) {
        const before = booked[at - 1];
        owed += owedOf(movementOf([each], before ? [before] : []));
        assert.equal(owed, owedOf(totalOf([each])));
        assert.ok(owed >= 0n, 'nobody owes us for points');
      }
    }),
    { seed: 2 },
  );
});
