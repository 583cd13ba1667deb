// Allocating what is scarce, the same in every run: the highest priority first, whatever the order
// in which customers were looked at. Then what was allocated is presented, at the one choke point.
import { type CommandInput, type Database, Fault, type Json, withTx } from '#core';
import type { OfferChannel } from './action.ts';
import type { Terms } from './arbitrate.ts';
import { candidatesMax } from './batch-score.ts';
import { type WithholdBody, withheldMax } from './learning/withhold.ts';
import { type PresentBody, presentOperation } from './present.ts';

export type Allocating = { readonly id: string; readonly at: string };

/**
 * In as many rounds as a customer has candidates: in each, his best one that is left stands with
 * those of the others, and whoever finds none left comes again with his next.
 */
export async function allocate(
  database: Database,
  tenant: string,
  { id, at }: Allocating,
): Promise<void> {
  await withTx(database.pool('app'), async (tx) => {
    await tx.query('set local statement_timeout = 0');
    await tx.query(`set local work_mem = '64MB'`);
    // Nobody has counted these rows yet: taken for few, they would be joined one by one.
    await tx.query('set local enable_nestloop = off');
    for (let round = 1; round <= candidatesMax; round += 1) {
      const { rowCount } = await tx.query(roundSql, [tenant, id]);
      if (rowCount === 0) break;
    }
    await tx.query(
      `update offers.candidate set status = 'left_out'
        where tenant_id = $1 and batch_id = $2 and status = 'waiting'`,
      [tenant, id],
    );
    await tx.query(
      `update offers.batch set status = 'allocated', scored_at = $3
        where tenant_id = $1 and id = $2 and status = 'running'`,
      [tenant, id, at],
    );
  });
}

/** A customer who has one allocated, or is held out of his best, is through with it. */
const roundSql = `
  with own as materialized (
    select customer, action, priority, tie, status from offers.candidate
     where tenant_id = $1 and batch_id = $2),
  through as materialized (
    select distinct customer from own where status in ('allocated', 'withheld')),
  best as materialized (
    select distinct on (o.customer) o.customer, o.action, o.priority, o.tie
      from own o left join through t on t.customer = o.customer
     where o.status = 'waiting' and t.customer is null
     order by o.customer, o.priority desc, o.tie, o.action),
  taken as (
    select action, count(*) as n from own where status = 'allocated' group by action),
  scarce as (
    select key as action, value::bigint as n
      from offers.batch b, jsonb_each_text(b.left_over)
     where b.tenant_id = $1 and b.id = $2),
  ranked as materialized (
    select b.customer, b.action, s.n as left_over,
           coalesce(t.n, 0) + row_number() over
             (partition by b.action order by b.priority desc, b.tie, b.customer) as place
      from best b
      left join taken t on t.action = b.action
      left join scarce s on s.action = b.action)
  update offers.candidate c
     set place = r.place,
         status = case when r.left_over is null or r.place <= r.left_over
                       then 'allocated' else 'left_out' end
    from ranked r
   where c.tenant_id = $1 and c.batch_id = $2 and c.customer = r.customer and c.action = r.action`;

// Presenting --------------------------------------------------------------------------------------

export type PresentingParts = {
  readonly database: Database;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly outcome: { status: string } }>;
  readonly signal: AbortSignal;
};

/** Commands of a page that are under way together. */
const presentPage = 50;

type Row = {
  readonly customer: string;
  readonly action: string;
  readonly version: number;
  readonly arm: string;
  readonly period: string;
  readonly product: string;
  readonly chosen_ppm: number;
  readonly propensity_ppm: number;
  readonly terms: Terms;
};
type Of = { readonly id: string; readonly channel: OfferChannel; readonly at: string };

/** Page by page until nothing is left; answers how many were presented now. */
export async function presentBatch(
  parts: PresentingParts,
  tenant: string,
  batch: Of,
): Promise<number> {
  await tellWithheld(parts, tenant, batch);
  let presented = 0;
  for (;;) {
    if (parts.signal.aborted) return presented;
    const rows = await readRows(parts.database, tenant, batch, {
      status: 'allocated',
      limit: presentPage,
    });
    if (rows.length === 0) break;
    const results = await Promise.all(rows.map((row) => present(parts, tenant, batch, row)));
    await note(parts.database, tenant, batch, { rows, results });
    presented += results.filter((each) => each === 'presented').length;
  }
  await parts.database.pool('app').query(
    `update offers.batch set status = 'done', ended_at = $3
      where tenant_id = $1 and id = $2 and status = 'allocated'`,
    [tenant, batch.id, batch.at],
  );
  return presented;
}

