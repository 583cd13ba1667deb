// The record that is lived again: pages of the sealed log, with the commands that begin there.
import {
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  type Instant,
  internalId,
  type Json,
  principalOf,
  sealCommand,
  toolCallOperation,
  type Uuid,
  uuidFrom,
  toldId,
} from '#core';
import { isPayment, isPoints } from '#money';
import type { Bound, Facts } from '#policy';
import type pg from 'pg';

/** How far a tenant's log is lived again: its last position that counts, by tenant. */
export type Extent = ReadonlyMap<string, number>;

/** An event on record; its text only where a command may begin with it. */
export type RecordedEvent = {
  readonly position: number;
  readonly tenant: string;
  readonly tenantPosition: number;
  /** Of its Merkle leaf. */
  readonly hash: Buffer;
  readonly id: Uuid;
  readonly type: string;
  readonly body: string | null;
};

export type RecordedCommand = {
  readonly command: Command;
  /** What it was decided and answered, as its row has it. */
  readonly decision: string;
  readonly outcome: string;
};

export type RecordPage = {
  readonly events: readonly RecordedEvent[];
  /** Those whose first event is of this page, in the order in which they were serialized. */
  readonly commands: readonly RecordedCommand[];
  /** Texts of the scores that these commands were decided on. */
  readonly scores: readonly string[];
  /** What payments and calls of tools were decided on: it was found out while others went on. */
  readonly facts: ReadonlyMap<Uuid, Facts>;
  /** What tools have answered. */
  readonly answers: ReadonlyMap<Uuid, EventDraft>;
};

/** Positions per page. */
const pageSize = 1_000;

/**
 * The pages of an extent, in the order of sealing. What conflicts was sealed in the order in which
 * it was serialized; what does not was sealed in some order, which is the log's.
 */
export async function* readRecord(
  client: pg.ClientBase,
  extent: Extent,
): AsyncGenerator<RecordPage> {
  const tenants = [...extent.keys()];
  const { rows } = await client.query<{ last: number | null }>(
    `select max(l.position)::float8 as last from unnest($1::text[], $2::bigint[]) as e(tenant, size)
       join core.leaf l on l.tenant_id = e.tenant and l.tenant_position = e.size`,
    [tenants, [...extent.values()]],
  );
  const last = rows[0]?.last ?? 0;
  for (let low = 0; low < last; low += pageSize) {
    const found = await readEvents(client, { tenants, low, high: Math.min(last, low + pageSize) });
    const events = found.filter(
      ({ tenant, tenantPosition }) => tenantPosition <= (extent.get(tenant) ?? 0),
    );
    const starts = events.flatMap(startOf);
    const commands = await readCommands(client, starts);
    const [facts, answers] = [
      await readFacts(client, commands),
      await readAnswers(client, commands),
    ];
    yield { events, commands, scores: starts.flatMap(({ score }) => score ?? []), facts, answers };
  }
}

async function readFacts(
  client: pg.ClientBase,
  commands: readonly RecordedCommand[],
): Promise<ReadonlyMap<Uuid, Facts>> {
  const asked = commands.filter(
    ({ command: { operation } }) =>
      isPayment(operation) || isPoints(operation) || operation === toolCallOperation,
  );
  const { rows } = await client.query<{ id: Uuid; facts: Facts }>(
    `select w.id, e.body::jsonb #> '{data,payload,facts}' as facts
       from unnest($1::text[], $2::uuid[], $3::uuid[]) as w(tenant, id, decision)
       join core.event e on e.tenant_id = w.tenant and e.id = w.decision`,
    [
      asked.map(({ command }) => command.tenant),
      asked.map(({ command }) => command.id),
      asked.map(({ command }) => derivedUuid(command.id, 'decision', 0)),
    ],
  );
  return new Map(rows.map(({ id, facts }) => [id, facts]));
}

async function readAnswers(
  client: pg.ClientBase,
  commands: readonly RecordedCommand[],
): Promise<ReadonlyMap<Uuid, EventDraft>> {
  const calls = commands.filter(({ command }) => command.operation === toolCallOperation);
  const { rows } = await client.query<{ id: Uuid; body: string }>(
    `select w.id, e.body from unnest($1::text[], $2::uuid[], $3::uuid[]) as w(tenant, id, told)
       join core.event e on e.tenant_id = w.tenant and e.id = w.told`,
    [
      calls.map(({ command }) => command.tenant),
      calls.map(({ command }) => command.id),
      calls.map(({ command }) => toldId(command.id, 0)),
    ],
  );
  return new Map(rows.map(({ id, body }) => [id, draftOf(body)]));
}

function draftOf(text: string): EventDraft {
  const { data, type } = JSON.parse(text);
  const { occurred_at: occurredAt, account_id: accountId, amount, currency, payload } = data;
  return { type, occurredAt, accountId, amount, currency, payload };
}

/** All commands on record, in the order in which they were serialized; for small logs. */
export async function recordedCommands(client: pg.ClientBase): Promise<Command[]> {
  const commands: Command[] = [];
  for await (const page of readRecord(client, await extentOf(client))) {
    commands.push(...page.commands.map(({ command }) => command));
  }
  return commands;
}

