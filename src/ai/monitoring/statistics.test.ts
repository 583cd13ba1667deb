import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countMember, fairnessOf as conclude, type Member, type Tallies } from './fairness.ts';
import { type Judged, performanceOf } from './performance.ts';
import { chiSquareQuantile, normalQuantile, percentile, rateOf, twoShares } from './statistics.ts';

function near(found: number | null | undefined, expected: number, tolerance: number): void {
  const distance = Math.abs((found ?? Number.NaN) - expected);
  assert.ok(distance <= tolerance, `${found} is not ${expected}`);
}

test('normal quantiles are those of the tables', () => {
  for (const [p, z] of [
    [0.5, 0],
    [0.95, 1.6448536],
    [0.975, 1.959964],
    [0.999, 3.0902323],
    [0.01, -2.3263479],
    [1e-6, -4.7534243],
  ] as const) {
    near(normalQuantile(p), z, 1e-6);
  }
});

test('chi-square quantiles are those of the tables, but for the error that is documented', () => {
  near(chiSquareQuantile(0.95, 1), 3.8415, 3.8415 * 0.026);
  near(chiSquareQuantile(0.95, 2), 5.9915, 5.9915 * 0.0095);
  for (const [degrees, quantile] of [
    [3, 7.8147],
    [9, 16.919],
    [20, 31.4104],
    [50, 67.5048],
  ] as const) {
    near(chiSquareQuantile(0.95, degrees), quantile, quantile * 0.0055);
  }
  near(chiSquareQuantile(0.999, 9), 27.877, 27.877 * 0.007);
});

test('intervals of rates are those that Newcombe gives for the Wilson score (1998)', () => {
  for (const [hits, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const rate = rateOf(hits, n);
    near(rate?.low, low, 5e-5);
    near(rate?.high, high, 5e-5);
  }
  assert.equal(rateOf(0, 0), null);
});

test('two shares are as many errors apart as by hand', () => {
  // .6 and .3, pooled .5: .3 / √(.25 · (1/80 + 1/40)).
  near(twoShares({ hits: 48, n: 80 }, { hits: 12, n: 40 }), 3.0984, 1e-4);
  assert.equal(twoShares({ hits: 5, n: 5 }, { hits: 9, n: 9 }), 0);
});

test('a percentile is a value that was measured', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.deepEqual(
    [0.5, 0.95, 0.99].map((p) => percentile(sorted, p)),
    [50, 95, 99],
  );
  assert.equal(percentile([], 0.5), null);
});

function judgedOf(values: readonly number[], outcomes: readonly number[]): Judged[] {
  return values.map((value, index) => ({ value, isPositive: outcomes[index] === 1 }));
}

test('area under the curve, average precision and Brier score are those of known examples', () => {
  const known = performanceOf(judgedOf([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 0.38);
  near(known.auc?.value, 0.75, 1e-12);
  near(known.average_precision, 0.8333, 5e-5);
  assert.deepEqual([known.precision?.value, known.recall?.value], [0.5, 0.5]);
  const brier = performanceOf(judgedOf([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0]), 0.5);
  near(brier.calibration?.brier, 0.0375, 1e-12);
});

test('the area has the error that Hanley and McNeil give for their readings (1982)', () => {
  const [normal, abnormal] = [
    [33, 6, 6, 11, 2],
    [3, 2, 2, 11, 33],
  ];
  const readings = (counts: readonly number[], isPositive: boolean) =>
    counts.flatMap((count, rating) =>
      Array.from({ length: count }, () => ({ value: rating / 4, isPositive })),
    );
  const judged = [...readings(normal as number[], false), ...readings(abnormal as number[], true)];
  const { auc } = performanceOf(judged, 0.5);
  near(auc?.value, 0.893, 5e-4);
  near(((auc?.high ?? 0) - (auc?.low ?? 0)) / (2 * 1.96), 0.032, 2e-3);
});

test('nothing is said of cases that all turned out the same way', () => {
  const { auc, recall, average_precision } = performanceOf(judgedOf([0.2, 0.9], [0, 0]), 0.5);
  assert.deepEqual([auc, recall, average_precision], [null, null, null]);
  assert.equal(performanceOf([], 0.5).calibration, null);
});

test('scores that are as likely as they say are calibrated, others are told apart', () => {
  const judged = (rate: number) =>
    Array.from({ length: 1_000 }, (_, index) => ({ value: 0.2, isPositive: index < rate * 1_000 }));
  const right = performanceOf(judged(0.2), 0.5).calibration;
  near(right?.expected_error, 0, 1e-9);
  near(right?.z, 0, 1e-9);
  const wrong = performanceOf(judged(0.3), 0.5).calibration;
  near(wrong?.expected_error, 0.1, 1e-9);
  // (.3 − .2) · 1000 cases, over √(1000 · .2 · .8).
  near(wrong?.z, 7.9057, 1e-3);
});

function fairnessOf(members: readonly Member[]) {
  const tallies: Tallies = new Map();
  for (const member of members) countMember(tallies, member);
  return conclude(tallies);
}

function membersOf(group: string, favoured: number, n: number, deserving?: number): Member[] {
  return Array.from({ length: n }, (_, index) => ({
    group,
    isFavoured: index < favoured,
    isDeserving: deserving === undefined ? null : index >= n - deserving,
  }));
}

test('a rate below four fifths of the highest is flagged, four fifths are not', () => {
  // The example of the guidelines: 48 of 80 and 12 of 40.
  const [large, small] = fairnessOf([...membersOf('a', 48, 80), ...membersOf('b', 12, 40)]);
  assert.deepEqual([large?.impact_ratio, large?.is_flagged], [1, false]);
  assert.deepEqual([small?.impact_ratio, small?.is_flagged], [0.5, true]);
  const even = fairnessOf([...membersOf('a', 500, 1000), ...membersOf('b', 400, 1000)]);
  assert.deepEqual([even[1]?.impact_ratio, even[1]?.is_flagged], [0.8, false]);
  const below = fairnessOf([...membersOf('a', 500, 1000), ...membersOf('b', 399, 1000)]);
  assert.equal(below[1]?.is_flagged, true);
});

test('small groups and differences that chance makes are shown, and not flagged', () => {
  const few = fairnessOf([...membersOf('a', 90, 100), ...membersOf('b', 0, 29)]);
  assert.deepEqual([few[1]?.favourable_rate, few[1]?.impact_ratio], [0, null]);
  const chance = fairnessOf([...membersOf('a', 20, 40), ...membersOf('b', 15, 40)]);
  assert.deepEqual([chance[1]?.impact_ratio, chance[1]?.is_flagged], [0.75, false]);
});

test('of two groups let through alike, one may lose more of its deserving', () => {
  const fair = membersOf('a', 100, 200, 100);
  const [, unfair] = fairnessOf([...fair, ...membersOf('b', 100, 190, 190)]);
  assert.equal(unfair?.group, 'b');
  const groups = fairnessOf([
    ...membersOf('a', 180, 200, 200),
    ...membersOf('b', 160, 190, 50).map((each) => ({ ...each, isFavoured: !each.isDeserving })),
  ]);
  const flagged = groups.find(({ group }) => group === 'b');
  assert.equal(flagged?.deserving_rate, 0);
  near(flagged?.opportunity_difference, 0.9, 1e-9);
  assert.equal(flagged?.is_flagged, true);
});
