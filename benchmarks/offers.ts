// Benchmark of offers: in session, and a night's work over generated customers.
import { batchFigures, batchGuess, batchTargets } from './offers-batch.ts';
import { sessionFigures, sessionGuess, sessionTargets } from './offers-session.ts';
import type { Benchmark } from './run.ts';

export const offers: Benchmark = {
  title: 'Offers: in session, and a night’s work over generated customers',
  guess: { ...sessionGuess, ...batchGuess },
  targets: { ...sessionTargets, ...batchTargets },
  async run(say) {
    // One part alone where it is named: in-session or batch.
    const part = process.env['COUNTERSIGN_BENCH_PART'];
    return {
      ...(part === 'batch' ? {} : await sessionFigures(say)),
      ...(part === 'in-session' ? {} : await batchFigures(say)),
    };
  },
};
