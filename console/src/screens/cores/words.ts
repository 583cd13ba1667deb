// How a core is told: by its name, by the state of its circuits, and by how long its calls take.
import type { Answer } from '../../api/client.ts';
import { countText, spanText } from '../../parts/figures.ts';

export type Core = Answer<'GET /v1/cores'>['items'][number];
export type Operation = Core['operations'][number];
export type Endpoint = Operation['endpoints'][number];
export type Circuit = Endpoint['circuit'];
export type Difference = Answer<'GET /v1/cores/differences'>['items'][number];
export type Move = Answer<'GET /v1/cores/moves'>['items'][number];

export const movesOp = 'GET /v1/cores/moves';

/** Circuits open and close between two events: one looks as often as without a stream. */
export const refreshMs = 5_000;

/** The word that gives the sign and the tone, the circuit's own name, and what it means. */
export const circuitWords: Readonly<Record<Circuit, readonly [look: string, name: string]>> = {
  closed: ['ok', 'closed'],
  half_open: ['canary', 'half open'],
  open: ['dead', 'open'],
};

export function coreName({ name }: Core): string {
  return name === 'own' ? 'Our own core' : `The core ${name}`;
}

/** How it is, in a few words, and the word that gives their tone. */
export function healthOf({ operations }: Core): readonly [look: string, words: string] {
  const among = (circuit: Circuit) =>
    operations.filter(({ endpoints }) => endpoints.some((each) => each.circuit === circuit)).length;
  const [open, onTrial] = [among('open'), among('half_open')];
  const all = countText(operations.length);
  if (open > 0) return ['dead', `${countText(open)} of ${all} operations have an open circuit`];
  if (onTrial > 0) return ['canary', `${countText(onTrial)} of ${all} operations are on trial`];
  return ['ok', `all ${all} operations can be called`];
}

/** `3.4 s`; what is faster than the screen counts is `< 1 ms`. */
export function tookText(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1 ? '< 1 ms' : spanText(ms);
}

/** What a difference is about, as a sentence. */
export const kindWords: Readonly<Record<Difference['kind'], string>> = {
  balance: 'The booked balances are not the same.',
  missing: 'The core does not have this account any more.',
  not_mirrored: 'What the core told could not be written here.',
};

/** The moves on which nobody goes on but people. */
export function waitsForPerson({ state, is_left }: Move): boolean {
  return is_left || state === 'pending_approval' || state === 'needs_override';
}

/** The word that gives the tone, the state, and what is to be done about it. */
export function stateOfMove(move: Move): readonly [look: string, name: string, words: string] {
  if (move.is_left) {
    return ['failed', 'not found out', 'Find it in the core by its reference: nobody looks again.'];
  }
  switch (move.state) {
    case 'needs_override':
      return ['warn', 'the core warns', 'It does nothing until people accept each of these.'];
    case 'pending_approval':
      return ['waiting', 'waits in the core', 'A checker of the core has to decide it there.'];
    case 'unknown':
      return ['pending', 'not known yet', 'Nothing: it is looked up by itself.'];
    case 'sent':
      return ['running', 'being asked', 'Nothing: the core is being asked.'];
  }
}
