// What a batch reads before it is evaluated: the rows that its commands name, under lock.
import {
  type Command,
  columns,
  inOneWrite,
  type Instant,
  instantToText,
  internalId,
  type Uuid,
} from '#core';
import type pg from 'pg';
import type { AccountState } from './account.ts';
import { never } from './events.ts';
import { isJournal, type JournalBody, type Outcome, type PostingItem } from './journal.ts';
import { type Limits, lockLimits } from './limit-rows.ts';
import { type Takes, takesOf } from './limits.ts';
import {
  type BatchState,
  type CounterHome,
  type Counters,
  type HoldState,
  key,
  noCounters,
  type PostedTransfer,
} from './state.ts';

/** A command that was answered before, in this batch or an earlier one. */
export type Recorded = {
  readonly id: Uuid;
  readonly digest: string;
  readonly outcome: Outcome;
};

/** `recorded` is keyed by `tenant/idempotency key`. */
export type BatchInput = {
  readonly state: BatchState;
  readonly recorded: Map<string, Recorded>;
  readonly takes: Takes;
};

/**
 * Begins the transaction. `gates` are the tenants whose other postings have to end first, and wait
 * from then on.
 */
export async function lockBatch(
  client: pg.ClientBase,
  items: readonly PostingItem[],
  gates: readonly string[],
): Promise<BatchInput> {
  const commands = items.map(({ command }) => command);
  const takes: Takes = new Map(items.map((item) => [item, takesOf(item)]));
  const named = namedRows(takes);
  const tenants = [...new Set(commands.map(({ tenant }) => tenant))];
  // Awaited together: when the connection breaks all of them fail, and none may go unheard.
  const [, , accounts] = await inOneWrite(client, () =>
    Promise.all([
      client.query('begin'),
      gates.length > 0 && client.query('select money.close_gate($1)', [gates]),
      query<AccountRow>(client, lockAccounts, [tenants, ...named]),
    ]),
  );
  const values = [
    commands.map(({ tenant }) => tenant),
    commands.map(({ idempotencyKey }) => idempotencyKey),
    // Only where something is held can a hold be due.
    ...columns(
      accounts.filter(isHeld),
      ({ tenant_id }) => tenant_id,
      ({ id }) => id,
    ),
    ...named.slice(2),
    instantToText(latestRecording(commands, accounts)),
  ];
  // Counters are locked last: one may be in every batch, and then each waits for the one before.
  const [read, limits] = await inOneWrite(client, () =>
    Promise.all([
      query<{ batch: BatchJson }>(client, readBatch, values),
      lockLimits(client, takes, named.slice(2)),
    ]),
  );
  return { ...toInput(accounts, read[0]?.batch as BatchJson, limits), takes };
}

/** No effect of the batch is recorded later: a change of terms takes a millisecond of its own. */
function latestRecording(commands: readonly Command[], accounts: readonly AccountRow[]): Instant {
  let latest = 0;
  for (const { receivedAt } of commands) latest = Math.max(latest, receivedAt);
  for (const { recorded_at } of accounts) latest = Math.max(latest, recorded_at.getTime());
  return latest + commands.length;
}

/** The accounts, holds and transfers that a command names: what a batch must lock for it. */
export function namedBy(command: Command): Named {
  const accounts: string[] = [];
  const holds: string[] = [];
  const transfers: string[] = [];
  if (command.operation === 'account.change') {
    accounts.push((command.body as { account_id: string }).account_id);
  } else if (isJournal(command.operation)) {
    const { legs, held = [] } = command.body as JournalBody;
    holds.push(...held);
    for (const leg of legs) {
      if (leg.kind === 'post' || leg.kind === 'hold') {
        accounts.push(leg.debit_account_id, leg.credit_account_id);
      } else if (leg.kind === 'reverse') {
        transfers.push(leg.transfer_id);
      } else {
        holds.push(leg.hold_id);
      }
    }
  }
  return { accounts, holds, transfers };
}

/** Public ids. */
export type Named = {
  readonly accounts: readonly string[];
  readonly holds: readonly string[];
  readonly transfers: readonly string[];
};

/**
 * What the batch names, as columns for `unnest`: each once, however often it is named, because what
 * a transfer has taken is added up.
 */
function namedRows(takes: Takes): string[] {
  const accounts = new Map<string, [string, Uuid]>();
  const holds = new Map<string, [string, Uuid]>();
  const transfers = new Map<string, [string, Uuid]>();
  for (const [{ command }, each] of takes) {
    const { tenant } = command;
    const named = namedBy(command);
    const ids = named.accounts.map((text) => internalId('account', text));
    // Mostly a side of the payment.
    for (const { account } of each) if (!ids.includes(account)) ids.push(account);
    for (const id of ids) if (id) accounts.set(key(tenant, id), [tenant, id]);
    for (const text of named.holds) {
      holds.set(key(tenant, text), [tenant, internalId('hold', text) ?? noId]);
    }
    for (const text of named.transfers) {
      transfers.set(key(tenant, text), [tenant, internalId('transfer', text) ?? noId]);
    }
  }
  return [accounts, holds, transfers].flatMap((pairs) =>
    columns(
      [...pairs.values()],
      ([tenant]) => tenant,
      ([, id]) => id,
    ),
  );
}

