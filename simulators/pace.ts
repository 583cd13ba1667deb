// A day at a gentle pace: so many operations a second, each taking effect when it is sent.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core';
import type { Operation, Traffic } from './operation.ts';

type Pace = {
  readonly perSecond: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** In the order of the day, until it is over or the signal comes. */
export async function* paced(
  operations: Traffic['operations'],
  { perSecond, clock, signal }: Pace,
): AsyncGenerator<Operation> {
  let due = clock.now();
  for await (const operation of operations) {
    due += 1_000 / perSecond;
    // What could not be sent in time is not made up for: a pace is no debt.
    const now = clock.now();
    if (due > now) await sleep(due - now, undefined, { signal }).catch(() => undefined);
    else due = now;
    if (signal.aborted) return;
    yield { ...operation, effectiveAt: clock.now() };
  }
}