/** All that is sealed, or one tenant's, up to a position or an instant of receipt. */
export async function extentOf(
  client: pg.ClientBase,
  { tenant, to }: { readonly tenant?: string | undefined; readonly to?: Bound | undefined } = {},
): Promise<Extent> {
  const { rows } = await client.query<{ tenant: string; size: number }>(
    `select tenant_id as tenant, size::float8 as size from core.tree
      where $1::text is null or tenant_id = $1 order by tenant_id`,
    [tenant ?? null],
  );
  if (tenant !== undefined && rows.length === 0) {
    throw new Fault('input_invalid', `there is no log of ${tenant}`);
  }
  const extent = new Map<string, number>();
  for (const row of rows) {
    if (to === undefined) extent.set(row.tenant, row.size);
    else if ('position' in to) extent.set(row.tenant, Math.min(row.size, to.position - 1));
    else extent.set(row.tenant, await lastBefore(client, row.tenant, to.instant));
  }
  return extent;
}

/** Ids begin with the instant of receipt. */
async function lastBefore(
  client: pg.ClientBase,
  tenant: string,
  instant: Instant,
): Promise<number> {
  const { rows } = await client.query<{ last: number }>(
    `select coalesce(max(l.tenant_position), 0)::float8 as last
       from core.event e join core.leaf l on l.seq = e.seq
      where e.tenant_id = $1 and e.id < $2`,
    [tenant, uuidFrom(instant)],
  );
  return rows[0]?.last ?? 0;
}

async function readEvents(
  client: pg.ClientBase,
  { tenants, low, high }: { tenants: readonly string[]; low: number; high: number },
): Promise<RecordedEvent[]> {
  const { rows } = await client.query<RecordedEvent>(
    `select l.position::float8 as position, l.tenant_id as tenant,
            l.tenant_position::float8 as "tenantPosition", l.hash, e.id, e.type,
            case when e.type in ('score.produced', 'decision.made') then e.body end as body
       from core.leaf l left join core.event e on e.seq = l.seq
      where l.position > $1 and l.position <= $2 and l.tenant_id = any ($3)
      order by l.position`,
    [low, high, tenants],
  );
  const lost = rows.find(({ id }) => id === null);
  if (lost) {
    const place = `${lost.tenant} at position ${lost.tenantPosition}`;
    throw new Fault('input_invalid', `the event of ${place} is gone: run countersign verify`);
  }
  return rows;
}

type Start = {
  readonly tenant: string;
  readonly key: string;
  /** The text of its score, where that is how it begins. */
  readonly score?: string;
};

/** A command's events begin with its score, or with its decision where it has none of its own. */
function startOf({ tenant, type, body }: RecordedEvent): readonly Start[] {
  if (body === null) return [];
  const { data } = JSON.parse(body) as Begun;
  const start = { tenant, key: data.idempotency_key };
  if (type === 'score.produced') return [{ ...start, score: body }];
  const command = internalId('command', data.payload.command_id) as Uuid;
  const own = externalId('score', derivedUuid(command, 'score', 0));
  return data.model_score_ref === own ? [] : [start];
}

type Begun = {
  readonly data: {
    readonly idempotency_key: string;
    readonly model_score_ref: string | null;
    readonly payload: { readonly command_id: string };
  };
};

type CommandRow = {
  readonly tenant_id: string;
  readonly id: Uuid;
  readonly idempotency_key: string;
  readonly operation: string;
  readonly principal: string;
  readonly received_at: Date;
  readonly trace_id: string;
  readonly decision: string;
  readonly body: string;
  readonly outcome: string;
};

/** As they were fixed at ingress. One that is not there any more is missing in the answer, too. */
async function readCommands(
  client: pg.ClientBase,
  starts: readonly Start[],
): Promise<RecordedCommand[]> {
  const { rows } = await client.query<CommandRow>(
    `select c.* from unnest($1::text[], $2::text[]) with ordinality as w(tenant, key, place)
       join core.command c on c.tenant_id = w.tenant and c.idempotency_key = w.key
      order by w.place`,
    [starts.map(({ tenant }) => tenant), starts.map(({ key }) => key)],
  );
  const purposes = await readPurposes(client, rows);
  return rows.map((row, at) => {
    const purpose = purposes[at] ?? null;
    const command = sealCommand({
      id: row.id,
      tenant: row.tenant_id,
      principal: principalOf(row.principal, row.tenant_id),
      receivedAt: row.received_at.getTime(),
      idempotencyKey: row.idempotency_key,
      operation: row.operation,
      body: JSON.parse(row.body) as Json,
      traceId: row.trace_id,
      ...(purpose === null ? {} : { purpose }),
    });
    return { command, decision: row.decision, outcome: row.outcome };
  });
}

/** Why each was asked stands in its decision alone, whose id is the command's. */
async function readPurposes(
  client: pg.ClientBase,
  commands: readonly CommandRow[],
): Promise<(string | null)[]> {
  const { rows } = await client.query<{ purpose: string | null }>(
    `select e.body::jsonb #>> '{data,payload,purpose}' as purpose
       from unnest($1::text[], $2::uuid[]) with ordinality as w(tenant, id, place)
       left join core.event e on e.tenant_id = w.tenant and e.id = w.id
      order by w.place`,
    [
      commands.map((row) => row.tenant_id),
      commands.map((row) => derivedUuid(row.id, 'decision', 0)),
    ],
  );
  return rows.map(({ purpose }) => purpose);
}
