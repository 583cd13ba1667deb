// What evaluation reads under lock, and the rows that it answers with.
import type { Consume, EventDraft, Instant, Uuid } from '#core';
import type { AccountState } from './account.ts';
import type { Outcome } from './journal.ts';

export type HoldState = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly debit: Uuid;
  readonly credit: Uuid;
  readonly currency: string;
  readonly recordedAt: Instant;
  /** `Infinity` for a hold that never expires. */
  readonly expiresAt: Instant;
  amount: bigint;
  captured: bigint;
  released: bigint;
  /** Captured first, and reversed since. */
  reversed: bigint;
  status: 'open' | 'captured' | 'voided' | 'expired';
  resolvedAt: Instant;
};

/** Neither captured nor given back. */
export function leftOf({ amount, captured, released }: HoldState): bigint {
  return amount - captured - released;
}

export type TransferKind = 'post' | 'reverse' | 'hold' | 'increase' | 'capture' | 'void' | 'expire';

/** A row of the journal. Sums are [debits posted, credits posted, debits and credits pending]. */
export type TransferRow = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly kind: TransferKind;
  readonly commandId: Uuid;
  readonly leg: number;
  readonly debit: Uuid;
  readonly credit: Uuid;
  readonly amount: bigint;
  readonly released: bigint;
  readonly currency: string;
  readonly holdId: Uuid | null;
  readonly reversesId: Uuid | null;
  readonly effectiveAt: Instant;
  readonly recordedAt: Instant;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly debitVersion: bigint;
  readonly debitSums: readonly bigint[];
  readonly creditVersion: bigint;
  readonly creditSums: readonly bigint[];
};

/** What a leg moves between two accounts: it becomes a row, and the sums of both. */
export type Movement = Pick<
  TransferRow,
  'id' | 'kind' | 'amount' | 'released' | 'holdId' | 'reversesId' | 'effectiveAt'
> & {
  readonly debit: AccountState;
  readonly credit: AccountState;
  /** Added to the posted sums. */
  readonly posted: bigint;
  /** Added to the pending sums; below zero where a hold gives back. */
  readonly pending: bigint;
};

/** What a reversal needs to know of the transfer that it reverses. */
export type PostedTransfer = Pick<
  TransferRow,
  'tenant' | 'id' | 'kind' | 'debit' | 'credit' | 'amount' | 'currency' | 'holdId'
> & { reversed: boolean };

export type TenantState = {
  readonly tenant: string;
  readonly epoch: bigint;
  readonly timeZone: string;
  /** Postings may not take effect before this instant. */
  closedBefore: Instant;
};

/** What was used of a limit, by bucket of time; evaluation moves the mutable fields. */
export type CounterState = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly measure: Consume['measure'];
  /** The number of the newest bucket. */
  head: number;
  /** The newest first. */
  buckets: readonly number[];
};

/** Taken from a bucket of a counter; below zero where it was given back. */
export type Taken = { readonly counter: Uuid; readonly bucket: number; readonly amount: number };

/** What a hold or transfer has taken and not given back, one part for each bucket. */
export type TakenState = { parts: readonly Taken[] };

/** A change of a counter, by a transfer, as a part of its hold or else of itself. */
export type ConsumptionRow = Taken & {
  readonly tenant: string;
  readonly source: Uuid;
  readonly transfer: Uuid;
};

/** Keyed by `tenant/uuid`; all accounts and counters here are locked. */
export type BatchState = {
  readonly tenants: Map<string, TenantState>;
  readonly accounts: Map<string, AccountState>;
  readonly holds: Map<string, HoldState>;
  readonly transfers: Map<string, PostedTransfer>;
  readonly units: Set<string>;
  readonly counters: Map<string, CounterState>;
  /** The counters of what the batch's decisions say. */
  readonly counterIds: ReadonlyMap<Consume, Uuid>;
  /** By hold or transfer. */
  readonly taken: Map<string, TakenState>;
};

export type OpenedAccount = {
  /** As the batch leaves it: commands after the opening may have moved it already. */
  readonly account: AccountState;
  readonly openedAt: Instant;
  readonly holderId: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/** What is allowed on an account from an instant on. */
export type Terms = Readonly<
  Pick<AccountState, 'tenant' | 'id' | 'status' | 'bound' | 'creditLimit' | 'recordedAt'>
>;

/** All rows that one command adds, and its answer. */
export type Effects = {
  readonly outcome: Outcome;
  readonly transfers: readonly TransferRow[];
  readonly opened: OpenedAccount | null;
  readonly terms: Terms | null;
  readonly consumed: readonly ConsumptionRow[];
  readonly events: readonly EventDraft[];
};

export const noEffects: Effects = {
  outcome: { status: 'accepted' },
  transfers: [],
  opened: null,
  terms: null,
  consumed: [],
  events: [],
};

/** The evaluation needs an account that was not locked: the batch starts again with fresh eyes. */
export class NotLocked extends Error {}

export const key = (tenant: string, id: string): string => `${tenant}/${id}`;
