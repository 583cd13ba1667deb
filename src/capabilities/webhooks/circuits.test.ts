import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCircuits } from './circuits.ts';

const failed = { status: 500, failure: 'status', latencyMs: 1 } as const;
const stopped = { status: null, failure: 'stopped', latencyMs: 1 } as const;
const delivered = { status: 200, failure: null, latencyMs: 1 } as const;

test('an endpoint that keeps failing is left alone, longer each time, until it answers', () => {
  let now = 0;
  const circuits = openCircuits(() => now);
  for (let failures = 0; failures < 4; failures += 1) circuits.note('a', failed);
  circuits.note('a', stopped);
  assert.deepEqual(circuits.closedTo(), []);
  circuits.note('a', failed);
  circuits.note('b', failed);
  assert.deepEqual(circuits.closedTo(), ['a']);
  now = 15_000;
  assert.deepEqual(circuits.closedTo(), [], 'it is tried again');
  circuits.note('a', failed);
  now = 15_000 + 29_999;
  assert.deepEqual(circuits.closedTo(), ['a']);
  for (let failures = 0; failures < 100; failures += 1) circuits.note('a', failed);
  now += 10 * 60_000;
  assert.deepEqual(circuits.closedTo(), [], 'never longer than ten minutes');
  circuits.note('a', delivered);
  circuits.note('a', failed);
  assert.deepEqual(circuits.closedTo(), [], 'it counts from none again');
});
