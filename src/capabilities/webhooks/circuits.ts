// Circuits: an endpoint that keeps failing is left alone for a while, and then tried once.
import type { Instant, Uuid } from '#core';
import type { Attempt } from './send.ts';

export type Circuits = {
  /** The endpoints that are left alone now. */
  readonly closedTo: () => readonly Uuid[];
  readonly note: (endpoint: Uuid, attempt: Attempt) => void;
};

/** In a row, before an endpoint is left alone. */
const failuresMax = 5;
const restMinMs = 15_000;
const restMaxMs = 10 * 60_000;

type Circuit = { readonly failures: number; readonly until: Instant };

/** Each process finds out by itself; nothing depends on it but where its time goes. */
export function openCircuits(now: () => Instant): Circuits {
  const failing = new Map<Uuid, Circuit>();
  return {
    closedTo: () => [...failing].flatMap(([id, { until }]) => (until > now() ? [id] : [])),
    note(endpoint, { failure }) {
      if (failure === 'stopped') return;
      if (failure === null) {
        failing.delete(endpoint);
        return;
      }
      const failures = (failing.get(endpoint)?.failures ?? 0) + 1;
      const rests = failures - failuresMax;
      const restMs = rests < 0 ? 0 : Math.min(restMaxMs, restMinMs * 2 ** Math.min(rests, 10));
      failing.set(endpoint, { failures, until: now() + restMs });
    },
  };
}
