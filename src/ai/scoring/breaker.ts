// A circuit breaker: a model that keeps failing is left alone for a while, so that nobody waits.
//
// Closed, it counts failures in a row. At `failuresMax` it opens, and nobody is asked. After a
// pause one call is let through: if it succeeds the breaker closes, else it opens for twice as
// long.
import type { Clock, Instant } from '#core';

export type Breaker = {
  /** Whether a call may be tried now; it then must be told how that went. */
  readonly tries: () => boolean;
  readonly succeeded: () => void;
  readonly failed: () => void;
  readonly isOpen: () => boolean;
};

const failuresMax = 5;
const pauseFirstMs = 1_000;
const pauseMaxMs = 60_000;

export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let openUntil: Instant = 0;
  let pauseMs = pauseFirstMs;
  let isProbing = false;
  const isOpen = () => failures >= failuresMax;
  return {
    isOpen,
    tries() {
      if (!isOpen()) return true;
      if (isProbing || clock.now() < openUntil) return false;
      isProbing = true;
      return true;
    },
    succeeded() {
      failures = 0;
      pauseMs = pauseFirstMs;
      isProbing = false;
    },
    failed() {
      // What was under way when it opened says nothing new.
      if (isOpen() && !isProbing) return;
      failures += 1;
      isProbing = false;
      if (!isOpen()) return;
      openUntil = clock.now() + pauseMs;
      pauseMs = Math.min(pauseMaxMs, pauseMs * 2);
    },
  };
}
