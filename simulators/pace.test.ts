import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from './operation.ts';
import { paced } from './pace.ts';

const operations = Array.from({ length: 40 }, (_, number): Operation => {
  const key = `k${number}`;
  return { action: 'cancel', kind: 'card_cancellation', key, effectiveAt: 7, chains: [] };
});

test('operations come in order, no faster than the pace, and take effect then', async () => {
  const clock = { now: () => Math.floor(performance.now()) };
  const began = clock.now();
  const seen: string[] = [];
  const { signal } = new AbortController();
  for await (const { key, effectiveAt } of paced(operations, { perSecond: 400, clock, signal })) {
    seen.push(key);
    assert.ok(effectiveAt >= began + Math.floor(2.5 * seen.length) - 2);
  }
  assert.deepEqual(
    seen,
    operations.map(({ key }) => key),
  );
});

test('the signal ends it at once, however slow the pace is', async () => {
  const stopping = new AbortController();
  const clock = { now: () => 0 };
  const { signal } = stopping;
  const next = paced(operations, { perSecond: 0.01, clock, signal }).next();
  stopping.abort();
  assert.equal((await next).done, true);
});
