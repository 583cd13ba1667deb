import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import fc from 'fast-check';
import type { Histogram } from '../models/card.ts';
import { countValue, counterOf, measureDrift } from './drift.ts';

/** Uniform numbers between 0 and 1. */
function numbers(seed: number): () => number {
  const random = seededRandom(seed);
  return () => {
    const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
    return (((a * 256 + b) * 256 + c) * 256 + d + 0.5) / 2 ** 32;
  };
}

/** What inputs look like: even, skewed with a long tail, mostly zero, few values and missing. */
const shapes: readonly {
  readonly edges: number[];
  readonly draw: (next: () => number) => number | null;
}[] = [
  { edges: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], draw: (next) => next() },
  { edges: [1, 2, 4, 8, 16, 32, 64], draw: (next) => 1 / next() },
  { edges: [1, 2, 3, 5], draw: (next) => (next() < 0.97 ? 0 : Math.ceil(next() * 6)) },
  { edges: [0.5], draw: (next) => (next() < 0.02 ? null : Math.round(next())) },
];

function sample(shape: (typeof shapes)[number], n: number, next: () => number): Histogram {
  const counter = counterOf(shape);
  for (let drawn = 0; drawn < n; drawn += 1) countValue(counter, shape.draw(next));
  return counter;
}

test('a value lies behind the last edge that is not above it', () => {
  const counter = counterOf({ edges: [0, 10] });
  for (const value of [-1, 0, 9.9, 10, 11, null, Number.NaN]) countValue(counter, value);
  assert.deepEqual(counter, { edges: [0, 10], counts: [1, 2, 2], missing: 2 });
});

test('the index is that of the formula', () => {
  const of = (counts: number[]): Histogram => ({ edges: [1], counts, missing: 0 });
  const { psi, ks, psi_critical } = measureDrift(of([5e6, 5e6]), of([6e6, 4e6]), 0.05);
  // .1 · ln 1.2 − .1 · ln .8
  assert.ok(Math.abs(psi - 0.040547) < 1e-5, String(psi));
  assert.ok(Math.abs(ks - 0.1) < 1e-9);
  // (1/N + 1/M) · χ²(1), within the error of its quantile.
  assert.ok(Math.abs(psi_critical - 2e-7 * 3.8415) < 2e-8);
});

test('what is stable is flagged no more often than was said, whatever its shape and size', () => {
  const alarms = { psi: 0, ks: 0, level: 0 };
  const samples = 200;
  for (let seed = 1; seed <= samples; seed += 1) {
    const next = numbers(seed);
    const shape = shapes[seed % shapes.length] as (typeof shapes)[number];
    const size = [120, 500, 5_000][seed % 3] as number;
    const drift = measureDrift(sample(shape, 4_000, next), sample(shape, size, next), 0.05);
    if (drift.psi > drift.psi_critical) alarms.psi += 1;
    if (drift.ks > drift.ks_critical) alarms.ks += 1;
    if (drift.level === 'moderate' || drift.level === 'large') alarms.level += 1;
  }
  for (const [which, count] of Object.entries(alarms)) {
    assert.ok(count <= samples * 0.07, `${which}: ${count} of ${samples}`);
  }
});

test('planted drift is flagged: a shift, a tail that is gone, values that go missing', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const next = numbers(seed);
    for (const shape of shapes) {
      const before = sample(shape, 4_000, next);
      const missing = { ...shape, draw: () => (next() < 0.5 ? null : shape.draw(next)) };
      assert.equal(measureDrift(before, sample(missing, 1_000, next), 0.05).level, 'large');
    }
    const [even] = shapes as [(typeof shapes)[number]];
    const shifted = { ...even, draw: () => next() ** 2 };
    const before = sample(even, 4_000, next);
    assert.notEqual(measureDrift(before, sample(shifted, 1_000, next), 0.05).level, 'none');
  }
});

test('a bin that training had never seen is large drift when all lies in it', () => {
  const before: Histogram = { edges: [1, 2], counts: [1_000, 0, 0], missing: 0 };
  const now: Histogram = { edges: [1, 2], counts: [0, 0, 1_000], missing: 0 };
  const drift = measureDrift(before, now, 0.05);
  assert.equal(drift.level, 'large');
  assert.equal(drift.ks, 1);
});

test('too few values say nothing', () => {
  const of = (counts: number[]): Histogram => ({ edges: [1], counts, missing: 0 });
  assert.equal(measureDrift(of([500, 500]), of([99, 0]), 0.05).level, 'unknown');
  const empty = measureDrift(of([0, 0]), of([0, 0]), 0.05);
  assert.equal(empty.level, 'unknown');
  assert.ok(
    Object.values(empty).every((each) => typeof each !== 'number' || Number.isFinite(each)),
  );
});

test('every figure is finite and not negative, and equal histograms do not differ', () => {
  const counts = fc.array(fc.nat({ max: 1_000 }), { minLength: 3, maxLength: 3 });
  const histogram = fc.record({
    edges: fc.constant<number[]>([0, 1]),
    counts,
    missing: fc.nat(100),
  });
  fc.assert(
    fc.property(histogram, histogram, (one, other) => {
      const drift = measureDrift(one, other, 0.01);
      for (const figure of [drift.psi, drift.psi_critical, drift.ks, drift.ks_critical]) {
        assert.ok(Number.isFinite(figure) && figure >= -1e-12);
      }
      assert.equal(measureDrift(one, one, 0.01).ks, 0);
    }),
  );
});
