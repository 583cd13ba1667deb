// Where a log that was lived again parts from its record: the first event that differs, and how.
import { externalId, leafHash, type Uuid } from '#core';
import type pg from 'pg';
import type { RecordedEvent } from './record.ts';

/** An event that came out otherwise, did not come to be, or is on no record. */
export type Difference = {
  readonly what: 'otherwise' | 'missing' | 'added';
  /** Within the tenant; null for what is on no record. */
  readonly position: number | null;
  readonly event_id: string;
  readonly type: string;
  /** Paths of the members that differ, the first of them; their values are in the events. */
  readonly members: readonly string[];
  readonly recorded: Side | null;
  readonly lived: Side | null;
  /** Why its command could not be carried out. */
  readonly trouble: string | null;
};

/** One text: its leaf, and the decision that it came of. */
export type Side = {
  readonly digest: string;
  readonly decision: string;
  readonly policy_version: string;
};

const membersMax = 10;
/** Events that are looked at together. */
const pageSize = 2_000;

export type Sources = {
  readonly record: pg.ClientBase;
  readonly scratch: pg.ClientBase;
  /** By tenant and idempotency key. */
  readonly troubles: ReadonlyMap<string, string>;
};

export async function tellDifference(
  { record, scratch, troubles }: Sources,
  { tenant, tenantPosition, id, type }: RecordedEvent,
): Promise<Difference> {
  const [recorded, lived] = [await bodyOf(record, tenant, id), await bodyOf(scratch, tenant, id)];
  const data = recorded === undefined ? undefined : (JSON.parse(recorded) as Told).data;
  return {
    what: lived === undefined ? 'missing' : 'otherwise',
    position: tenantPosition,
    event_id: externalId('event', id),
    type,
    members: recorded && lived ? membersOf(JSON.parse(recorded), JSON.parse(lived)) : [],
    recorded: sideOf(recorded),
    lived: sideOf(lived),
    trouble: troubles.get(`${tenant} ${data?.idempotency_key}`) ?? null,
  };
}

/** Events that are on no record: how many, and the first one. */
export async function findAddition(
  record: pg.ClientBase,
  scratch: pg.ClientBase,
  { tenant, found }: { readonly tenant: string; readonly found: number },
): Promise<{ readonly added: number; readonly difference: Difference | null }> {
  const { rows } = await scratch.query<{ events: number }>(
    'select count(*)::float8 as events from core.event where tenant_id = $1',
    [tenant],
  );
  if (rows[0]?.events === found) return { added: 0, difference: null };
  let [added, after]: [number, Uuid] = [0, '00000000-0000-0000-0000-000000000000'];
  let first: Row | undefined;
  for (;;) {
    const page = await scratch.query<Row>(
      `select id, type, body from core.event where tenant_id = $1 and id > $2
        order by id limit ${pageSize}`,
      [tenant, after],
    );
    const known = await record.query<{ id: Uuid }>(
      'select id from core.event where tenant_id = $1 and id = any ($2)',
      [tenant, page.rows.map(({ id }) => id)],
    );
    const recorded = new Set(known.rows.map(({ id }) => id));
    const strange = page.rows.filter(({ id }) => !recorded.has(id));
    added += strange.length;
    first ??= strange[0];
    const last = page.rows.at(-1);
    if (last === undefined || page.rows.length < pageSize) break;
    after = last.id;
  }
  return { added, difference: first ? additionOf(first) : null };
}

type Row = { readonly id: Uuid; readonly type: string; readonly body: string };

function additionOf({ id, type, body }: Row): Difference {
  return {
    ...{ what: 'added', position: null, event_id: externalId('event', id), type, members: [] },
    ...{ recorded: null, lived: sideOf(body), trouble: null },
  };
}

type Told = {
  readonly data: {
    readonly idempotency_key: string;
    readonly policy_decision: string;
    readonly policy_version: string;
  };
};

function sideOf(body: string | undefined): Side | null {
  if (body === undefined) return null;
  const { data } = JSON.parse(body) as Told;
  return {
    digest: leafHash(body).toString('hex'),
    decision: data.policy_decision,
    policy_version: data.policy_version,
  };
}

async function bodyOf(
  client: pg.ClientBase,
  tenant: string,
  id: Uuid,
): Promise<string | undefined> {
  const { rows } = await client.query<{ body: string }>(
    'select body from core.event where tenant_id = $1 and id = $2',
    [tenant, id],
  );
  return rows[0]?.body;
}

/** Without their values, which may be about persons. */
function membersOf(one: unknown, other: unknown, path = ''): string[] {
  if (Object.is(one, other)) return [];
  const areNested = [one, other].every((each) => typeof each === 'object' && each !== null);
  if (!areNested) return [path];
  const [left, right] = [one, other] as Record<string, unknown>[];
  const names = new Set([...Object.keys(left ?? {}), ...Object.keys(right ?? {})]);
  return [...names]
    .sort()
    .flatMap((name) =>
      membersOf(left?.[name], right?.[name], path === '' ? name : `${path}.${name}`),
    )
    .slice(0, membersMax);
}
