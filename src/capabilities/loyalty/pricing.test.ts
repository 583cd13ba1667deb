// Prices of rewards: what moves them, how far, and that nothing takes them past the guardrails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Reward } from './catalogue.ts';
import { type Guardrails, guardrailsOf, listedPrice, memberPrice, priceBounds } from './pricing.ts';
import { everydayProgram } from './program/shipped.ts';

/** A point is worth a quarter of a cent to a cent: 10.00 cost 1,000 to 4,000 points. */
const rails = guardrailsOf(everydayProgram()) as Guardrails;

const voucher: Reward = {
  ...{ program: 'everyday', reward: 'voucher-10', title: 'Voucher', description: 'For 10.00.' },
  ...{ kind: 'voucher', points: 2_000, worth: 1_000, stock: 100, status: 'offered' },
  moves: { expected_per_day: 10, demand_max_bps: 2_000, scarcity_max_bps: 1_000 },
  tiers: [{ tier: 'gold', discount_bps: 1_000 }],
};
const calm = { redeemed: 70, stockLeft: 100, before: null };

test('what sells as expected costs its base price', () => {
  assert.deepEqual(listedPrice(voucher, rails, calm), { points: 2_000, steps: [] });
});

test('demand moves the price up and down, at most so far', () => {
  const at = (redeemed: number) => listedPrice(voucher, rails, { ...calm, redeemed }).points;
  assert.deepEqual([at(140), at(700), at(35), at(0)], [2_400, 2_400, 1_800, 1_600]);
});

test('little stock makes it dearer', () => {
  const at = (stockLeft: number) => listedPrice(voucher, rails, { ...calm, stockLeft });
  assert.equal(at(20).points, 2_000);
  assert.deepEqual(at(10).steps, [{ reason: 'stock', points: 2_100 }]);
  assert.equal(at(0).points, 2_200);
});

test('in a day the price moves by a twentieth at most, in whole steps', () => {
  const before = { points: 2_000, days: 1 };
  const price = listedPrice(voucher, rails, { ...calm, redeemed: 140, before });
  assert.deepEqual(price.steps.at(-1), { reason: 'day_limit', points: 2_100 });
  const later = listedPrice(voucher, rails, {
    ...calm,
    redeemed: 140,
    before: { ...before, days: 3 },
  });
  assert.equal(later.points, 2_300);
});

test('a tier pays less, and never less than the ceiling of a point allows', () => {
  const listed = listedPrice(voucher, rails, calm);
  const of = (tier: string | null) => memberPrice(voucher, rails, { listed, tier }).points;
  assert.deepEqual([of(null), of('silver'), of('gold')], [2_000, 2_000, 1_800]);
  const most = { ...voucher, tiers: [{ tier: 'gold', discount_bps: 9_000 }] };
  const price = memberPrice(most, rails, { listed, tier: 'gold' });
  assert.equal(price.points, 1_000);
  assert.deepEqual(
    price.steps.map(({ reason }) => reason),
    ['tier', 'value_ceiling'],
  );
});

test('whatever happens, a point is worth what the programme promises and no more', () => {
  const whole = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(
    fc.property(
      whole(1_000, 4_000),
      whole(0, 100_000),
      fc.option(whole(0, 100), { nil: null }),
      fc.option(fc.record({ points: whole(1_000, 4_000), days: whole(1, 300) }), { nil: null }),
      whole(0, 9_000),
      (points, redeemed, stockLeft, before, discount_bps) => {
        const reward = { ...voucher, points, tiers: [{ tier: 'gold', discount_bps }] };
        const listed = listedPrice(reward, rails, { redeemed, stockLeft, before });
        const paid = memberPrice(reward, rails, { listed, tier: 'gold' });
        const { least, most } = priceBounds(reward.worth, rails);
        for (const price of [listed, paid]) {
          assert.ok(BigInt(price.points) >= least && BigInt(price.points) <= most);
          assert.equal(price.points % rails.step, 0);
        }
        assert.ok(paid.points <= listed.points);
      },
    ),
  );
});
