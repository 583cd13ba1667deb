// Benchmark of the models alone: one row through random tree ensembles, and why it got its answer.
import { type Dice, integerBelow, unit } from '../simulators/distributions.ts';
import { loadOnnx } from '../src/ai/onnx/model.ts';
import { seededRandom } from '../src/core/random.ts';
import { type Tree, treeClassifier } from '../test/onnx-writer.ts';
import type { Benchmark, Figures } from './run.ts';

const width = 30;
const rows = 5_000;
const warmups = 2_000;
const missingRate = 0.1;

export const trees: Benchmark = {
  title: 'Trees: one row of 30 inputs, a tenth of them missing, through random full trees',
  guess: {
    '300 × depth 6: load ms': 100,
    '300 × depth 6: score p50 µs': 20,
    '300 × depth 6: score p95 µs': 35,
    '300 × depth 6: explain p50 µs': 40,
    '300 × depth 6: explain p95 µs': 60,
    '350 × depth 8: load ms': 350,
    '350 × depth 8: score p50 µs': 50,
    '350 × depth 8: score p95 µs': 90,
    '350 × depth 8: explain p50 µs': 90,
    '350 × depth 8: explain p95 µs': 140,
  },
  targets: { '300 × depth 6: score p95 µs': { max: 50 } },
  run: async (say) => ({
    ...measure('300 × depth 6', { count: 300, depth: 6, say }),
    ...measure('350 × depth 8', { count: 350, depth: 8, say }),
  }),
};

type Size = {
  readonly count: number;
  readonly depth: number;
  readonly say: (line: string) => void;
};

function measure(name: string, { count, depth, say }: Size): Figures {
  const dice = seededRandom(count);
  const ensemble = Array.from({ length: count }, () => grow(dice, depth));
  const attributes = { post_transform: { text: 'LOGISTIC' } };
  const file = treeClassifier(ensemble, { width, attributes });
  say(`${name}: a file of ${file.length} bytes`);
  const began = performance.now();
  const model = loadOnnx(file);
  const loadedMs = performance.now() - began;
  const vectors = Array.from({ length: rows }, () =>
    Float32Array.from({ length: width }, () =>
      unit(dice) < missingRate ? Number.NaN : unit(dice),
    ),
  );
  const score = time(vectors, model.score);
  const explain = time(vectors, model.explain);
  return {
    [`${name}: load ms`]: loadedMs,
    [`${name}: score p50 µs`]: quantile(score, 0.5),
    [`${name}: score p95 µs`]: quantile(score, 0.95),
    [`${name}: explain p50 µs`]: quantile(explain, 0.5),
    [`${name}: explain p95 µs`]: quantile(explain, 0.95),
  };
}

function grow(dice: Dice, depth: number): Tree {
  if (depth === 0) return { weights: [unit(dice) - 0.5], rate: 1 + integerBelow(dice, 100) };
  return {
    feature: integerBelow(dice, width),
    threshold: unit(dice),
    missing: integerBelow(dice, 2) === 0 ? 0 : 1,
    held: grow(dice, depth - 1),
    other: grow(dice, depth - 1),
  };
}

/** Sorted, in µs. */
function time(vectors: readonly Float32Array[], call: (vector: Float32Array) => unknown): number[] {
  for (const vector of vectors.slice(0, warmups)) call(vector);
  const times = vectors.map((vector) => {
    const began = performance.now();
    call(vector);
    return (performance.now() - began) * 1000;
  });
  return times.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}
