// What can fail or be late: done within its time, and left alone while it keeps failing.
import { type Clock, Fault } from '#core';
import { type Breaker, createBreaker } from './breaker.ts';
import type { FallbackReason } from './score.ts';

/** `key` says what it is that keeps failing. Never throws. */
export type Guard = <Value extends number | object>(
  key: string,
  leftMs: number,
  work: () => Value | FallbackReason | Promise<Value | FallbackReason>,
) => Promise<Value | FallbackReason>;

const breakersKept = 1_000;

export function createGuard(clock: Clock): Guard {
  const breakers = new Map<string, Breaker>();

  function breakerOf(key: string): Breaker {
    const known = breakers.get(key);
    if (known) return known;
    if (breakers.size >= breakersKept) breakers.clear();
    const breaker = createBreaker(clock);
    breakers.set(key, breaker);
    return breaker;
  }

  return async (key, leftMs, work) => {
    // Whoever was left no time has not failed.
    if (leftMs <= 0) return 'timeout';
    const breaker = breakerOf(key);
    if (!breaker.tries()) return 'breaker_open';
    const done = await withinBudget(leftMs, work);
    if (isReason(done) && failures.has(done)) breaker.failed();
    else breaker.succeeded();
    return done;
  };
}

/** What says something of the model, and not of the case that somebody has sent. */
const failures: ReadonlySet<FallbackReason> = new Set(['error', 'timeout']);

export function isReason(answer: unknown): answer is FallbackReason {
  return typeof answer === 'string';
}

/** What has answered when it returns is in time: only what is still awaited can be late. */
async function withinBudget<Value>(
  leftMs: number,
  work: () => Value | Promise<Value>,
): Promise<Value | 'timeout' | 'error'> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const asked = work();
    if (!(asked instanceof Promise)) return asked;
    const late = Promise.withResolvers<'timeout'>();
    timer = setTimeout(late.resolve, leftMs, 'timeout');
    return await Promise.race([asked, late.promise]);
  } catch (error) {
    return error instanceof Fault && error.code === 'deadline_exceeded' ? 'timeout' : 'error';
  } finally {
    clearTimeout(timer);
  }
}
