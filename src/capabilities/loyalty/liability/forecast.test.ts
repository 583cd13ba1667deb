import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import { type Cohort, monthNumber, monthText } from './cohorts.ts';
import { forecast, horizonMonths } from './forecast.ts';
import { type Basis, estimate } from './redemption-rate.ts';

const first = monthNumber('2022-01');
const lifeMonths = 30;

/** Redemptions by a pattern that every month has, more of them in December, with some noise. */
function plant(seed: number, { months, december = 1 }: { months: number; december?: number }) {
  const { uint32 } = seededRandom(seed);
  const now = first + months;
  const truth = Array.from({ length: horizonMonths }, () => 0);
  const cohorts = Array.from({ length: months }, (_, at): Cohort => {
    const redeemed = Array.from({ length: now - first - at }, () => 0);
    for (let age = 0; age < lifeMonths; age += 1) {
      const month = first + at + age;
      const season = month % 12 === 11 ? december : 1;
      const noise = 0.8 + (0.4 * uint32()) / 2 ** 32;
      const points = Math.round(100_000 * 0.12 * 0.85 ** age * season * noise);
      if (month < now) redeemed[age] = points;
      else if (month < now + horizonMonths) truth[month - now] = (truth[month - now] ?? 0) + points;
    }
    return {
      month: monthText(first + at),
      points: 100_000,
      spend: 0,
      sold: 0,
      lapsed: 0,
      redeemed,
    };
  });
  const basis: Basis = { month: monthText(now), lifeMonths, priorRate: 0.8 };
  return { cohorts, basis, truth };
}

test('the fan holds what comes true in most months, and is in order', () => {
  let [within, all] = [0, 0];
  for (let seed = 1; seed <= 20; seed += 1) {
    const { cohorts, basis, truth } = plant(seed, { months: 24 });
    const { months } = forecast(estimate(cohorts, basis), basis.month, seed);
    assert.equal(months.length, horizonMonths);
    for (const [ahead, month] of months.entries()) {
      const { p5, p25, p50, p75, p95, mean } = month;
      assert.ok(p5 <= p25 && p25 <= p50 && p50 <= p75 && p75 <= p95 && mean >= 0);
      const actual = truth[ahead] ?? 0;
      if (ahead >= 12) continue;
      all += 1;
      if (p5 <= actual && actual <= p95) within += 1;
    }
  }
  assert.ok(within >= 0.8 * all, `${within} of ${all}`);
});

test('a month of the year in which more is redeemed stands out; no point is added', () => {
  const { cohorts, basis } = plant(1, { months: 36, december: 1.8 });
  const told = estimate(cohorts, basis);
  const { months, byCohort } = forecast(told, basis.month, 1);
  const spikes = months.filter(({ isSpike }) => isSpike).map(({ month }) => month);
  assert.deepEqual(spikes, ['2025-12', '2026-12']);
  for (const [at, { ultimate, redeemed }] of told.cohorts.entries()) {
    const ahead = (byCohort[at] ?? []).reduce((sum, points) => sum + points, 0);
    assert.ok(ahead <= ultimate - redeemed + 1e-6);
  }
});

test('equal figures give an equal fan', () => {
  const { cohorts, basis } = plant(2, { months: 15 });
  const told = estimate(cohorts, basis);
  assert.deepEqual(forecast(told, basis.month, 7), forecast(told, basis.month, 7));
});

test('where nothing tells when, it comes evenly; of nothing nothing comes', () => {
  const basis: Basis = { month: '2022-01', lifeMonths: 10, priorRate: 0.5 };
  const one = { month: '2022-01', points: 1_000, spend: 0, sold: 0, lapsed: 0, redeemed: [0] };
  const { months } = forecast(estimate([one], basis), basis.month, 1);
  assert.deepEqual(
    months.slice(0, 11).map(({ mean }) => mean),
    [...Array.from({ length: 10 }, () => 50), 0],
  );
  const none = forecast(estimate([], basis), basis.month, 1);
  assert.ok(none.months.every(({ mean, p95 }) => mean === 0 && p95 === 0));
});
