// Every seed is lived twice, in databases of its own: the logs must not differ in a letter.
//   COUNTERSIGN_SEED=7 npm run sim      other seeds; a failure names its own
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from './simulation.ts';

const base = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
const runs = Number(process.env['COUNTERSIGN_RUNS'] ?? 3);

for (let seed = base; seed < base + runs; seed += 1) {
  test(`seed ${seed} lives the same life twice`, async (t) => {
    const first = await simulate(t, seed);
    const second = await simulate(t, seed);
    const at = first.findIndex((line, index) => line !== second[index]);
    assert.equal(at, -1, `step ${at}: ${first[at]}\n      not: ${second[at]}`);
    assert.equal(second.length, first.length);
  });
}
