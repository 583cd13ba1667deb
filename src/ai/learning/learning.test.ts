// Learning from what was shown, against figures that others have published.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countMember, fairnessOf, type Tallies } from '../monitoring/fairness.ts';
import { armMin, liftOf, neededPerArm } from './lift.ts';
import { evaluateOffPolicy } from './off-policy.ts';
import { smoothPropensity } from './smoothing.ts';
import { qini, type Trial, upliftAuc } from './uplift.ts';

test('what was hardly tried is worth what was expected of it, and less with each answer', () => {
  const expected = { propensity: 0.3, evidence: 50 };
  const smooth = (propensity: number, evidence: number) =>
    smoothPropensity(expected, { propensity, evidence }).toFixed(4);
  assert.equal(smooth(0.1, 0), '0.2941', 'Pega, SE 50, SP 0.30: the one more counts');
  assert.equal(smooth(0.1, 50), '0.1980');
  assert.equal(smooth(0.1, 5_000), '0.1020');
});

test('lift is told with its interval, and from which size on one may speak of it', () => {
  const lift = liftOf({ hits: 120, n: 2_000 }, { hits: 75, n: 2_000 });
  assert.equal(lift.difference?.toFixed(4), '0.0225');
  assert.equal(lift.z.toFixed(2), '3.30');
  assert.equal(lift.verdict, 'better');
  assert.ok(0.009 < (lift.low ?? 0) && (lift.high ?? 1) < 0.0361, JSON.stringify(lift));
  const worse = liftOf({ hits: 75, n: 2_000 }, { hits: 120, n: 2_000 });
  assert.deepEqual([worse.verdict, worse.low], ['worse', -(lift.high ?? 0)]);
  const same = liftOf({ hits: 76, n: 2_000 }, { hits: 75, n: 2_000 });
  assert.equal(same.verdict, 'no_difference');
  const few = liftOf({ hits: 60, n: armMin - 1 }, { hits: 1, n: 2_000 });
  assert.deepEqual([few.verdict, few.z > 10], ['too_few', true], 'sure, and still too few');
  assert.equal(liftOf({ hits: 0, n: 0 }, { hits: 75, n: 2_000 }).difference, null);
});

test('how many it takes is told before anybody waits for it', () => {
  assert.equal(neededPerArm(0.06, 0.0375), 1_435);
  assert.equal(neededPerArm(0.05, 0.05), null);
  assert.equal(neededPerArm(0.02, 0.020000001), 1_000_000_000, 'a limit on everything');
});

const vectors: readonly (readonly [number[], number[], number[], number, number])[] = [
  [[1, 1], [0.1, 0.3], [0, 1], 1, 1],
  [[1, 1], [0.1, 0.3], [1, 0], 0, -1],
  [[0, 1], [0.1, 0.3], [1, 0], 1, 0],
  [[1, 0], [0.1, 0.3], [0, 1], 1, 1],
  [[0, 1, 2], [0.1, 0.3, 0.9], [0, 1, 0], -0.5, -1.333333],
  [[0, 1, 2], [0.1, 0.3, 0.9], [1, 0, 1], 0.75, 1.333333],
];

test('Qini and uplift agree with all vectors of scikit-uplift', () => {
  for (const [values, scores, treated, expectedQini, expectedUplift] of vectors) {
    const trials = scores.map(
      (score, index): Trial => ({
        ...{ score, isTreated: treated[index] === 1, value: values[index] ?? 0 },
      }),
    );
    near(qini(trials), expectedQini);
    near(upliftAuc(trials), expectedUplift);
  }
  const idle = [false, true].map((isTreated) => ({ score: 1, isTreated, value: 0 }));
  assert.deepEqual([qini(idle), qini([])], [null, null], 'nothing to gain');
});

test('what another policy would have brought is told from what was shown by chance', () => {
  // Action, propensity, reward; the other policy always takes A.
  const log = [
    ['A', 0.5, 1],
    ['B', 0.5, 0],
    ['A', 0.25, 1],
    ['B', 0.75, 1],
  ] as const;
  const shown = log.map(([action, propensity, reward]) => ({
    ...{ propensity, reward, wanted: action === 'A' ? 1 : 0 },
  }));
  const told = evaluateOffPolicy(shown);
  assert.deepEqual([told?.ips.value, told?.snips?.value], [1.5, 1]);
  // Weights 2, 0, 4, 0: deviations of 0.5, -1.5, 2.5, -1.5 over 4 * 3; (2 + 4)^2 / (4 + 16).
  near(told?.ips.error, Math.sqrt(11 / 12));
  near(told?.snips?.error, 0);
  near(told?.effective_n, 1.8);
  const clipped = evaluateOffPolicy(shown, 3);
  assert.deepEqual([clipped?.clipped, clipped?.ips.value, clipped?.snips?.value], [1, 1.25, 1]);
  const never = evaluateOffPolicy(shown.map((each) => ({ ...each, wanted: 0 })));
  assert.deepEqual([never?.snips, never?.effective_n], [null, 0]);
  assert.equal(evaluateOffPolicy([]), null);
});

test('only what lies below four fifths of the best group, and is no chance, counts', () => {
  const flagged = (groups: readonly (readonly [string, number, number])[]) => {
    const tallies: Tallies = new Map();
    for (const [group, hits, n] of groups) {
      for (let each = 0; each < n; each += 1) {
        countMember(tallies, { group, isFavoured: each < hits, isDeserving: null });
      }
    }
    const told = fairnessOf(tallies).map(
      ({ group, impact_ratio, is_flagged }) =>
        [group, [impact_ratio?.toFixed(4), is_flagged]] as const,
    );
    return Object.fromEntries(told);
  };
  // The questions and answers on the uniform guidelines: only .75 is adverse, .80 is not.
  const rates = [
    ['white', 600, 1_000],
    ['american indian', 450, 1_000],
    ['hispanic', 480, 1_000],
    ['black', 510, 1_000],
  ] as const;
  assert.deepEqual(flagged(rates), {
    white: ['1.0000', false],
    'american indian': ['0.7500', true],
    hispanic: ['0.8000', false],
    black: ['0.8500', false],
  });
  const few = [
    ['first', 63, 187],
    ['second', 27, 93],
    ['third', 13, 58],
  ] as const;
  assert.deepEqual(flagged(few), {
    first: ['1.0000', false],
    second: ['0.8618', false],
    third: ['0.6653', false],
  });
});

function near(found: number | null | undefined, expected: number | null): void {
  const gap = Math.abs((found ?? Number.NaN) - (expected ?? Number.NaN));
  assert.ok(gap < 1e-6, `${found} is not ${expected}`);
}
