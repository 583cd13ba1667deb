// The live rows of the projection.
import { liveGenerationOf, type Tx } from '#core';

export const scoresName = 'scores';

/** Which generation of the projection is read. */
export function scoresGeneration(tx: Tx): Promise<number> {
  return liveGenerationOf(tx, scoresName);
}
