// The events that the money plane publishes: their payload schemas, and how rows become drafts.
import {
  type Command,
  type EventDraft,
  externalId,
  type Instant,
  instantToText,
  type Json,
  nullable,
} from '#core';
import Type from 'typebox';
import type { OpenedAccount } from './state.ts';
import type { AccountState } from './account.ts';
import type { HoldState, TransferKind, TransferRow } from './state.ts';
import { isJournal, type JournalBody, type Outcome, moneySchemas as s } from './journal.ts';

/** An instant so late that it stands for "never" in rows; in JSON it is null. */
export const never = Number.POSITIVE_INFINITY;

const transferEventTypes = {
  post: 'transaction.posted',
  reverse: 'transaction.reversed',
  hold: 'hold.created',
  increase: 'hold.increased',
  capture: 'hold.captured',
  void: 'hold.voided',
  expire: 'hold.expired',
} as const satisfies Record<TransferKind, string>;

const minor = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const transferPayload = Type.Object({
  transfer_id: s.transferId,
  kind: Type.Enum(Object.keys(transferEventTypes)),
  command_id: Type.String(),
  leg: Type.Integer({ minimum: 0 }),
  debit_account_id: s.accountId,
  credit_account_id: s.accountId,
  debit_version: Type.Integer({ description: "The debit account's entry number." }),
  credit_version: Type.Integer({ description: "The credit account's entry number." }),
  released: minor,
  hold_id: nullable(s.holdId),
  hold: nullable(
    Type.Object({
      amount: minor,
      captured: minor,
      released: minor,
      status: Type.String(),
      created_at: s.instant,
      expires_at: nullable(s.instant),
    }),
  ),
  reverses_id: nullable(s.transferId),
  effective_at: s.instant,
  recorded_at: s.instant,
  metadata: nullable(s.metadata),
});
const accountState = {
  status: Type.String(),
  bound: Type.String(),
  credit_limit: minor,
  recorded_at: s.instant,
};

/** Version 1 of every payload; a change that a consumer can notice is a new version. */
export const moneyEventPayloads = {
  ...Object.fromEntries(Object.values(transferEventTypes).map((type) => [type, transferPayload])),
  'journal.rejected': Type.Object({
    command_id: Type.String(),
    operation: Type.String(),
    code: Type.String(),
    leg: nullable(Type.Integer()),
    limit: nullable(Type.String()),
    recorded_at: s.instant,
  }),
  'account.opened': Type.Object({
    type: Type.String(),
    holder_id: nullable(Type.String()),
    metadata: nullable(s.metadata),
    ...accountState,
  }),
  'account.changed': Type.Object(accountState),
  'unit.registered': s.unitBody,
  'period.closed': Type.Object({ closed_through: s.date, closed_before: s.instant }),
  'calendar.set': s.holidaysBody,
};

export function transferEvent(row: TransferRow, hold: HoldState | undefined): EventDraft {
  const debitAccount = externalId('account', row.debit);
  const effectiveAt = instantToText(row.effectiveAt);
  return {
    type: transferEventTypes[row.kind],
    occurredAt: effectiveAt,
    accountId: debitAccount,
    amount: Number(row.amount),
    currency: row.currency,
    // Members in order: the text is canonical as it stands (RFC 8785).
    payload: {
      command_id: externalId('command', row.commandId),
      credit_account_id: externalId('account', row.credit),
      credit_version: Number(row.creditVersion),
      debit_account_id: debitAccount,
      debit_version: Number(row.debitVersion),
      effective_at: effectiveAt,
      hold: hold === undefined ? null : holdJson(hold),
      hold_id: row.holdId === null ? null : externalId('hold', row.holdId),
      kind: row.kind,
      leg: row.leg,
      metadata: row.metadata,
      recorded_at: instantToText(row.recordedAt),
      released: Number(row.released),
      reverses_id: row.reversesId === null ? null : externalId('transfer', row.reversesId),
      transfer_id: externalId('transfer', row.id),
    },
  };
}

/** A hold's amounts and state as JSON; `expires_at` is null for a hold that never expires. */
export function holdJson(hold: HoldState): Record<string, Json> {
  return {
    amount: Number(hold.amount),
    captured: Number(hold.captured),
    created_at: instantToText(hold.recordedAt),
    expires_at: hold.expiresAt === never ? null : instantToText(hold.expiresAt),
    released: Number(hold.released),
    status: hold.status,
  };
}

export function openedEvent(opened: OpenedAccount): EventDraft {
  return accountEvent('account.opened', opened.account, {
    type: opened.account.type,
    holder_id: opened.holderId,
    metadata: opened.metadata,
  });
}

export function changedEvent(account: AccountState): EventDraft {
  return accountEvent('account.changed', account, {});
}

function accountEvent(type: string, account: AccountState, more: Record<string, Json>): EventDraft {
  const recordedAt = instantToText(account.recordedAt);
  return {
    type,
    occurredAt: recordedAt,
    accountId: externalId('account', account.id),
    amount: null,
    currency: account.currency,
    payload: {
      ...more,
      status: account.status,
      bound: account.bound,
      credit_limit: Number(account.creditLimit),
      recorded_at: recordedAt,
    },
  };
}

export function rejectedEvent(
  command: Command,
  outcome: Outcome & { status: 'rejected' },
): EventDraft {
  const recordedAt = instantToText(command.receivedAt);
  return {
    type: 'journal.rejected',
    occurredAt: recordedAt,
    accountId: payerOf(command, outcome.leg),
    amount: null,
    currency: null,
    payload: {
      command_id: externalId('command', command.id),
      operation: command.operation,
      code: outcome.code,
      leg: outcome.leg ?? null,
      limit: outcome.limit ?? null,
      recorded_at: recordedAt,
    },
  };
}

/** Whose account was to pay: of the leg that failed, or else of the first. */
function payerOf({ operation, body }: Command, leg = 0): string | null {
  const refused = isJournal(operation) ? (body as JournalBody).legs[leg] : undefined;
  return refused && 'debit_account_id' in refused ? refused.debit_account_id : null;
}

/** An event about the tenant's settings rather than an account. */
export function settingsEvent(type: string, at: Instant, payload: Json): EventDraft {
  return {
    type,
    occurredAt: instantToText(at),
    accountId: null,
    amount: null,
    currency: null,
    payload,
  };
}
