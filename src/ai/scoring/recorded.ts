// Scores on record: whoever lives a command again reads what was said then, and asks no model.
import { internalId, type Uuid } from '#core';
import { recordedScore, type Score } from './score.ts';
import type { Scorer } from './scorer.ts';

/** The texts of `score.produced` events, as they stand in the log. */
export function recordedScorer(bodies: Iterable<string>): Scorer {
  // By point, too: a command that presents an offer may have a score besides that of its decision.
  const scores = new Map<string, Score>();
  const keyOf = (command: Uuid, point: string) => `${command} ${point}`;
  for (const body of bodies) {
    const { account_id, payload } = (JSON.parse(body) as Body).data;
    const command = internalId('command', payload.command_id);
    if (!command) continue;
    scores.set(keyOf(command, payload.point), recordedScore(command, account_id, payload));
  }
  return { score: async ({ commandId, point }) => scores.get(keyOf(commandId, point)) };
}

type Body = {
  readonly data: {
    readonly account_id: string | null;
    readonly payload: Parameters<typeof recordedScore>[2] & { readonly command_id: string };
  };
};
