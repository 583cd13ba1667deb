// One batch in one transaction: lock, read, evaluate, write.
import {
  type Countersigned,
  canonicalJson,
  columns,
  type Decision,
  type EventRow,
  eventRow,
  externalId,
  type Instant,
  instantToText,
  internalId,
  lines,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import type { AccountState } from './account.ts';
import { evaluate } from './evaluate.ts';
import { never } from './events.ts';
import type { JournalBody, Outcome } from './journal.ts';
import { evaluateSettings, isSettings, type Settings } from './settings.ts';
import {
  type BatchState,
  type Effects,
  type HoldState,
  key,
  type PostedTransfer,
  type Terms,
  type TransferRow,
} from './state.ts';

/** What happened to one command of the batch. */
export type Answer =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      /** The command that was answered first; another id than the asker's means a replay. */
      readonly commandId: Uuid;
      /** Rows of this very batch; empty for a replay. */
      readonly effects: Effects | null;
    }
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'rights_changed' }
  | { readonly kind: 'unknown_tenant' };

/** An event that others attach to the command, written in the same commit (DESIGN 3). */
export type PostingItem = Countersigned & { readonly around?: readonly EventRow[] };

type Recorded = { id: Uuid; digest: string; outcome: Outcome };

/**
 * Runs the batch on a connection in pipeline mode, which does not wait between statements that do
 * not depend on each other. Throws whatever the database throws; then nothing was written.
 */
export async function runBatch(
  client: pg.ClientBase,
  items: readonly PostingItem[],
): Promise<Answer[]> {
  const keys = wantedKeys(items);
  const tenants = [...new Set(items.map(({ command }) => command.tenant))];
  const exclusive = items.filter(({ command }) => isSettings(command.operation));
  const gates = exclusive.map(({ command }) => command.tenant);
  // Awaited together: when the connection breaks all of them fail, and none may go unheard.
  const [, , accounts] = await Promise.all([
    client.query('begin'),
    gates.length > 0 && client.query('select money.close_gate($1)', [gates]),
    query<AccountRow>(client, lockAccounts, [tenants, ...keys]),
  ]);
  // No effect of the batch is recorded later: a change of terms takes a millisecond of its own.
  const until = accounts.reduce(
    (latest, { recorded_at }) => Math.max(latest, recorded_at.getTime() + items.length),
    items.reduce((latest, { command }) => Math.max(latest, command.receivedAt + items.length), 0),
  );
  const read = await query<{ batch: BatchJson }>(client, readBatch, [
    items.map(({ command }) => command.tenant),
    items.map(({ command }) => command.idempotencyKey),
    // Only where something is held can a hold be due.
    ...columns(
      accounts.filter(isHeld),
      ({ tenant_id }) => tenant_id,
      ({ id }) => id,
    ),
    ...keys.slice(2),
    instantToText(until),
  ]);
  const { state, recorded } = toState(accounts, read[0]?.batch as BatchJson);
  const { answers, writes } = evaluateAll(items, state, recorded);
  await write(client, writes, state);
  return answers;
}

type Write = { item: PostingItem; effects: Effects; settings: Settings | null };

function evaluateAll(
  items: readonly PostingItem[],
  state: BatchState,
  recorded: Map<string, Recorded>,
): { answers: Answer[]; writes: Write[] } {
  const writes: Write[] = [];
  const answers = items.map((item): Answer => {
    const { command } = item;
    const tenant = state.tenants.get(command.tenant);
    if (!tenant) return { kind: 'unknown_tenant' };
    const commandKey = key(command.tenant, command.idempotencyKey);
    const earlier = recorded.get(commandKey);
    if (earlier) {
      if (earlier.digest !== command.digest) return { kind: 'key_reused' };
      return { kind: 'done', outcome: earlier.outcome, commandId: earlier.id, effects: null };
    }
    if (command.epoch !== undefined && command.epoch !== tenant.epoch) {
      return { kind: 'rights_changed' };
    }
    const settings = isSettings(command.operation) ? evaluateSettings(state, command) : null;
    const effects = settings?.effects ?? evaluate(state, command);
    const { outcome } = effects;
    recorded.set(commandKey, { id: command.id, digest: command.digest, outcome });
    writes.push({ item, effects, settings });
    return { kind: 'done', outcome, commandId: command.id, effects };
  });
  return { answers, writes };
}

