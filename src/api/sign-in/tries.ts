// How often somebody may be wrong: a few times a minute, whoever it is.
import type { Clock, Instant } from '#core';

export type Tries = { readonly isAllowed: () => boolean; readonly failed: () => void };

const failuresMax = 10;
const windowMs = 60_000;

export function createTries(clock: Clock): Tries {
  let failures: readonly Instant[] = [];
  const recent = () => failures.filter((at) => clock.now() - at < windowMs);
  return {
    isAllowed: () => recent().length < failuresMax,
    failed() {
      failures = [...recent(), clock.now()];
    },
  };
}
