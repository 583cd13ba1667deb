import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import { type Cohort, monthText, redeemedOf } from './cohorts.ts';
import { type Basis, estimate } from './redemption-rate.ts';

const start = 2023 * 12;
const lifeMonths = 24;

type Planted = {
  readonly cohorts: readonly Cohort[];
  /** Of all points issued, which share is redeemed in the end. */
  readonly truth: number;
  readonly basis: Basis;
};

/**
 * Months of lots, each of which is redeemed with a chance of its own month, at an age that grows
 * rarer; the rest expires. What comes after the month of the run is not told.
 */
function plant(seed: number, { months = 24, lots = 400, rate = 0.7, spread = 0.05 } = {}): Planted {
  const { uint32 } = seededRandom(seed);
  const draw = () => uint32() / 2 ** 32;
  const now = start + months;
  let [issued, everRedeemed] = [0, 0];
  const cohorts = Array.from({ length: months }, (_, index): Cohort => {
    const chance = Math.min(1, rate + spread * (draw() + draw() + draw() - 1.5));
    const redeemed = Array.from({ length: now - start - index }, () => 0);
    let points = 0;
    for (let lot = 0; lot < lots; lot += 1) {
      const size = 50 + Math.floor(draw() * 400);
      points += size;
      if (draw() >= chance) continue;
      const age = Math.floor(-Math.log(1 - draw()) * 5);
      if (age >= lifeMonths) continue;
      everRedeemed += size;
      if (age < redeemed.length) redeemed[age] = (redeemed[age] ?? 0) + size;
    }
    issued += points;
    return { month: monthText(start + index), points, spend: 0, sold: 0, lapsed: 0, redeemed };
  });
  const basis = { month: monthText(now), lifeMonths, priorRate: 0.8 };
  return { cohorts, truth: everRedeemed / issued, basis };
}

test('the interval holds what comes true in at least nine of ten programmes', () => {
  const seeds = 200;
  let within = 0;
  let error = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { cohorts, truth, basis } = plant(seed);
    const { rate, low, high } = estimate(cohorts, basis);
    if (low <= truth && truth <= high) within += 1;
    error += rate - truth;
  }
  assert.ok(within >= 0.9 * seeds, `${within} of ${seeds}`);
  assert.ok(Math.abs(error / seeds) < 0.01, `off by ${error / seeds}`);
});

test('so it does for the cohorts that are half redeemed', () => {
  let [within, all] = [0, 0];
  for (let seed = 1; seed <= 60; seed += 1) {
    const known = plant(seed, { months: 36 });
    const cut = known.basis;
    const month = monthText(start + 24);
    const cohorts = known.cohorts.slice(0, 24).map((cohort, at) => ({
      ...cohort,
      redeemed: cohort.redeemed.slice(0, 24 - at),
    }));
    const { cohorts: told } = estimate(cohorts, { ...cut, month });
    for (const [at, { low, high, age }] of told.entries()) {
      if (age < 4 || age > 11) continue;
      const truth = redeemedOf(known.cohorts[at] as Cohort);
      // Those that are not over by then have redeemed nearly all.
      all += 1;
      if (low <= truth * 1.02 && truth <= high) within += 1;
    }
  }
  assert.ok(within >= 0.88 * all, `${within} of ${all}`);
});

const cohort = (month: string, points: number, redeemed: number[], lapsed = 0): Cohort => ({
  ...{ month, points, spend: 0, sold: 0, lapsed, redeemed },
});
const basis: Basis = { month: '2024-06', lifeMonths: 12, priorRate: 0.8 };

test('of one cohort of a month the programme’s own guess is told, and called so', () => {
  const { cohorts, rate } = estimate([cohort('2024-05', 1_000, [100, 0])], basis);
  assert.deepEqual(
    cohorts.map(({ method, redeemed, age }) => [method, redeemed, age]),
    [['prior', 100, 0]],
  );
  assert.ok(rate > 0.1 && rate <= 0.9);
  const none = estimate([], basis);
  assert.deepEqual([none.rate, none.low, none.high], [0, 0, 0]);
  const open = estimate([cohort('2024-06', 1_000, [0])], basis);
  assert.deepEqual([open.rate, open.cohorts[0]?.method, open.cohorts[0]?.age], [0.8, 'prior', -1]);
});

test('where nobody has redeemed anything nothing is divided by nought', () => {
  const rows = ['2024-01', '2024-02', '2024-03', '2024-04', '2024-05'];
  const told = estimate(
    rows.map((month) => cohort(month, 1_000, [])),
    basis,
  );
  assert.ok([told.rate, told.low, told.high].every(Number.isFinite));
  assert.ok(told.cohorts.every(({ ultimate, low, high }) => low <= ultimate && ultimate <= high));
});

test('what is redeemed to the last point stays so, and what has lapsed is not redeemed', () => {
  const all = estimate(
    [cohort('2024-01', 500, [200, 300]), cohort('2024-02', 500, [200, 200], 100)],
    basis,
  );
  assert.deepEqual(
    all.cohorts.map(({ method, ultimate, low, high }) => [method, ultimate, low, high]),
    [
      ['run_off', 500, 500, 500],
      ['run_off', 400, 400, 400],
    ],
  );
  assert.deepEqual([all.rate, all.low, all.high], [0.9, 0.9, 0.9]);
});

test('an estimate never exceeds what has not lapsed, nor falls below what was redeemed', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const { cohorts, basis: of } = plant(seed, { months: 3 + (seed % 20), lots: 1 + (seed % 7) });
    for (const { redeemed, ultimate, outstanding, low, high } of estimate(cohorts, of).cohorts) {
      assert.ok(redeemed <= low && low <= ultimate + 1e-6, `seed ${seed}`);
      assert.ok(ultimate <= high + 1e-6 && high <= redeemed + outstanding, `seed ${seed}`);
    }
  }
});

test('however little a triangle tells, an interval holds what is told', () => {
  const { uint32 } = seededRandom(9);
  const draw = () => uint32() / 2 ** 32;
  for (let round = 0; round < 200; round += 1) {
    const count = 2 + (round % 24);
    const wild = Array.from({ length: count }, (_, at): Cohort => {
      const points = Math.floor(10 ** (draw() * 12));
      let left = points;
      const redeemed = Array.from({ length: count - at }, () => {
        const taken = draw() < 0.4 ? 0 : Math.floor(left * draw() ** 6);
        left -= taken;
        return taken;
      });
      return cohort(monthText(start + at), points, redeemed);
    });
    const told = estimate(wild, { ...basis, month: monthText(start + count - 1) });
    for (const { low, ultimate, high } of told.cohorts) {
      assert.ok(0 <= low && low <= ultimate && ultimate <= high, `round ${round}`);
    }
    assert.ok(told.low <= told.rate && told.rate <= told.high, `round ${round}`);
  }
});

test('a cohort of few points is told by the others', () => {
  const { cohorts } = plant(3, { months: 18 });
  const few = { ...(cohorts[6] as Cohort), points: 60, redeemed: [50] };
  const told = estimate(cohorts.with(6, few), {
    month: monthText(start + 18),
    lifeMonths,
    priorRate: 0,
  });
  assert.equal(told.cohorts[6]?.method, 'pooled');
  assert.equal(told.cohorts[7]?.method, 'chain_ladder');
});
