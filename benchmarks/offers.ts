// Benchmark of offers: a night's work over generated customers.
import { batchFigures, batchGuess, batchTargets } from './offers-batch.ts';
import type { Benchmark } from './run.ts';

export const offers: Benchmark = {
  title: 'Offers: a night’s work over generated customers',
  guess: batchGuess,
  targets: batchTargets,
  run: batchFigures,
};
