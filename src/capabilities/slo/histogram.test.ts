import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addTo,
  bucketOf,
  columnsOf,
  countFrom,
  middleOf,
  quantile,
  valueMax,
} from './histogram.ts';
import { addRow, emptySum, rowOf } from './series.ts';

const duration = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: 0, max: 10_000_000 }),
  fc.integer({ min: 0, max: valueMax }),
);

function histogramOf(values: readonly number[]): Map<number, number> {
  const histogram = new Map<number, number>();
  for (const value of values) addTo(histogram, bucketOf(value));
  return histogram;
}

test('a bucket stands for what is in it within one part in a hundred', () => {
  fc.assert(
    fc.property(duration, (us) => {
      const told = middleOf(bucketOf(us));
      assert.ok(Math.abs(told - us) <= us / 100, `${us} is told as ${told}`);
      assert.equal(bucketOf(told), bucketOf(us));
    }),
    { numRuns: 2_000 },
  );
});

test('buckets stand in the order of what is in them, and there are less than two thousand', () => {
  fc.assert(
    fc.property(duration, duration, (one, other) => {
      if (one < other) assert.ok(bucketOf(one) <= bucketOf(other));
    }),
  );
  // At the edges of doublings, where a logarithm may round the wrong way.
  for (let power = 7; power <= 36; power += 1) {
    const edge = 2 ** power;
    assert.equal(bucketOf(edge - 1) + 1, bucketOf(edge) + (edge > valueMax ? 1 : 0), `2^${power}`);
  }
  assert.equal(bucketOf(valueMax), 1_983);
  assert.equal(bucketOf(Number.MAX_SAFE_INTEGER), 1_983);
  assert.equal(bucketOf(-1), 0);
});

test('a quantile is within one part in a hundred of the true one', () => {
  const values = fc.array(duration, { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(values, fc.constantFrom(0.5, 0.95, 0.99, 1), (all, share) => {
      const sorted = [...all].sort((one, other) => one - other);
      const exact = sorted[Math.max(1, Math.ceil(share * all.length - 1e-9)) - 1] as number;
      const told = quantile(histogramOf(all), share) as number;
      assert.ok(Math.abs(told - exact) <= exact / 100, `${exact} is told as ${told}`);
    }),
  );
  assert.equal(quantile(new Map(), 0.95), null);
});

test('histograms of parts, merged from their rows, are the histogram of the whole', () => {
  const values = fc.array(duration, { maxLength: 100 });
  fc.assert(
    fc.property(values, values, values, (...parts) => {
      const merged = emptySum();
      for (const part of parts) {
        addRow(merged, rowOf({ count: part.length, histogram: histogramOf(part) }));
      }
      assert.equal(merged.count, parts.flat().length);
      assert.deepEqual(columnsOf(merged.histogram), columnsOf(histogramOf(parts.flat())));
    }),
  );
});

test('what took exactly as long as the target is not below it', () => {
  const histogram = histogramOf([249_000, 250_000, 260_000]);
  assert.equal(countFrom(histogram, 250_000), 2);
  assert.equal(countFrom(histogram, 1), 3);
});
