// The decision log as it is read: pages of decisions, newest first, and one with all it knew.
import { externalId, type Instant, internalId, type Json, type Uuid, uuidFrom } from '#core';
import type pg from 'pg';
import type { Obligations, outcomes } from './bundle/bundle.ts';
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

export type DecisionQuery = {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: Uuid | undefined;
  readonly point?: string | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  /** Half-open, by the receipt of the command. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

/** Events that one page looks at: where few fit the filters, a page may be short, even empty. */
const scanMax = 5_000;
export const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Newest first: ids begin with the instant of receipt, so a span of time is a span of the index.
 * `next` is null at the end; a page that is short for its bound goes on from where it has looked.
 */
export async function listDecisions(
  tx: pg.ClientBase,
  query: DecisionQuery,
): Promise<{ items: LoggedDecision[]; next: string | null }> {
  const { limit, after, point, outcome, reason, from, to } = query;
  const ends = [after ?? lastUuid, to === undefined ? lastUuid : uuidFrom(to)];
  const before = ends.sort()[0] as Uuid;
  const first = from === undefined ? uuidFrom(0) : uuidFrom(from);
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select id, body
       from (select id, type, body from core.event
              where tenant_id = core.current_tenant() and id < $1 and id > $2
              order by id desc limit ${scanMax}) scanned
      where type = 'decision.made'
        and ($3::text is null or body::jsonb #>> '{data,payload,point}' = $3)
        and ($4::text is null or body::jsonb #>> '{data,payload,outcome}' = $4)
        and ($5::text is null or body::jsonb #> '{data,payload,reasons}' ? $5)
      order by id desc limit $6`,
    [before, first, point ?? null, outcome ?? null, reason ?? null, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1)?.id : await endOfScan(tx, before, first);
  return {
    items: page.map(({ body }) => decisionIn(body)),
    next: last === undefined ? null : externalId('decision', last),
  };
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