/** What has changed since the night is seen here: consent, caps, a stop. */
async function present(
  { execute }: PresentingParts,
  tenant: string,
  { id, channel }: Of,
  { customer, action, version, arm, chosen_ppm, propensity_ppm, terms }: Row,
): Promise<'presented' | 'refused'> {
  const body: PresentBody = {
    ...{ customer, action, version, channel, path: 'batch', arm, chosen_ppm, propensity_ppm },
    chosen_by_model: terms.p_source === 'model',
    ...{ propensity_source: terms.p_source, terms, because: id },
  };
  try {
    const { outcome } = await execute({
      principal: { kind: 'service', id: 'offers', tenant },
      operation: presentOperation,
      idempotencyKey: `offer batch ${id} ${customer} ${action}`,
      body: body as unknown as Json,
    });
    return outcome.status === 'accepted' ? 'presented' : 'refused';
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error;
    return 'refused';
  }
}

async function tellWithheld(parts: PresentingParts, tenant: string, batch: Of): Promise<void> {
  for (;;) {
    if (parts.signal.aborted) return;
    const rows = await readRows(parts.database, tenant, batch, {
      status: 'withheld',
      limit: withheldMax,
    });
    const [first] = rows;
    if (!first) return;
    const withheld = rows.map(({ customer, action, product, arm, period, propensity_ppm }) => ({
      ...{ customer, action, product, period, propensity_ppm },
      ...{ arm: arm as 'control' | 'holdout', channel: batch.channel, path: 'batch' },
    }));
    const body: WithholdBody = { withheld };
    await parts.execute({
      principal: { kind: 'service', id: 'offers', tenant },
      operation: 'offer.withhold',
      idempotencyKey: `withhold ${batch.id} ${first.customer}`,
      body: body as unknown as Json,
    });
    const results = rows.map(() => 'left_out' as const);
    await note(parts.database, tenant, batch, { rows, results });
  }
}

async function readRows(
  database: Database,
  tenant: string,
  { id }: Of,
  { status, limit }: { readonly status: string; readonly limit: number },
): Promise<readonly Row[]> {
  const { rows } = await withTx(
    database.pool('read'),
    (tx) =>
      tx.query<Row>(
        `select c.customer, c.action, c.version, c.arm, c.period, c.chosen_ppm, c.propensity_ppm,
                c.terms, coalesce(a.body -> 'product' ->> 'registered_as',
                                  lower(a.body -> 'product' ->> 'code')) as product
           from offers.candidate c
           join offers.action a on a.tenant_id = c.tenant_id and a.code = c.action
            and a.version = c.version
          where c.tenant_id = core.current_tenant() and c.batch_id = $1 and c.status = $2
          order by c.customer, c.action limit $3`,
        [id, status, limit],
      ),
    { tenant, readOnly: true },
  );
  return rows;
}

type Noted = {
  readonly rows: readonly Row[];
  readonly results: readonly ('presented' | 'refused' | 'left_out')[];
};

async function note(
  database: Database,
  tenant: string,
  { id }: Of,
  { rows, results }: Noted,
): Promise<void> {
  const count = (wanted: string) => results.filter((each) => each === wanted).length;
  await withTx(database.pool('app'), async (tx) => {
    await tx.query(
      `update offers.candidate c set status = n.status
         from unnest($3::text[], $4::text[], $5::text[]) as n(customer, action, status)
        where c.tenant_id = $1 and c.batch_id = $2 and c.customer = n.customer
          and c.action = n.action`,
      [tenant, id, rows.map((row) => row.customer), rows.map((row) => row.action), results],
    );
    await tx.query(
      `update offers.batch set presented = presented + $3, refused = refused + $4
        where tenant_id = $1 and id = $2`,
      [tenant, id, count('presented'), count('refused')],
    );
  });
}
