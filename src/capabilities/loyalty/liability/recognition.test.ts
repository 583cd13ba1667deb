import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  allocatePrice,
  atSellingPrice,
  divideHalfUp,
  earnedToDate,
  sellingPriceOf,
  worthOf,
} from './recognition.ts';

/** Amounts in whole units: figures of the sources are rounded to them. */
function revenueOf(deferred: bigint, steps: readonly (readonly [bigint, bigint])[]): bigint[] {
  let before = 0n;
  return steps.map(([redeemed, expected]) => {
    const toDate = earnedToDate(deferred, { redeemed, expected });
    const revenue = toDate - before;
    before = toDate;
    return revenue;
  });
}

test('10,000 points with a sale of 100,000, shares in whole percents: 9,000 are deferred', () => {
  const points = sellingPriceOf({ points: 10_000n, valueMicros: 1_000_000n, ratePpm: 970_000n });
  const goods = atSellingPrice(100_000n);
  const whole = { steps: 100n, rounding: 'half_up' } as const;
  const split = allocatePrice(100_000n, { goods, points }, whole);
  assert.deepEqual(split, { goods: 91_000n, points: 9_000n });
  const second = [4_500n, 9_700n] as const;
  assert.deepEqual(revenueOf(9_000n, [second, [8_500n, 9_900n]]), [4_175n, 3_552n]);
  assert.deepEqual(revenueOf(9_000n, [second, [8_500n, 9_200n]]), [4_175n, 4_140n]);
});

test('IFRS 15, example 52: 91,324 and 8,676, then 4,110 and 3,493, and 1,073 are left', () => {
  const points = sellingPriceOf({ points: 10_000n, valueMicros: 1_000_000n, ratePpm: 950_000n });
  const split = allocatePrice(100_000n, { goods: atSellingPrice(100_000n), points });
  assert.deepEqual(split, { goods: 91_324n, points: 8_676n });
  const revenue = revenueOf(split.points, [
    [4_500n, 9_500n],
    [8_500n, 9_700n],
  ]);
  assert.deepEqual(revenue, [4_110n, 3_493n]);
  assert.equal(split.points - 4_110n - 3_493n, 1_073n);
});

test('200 points at 85 % with 2,000, shares cut to tenths of a percent: 1,842 and 158', () => {
  const points = sellingPriceOf({ points: 200n, valueMicros: 1_000_000n, ratePpm: 850_000n });
  const cut = { steps: 1_000n, rounding: 'down' } as const;
  const split = allocatePrice(2_000n, { goods: atSellingPrice(2_000n), points }, cut);
  assert.deepEqual(split, { goods: 1_842n, points: 158n });
  assert.deepEqual(revenueOf(split.points, [[85n, 170n]]), [79n]);
});

test('a grocer: 7,200,000 at 7,200,000 of 8,000,000, released in three years to the last', () => {
  const split = allocatePrice(7_200_000n, { goods: 7_200_000n, points: 800_000n });
  assert.deepEqual(split, { goods: 6_480_000n, points: 720_000n });
  const years = [
    [4_000n, 8_000n],
    [8_100n, 9_000n],
    [9_000n, 9_000n],
  ] as const;
  assert.deepEqual(revenueOf(split.points, years), [360_000n, 288_000n, 72_000n]);
});

test('a price is split without a rest, and no more is earned than was deferred', () => {
  const amount = fc.bigInt({ min: 0n, max: 10n ** 12n });
  fc.assert(
    fc.property(amount, amount, amount, amount, amount, (price, goods, points, done, expected) => {
      const split = allocatePrice(price, { goods, points });
      assert.equal(split.goods + split.points, price);
      assert.ok(split.goods >= 0n && split.points >= 0n);
      const earned = earnedToDate(split.points, { redeemed: done, expected });
      assert.ok(earned >= 0n && earned <= split.points);
    }),
    { seed: 1 },
  );
});

test('a half goes up, and one below nought away from it', () => {
  const halves = [5n, -5n, 4n, -4n, 0n].map((each) => divideHalfUp(each, 10n));
  assert.deepEqual(halves, [1n, -1n, 0n, 0n, 0n]);
  assert.equal(worthOf({ points: 3n, valueMicros: 500_000n, ratePpm: 1_000_000n }), 2n);
});
