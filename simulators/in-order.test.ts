import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { runInOrder } from './in-order.ts';

test('tasks that share a chain run one after the other, in their order', async () => {
  const chains = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(chains, { maxLength: 60 }), async (all) => {
      const busy = new Set<string>();
      const seen = new Map<string, number>();
      let running = 0;
      let done = 0;
      await runInOrder(all.entries(), {
        chainsOf: ([, each]) => each,
        concurrency: 4,
        async work([index, each]) {
          running += 1;
          assert.ok(running <= 4);
          for (const chain of new Set(each)) {
            assert.ok(!busy.has(chain), `two tasks of chain ${chain} ran at once`);
            assert.ok((seen.get(chain) ?? -1) < index, `chain ${chain} went back`);
            busy.add(chain);
            seen.set(chain, index);
          }
          for (let turn = 0; turn <= index % 3; turn += 1) await setImmediate();
          for (const chain of each) busy.delete(chain);
          running -= 1;
          done += 1;
        },
      });
      assert.equal(done, all.length);
    }),
    { numRuns: 50 },
  );
});

test('tasks without a chain in common run at once', async () => {
  let running = 0;
  let most = 0;
  await runInOrder([1, 2, 3, 4, 5], {
    chainsOf: (item) => [`${item}`],
    concurrency: 3,
    async work() {
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
    },
  });
  assert.equal(most, 3);
});

test('of endless items only a window is read ahead', async () => {
  let read = 0;
  let done = 0;
  const stop = new AbortController();
  function* endless() {
    for (; ; read += 1) yield read;
  }
  await runInOrder(endless(), {
    chainsOf: () => ['one'],
    concurrency: 2,
    signal: stop.signal,
    async work() {
      await setImmediate();
      done += 1;
      assert.ok(read <= done + 65, `${read} read after ${done}`);
      if (done === 200) stop.abort();
    },
  });
  assert.ok(done >= 200);
});

test('the first failure stops the rest and is thrown once all that ran has ended', async () => {
  const started: number[] = [];
  let ended = 0;
  const run = runInOrder([0, 1, 2, 3, 4, 5], {
    chainsOf: () => [],
    concurrency: 2,
    async work(item) {
      started.push(item);
      await setImmediate();
      if (item === 1) throw new Error('it failed');
      await setImmediate();
      ended += 1;
    },
  });
  await assert.rejects(run, /it failed/);
  assert.ok(started.length < 6);
  assert.equal(ended, started.length - 1);
});
