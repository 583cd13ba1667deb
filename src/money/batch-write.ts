// What a batch writes once it is evaluated: its effects as columns of rows, and the commit.
import {
  canonicalJson,
  columns,
  type Decision,
  type EventRow,
  eventRow,
  toldId,
  externalId,
  type Instant,
  inOneWrite,
  instantToText,
  lines,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import type { AccountState } from './account.ts';
import { never } from './events.ts';
import { closingColumns, intentColumns, replacingColumns } from './intents.ts';
import type { PostingItem } from './journal.ts';
import { addedColumns, changedKeys, counterColumns } from './limit-rows.ts';
import type { Settings } from './settings.ts';
import {
  type BatchState,
  type Effects,
  type HoldState,
  key,
  type Terms,
  type TransferRow,
} from './state.ts';

/** Commands; larger batches are sent as they are made. */
const smallBatch = 50;

/** A command with all that it does. */
export type Write = {
  readonly item: PostingItem;
  readonly effects: Effects;
  readonly settings: Settings | null;
};

export type Writes = {
  readonly writes: readonly Write[];
  /** What is written down for another core; nothing of it is posted. */
  readonly intended: readonly PostingItem[];
  readonly replacing: readonly PostingItem[];
};

/** Commits: when it resolves, all of it is there; when it throws, none. */
export async function writeBatch(
  client: pg.ClientBase,
  all: Writes,
  state: BatchState,
): Promise<void> {
  const { writes } = all;
  const send = () => sendAll(client, all, state);
  const statements = writes.length > smallBatch ? send() : inOneWrite(client, send);
  const results = await Promise.allSettled(statements);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function sendAll(
  client: pg.ClientBase,
  { writes, intended, replacing }: Writes,
  state: BatchState,
): Promise<unknown>[] {
  const statements: Promise<unknown>[] = [];
  const call = (name: string, values: unknown[]) => {
    const places = values.map((_, index) => `$${index + 1}`).join(', ');
    statements.push(client.query({ name, text: `select ${name}(${places})`, values }));
  };
  if (replacing.length > 0) call('money.replace_intents', replacingColumns(replacing));
  if (intended.length > 0) call('money.record_intents', intentColumns(intended));
  if (writes.length > 0) {
    const transfers = writes.flatMap(({ effects }) => effects.transfers);
    const { locked, added } = changedKeys(state);
    // Locks counters, which everybody locks before the keys of commands.
    if (added.length > 0) call('money.add_to_counters', addedColumns(added));
    call('core.record_commands', commandColumns(writes));
    if (transfers.length > 0) call('money.record_transfers', transferColumns(transfers));
    const accounts = accountColumns(writes, state);
    if (accounts) call('money.record_accounts', accounts);
    const terms = writes.flatMap(({ effects }) => (effects.terms ? [effects.terms] : []));
    if (terms.length > 0) call('money.record_terms', termsColumns(terms));
    const holds = touchedHolds(transfers, state);
    if (holds.length > 0) call('money.record_holds', holdColumns(holds));
    if (locked.length > 0) call('money.record_counters', counterColumns(locked));
    const settings = writes.flatMap(({ settings }) => (settings ? [settings] : []));
    if (settings.length > 0) call('money.record_settings', settingsColumns(settings));
    const closed = writes.filter(({ item }) => item.book?.kind === 'answered');
    if (closed.length > 0) call('money.close_intents', closingColumns(closed.map(closingOf)));
    // Last, so that seq is drawn when every lock is held.
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
  return statements;
}

function closingOf({ item, effects: { outcome } }: Write) {
  return { item, outcome };
}

/** The command's decision as it is recorded beside it. */
function decisionJson(decision: Decision): string {
  return canonicalJson({
    decision_id: externalId('decision', decision.id),
    model_score_ref: decision.modelScoreRef,
    outcome: decision.outcome,
    policy_version: decision.policyVersion,
  });
}

function eventsOf({ item, effects }: Write): EventRow[] {
  const { command, countersignature, around = [], tell } = item;
  const { decision } = countersignature;
  const own = effects.events.map((draft, ordinal) => eventRow(command, decision, ordinal, draft));
  const told = tell?.(effects).map((draft, ordinal) =>
    eventRow(command, decision, toldId(command.id, ordinal), draft),
  );
  return told ? [...around, ...own, ...told] : [...around, ...own];
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
    lines(rows, ({ taken }) => (taken.length === 0 ? '' : JSON.stringify(taken))),
  ];
}

function accountColumns(writes: readonly Write[], state: BatchState): unknown[] | null {
  const opened = writes.flatMap(({ effects }) => (effects.opened ? [effects.opened] : []));
  const touched = new Set<AccountState>();
  for (const { item, effects } of writes) {
    const { tenant } = item.command;
    const touch = (id: Uuid) => {
      const account = state.accounts.get(key(tenant, id));
      if (account) touched.add(account);
    };
    if (effects.terms) touch(effects.terms.id);
    for (const transfer of effects.transfers) {
      touch(transfer.debit);
      touch(transfer.credit);
    }
  }
  for (const home of state.changed) if (!('key' in home)) touched.add(home);
  if (touched.size === 0) return null;
  const accounts = [...touched];
  const { changed } = state;
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
      accounts,
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
    lines(accounts, (each) => (changed.has(each) ? JSON.stringify(each.counters) : '')),
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
  const ids = transfers.flatMap(({ tenant, holdId, reversesId }) => {
    const id = holdId ?? (reversesId && state.transfers.get(key(tenant, reversesId))?.holdId);
    return id ? [key(tenant, id)] : [];
  });
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
    (hold) => hold.reversed,
    (hold) => hold.status,
    (hold) => toSqlTime(hold.expiresAt),
    (hold) => instantToText(hold.recordedAt),
    (hold) => toSqlTime(hold.resolvedAt),
  );
}

function toSqlTime(instant: Instant): string {
  return instant === never ? 'infinity' : instantToText(instant);
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
