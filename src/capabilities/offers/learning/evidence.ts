// Evidence: how often each action was answered, kept in memory for a little while.
import { type Clock, generationSql, type Instant, type Pool, type Tx, withTx } from '#core';
import { learningName } from './rows.ts';

export type Evidence = {
  /** Accepted, declined, or left unanswered until it expired. */
  readonly answers: number;
  readonly accepted: number;
};

export type EvidenceReader = (tenant: string) => Promise<ReadonlyMap<string, Evidence>>;

const rememberedMs = 30_000;
const tenantsMax = 1_000;

/** A propensity that is half a minute old is as good. */
export function evidenceReader(pool: Pool, clock: Clock): EvidenceReader {
  type Look = { readonly at: Instant; readonly found: Promise<ReadonlyMap<string, Evidence>> };
  const looks = new Map<string, Look>();
  return (tenant) => {
    const now = clock.now();
    const known = looks.get(tenant);
    if (known && now - known.at < rememberedMs && now >= known.at) return known.found;
    const look = { at: now, found: withTx(pool, readEvidence, { tenant, readOnly: true }) };
    if (looks.size >= tenantsMax) looks.clear();
    looks.set(tenant, look);
    look.found.catch(() => {
      if (looks.get(tenant) === look) looks.delete(tenant);
    });
    return look.found;
  };
}

/** By action, over all of its versions. */
export async function readEvidence(tx: Tx): Promise<ReadonlyMap<string, Evidence>> {
  const { rows } = await tx.query<{ action: string; answers: string; accepted: string }>(
    `select action, sum(accepted + declined + expired)::text as answers,
            sum(accepted)::text as accepted
       from offers.tally
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
      group by action`,
    [learningName],
  );
  const counted = rows.map(
    ({ action, answers, accepted }) =>
      [action, { answers: Number(answers), accepted: Number(accepted) }] as const,
  );
  return new Map(counted);
}
