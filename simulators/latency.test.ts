import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLatencies } from './latency.ts';

test('a percentile is never below the truth and at most 3.3 % above it', () => {
  const latency = fc.double({ min: 0.02, max: 100_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (all) => {
      const latencies = createLatencies();
      for (const each of all) latencies.record(each);
      const sorted = [...all].sort((a, b) => a - b);
      const { count, p50Ms, p95Ms, p99Ms, maxMs } = latencies.summary();
      assert.equal(count, all.length);
      assert.equal(maxMs, sorted.at(-1));
      for (const [share, found] of [
        [0.5, p50Ms],
        [0.95, p95Ms],
        [0.99, p99Ms],
      ] as const) {
        const truth = sorted[Math.ceil(share * all.length) - 1] as number;
        assert.ok(found >= truth * 0.999_999 && found <= truth * 1.033, `${found} for ${truth}`);
      }
    }),
  );
});

test('latencies beyond the scale are counted in its last buckets, and nothing is all zero', () => {
  const latencies = createLatencies();
  assert.deepEqual(latencies.summary(), { count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 });
  latencies.record(0);
  latencies.record(1e9);
  assert.equal(latencies.summary().count, 2);
  assert.equal(latencies.summary().maxMs, 1e9);
});
