// What a person sees of accounts: their figures as they stand, and what has moved, newest first.
import { externalId, type Instant, instantToText, type Page, pageOf, type Uuid } from '#core';
import type pg from 'pg';
import { balancesOf } from './account.ts';
import type { AccountStatus, AccountType, Bound } from './journal.ts';

/** In minor units, positive on the account's normal side. */
export type AccountFigures = {
  readonly account_id: string;
  readonly currency: string;
  readonly status: AccountStatus;
  readonly booked: number;
  readonly available: number;
};

/** By account. Holds that are due count no more, whether or not their expiry is recorded yet. */
export async function readFigures(
  tx: pg.ClientBase,
  accounts: readonly Uuid[],
  now: Instant,
): Promise<ReadonlyMap<Uuid, AccountFigures>> {
  const due = (side: 'debit' | 'credit') =>
    `coalesce((select sum(h.amount - h.captured)::bigint from money.hold h
        where h.tenant_id = a.tenant_id and h.${side}_account_id = a.id
          and h.status = 'open' and h.expires_at <= $2), 0)`;
  const { rows } = await tx.query<FiguresRow>(
    `select a.*, a.debits_pending - ${due('debit')} as debits_held,
            a.credits_pending - ${due('credit')} as credits_held
       from money.account a where a.tenant_id = core.current_tenant() and a.id = any ($1)`,
    [accounts, instantToText(now)],
  );
  return new Map(rows.map((row) => [row.id, figuresOf(row)]));
}

type FiguresRow = {
  readonly id: Uuid;
  readonly type: AccountType;
  readonly currency: string;
  readonly status: AccountStatus;
  readonly bound: Bound;
  readonly credit_limit: bigint;
  readonly debits_posted: bigint;
  readonly credits_posted: bigint;
  readonly debits_held: bigint;
  readonly credits_held: bigint;
};

function figuresOf(row: FiguresRow): AccountFigures {
  const sums = {
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    debitsPending: row.debits_held,
    creditsPending: row.credits_held,
  };
  const { type, bound, credit_limit: creditLimit, currency, status } = row;
  const { booked, available } = balancesOf(sums, { type, bound, creditLimit });
  const account_id = externalId('account', row.id);
  return { account_id, currency, status, booked: Number(booked), available: Number(available) };
}

/** What was posted on an account, or is held on it still. */
export type Movement = {
  readonly transfer_id: string;
  readonly command_id: Uuid;
  /** Of the account: the number of its entry. */
  readonly version: string;
  readonly side: 'debit' | 'credit';
  readonly kind: 'post' | 'capture' | 'reverse' | 'hold';
  readonly counter_account_id: Uuid;
  /** Minor units; of a hold, what of it is left. */
  readonly amount: number;
  readonly currency: string;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};

export type MovementQuery = {
  readonly accountId: Uuid;
  /** The version of the last one seen. */
  readonly before?: string | undefined;
  readonly limit: number;
  readonly now: Instant;
};

const versionMax = '9223372036854775807';

/**
 * Newest first. Of holds those alone that are open and take from the account: what somebody else
 * has reserved for it, it does not have.
 */
export async function listMovements(
  tx: pg.ClientBase,
  query: MovementQuery,
): Promise<Page<Movement>> {
  const { accountId, before = versionMax, limit, now } = query;
  const { rows } = await tx.query<MovementRow>({
    name: 'money.movements',
    text: `select * from (${ofSide('debit')} union all ${ofSide('credit')}) as moved
            order by version desc limit $3`,
    values: [accountId, before, limit + 1, instantToText(now)],
  });
  return pageOf(rows.map(movementOf), limit, ({ version }) => version);
}

/** $1 account, $2 the version of the last one seen, $3 how many, $4 now. */
function ofSide(side: 'debit' | 'credit'): string {
  const other = side === 'debit' ? 'credit' : 'debit';
  const isOpen = `t.kind = 'hold' and h.status = 'open' and h.expires_at > $4`;
  return `(
    select t.id, t.command_id, t.${side}_version as version, '${side}' as side, t.kind,
           t.${other}_account_id as counter_account_id, t.currency, t.effective_at, t.recorded_at,
           t.metadata,
           case t.kind when 'hold' then h.amount - h.captured else t.amount end as amount
      from money.transfer t
      left join money.hold h on t.kind = 'hold' and h.tenant_id = t.tenant_id and h.id = t.id
     where t.tenant_id = core.current_tenant() and t.${side}_account_id = $1
       and t.${side}_version < $2
       and (t.kind in ('post', 'capture', 'reverse')${side === 'debit' ? ` or (${isOpen})` : ''})
     order by t.${side}_version desc limit $3)`;
}

type MovementRow = Omit<Movement, 'transfer_id' | 'amount' | 'version' | `${string}_at`> & {
  readonly id: Uuid;
  readonly version: bigint;
  readonly amount: bigint;
  readonly effective_at: Date;
  readonly recorded_at: Date;
};

function movementOf({ id, version, amount, effective_at, recorded_at, ...row }: MovementRow) {
  return {
    ...row,
    transfer_id: externalId('transfer', id),
    version: String(version),
    amount: Number(amount),
    effective_at: effective_at.toISOString(),
    recorded_at: recorded_at.toISOString(),
  };
}

/** Of an account, how many of the latest debits are looked through. */
const debitsMax = 200;

export type PaidAccount = { readonly account_id: Uuid; readonly paid_at: string };

/** Whom these accounts have sent money lately, each once, the latest first; by card they buy. */
export async function listPaid(
  tx: pg.ClientBase,
  accounts: readonly Uuid[],
  limit: number,
): Promise<PaidAccount[]> {
  const { rows } = await tx.query<{ account_id: Uuid; paid_at: Date }>(
    `select t.credit_account_id as account_id, max(t.effective_at) as paid_at
       from unnest($1::uuid[]) as own(id)
      cross join lateral (
        select * from money.transfer
         where tenant_id = core.current_tenant() and debit_account_id = own.id
         order by debit_version desc limit ${debitsMax}) t
      where t.kind = 'post' and t.credit_account_id <> all ($1)
        and t.metadata ->> 'kind' in ('transfer', 'bill', 'standing_order')
      group by t.credit_account_id order by paid_at desc, account_id limit $2`,
    [accounts, limit],
  );
  return rows.map(({ account_id, paid_at }) => ({ account_id, paid_at: paid_at.toISOString() }));
}

/** Whether an account has paid from a device by an instant, as far as its latest debits tell. */
export async function hasPaidFrom(
  tx: pg.ClientBase,
  asked: { readonly accountId: Uuid; readonly device: string; readonly by: Instant },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from (select kind, metadata, recorded_at from money.transfer
                   where tenant_id = core.current_tenant() and debit_account_id = $1
                   order by debit_version desc limit ${debitsMax}) latest
      where kind in ('post', 'capture') and metadata ->> 'device' = $2 and recorded_at <= $3
      limit 1`,
    [asked.accountId, asked.device, instantToText(asked.by)],
  );
  return rowCount === 1;
}
