// What a journal does under each outcome of its decision: it moves, reserves, gives back or fails.
import { type Command, type Decision, type Instant, instantToText } from '#core';
import { isJournal, type JournalBody, type Leg } from './journal.ts';

/**
 * The legs to carry out; undefined where nothing is, and the journal is rejected. What is held for
 * it is given back first in any case, so that taking it up again never holds a sum twice.
 */
export function legsUnder(
  { operation, body, receivedAt }: Command,
  outcome: Decision['outcome'],
): readonly Leg[] | undefined {
  if (!isJournal(operation)) return undefined;
  const { legs, held = [], reserves } = body as JournalBody;
  const back = held.map((hold_id): Leg => ({ kind: 'void', hold_id }));
  switch (outcome) {
    case 'allow':
      return back.length === 0 ? legs : [...back, ...legs];
    case 'hold':
    case 'review': {
      if (!reserves) return undefined;
      const until = receivedAt + reserves[outcome] * 1_000;
      return [...back, ...legs.map((leg) => reserved(leg, until))];
    }
    case 'deny':
      return back.length === 0 ? undefined : back;
  }
}

/** A movement becomes a hold of the same sum between the same accounts. */
function reserved(leg: Leg, until: Instant): Leg {
  if (leg.kind !== 'post' && leg.kind !== 'hold') return leg;
  return { ...leg, kind: 'hold', expires_at: instantToText(until) };
}
