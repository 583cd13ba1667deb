// Scores on record: whoever lives a command again reads what was said then, and asks no model.
import { internalId, type Uuid } from '#core';
import { recordedScore, type Score } from './score.ts';
import type { Scorer } from './scorer.ts';

/** The texts of `score.produced` events, as they stand in the log. */
export function recordedScorer(bodies: Iterable<string>): Scorer {
  const scores = new Map<Uuid, Score>();
  for (const body of bodies) {
    const { data } = JSON.parse(body) as Body;
    const command = internalId('command', data.payload.command_id);
    if (command) scores.set(command, recordedScore(command, data.account_id, data.payload));
  }
  return { score: async ({ commandId }) => scores.get(commandId) };
}

type Body = {
  readonly data: {
    readonly account_id: string | null;
    readonly payload: Parameters<typeof recordedScore>[2] & { readonly command_id: string };
  };
};
