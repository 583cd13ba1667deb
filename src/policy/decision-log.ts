// The decision log as it is read: pages of decisions, newest first, and one with all it knew.
import { externalId, type Instant, internalId, type Json, type Uuid, uuidFrom } from '#core';
import type pg from 'pg';
import type { Obligations, outcomes } from './bundle/bundle.ts';
import type { Doubted } from './bundle/doubts.ts';
import type { Trace } from './bundle/evaluate.ts';

/** The payload of `decision.made`. */
export type DecisionRecord = {
  readonly answers: Readonly<Record<string, Json>>;
  readonly bundle: string;
  readonly canary: boolean;
  readonly command_digest: string;
  readonly command_id: string;
  readonly consume: readonly Json[];
  readonly decision_id: string;
  readonly engine: string;
  readonly facts: Readonly<Record<string, Json>>;
  readonly model_score_ref: string | null;
  readonly obligations: Obligations;
  readonly operation: string;
  readonly outcome: (typeof outcomes)[number];
  readonly point: string;
  readonly purpose: string | null;
  readonly reasons: readonly string[];
  readonly requester: string;
  /** What people had answered for before; left out where there is nothing. */
  readonly settled?: readonly Doubted[];
  readonly shadows: readonly Shadow[];
  readonly trace: Trace;
};
type Shadow = Pick<DecisionRecord, 'bundle' | 'outcome' | 'reasons'>;

/** A decision with what its event says around it. */
export type LoggedDecision = DecisionRecord & {
  readonly event_id: string;
  readonly decided_at: string;
  readonly policy_version: string;
  readonly trace_id: string;
  readonly account_id: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
};

