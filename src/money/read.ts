// Reading the money plane: accounts, balances as of any instant, entries, the trial balance.
//
// Every function takes a transaction of the read role with its tenant set, so row-level security
// shows it that tenant's rows and no others.
import {
  type Page,
  pageOf,
  externalId,
  Fault,
  type Instant,
  instantToText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import { balancesOf, normalSide, type Sums } from './account.ts';
import type { AccountStatus, AccountType, Bound } from './journal.ts';

type Tx = pg.ClientBase;

/** A page of a list: `next` is the cursor of the following page, or null at the end. */

export type AccountView = {
  readonly id: string;
  readonly type: AccountType;
  readonly normal_balance: 'debit' | 'credit';
  readonly currency: string;
  readonly holder_id: string | null;
  readonly bound: Bound;
  readonly credit_limit: number;
  readonly status: AccountStatus;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly opened_at: string;
};

type AccountRow = {
  id: Uuid;
  type: AccountType;
  currency: string;
  holder_id: string | null;
  bound: Bound;
  credit_limit: bigint;
  status: AccountStatus;
  metadata: Record<string, string> | null;
  opened_at: Date;
  recorded_at: Date;
  version: bigint;
};

export function accountView(row: Omit<AccountRow, 'version' | 'recorded_at'>): AccountView {
  return {
    id: externalId('account', row.id),
    type: row.type,
    normal_balance: normalSide(row.type),
    currency: row.currency,
    holder_id: row.holder_id,
    bound: row.bound,
    credit_limit: Number(row.credit_limit),
    status: row.status,
    metadata: row.metadata,
    opened_at: row.opened_at.toISOString(),
  };
}

export async function readAccount(tx: Tx, id: Uuid): Promise<AccountView | undefined> {
  const row = await accountRow(tx, id);
  return row && accountView(row);
}

async function accountRow(tx: Tx, id: Uuid): Promise<AccountRow | undefined> {
  const { rows } = await tx.query<AccountRow>('select * from money.account where id = $1', [id]);
  return rows[0];
}

/** Accounts in the order of their opening. `after` is the id of the last one seen. */
export async function listAccounts(
  tx: Tx,
  options: { after?: Uuid | undefined; limit: number; holderId?: string | undefined },
): Promise<Page<AccountView>> {
  const { rows } = await tx.query<AccountRow>(
    `select * from money.account
      where ($1::uuid is null or id > $1) and ($2::text is null or holder_id = $2)
      order by tenant_id, id limit $3`,
    [options.after ?? null, options.holderId ?? null, options.limit + 1],
  );
  return pageOf(rows.map(accountView), options.limit, (account) => account.id);
}

export type BalancesView = {
  readonly account_id: string;
  readonly currency: string;
  readonly as_of: string;
  readonly basis: 'recorded' | 'effective';
  readonly booked: number;
  readonly pending: number;
  readonly available: number;
  readonly debits_posted: number;
  readonly credits_posted: number;
  readonly debits_pending: number;
  readonly credits_pending: number;
  /** The number of the last entry that is counted. */
  readonly version: number;
};

/**
 * Balances as they were recorded at an instant, or by value date (`effective`): what had taken
 * effect by then, as it is known today. Undefined for an account that was not recorded by then.
 * `current` asks for the latest: `asOf` gives way to an entry that a faster clock has recorded.
 */
export async function readBalances(
  tx: Tx,
  options: {
    accountId: Uuid;
    asOf: Instant;
    basis: 'recorded' | 'effective';
    current?: boolean;
  },
): Promise<BalancesView | undefined> {
  const account = await accountRow(tx, options.accountId);
  if (!account) return undefined;
  const latest = options.current ? account.recorded_at.getTime() : options.asOf;
  const instant = Math.max(options.asOf, latest);
  if (options.basis === 'recorded' && instant < account.opened_at.getTime()) return undefined;
  const asOf = instantToText(instant);
  const { rows } = await tx.query<{ version: bigint; sums: string[] | null } & AccountRow>(
    `select v.version, e.sums, t.bound, t.credit_limit
       from money.account a
       cross join lateral money.version_at(a.tenant_id, a.id, $2) as v(version)
       left join money.entry e
         on e.tenant_id = a.tenant_id and e.account_id = a.id and e.version = v.version
       left join lateral (select bound, credit_limit from money.account_terms t
          where t.tenant_id = a.tenant_id and t.account_id = a.id and t.recorded_at <= $2
          order by t.recorded_at desc limit 1) t on true
      where a.id = $1`,
    [options.accountId, asOf],
  );
  const [row] = rows;
  if (!row) return undefined;
  const [dp = 0n, cp = 0n, dn = 0n, cn = 0n] = (row.sums ?? []).map(BigInt);
  const due = await dueHolds(tx, options.accountId, asOf);
  const shift =
    options.basis === 'effective'
      ? await datedShift(tx, options.accountId, asOf)
      : { debits: 0n, credits: 0n };
  const sums: Sums = {
    debitsPosted: dp + shift.debits,
    creditsPosted: cp + shift.credits,
    debitsPending: dn - due.debits,
    creditsPending: cn - due.credits,
  };
  const balances = balancesOf(sums, {
    type: account.type,
    bound: row.bound ?? account.bound,
    creditLimit: row.credit_limit ?? account.credit_limit,
  });
  return {
    account_id: externalId('account', options.accountId),
    currency: account.currency,
    as_of: asOf,
    basis: options.basis,
    booked: Number(balances.booked),
    pending: Number(balances.pending),
    available: Number(balances.available),
    debits_posted: Number(sums.debitsPosted),
    credits_posted: Number(sums.creditsPosted),
    debits_pending: Number(sums.debitsPending),
    credits_pending: Number(sums.creditsPending),
    version: Number(row.version),
  };
}

type Shift = { debits: bigint; credits: bigint };

/** Holds that had fallen due at the instant, though their expiry was recorded only after it. */
async function dueHolds(tx: Tx, accountId: Uuid, asOf: string): Promise<Shift> {
  const due = (side: 'debit' | 'credit') =>
    `(select coalesce(sum(h.amount - coalesce(c.captured, 0)), 0)::bigint from money.hold h
        cross join lateral (select sum(t.amount) as captured from money.transfer t
           where t.tenant_id = h.tenant_id and t.hold_id = h.id and t.kind = 'capture'
             and h.captured > 0 and t.${side}_account_id = h.${side}_account_id) c
       where h.tenant_id = core.current_tenant() and h.${side}_account_id = $1
         and h.expires_at <= $2
         and (h.status = 'open' or (h.status = 'expired' and h.resolved_at > $2)))`;
  const { rows } = await tx.query<Shift>(
    `select ${due('debit')} as debits, ${due('credit')} as credits`,
    [accountId, asOf],
  );
  return rows[0] as Shift;
}

/** What value dates move across the instant: back-dated entries in, forward-dated ones out. */
async function datedShift(tx: Tx, accountId: Uuid, asOf: string): Promise<Shift> {
  const moved = (side: 'debit' | 'credit') =>
    `(select coalesce(sum(case when effective_at <= $2 then amount else -amount end), 0)::bigint
        from money.transfer
       where ${side}_account_id = $1 and effective_at <> recorded_at
         and kind in ('post', 'reverse', 'capture')
         and (effective_at <= $2) <> (recorded_at <= $2))`;
  const { rows } = await tx.query<Shift>(
    `select ${moved('debit')} as debits, ${moved('credit')} as credits`,
    [accountId, asOf],
  );
  return rows[0] as Shift;
}

export type EntryView = {
  readonly version: number;
  readonly side: 'debit' | 'credit';
  readonly transfer_id: string;
  readonly kind: string;
  readonly counter_account_id: string;
  readonly amount: number;
  readonly released: number;
  readonly currency: string;
  readonly hold_id: string | null;
  readonly reverses_id: string | null;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly debits_posted: number;
  readonly credits_posted: number;
  readonly debits_pending: number;
  readonly credits_pending: number;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/** An account's entries in their order. `after` is the version of the last one seen. */
export async function listEntries(
  tx: Tx,
  options: { accountId: Uuid; after: number; limit: number },
): Promise<Page<EntryView> | undefined> {
  if (!(await accountRow(tx, options.accountId))) return undefined;
  const { rows } = await tx.query(
    `select e.* from money.account a join money.entry e
         on e.tenant_id = a.tenant_id and e.account_id = a.id
      where a.id = $1 and e.version > $2 and e.version <= $2 + $3 order by e.version`,
    [options.accountId, options.after, options.limit + 1],
  );
  return pageOf(
    rows.map((row): EntryView => {
      const [dp, cp, dn, cn] = (row.sums as string[]).map(Number);
      return {
        version: Number(row.version),
        side: row.side,
        transfer_id: externalId('transfer', row.transfer_id),
        kind: row.kind,
        counter_account_id: externalId('account', row.counter_account_id),
        amount: Number(row.amount),
        released: Number(row.released),
        currency: row.currency,
        hold_id: row.hold_id === null ? null : externalId('hold', row.hold_id),
        reverses_id: row.reverses_id === null ? null : externalId('transfer', row.reverses_id),
        effective_at: row.effective_at.toISOString(),
        recorded_at: row.recorded_at.toISOString(),
        debits_posted: dp as number,
        credits_posted: cp as number,
        debits_pending: dn as number,
        credits_pending: cn as number,
        metadata: row.metadata,
      };
    }),
    options.limit,
    (entry) => String(entry.version),
  );
}

export type TransferView = {
  readonly id: string;
  readonly kind: string;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly amount: number;
  readonly released: number;
  readonly currency: string;
  readonly hold_id: string | null;
  readonly reverses_id: string | null;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};

export function transferView(row: {
  id: Uuid;
  kind: string;
  debit: Uuid;
  credit: Uuid;
  amount: bigint;
  released: bigint;
  currency: string;
  holdId: Uuid | null;
  reversesId: Uuid | null;
  effectiveAt: Instant;
  recordedAt: Instant;
  metadata: Readonly<Record<string, string>> | null;
}): TransferView {
  return {
    id: externalId('transfer', row.id),
    kind: row.kind,
    debit_account_id: externalId('account', row.debit),
    credit_account_id: externalId('account', row.credit),
    amount: Number(row.amount),
    released: Number(row.released),
    currency: row.currency,
    hold_id: row.holdId === null ? null : externalId('hold', row.holdId),
    reverses_id: row.reversesId === null ? null : externalId('transfer', row.reversesId),
    effective_at: instantToText(row.effectiveAt),
    recorded_at: instantToText(row.recordedAt),
    metadata: row.metadata,
  };
}

/** Transfers by id, in the order of the ids given; unknown ones are left out. */
export async function readTransfers(tx: Tx, ids: readonly Uuid[]): Promise<TransferView[]> {
  const { rows } = await tx.query(
    `select t.* from unnest($1::uuid[]) with ordinality as w(id, place)
       join money.transfer t on t.id = w.id and t.tenant_id = core.current_tenant()
      order by w.place`,
    [ids],
  );
  return rows.map((row) =>
    transferView({
      ...row,
      debit: row.debit_account_id,
      credit: row.credit_account_id,
      holdId: row.hold_id,
      reversesId: row.reverses_id,
      effectiveAt: row.effective_at.getTime(),
      recordedAt: row.recorded_at.getTime(),
    }),
  );
}

export type HoldView = {
  readonly id: string;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly released: number;
  readonly status: 'open' | 'captured' | 'voided' | 'expired';
  readonly expires_at: string | null;
  readonly created_at: string;
};

/** A hold as it stands at `now`: due means expired, whether or not that is recorded yet. */
export async function readHold(tx: Tx, id: Uuid, now: Instant): Promise<HoldView | undefined> {
  const { rows } = await tx.query(
    `select *, case when expires_at = 'infinity' then null else expires_at end as expires,
            status = 'open' and expires_at <= $2 as due
       from money.hold where id = $1 and tenant_id = core.current_tenant()`,
    [id, instantToText(now)],
  );
  const [row] = rows;
  return (
    row && {
      id: externalId('hold', row.id),
      debit_account_id: externalId('account', row.debit_account_id),
      credit_account_id: externalId('account', row.credit_account_id),
      currency: row.currency,
      amount: Number(row.amount),
      captured: Number(row.captured),
      released: Number(row.due ? row.amount - row.captured : row.released),
      status: row.due ? 'expired' : row.status,
      expires_at: row.expires?.toISOString() ?? null,
      created_at: row.recorded_at.toISOString(),
    }
  );
}

export type TrialBalanceView = {
  readonly currencies: readonly {
    readonly currency: string;
    readonly type: AccountType;
    readonly accounts: number;
    readonly debits_posted: number;
    readonly credits_posted: number;
    readonly debits_pending: number;
    readonly credits_pending: number;
  }[];
  readonly balanced: boolean;
};

/** The sums of all accounts by currency and type; per currency they balance, or all is wrong. */
export async function readTrialBalance(tx: Tx, asOf?: Instant): Promise<TrialBalanceView> {
  const source =
    asOf === undefined
      ? `select currency, type, debits_posted as dp, credits_posted as cp, debits_pending as dn,
                credits_pending as cn from money.account`
      : `select a.currency, a.type, e.sums[1] as dp, e.sums[2] as cp, e.sums[3] as dn,
                e.sums[4] as cn
           from money.account a
           join money.entry e on e.tenant_id = a.tenant_id and e.account_id = a.id
            and e.version = money.version_at(a.tenant_id, a.id, $1)`;
  const { rows } = await tx.query(
    `select currency, type, count(*) as accounts, sum(dp)::text as dp, sum(cp)::text as cp,
            sum(dn)::text as dn, sum(cn)::text as cn
       from (${source}) sums group by currency, type order by currency, type`,
    asOf === undefined ? [] : [instantToText(asOf)],
  );
  const totals = new Map<string, bigint>();
  for (const row of rows) {
    const posted = BigInt(row.dp) - BigInt(row.cp);
    const pending = BigInt(row.dn) - BigInt(row.cn);
    totals.set(row.currency, (totals.get(row.currency) ?? 0n) + posted);
    const pendingKey = `${row.currency} pending`;
    totals.set(pendingKey, (totals.get(pendingKey) ?? 0n) + pending);
  }
  return {
    currencies: rows.map((row) => ({
      currency: row.currency,
      type: row.type,
      accounts: Number(row.accounts),
      debits_posted: exact(row.dp),
      credits_posted: exact(row.cp),
      debits_pending: exact(row.dn),
      credits_pending: exact(row.cn),
    })),
    balanced: [...totals.values()].every((total) => total === 0n),
  };
}

/** Single accounts stay within 2^53−1, their sums may not: nothing is ever rounded. */
function exact(sum: string): number {
  if (BigInt(sum) <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(sum);
  throw new Fault('internal', `the sum ${sum} is larger than JSON integers are exact`);
}
