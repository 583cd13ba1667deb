// What policy may know of somebody's screening; which score stops what, the bundles say.
import type pg from 'pg';
import { openHits } from './clearance.ts';

export type ScreeningFacts = {
  /** The best hit's, 0 without one. */
  readonly screening_score: number;
  /** The best hit's list, or `none`. */
  readonly screening_list: string;
  readonly screening_hits: number;
};

/**
 * The hits of a subject that nobody has cleared, over all of its screenings. Undefined for whom was
 * never screened, and for whom no name is left to screen: then a score would be too low, so that
 * the facts are missing rather than reassuring.
 */
export async function screeningFacts(
  tx: pg.ClientBase,
  subject: string,
): Promise<ScreeningFacts | undefined> {
  if (!(await isScreened(tx, subject))) return undefined;
  const open = await openHits(tx, subject);
  const [best] = open;
  return {
    screening_score: best?.score ?? 0,
    screening_list: best?.list ?? 'none',
    screening_hits: open.length,
  };
}

async function isScreened(tx: pg.ClientBase, subject: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from policy.screening_subject where subject = $1 and not unscreenable limit 1`,
    [subject],
  );
  return rowCount === 1;
}