/** What decisions are asked for: all of it has to fit, of outcomes any. */
export type DecisionFilter = {
  readonly point?: string | undefined;
  readonly outcomes?: readonly string[] | undefined;
  readonly reason?: string | undefined;
  readonly operation?: string | undefined;
  readonly policyVersion?: string | undefined;
  /** The digest of what has decided. */
  readonly bundle?: string | undefined;
  /** The principal that has asked. */
  readonly requester?: string | undefined;
  readonly account?: string | undefined;
  /** Half-open, by the receipt of the command. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

export type DecisionQuery = DecisionFilter & {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: Uuid | undefined;
};

/** Events that one page looks at: where few fit the filters, a page may be short, even empty. */
const scanMax = 5_000;
export const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const decisionFacets = [
  'point',
  'outcome',
  'reason',
  'operation',
  'policy_version',
] as const;
type Facet = (typeof decisionFacets)[number];
export type DecisionCounts = Readonly<
  Record<Facet, readonly { readonly value: string; readonly count: number }[]>
> & {
  readonly total: number;
  /** Whether only the newest were counted: there may be more. */
  readonly capped: boolean;
};

/**
 * Newest first: ids begin with the instant of receipt, so a span of time is a span of the index.
 * `next` is null at the end; a page that is short for its bound goes on from where it has looked.
 */
export async function listDecisions(
  tx: pg.ClientBase,
  query: DecisionQuery,
): Promise<{ items: LoggedDecision[]; next: string | null }> {
  const { limit } = query;
  const { before, first } = spanOf(query);
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select id, body from (${fitting}) as made order by id desc limit ${limit + 1}`,
    [before, first, ...valuesOf(query)],
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1)?.id : await endOfScan(tx, before, first);
  return {
    items: page.map(({ body }) => decisionIn(body)),
    next: last === undefined ? null : externalId('decision', last),
  };
}

/** What a facet is chosen by. */
const filterOfFacet = {
  ...{ point: 'point', outcome: 'outcomes', reason: 'reason' },
  ...{ operation: 'operation', policy_version: 'policyVersion' },
} as const satisfies Record<Facet, keyof DecisionFilter>;

/**
 * How many there are of each sort among the newest that fit, the most frequent first. What is
 * chosen of a facet does not narrow its own counts: the others can still be chosen.
 */
export async function countDecisions(
  tx: pg.ClientBase,
  filter: DecisionFilter,
): Promise<DecisionCounts> {
  const counts = await countThose(tx, filter);
  const chosen = decisionFacets.filter((facet) => filter[filterOfFacet[facet]] !== undefined);
  const others: Partial<Record<Facet, DecisionCounts[Facet]>> = {};
  for (const facet of chosen) {
    const free = { ...filter, [filterOfFacet[facet]]: undefined };
    others[facet] = (await countThose(tx, free))[facet];
  }
  return { ...counts, ...others };
}

async function countThose(tx: pg.ClientBase, filter: DecisionFilter): Promise<DecisionCounts> {
  const { before, first } = spanOf(filter);
  const { rows } = await tx.query<{ facet: Facet; value: string; count: bigint }>(
    `select facet.*, count(*) from (${fitting}) as made
      cross join lateral (
        select 'reason', jsonb_array_elements_text(payload -> 'reasons')
        union all
        values ('point', payload ->> 'point'), ('outcome', payload ->> 'outcome'),
               ('operation', payload ->> 'operation'),
               ('policy_version', data ->> 'policy_version')) as facet(facet, value)
      group by 1, 2 order by 3 desc, 2`,
    [before, first, ...valuesOf(filter)],
  );
  const countsOf = (facet: Facet) =>
    rows.flatMap((row) =>
      row.facet === facet ? [{ value: row.value, count: Number(row.count) }] : [],
    );
  const outcome = countsOf('outcome');
  return {
    ...{ point: countsOf('point'), outcome, reason: countsOf('reason') },
    ...{ operation: countsOf('operation'), policy_version: countsOf('policy_version') },
    total: outcome.reduce((sum, { count }) => sum + count, 0),
    capped: (await endOfScan(tx, before, first)) !== undefined,
  };
}

/** Ids behind the first and before the other. */
function spanOf({ after, from, to }: Omit<DecisionQuery, 'limit'>) {
  const ends = [after ?? lastUuid, to === undefined ? lastUuid : uuidFrom(to)];
  return { before: ends.sort()[0] as Uuid, first: uuidFrom(from ?? 0) };
}

/** What fits of the newest events of a span, $1 and $2; their text is read apart once. */
const fitting = `
  select id, body, data, payload
    from (select id, type, body from core.event
           where tenant_id = core.current_tenant() and id < $1 and id > $2
           order by id desc limit ${scanMax}) as scanned
   cross join lateral (
     select data, data -> 'payload' as payload
       from (select body::jsonb -> 'data' as data offset 0) as whole offset 0) as parsed
   where type = 'decision.made'
     and ($3::text is null or payload ->> 'point' = $3)
     and ($4::text[] is null or payload ->> 'outcome' = any ($4))
     and ($5::text is null or payload -> 'reasons' ? $5)
     and ($6::text is null or payload ->> 'operation' = $6)
     and ($7::text is null or data ->> 'policy_version' = $7)
     and ($8::text is null or payload ->> 'bundle' = $8)
     and ($9::text is null or payload ->> 'requester' = $9)
     and ($10::text is null or data ->> 'account_id' = $10)`;

function valuesOf(filter: DecisionFilter): unknown[] {
  const { point, outcomes, reason, operation, policyVersion, bundle, requester, account } = filter;
  const values = [point, outcomes, reason, operation, policyVersion, bundle, requester, account];
  return values.map((value) => value ?? null);
}

/** The event up to which a page has looked; undefined where it has looked at all. */
async function endOfScan(tx: pg.ClientBase, before: Uuid, first: Uuid): Promise<Uuid | undefined> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `select id from core.event
      where tenant_id = core.current_tenant() and id < $1 and id > $2
      order by id desc offset ${scanMax - 1} limit 1`,
    [before, first],
  );
  return rows[0]?.id;
}

/** A decision by its public id. */
export async function readDecision(
  tx: pg.ClientBase,
  id: string,
): Promise<LoggedDecision | undefined> {
  const uuid = internalId('decision', id);
  return uuid === undefined ? undefined : (await readDecisions(tx, [uuid])).get(uuid);
}

/** Decisions by their ids, which are those of their events as well. */
export async function readDecisions(
  tx: pg.ClientBase,
  ids: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, LoggedDecision>> {
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select e.id, e.body from unnest($1::uuid[]) as wanted(id)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id
      where e.type = 'decision.made'`,
    [ids],
  );
  return new Map(rows.map(({ id, body }) => [id, decisionIn(body)]));
}

function decisionIn(body: string): LoggedDecision {
  const { data } = JSON.parse(body) as {
    data: Omit<LoggedDecision, 'decided_at'> & { occurred_at: string; payload: DecisionRecord };
  };
  const { event_id, occurred_at, policy_version, trace_id, account_id, amount, currency } = data;
  const around = { policy_version, trace_id, account_id, amount, currency };
  return { ...data.payload, event_id, decided_at: occurred_at, ...around };
}
