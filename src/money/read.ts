// Reading the money plane: accounts, balances as of any instant, holds, the trial balance.
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
  uuidFrom,
} from '#core';
import type pg from 'pg';
import { type Balances, balancesOf, normalSide, type Sums } from './account.ts';
import type { AccountStatus, AccountType, Bound } from './journal.ts';

type Tx = pg.ClientBase;

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

export type AccountQuery = {
  readonly limit: number;
  /** The id of the last one seen. */
  readonly after?: Uuid | undefined;
  readonly holderId?: string | undefined;
  readonly type?: AccountType | undefined;
  readonly currency?: string | undefined;
  readonly status?: AccountStatus | undefined;
  readonly now: Instant;
};

type ListedAccount = AccountView & Readonly<Record<keyof Balances, number>>;

/** Accounts in the order of their opening, with what is on them now. */
export async function listAccounts(tx: Tx, query: AccountQuery): Promise<Page<ListedAccount>> {
  const { limit, after, holderId, type, currency, status, now } = query;
  const { rows } = await tx.query<ListedRow>(
    `${withDue(
      `(select * from money.account
         where tenant_id = core.current_tenant() and id > $2
           and ($3::text is null or holder_id = $3) and ($4::text is null or type = $4)
           and ($5::text is null or currency = $5) and ($6::text is null or status = $6)
         order by id limit $7)`,
    )}
      order by id`,
    [
      ...[instantToText(now), after ?? uuidFrom(0), holderId ?? null, type ?? null],
      ...[currency ?? null, status ?? null, limit + 1],
    ],
  );
  return pageOf(rows.map(listedAccount), limit, (account) => account.id);
}

/** What is on each account now, in their order; undefined where there is none. */
export async function readNow(
  tx: Tx,
  { ids, now }: { readonly ids: readonly Uuid[]; readonly now: Instant },
): Promise<((ListedAccount & { readonly as_of: string }) | undefined)[]> {
  const { rows } = await tx.query<ListedRow>({
    name: 'accounts-now',
    text: withDue(
      `unnest($2::uuid[]) as asked(id) cross join lateral
         (select * from money.account
           where tenant_id = core.current_tenant() and id = asked.id)`,
    ),
    values: [instantToText(now), ids],
  });
  const found = new Map(
    rows.map((row) => {
      // A faster clock may have recorded what is on it.
      const as_of = instantToText(Math.max(now, row.recorded_at.getTime()));
      return [row.id, { ...listedAccount(row), as_of }];
    }),
  );
  return ids.map((id) => found.get(id));
}

/** Accounts with what is due on them at `$1`. */
function withDue(accounts: string): string {
  const due = (side: 'debit' | 'credit') =>
    `(select coalesce(sum(amount - captured - released), 0)::bigint from money.hold
       where tenant_id = core.current_tenant() and ${side}_account_id = a.id
         and status = 'open' and expires_at <= $1)`;
  return `select a.*, ${due('debit')} as debits_due, ${due('credit')} as credits_due
       from ${accounts} a`;
}

type ListedRow = AccountRow &
  Readonly<Record<`${'debits' | 'credits'}_${'posted' | 'pending' | 'due'}`, bigint>>;

/** What is due is pending no more, whether or not its expiry is recorded. */
function listedAccount(row: ListedRow): ListedAccount {
  const sums = {
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    debitsPending: row.debits_pending - row.debits_due,
    creditsPending: row.credits_pending - row.credits_due,
  };
  const { type, bound, credit_limit: creditLimit } = row;
  const { booked, pending, available } = balancesOf(sums, { type, bound, creditLimit });
  return {
    ...accountView(row),
    ...{ booked: Number(booked), pending: Number(pending), available: Number(available) },
  };
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
    `select ${holdColumns} from money.hold where id = $2 and tenant_id = core.current_tenant()`,
    [instantToText(now), id],
  );
  return rows.map(holdView)[0];
}

/** What is reserved on an account, on either side: what expires first comes first. */
export async function listOpenHolds(
  tx: Tx,
  query: { accountId: Uuid; now: Instant; limit: number; after?: Uuid | undefined },
): Promise<Page<HoldView> | undefined> {
  if (!(await accountRow(tx, query.accountId))) return undefined;
  const side = (account: 'debit' | 'credit') =>
    `(select * from money.hold
       where tenant_id = core.current_tenant() and ${account}_account_id = $2
         and status = 'open' and expires_at > $1
         and ($3::uuid is null or (expires_at, id) > (select expires_at, id from money.hold
               where tenant_id = core.current_tenant() and id = $3))
       order by expires_at, id limit $4)`;
  const { rows } = await tx.query(
    `select ${holdColumns} from (${side('debit')} union all ${side('credit')}) held
      order by expires_at, id limit $4`,
    [instantToText(query.now), query.accountId, query.after ?? null, query.limit + 1],
  );
  return pageOf(rows.map(holdView), query.limit, (hold) => hold.id);
}

/** $1 is the instant at which they stand so. */
const holdColumns = `*, case when expires_at = 'infinity' then null else expires_at end as expires,
  status = 'open' and expires_at <= $1 as due`;

function holdView(row: pg.QueryResultRow): HoldView {
  return {
    id: externalId('hold', row['id']),
    debit_account_id: externalId('account', row['debit_account_id']),
    credit_account_id: externalId('account', row['credit_account_id']),
    currency: row['currency'],
    amount: Number(row['amount']),
    captured: Number(row['captured']),
    released: Number(row['due'] ? row['amount'] - row['captured'] : row['released']),
    status: row['due'] ? 'expired' : row['status'],
    expires_at: row['expires']?.toISOString() ?? null,
    created_at: row['recorded_at'].toISOString(),
  };
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