/** The accounts, holds and transfers that a command names: what a batch must lock for it. */
export function namedBy({ command }: PostingItem): Named {
  const accounts: string[] = [];
  const holds: string[] = [];
  const transfers: string[] = [];
  if (command.operation === 'account.change') {
    accounts.push((command.body as { account_id: string }).account_id);
  } else if (command.operation === 'journal.post') {
    for (const leg of (command.body as unknown as JournalBody).legs) {
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

/** What the batch names, as columns for `unnest`. */
function wantedKeys(items: readonly PostingItem[]): string[][] {
  const accounts = new Map<string, [string, Uuid]>();
  const holds: [string, Uuid][] = [];
  const transfers: [string, Uuid][] = [];
  for (const item of items) {
    const { tenant } = item.command;
    const named = namedBy(item);
    for (const text of named.accounts) {
      const id = internalId('account', text);
      if (id) accounts.set(key(tenant, id), [tenant, id]);
    }
    for (const text of named.holds) holds.push([tenant, internalId('hold', text) ?? noId]);
    for (const text of named.transfers) {
      transfers.push([tenant, internalId('transfer', text) ?? noId]);
    }
  }
  return [[...accounts.values()], holds, transfers].flatMap((pairs) => [
    pairs.map(([tenant]) => tenant),
    pairs.map(([, id]) => id),
  ]);
}

const noId = '00000000-0000-0000-0000-000000000000';

// Statements --------------------------------------------------------------------------------------

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

function toState(
  rows: readonly AccountRow[],
  json: BatchJson,
): { state: BatchState; recorded: Map<string, Recorded> } {
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
  const holds = new Map((json.holds ?? []).map((row) => [key(row.tenant_id, row.id), toHold(row)]));
  const transfers = new Map(
    (json.transfers ?? []).map((row) => [key(row.tenant_id, row.id), toPosted(row)]),
  );
  const units = new Set((json.units ?? []).map(([tenant, code]) => key(tenant, code)));
  return { state: { tenants, accounts, holds, transfers, units }, recorded };
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
  };
}

function toHold(row: HoldJson): HoldState {
  return {
    tenant: row.tenant_id,
    id: row.id,
    debit: row.debit_account_id,
    credit: row.credit_account_id,
    currency: row.currency,
    amount: BigInt(row.amount),
    captured: BigInt(row.captured),
    released: BigInt(row.released),
    status: row.status,
    expiresAt: fromSqlTime(row.expires_at),
    recordedAt: fromSqlTime(row.recorded_at),
    resolvedAt: fromSqlTime(row.resolved_at),
  };
}

function toPosted(row: TransferJson): PostedTransfer {
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
  };
}

function fromSqlTime(text: string): Instant {
  return text === 'infinity' ? never : Date.parse(text);
}

function toSqlTime(instant: Instant): string {
  return instant === never ? 'infinity' : instantToText(instant);
}

async function write(
  client: pg.ClientBase,
  writes: readonly Write[],
  state: BatchState,
): Promise<void> {
  const statements: Promise<unknown>[] = [];
  const call = (name: string, values: unknown[]) => {
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    statements.push(client.query({ name, text: `select ${name}(${places})`, values }));
  };
  if (writes.length > 0) {
    call('core.record_commands', commandColumns(writes));
    const transfers = writes.flatMap(({ effects }) => effects.transfers);
    if (transfers.length > 0) call('money.record_transfers', transferColumns(transfers));
    const accounts = accountColumns(writes, state);
    if (accounts) call('money.record_accounts', accounts);
    const terms = writes.flatMap(({ effects }) => (effects.terms ? [effects.terms] : []));
    if (terms.length > 0) call('money.record_terms', termsColumns(terms));
    const holds = touchedHolds(transfers, state);
    if (holds.length > 0) call('money.record_holds', holdColumns(holds));
    const settings = writes.flatMap(({ settings }) => (settings ? [settings] : []));
    if (settings.length > 0) call('money.record_settings', settingsColumns(settings));
    // Last, so that seq is drawn when every lock is held (DESIGN 2).
    const events = writes.flatMap(eventsOf);
    call('core.record_events', [
      ...columns(
        events,
        (event) => event.tenant,
        (event) => event.id,
        (event) => event.type,
      ),
      lines(events, (event) => event.body),
    ]);
  }
  statements.push(client.query('commit'));
  const results = await Promise.allSettled(statements);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** The command's decision as it is recorded beside it. */
export function decisionJson(decision: Decision): string {
  return canonicalJson({
    decision_id: externalId('decision', decision.id),
    model_score_ref: decision.modelScoreRef,
    outcome: decision.outcome,
    policy_version: decision.policyVersion,
  });
}

function eventsOf({ item, effects }: Write): EventRow[] {
  const { command, countersignature } = item;
  const own = effects.events.map((draft, ordinal) =>
    eventRow(command, countersignature.decision, ordinal, draft),
  );
  return item.around ? [...item.around, ...own] : own;
}

function commandColumns(writes: readonly Write[]): unknown[] {
  return [
    ...columns(
      writes,
      ({ item }) => item.command.tenant,
      ({ item }) => item.command.idempotencyKey,
      ({ item }) => item.command.id,
      ({ item }) => item.command.operation,
      ({ item }) => `\\x${item.command.digest}`,
      ({ item }) => principalText(item.command.principal),
      ({ item }) => instantToText(item.command.receivedAt),
      ({ item }) => item.command.traceId,
    ),
    lines(writes, ({ item }) => decisionJson(item.countersignature.decision)),
    lines(writes, ({ item }) => item.command.bodyText),
    lines(writes, ({ effects }) => canonicalJson(effects.outcome)),
  ];
}

const sumsText = (sums: readonly bigint[]) => `{${sums.join(',')}}`;
const jsonOrNull = (value: object | null) => (value === null ? '' : JSON.stringify(value));

function transferColumns(rows: readonly TransferRow[]): unknown[] {
  return [
    ...columns(
      rows,
      (row) => row.tenant,
      (row) => row.id,
      (row) => row.kind,
      (row) => row.commandId,
      (row) => row.leg,
      (row) => row.debit,
      (row) => row.credit,
      (row) => row.amount,
      (row) => row.released,
      (row) => row.currency,
      (row) => row.holdId,
      (row) => row.reversesId,
      (row) => instantToText(row.effectiveAt),
      (row) => instantToText(row.recordedAt),
    ),
    lines(rows, (row) => jsonOrNull(row.metadata)),
    ...columns(
      rows,
      (row) => row.debitVersion,
      (row) => sumsText(row.debitSums),
      (row) => row.creditVersion,
      (row) => sumsText(row.creditSums),
    ),
  ];
}

function accountColumns(writes: readonly Write[], state: BatchState): unknown[] | null {
  const opened = writes.flatMap(({ effects }) => (effects.opened ? [effects.opened] : []));
  const touched = new Map<string, AccountState>();
  for (const { item, effects } of writes) {
    const { tenant } = item.command;
    const touch = (id: Uuid) => {
      const accountKey = key(tenant, id);
      const account = state.accounts.get(accountKey);
      if (account) touched.set(accountKey, account);
    };
    if (effects.terms) touch(effects.terms.id);
    for (const transfer of effects.transfers) {
      touch(transfer.debit);
      touch(transfer.credit);
    }
  }
  if (touched.size === 0) return null;
  return [
    ...columns(
      opened,
      ({ account }) => account.tenant,
      ({ account }) => account.id,
      ({ account }) => account.type,
      ({ account }) => account.currency,
      ({ holderId }) => holderId,
    ),
    lines(opened, ({ metadata }) => jsonOrNull(metadata)),
    ...columns(opened, ({ openedAt }) => instantToText(openedAt)),
    ...columns(
      [...touched.values()],
      (account) => account.tenant,
      (account) => account.id,
      (account) => account.status,
      (account) => account.bound,
      (account) => account.creditLimit,
      (account) => account.debitsPosted,
      (account) => account.creditsPosted,
      (account) => account.debitsPending,
      (account) => account.creditsPending,
      (account) => account.version,
      (account) => instantToText(account.recordedAt),
    ),
  ];
}

function termsColumns(terms: readonly Terms[]): unknown[] {
  return columns(
    terms,
    (each) => each.tenant,
    (each) => each.id,
    (each) => instantToText(each.recordedAt),
    (each) => each.status,
    (each) => each.bound,
    (each) => each.creditLimit,
  );
}

function touchedHolds(transfers: readonly TransferRow[], state: BatchState): HoldState[] {
  const ids = transfers.flatMap(({ tenant, holdId }) => (holdId ? [key(tenant, holdId)] : []));
  return [...new Set(ids)].map((id) => state.holds.get(id) as HoldState);
}

function holdColumns(holds: readonly HoldState[]): unknown[] {
  return columns(
    holds,
    (hold) => hold.tenant,
    (hold) => hold.id,
    (hold) => hold.debit,
    (hold) => hold.credit,
    (hold) => hold.currency,
    (hold) => hold.amount,
    (hold) => hold.captured,
    (hold) => hold.released,
    (hold) => hold.status,
    (hold) => toSqlTime(hold.expiresAt),
    (hold) => instantToText(hold.recordedAt),
    (hold) => toSqlTime(hold.resolvedAt),
  );
}

function settingsColumns(settings: readonly Settings[]): unknown[] {
  const units = settings.flatMap(({ unit }) => (unit ? [unit] : []));
  const periods = settings.flatMap(({ period }) => (period ? [period] : []));
  const holidays = settings.flatMap(({ holidays }) => holidays);
  return [
    ...columns(
      units,
      (u) => u.tenant,
      (u) => u.code,
      (u) => u.exponent,
      (u) => u.name,
    ),
    ...columns(
      periods,
      (p) => p.tenant,
      (p) => p.closedThrough,
      (p) => instantToText(p.closedBefore),
    ),
    ...columns(
      holidays,
      (h) => h.tenant,
      (h) => h.date,
      (h) => h.name,
    ),
  ];
}
