// What policy may know of somebody's screening; which score stops what, the bundles say.
import type pg from 'pg';
import { clearedHits, hitKey } from './record.ts';

export type ScreeningFacts = {
  /** The best hit's, 0 without one. */
  readonly screening_score: number;
  /** The best hit's list, or `none`. */
  readonly screening_list: string;
  readonly screening_hits: number;
};

/**
 * The hits of a subject's last screening that nobody has cleared; undefined for whom was never
 * screened, so that the facts are missing rather than reassuring.
 */
export async function screeningFacts(
  tx: pg.ClientBase,
  subject: string,
): Promise<ScreeningFacts | undefined> {
  const { rows } = await tx.query<{
    list: string | null;
    entry_id: string;
    entry_digest: string;
    score: number;
  }>(
    `select h.list, h.entry_id, encode(h.entry_digest, 'hex') as entry_digest, h.score
       from policy.screening_subject s left join policy.screening_hit h
         on (h.tenant_id, h.screening_id) = (s.tenant_id, s.screening_id)
      where s.subject = $1 order by h.score desc, h.ordinal`,
    [subject],
  );
  if (rows.length === 0) return undefined;
  const cleared = await clearedHits(tx, subject);
  const open = rows.filter(
    (row): row is typeof row & { list: string } =>
      row.list !== null && !cleared.has(hitKey({ ...row, list: row.list })),
  );
  const [best] = open;
  return {
    screening_score: best?.score ?? 0,
    screening_list: best?.list ?? 'none',
    screening_hits: open.length,
  };
}
