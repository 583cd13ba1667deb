import assert from 'node:assert/strict';
import { test } from 'node:test';
import { developed, project, stepsOf, type Triangle } from './chain-ladder.ts';

/** Taylor and Ashe (1983), by year of origin: the triangle of Mack's paper, not cumulative. */
const published = [
  [357_848, 766_940, 610_542, 482_940, 527_326, 574_398, 146_342, 139_950, 227_229, 67_948],
  [352_118, 884_021, 933_894, 1_183_289, 445_745, 320_996, 527_804, 266_172, 425_046],
  [290_507, 1_001_799, 926_219, 1_016_654, 750_816, 146_923, 495_992, 280_405],
  [310_608, 1_108_250, 776_189, 1_562_400, 272_482, 352_053, 206_286],
  [443_160, 693_190, 991_983, 769_488, 504_851, 470_639],
  [396_132, 937_085, 847_498, 805_037, 705_960],
  [440_832, 847_631, 1_131_398, 1_063_269],
  [359_480, 1_061_648, 1_443_370],
  [376_686, 986_608],
  [344_014],
];

function cumulative(rows: Triangle): number[][] {
  return rows.map((row) => {
    let sum = 0;
    return row.map((each) => {
      sum += each;
      return sum;
    });
  });
}

test('what is still to come, and by how much that may be wrong, is what Mack has published', () => {
  const triangle = cumulative(published);
  const { cohorts, total } = project(triangle, stepsOf(triangle, 10));
  const paid = triangle.map((row) => row.at(-1) ?? 0);
  const open = cohorts.map(({ value }, at) => Math.round(value - (paid[at] ?? 0)));
  assert.deepEqual(open, [
    ...[0, 94_634, 469_511, 709_638, 984_889],
    ...[1_419_459, 2_177_641, 3_920_301, 4_278_972, 4_625_811],
  ]);
  assert.deepEqual(
    cohorts.map(({ error }) => Math.round(error)),
    [...[0, 75_535, 121_699, 133_549, 261_406], ...[411_010, 558_317, 875_328, 971_258, 1_363_155]],
  );
  assert.equal(Math.round(total.value - paid.reduce((sum, each) => sum + each, 0)), 18_680_856);
  assert.equal(Math.round(total.error), 2_447_095);
});

test('beyond the oldest cohort growth dies away as it did before', () => {
  const growth = (age: number) => 0.5 * 0.6 ** age;
  const row = [1_000];
  for (let age = 0; age < 8; age += 1) row.push((row[age] ?? 0) * (1 + growth(age)));
  const triangle = Array.from({ length: 6 }, (_, at) => row.slice(0, 9 - at));
  const steps = stepsOf(triangle, 40);
  assert.equal(steps.length, 39);
  let expected = 1;
  for (let age = 8; age < 39; age += 1) expected *= 1 + growth(age);
  assert.ok(Math.abs(developed(steps, 8) / expected - 1) < 1e-4);
});

test('of nothing, of one cohort and of none redeemed nothing is made up', () => {
  assert.deepEqual(
    stepsOf([], 3).map(({ factor }) => factor),
    [1, 1],
  );
  assert.deepEqual(project([], []), { cohorts: [], total: { value: 0, error: 0 } });
  const one = project([[5]], stepsOf([[5]], 4));
  assert.deepEqual(one.total, { value: 5, error: 0 });
  const none = [[0, 0, 0], [0, 0], [0]];
  assert.deepEqual(project(none, stepsOf(none, 3)).total, { value: 0, error: 0 });
});