const noId = '00000000-0000-0000-0000-000000000000';

// Statements and their rows -----------------------------------------------------------------------

const lockAccounts = {
  name: 'lock_accounts',
  text: 'select * from money.lock_accounts($1, $2, $3, $4, $5, $6, $7)',
};
const readBatch = {
  name: 'read_batch',
  text: 'select money.read_batch($1, $2, $3, $4, $5, $6, $7, $8, $9) as batch',
};

async function query<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<Row[]> {
  return (await client.query<Row>({ ...statement, values })).rows;
}

type AccountRow = {
  tenant_id: string;
  id: Uuid;
  type: AccountState['type'];
  currency: string;
  status: AccountState['status'];
  bound: AccountState['bound'];
  credit_limit: bigint;
  debits_posted: bigint;
  credits_posted: bigint;
  debits_pending: bigint;
  credits_pending: bigint;
  version: bigint;
  recorded_at: Date;
  counters: string | null;
};

function isHeld({ debits_pending, credits_pending }: AccountRow): boolean {
  return debits_pending > 0n || credits_pending > 0n;
}

type BatchJson = {
  tenants: { tenant: string; epoch: number; time_zone: string; closed_before: string | null }[];
  units: [string, string][] | null;
  commands: { tenant: string; key: string; id: Uuid; digest: string; outcome: string }[] | null;
  holds: HoldJson[] | null;
  transfers: TransferJson[] | null;
};
type HoldJson = {
  tenant_id: string;
  id: Uuid;
  debit_account_id: Uuid;
  credit_account_id: Uuid;
  currency: string;
  amount: number;
  captured: number;
  released: number;
  reversed: number;
  status: HoldState['status'];
  expires_at: string;
  recorded_at: string;
  resolved_at: string;
};
type TransferJson = {
  tenant_id: string;
  id: Uuid;
  kind: PostedTransfer['kind'];
  debit_account_id: Uuid;
  credit_account_id: Uuid;
  amount: number;
  currency: string;
  hold_id: Uuid | null;
  reversed: boolean;
};

function toInput(
  rows: readonly AccountRow[],
  json: BatchJson,
  limits: Limits,
): Omit<BatchInput, 'takes'> {
  const accounts = new Map(rows.map((row) => [key(row.tenant_id, row.id), toAccount(row)]));
  const recorded = new Map<string, Recorded>(
    (json.commands ?? []).map((row) => [
      key(row.tenant, row.key),
      { id: row.id, digest: row.digest, outcome: JSON.parse(row.outcome) as Outcome },
    ]),
  );
  const tenants = new Map(
    (json.tenants ?? []).map((row) => [
      row.tenant,
      {
        tenant: row.tenant,
        epoch: BigInt(row.epoch),
        timeZone: row.time_zone,
        closedBefore: row.closed_before === null ? -never : Date.parse(row.closed_before),
      },
    ]),
  );
  const holds = new Map(
    (json.holds ?? []).map((row) => [key(row.tenant_id, row.id), toHold(row, limits)]),
  );
  const transfers = new Map(
    (json.transfers ?? []).map((row) => [key(row.tenant_id, row.id), toPosted(row, limits)]),
  );
  const units = new Set((json.units ?? []).map(([tenant, code]) => key(tenant, code)));
  const { keys } = limits;
  const changed = new Set<CounterHome>();
  return { state: { tenants, accounts, holds, transfers, units, keys, changed }, recorded };
}

function toAccount(row: AccountRow): AccountState {
  return {
    tenant: row.tenant_id,
    id: row.id,
    type: row.type,
    currency: row.currency,
    status: row.status,
    bound: row.bound,
    creditLimit: row.credit_limit,
    debitsPosted: row.debits_posted,
    creditsPosted: row.credits_posted,
    debitsPending: row.debits_pending,
    creditsPending: row.credits_pending,
    version: row.version,
    recordedAt: row.recorded_at.getTime(),
    counters: row.counters === null ? noCounters : (JSON.parse(row.counters) as Counters),
  };
}

function toHold(row: HoldJson, { taken }: Limits): HoldState {
  return {
    tenant: row.tenant_id,
    id: row.id,
    debit: row.debit_account_id,
    credit: row.credit_account_id,
    currency: row.currency,
    amount: BigInt(row.amount),
    captured: BigInt(row.captured),
    released: BigInt(row.released),
    reversed: BigInt(row.reversed),
    status: row.status,
    expiresAt: fromSqlTime(row.expires_at),
    recordedAt: fromSqlTime(row.recorded_at),
    resolvedAt: fromSqlTime(row.resolved_at),
    taken: taken.get(key(row.tenant_id, row.id)) ?? [],
  };
}

function toPosted(row: TransferJson, { taken }: Limits): PostedTransfer {
  return {
    tenant: row.tenant_id,
    id: row.id,
    kind: row.kind,
    debit: row.debit_account_id,
    credit: row.credit_account_id,
    amount: BigInt(row.amount),
    currency: row.currency,
    holdId: row.hold_id,
    reversed: row.reversed,
    taken: taken.get(key(row.tenant_id, row.id)) ?? [],
  };
}

function fromSqlTime(text: string): Instant {
  return text === 'infinity' ? never : Date.parse(text);
}
