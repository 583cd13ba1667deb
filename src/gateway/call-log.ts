// Calls of tools as they are read from the log: pages of them, newest first, how many of each sort,
// and one with its arguments and its result.
import {
  derivedUuid,
  externalId,
  internalId,
  type Json,
  type Page,
  toldId,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { callPayloads } from './record.ts';

const { arguments: given, result, ...told } = callPayloads['tool.called'].properties;
const listed = {
  ...told,
  event_id: Type.String(),
  decision_id: Type.String({ description: 'Of the policy agent-actions, on this very call.' }),
  called_at: Type.String(),
  policy_version: Type.String(),
  trace_id: Type.String(),
};
export const callViews = {
  listed: Type.Object(listed),
  whole: Type.Object({ ...listed, arguments: given, result }),
};
type Call = Type.Static<typeof callViews.whole>;

export const callFacets = ['caller', 'tool', 'status'] as const;
type Facet = (typeof callFacets)[number];

/** All of it has to fit; of each facet any of the values. */
export type CallFilter = {
  readonly [facet in Facet]?: readonly string[] | undefined;
} & {
  /** The id of the party for whom it was called. */
  readonly onBehalfOf?: string | undefined;
};

export type CallCounts = Readonly<
  Record<Facet, readonly { readonly value: string; readonly count: number }[]>
> & {
  readonly total: number;
  /** Whether only the newest were counted: there may be more. */
  readonly capped: boolean;
};

/** Events that one page looks at: where few are calls that fit, it may be short, even empty. */
const scanMax = 5_000;
const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff' as Uuid;

/** Newest first: ids begin with the instant of the call. `next` is null at the end of the log. */
export async function listCalls(
  tx: pg.ClientBase,
  query: CallFilter & { readonly limit: number; readonly after?: Uuid | undefined },
): Promise<Page<Omit<Call, 'arguments' | 'result'>>> {
  const { limit, after = lastUuid } = query;
  const { rows } = await tx.query<Row>(
    `select id, data from (${calls}) as call
      where is_caller and is_tool and is_status order by id desc limit $6`,
    [after, ...valuesOf(query), limit],
  );
  const last = rows.length === limit ? rows.at(-1)?.id : await endOfScan(tx, after);
  return {
    items: rows.map((row) => {
      const { arguments: _given, result: _result, ...rest } = callIn(row);
      return rest;
    }),
    next: last === undefined ? null : externalId('event', last),
  };
}

/** What is chosen of a facet does not narrow its own counts: the others can still be chosen. */
export async function countCalls(tx: pg.ClientBase, filter: CallFilter): Promise<CallCounts> {
  const { rows } = await tx.query<{ facet: Facet | 'total'; value: string; count: bigint }>(
    `select facet, value, count(*) from (${calls}) as call
      cross join lateral (values
        ('caller', payload ->> 'caller', is_tool and is_status),
        ('tool', payload ->> 'tool', is_caller and is_status),
        ('status', payload ->> 'status', is_caller and is_tool),
        ('total', '', is_caller and is_tool and is_status)) as counted(facet, value, fits)
      where fits group by facet, value order by count(*) desc, value`,
    [lastUuid, ...valuesOf(filter)],
  );
  const countsOf = (facet: Facet | 'total') =>
    rows.flatMap((row) =>
      row.facet === facet ? [{ value: row.value, count: Number(row.count) }] : [],
    );
  return {
    ...{ caller: countsOf('caller'), tool: countsOf('tool'), status: countsOf('status') },
    total: countsOf('total')[0]?.count ?? 0,
    capped: (await endOfScan(tx, lastUuid)) !== undefined,
  };
}

/** By the id that the caller was told: `cmd_…`. */
export async function readCall(tx: pg.ClientBase, callId: string): Promise<Call | undefined> {
  const command = internalId('command', callId);
  if (command === undefined) return undefined;
  const { rows } = await tx.query<Row>(
    `select id, body::jsonb -> 'data' as data from core.event
      where tenant_id = core.current_tenant() and id = $1 and type = 'tool.called'`,
    [toldId(command, 0)],
  );
  return rows[0] && callIn(rows[0]);
}

/** Calls among the newest events before $1, and which of the filters $2 to $5 each of them fits. */
const calls = `
  select id, data, payload, $2::text[] is null or payload ->> 'caller' = any ($2) as is_caller,
         $3::text[] is null or payload ->> 'tool' = any ($3) as is_tool,
         $4::text[] is null or payload ->> 'status' = any ($4) as is_status
    from (select id, type, body from core.event
           where tenant_id = core.current_tenant() and id < $1
           order by id desc limit ${scanMax}) as scanned
   cross join lateral (
     select data, data -> 'payload' as payload
       from (select body::jsonb -> 'data' as data offset 0) as whole offset 0) as parsed
   where type = 'tool.called' and ($5::text is null or payload ->> 'on_behalf_of' = $5)`;

function valuesOf({ caller, tool, status, onBehalfOf }: CallFilter): unknown[] {
  return [caller ?? null, tool ?? null, status ?? null, onBehalfOf ?? null];
}

/** The event up to which a page has looked; undefined where it has looked at all. */
async function endOfScan(tx: pg.ClientBase, before: Uuid): Promise<Uuid | undefined> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `select id from core.event where tenant_id = core.current_tenant() and id < $1
      order by id desc offset ${scanMax - 1} limit 1`,
    [before],
  );
  return rows[0]?.id;
}

type Row = {
  readonly id: Uuid;
  readonly data: {
    readonly payload: Type.Static<(typeof callPayloads)['tool.called']>;
  } & Readonly<Record<'event_id' | 'occurred_at' | 'policy_version' | 'trace_id', string>>;
};

function callIn({ data }: Row): Call {
  const { payload, event_id, occurred_at, policy_version, trace_id } = data;
  const command = internalId('command', payload.call_id) as Uuid;
  return {
    ...payload,
    ...{ arguments: payload.arguments as Json, result: payload.result as Json },
    ...{ event_id, called_at: occurred_at, policy_version, trace_id },
    decision_id: externalId('decision', derivedUuid(command, 'decision', 0)),
  };
}
