// Proposals as people of the bank look for them: pages of all, the newest first, and how many there
// are of each sort.
import {
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Page,
  pageOf,
  toldId,
  type Uuid,
} from '#core';
import type pg from 'pg';
import { paymentKey } from './payment-order.ts';
import { fromProposals, type Proposal, proposalColumns, standingSql } from './proposal-views.ts';

export const proposalFacets = ['status', 'waits_for', 'agent', 'tool'] as const;
type Facet = (typeof proposalFacets)[number];

/** All of it has to fit; of each facet any of the values. */
export type ProposalFilter = {
  readonly [facet in Facet]?: readonly string[] | undefined;
} & {
  /** The party for whom it was made. */
  readonly customer?: string | undefined;
};

/** Counted are the newest. */
const countedMax = 5_000;

/** How each stands, and whether it fits $3 to $7; $1 is the instant, before $2 are the rows. */
const looked = `
  select *, $3::text[] is null or standing = any ($3) as is_status,
         $4::text[] is null or waits_for = any ($4) as is_waiting,
         $5::text[] is null or agent = any ($5) as is_agent,
         $6::text[] is null or tool = any ($6) as is_tool
    from (select *, case when standing = 'open' then 'customer'
                 when standing = 'agreed' and approval_status = 'pending' then 'officers'
                 end as waits_for
            from (select *, ${standingSql} as standing
                    from (select ${proposalColumns} ${fromProposals}
                           where ($2::uuid is null or p.id < $2)
                             and ($7::text is null or p.customer = $7)) as found
                 ) as stood
         ) as waited`;

type Looking = {
  readonly at: Instant;
  readonly filter: ProposalFilter;
  /** The public id of the last one seen. */
  readonly after?: string | undefined;
};

export async function findProposals(
  tx: pg.ClientBase,
  { limit, ...of }: Looking & { readonly limit: number },
): Promise<Page<Proposal>> {
  const { rows } = await tx.query<Proposal>(
    `select * from (${looked}) as each
      where is_status and is_waiting and is_agent and is_tool order by id desc limit $8`,
    [...valuesOf(of), limit + 1],
  );
  return pageOf(rows, limit, ({ id }) => externalId('proposal', id));
}

export type ProposalCounts = Readonly<
  Record<Facet, readonly { readonly value: string; readonly count: number }[]>
> & {
  readonly total: number;
  /** Whether only the newest were counted: there may be more. */
  readonly capped: boolean;
};

/** What is chosen of a facet does not narrow its own counts: the others can still be chosen. */
export async function countProposals(tx: pg.ClientBase, of: Looking): Promise<ProposalCounts> {
  const { rows } = await tx.query<{ facet: Facet | 'total' | 'seen'; value: string; n: number }>(
    `select facet, value, count(*)::int as n
       from (select * from (${looked}) as each order by id desc limit ${countedMax}) as newest
      cross join lateral (values
        ('status', standing, is_waiting and is_agent and is_tool),
        ('waits_for', waits_for, is_status and is_agent and is_tool),
        ('agent', agent, is_status and is_waiting and is_tool),
        ('tool', tool, is_status and is_waiting and is_agent),
        ('total', '', is_status and is_waiting and is_agent and is_tool),
        ('seen', '', true)) as counted(facet, value, fits)
      where fits and value is not null group by facet, value order by n desc, value`,
    valuesOf(of),
  );
  const countsOf = (facet: Facet) =>
    rows.flatMap(({ facet: own, value, n }) => (own === facet ? [{ value, count: n }] : []));
  const sumOf = (word: string) => rows.find(({ facet }) => facet === word)?.n ?? 0;
  return {
    ...{ status: countsOf('status'), waits_for: countsOf('waits_for') },
    ...{ agent: countsOf('agent'), tool: countsOf('tool'), total: sumOf('total') },
    capped: sumOf('seen') >= countedMax,
  };
}

function valuesOf({ at, after, filter }: Looking): unknown[] {
  const { status, waits_for, agent, tool, customer } = filter;
  return [
    ...[instantToText(at), (after && internalId('proposal', after)) ?? null, status ?? null],
    ...[waits_for ?? null, agent ?? null, tool ?? null, customer ?? null],
  ];
}

export type Use = {
  readonly call_id: string;
  /** The record of the call. */
  readonly event_id: string;
  /** Where it moved money, or was to. */
  readonly payment_id: string | null;
};

/** The call that policy has let carry it out, and what has come of it. */
export async function readUse(tx: pg.ClientBase, id: Uuid): Promise<Use | undefined> {
  // As the gateway names the commands by which it uses one up: "use", proposal, call.
  const words = `use ${externalId('proposal', id)} `;
  const { rows } = await tx.query<{ key: string; id: Uuid }>(
    `select idempotency_key as key, id from core.command
      where tenant_id = core.current_tenant()
        and ((idempotency_key > $1 and idempotency_key < $2 and operation = 'proposal.use')
          or (idempotency_key = $3 and operation = 'payment.initiate'))`,
    [words, `${words.trimEnd()}!`, paymentKey(id)],
  );
  const call_id = rows.find(({ key }) => key.startsWith(words))?.key.slice(words.length);
  const command = call_id === undefined ? undefined : internalId('command', call_id);
  if (call_id === undefined || command === undefined) return undefined;
  const payment = rows.find(({ key }) => key === paymentKey(id));
  return {
    ...{ call_id, event_id: externalId('event', toldId(command, 0)) },
    payment_id: payment ? externalId('payment', payment.id) : null,
  };
}
