// Reading the journal: transfers, one account's entries in their order, and statements of it.
//
// Every function takes a transaction of the read role with its tenant set, as in read.ts.
import {
  externalId,
  type Instant,
  instantToText,
  type Page,
  pageOf,
  type Uuid,
  uuidFrom,
} from '#core';
import type pg from 'pg';

type Tx = pg.ClientBase;

// Entries -----------------------------------------------------------------------------------------

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

/** Half-open, by when it was recorded. */
type RecordedSpan = {
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

export type EntryQuery = RecordedSpan & {
  readonly accountId: Uuid;
  readonly limit: number;
  /** The version of the last one seen. */
  readonly after?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
};

/** An account's entries in their order, or the newest first; undefined where there is none. */
export async function listEntries(tx: Tx, query: EntryQuery): Promise<Page<EntryView> | undefined> {
  const versions = await versionsIn(tx, query.accountId, query);
  return versions && pageOfEntries(tx, query, versions);
}

/** Versions above the one, through the other: they are dense, so a page is a span of them. */
type Versions = { readonly above: number; readonly through: number };

/** What was recorded of an account in a span of time, as versions of it. */
async function versionsIn(
  tx: Tx,
  accountId: Uuid,
  { from, to }: RecordedSpan,
): Promise<Versions | undefined> {
  const { rows } = await tx.query<{ above: bigint; through: bigint }>(
    `select case when $2::timestamptz is null then 0
                 else money.version_at(tenant_id, id, $2) end as above,
            case when $3::timestamptz is null then version
                 else money.version_at(tenant_id, id, $3) end as through
       from money.account where tenant_id = core.current_tenant() and id = $1`,
    [accountId, justBefore(from), justBefore(to)],
  );
  const [row] = rows;
  return row && { above: Number(row.above), through: Number(row.through) };
}

/** Instants are milliseconds, in the database as well. */
function justBefore(instant: Instant | undefined): string | null {
  return instant === undefined ? null : instantToText(instant - 1);
}

export async function pageOfEntries(
  tx: Tx,
  { accountId, limit, after, order = 'asc' }: EntryQuery,
  versions: Versions,
): Promise<Page<EntryView>> {
  let { above, through } = versions;
  if (order === 'asc') {
    above = Math.max(above, after ?? 0);
    through = Math.min(through, above + limit + 1);
  } else {
    through = Math.min(through, (after ?? Number.MAX_SAFE_INTEGER) - 1);
    above = Math.max(above, through - limit - 1);
  }
  const { rows } = await tx.query(
    `select * from money.entry
      where tenant_id = core.current_tenant() and account_id = $1
        and version > $2 and version <= $3 order by version ${order}`,
    [accountId, above, through],
  );
  return pageOf(rows.map(entryView), limit, (entry) => String(entry.version));
}

function entryView(row: pg.QueryResultRow): EntryView {
  const [dp, cp, dn, cn] = (row['sums'] as string[]).map(Number);
  return {
    version: Number(row['version']),
    side: row['side'],
    transfer_id: externalId('transfer', row['transfer_id']),
    kind: row['kind'],
    counter_account_id: externalId('account', row['counter_account_id']),
    amount: Number(row['amount']),
    released: Number(row['released']),
    currency: row['currency'],
    hold_id: row['hold_id'] === null ? null : externalId('hold', row['hold_id']),
    reverses_id: row['reverses_id'] === null ? null : externalId('transfer', row['reverses_id']),
    effective_at: row['effective_at'].toISOString(),
    recorded_at: row['recorded_at'].toISOString(),
    debits_posted: dp as number,
    credits_posted: cp as number,
    debits_pending: dn as number,
    credits_pending: cn as number,
    metadata: row['metadata'],
  };
}

// The journal -------------------------------------------------------------------------------------

export type JournalLine = TransferView & {
  /** The command whose journal it is, and its place in it. */
  readonly command_id: string;
  readonly leg: number;
  /** The transfer that has reversed it. */
  readonly reversed_by_id: string | null;
};

export type JournalQuery = {
  readonly limit: number;
  /** The last transfer seen. */
  readonly after?: Uuid | undefined;
  readonly kind?: string | undefined;
  readonly currency?: string | undefined;
  readonly commandId?: Uuid | undefined;
  readonly accountId?: Uuid | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

/** Transfers that one page looks at: where few fit the filters, a page may be short, even empty. */
const scanMax = 5_000;
const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/**
 * Newest first. Of all accounts by receipt: ids begin with its instant, so a span of time is one of
 * the index. Of one account in the order of its entries, and by when they were recorded. `next` is
 * null at the end; a page that is short goes on from where it has looked.
 */
export async function listJournal(tx: Tx, query: JournalQuery): Promise<Page<JournalLine>> {
  const { limit, kind = null, currency = null, commandId = null } = query;
  const scan = await (query.accountId === undefined ? scanOfAll(query) : scanOfAccount(tx, query));
  if (!scan) return { items: [], next: null };
  const { rows } = await tx.query<{ id: Uuid }>(
    `select id from (${scan.sql} limit ${scanMax}) scanned
      where ($4::text is null or kind = $4) and ($5::text is null or currency = $5)
        and ($6::uuid is null or command_id = $6)
      order by ${scan.order} limit $7`,
    [...scan.values, kind, currency, commandId, limit + 1],
  );
  const ids = rows.slice(0, limit).map(({ id }) => id);
  const last = rows.length > limit ? ids.at(-1) : await endOfScan(tx, scan);
  return {
    items: await readLines(tx, ids),
    next: last === undefined ? null : externalId('transfer', last),
  };
}

type Scan = {
  /** Of id, kind, currency and command, newest first; has the parameters $1 to $3. */
  readonly sql: string;
  readonly order: string;
  readonly values: readonly unknown[];
};

function scanOfAll({ after = lastUuid, from, to, commandId }: JournalQuery): Scan {
  // The legs of a command have its instant in front of their ids.
  const receivedAt = commandId === undefined ? undefined : instantOf(commandId);
  const first = receivedAt ?? from;
  const end = receivedAt === undefined ? to : receivedAt + 1;
  return {
    sql: `select id, kind, currency, command_id from money.transfer
           where tenant_id = core.current_tenant() and id < $1 and id < $2 and id > $3
           order by id desc`,
    order: 'id desc',
    values: [after, end === undefined ? lastUuid : uuidFrom(end), uuidFrom(first ?? 0)],
  };
}

function instantOf(id: Uuid): Instant {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/** Undefined where there is no such account, or nothing of it behind the last transfer seen. */
async function scanOfAccount(tx: Tx, query: JournalQuery): Promise<Scan | undefined> {
  const { accountId = '', after } = query;
  const versions = await versionsIn(tx, accountId, query);
  if (!versions) return undefined;
  const { rows } = await tx.query<{ version: bigint }>(
    `select version from money.entry
      where tenant_id = core.current_tenant() and account_id = $1 and transfer_id = $2`,
    [accountId, after ?? null],
  );
  const before = after === undefined ? Number.MAX_SAFE_INTEGER : Number(rows[0]?.version ?? 0);
  return {
    sql: `select transfer_id as id, version, kind, currency, command_id from money.entry
           where tenant_id = core.current_tenant() and account_id = $1
             and version > $2 and version <= $3 order by version desc`,
    order: 'version desc',
    values: [accountId, versions.above, Math.min(versions.through, before - 1)],
  };
}

/** The transfer up to which a page has looked; undefined where it has looked at all. */
async function endOfScan(tx: Tx, { sql, values }: Scan): Promise<Uuid | undefined> {
  const { rows } = await tx.query<{ id: Uuid }>(
    `select id from (${sql} offset ${scanMax - 1} limit 1) last`,
    [...values],
  );
  return rows[0]?.id;
}

// Transfers ---------------------------------------------------------------------------------------

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

/** Transfers by id, in the order of the ids given; unknown ones are left out. */
export async function readTransfers(tx: Tx, ids: readonly Uuid[]): Promise<TransferView[]> {
  return (await transferRows(tx, ids)).map(transferOf);
}

/** The same, with what stands around each. */
export async function readLines(tx: Tx, ids: readonly Uuid[]): Promise<JournalLine[]> {
  return (await transferRows(tx, ids)).map((row) => ({
    ...transferOf(row),
    command_id: externalId('command', row['command_id']),
    leg: row['leg'],
    reversed_by_id: row['reversed_by'] === null ? null : externalId('transfer', row['reversed_by']),
  }));
}

async function transferRows(tx: Tx, ids: readonly Uuid[]): Promise<pg.QueryResultRow[]> {
  const { rows } = await tx.query(
    `select t.*, r.id as reversed_by from unnest($1::uuid[]) with ordinality as w(id, place)
       join money.transfer t on t.id = w.id and t.tenant_id = core.current_tenant()
       left join money.transfer r on r.reverses_id = t.id and r.tenant_id = core.current_tenant()
      order by w.place`,
    [ids],
  );
  return rows;
}

function transferOf(row: pg.QueryResultRow): TransferView {
  return {
    id: externalId('transfer', row['id']),
    kind: row['kind'],
    debit_account_id: externalId('account', row['debit_account_id']),
    credit_account_id: externalId('account', row['credit_account_id']),
    amount: Number(row['amount']),
    released: Number(row['released']),
    currency: row['currency'],
    hold_id: row['hold_id'] === null ? null : externalId('hold', row['hold_id']),
    reverses_id: row['reverses_id'] === null ? null : externalId('transfer', row['reverses_id']),
    effective_at: row['effective_at'].toISOString(),
    recorded_at: row['recorded_at'].toISOString(),
    metadata: row['metadata'],
  };
}
