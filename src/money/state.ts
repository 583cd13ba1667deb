// What evaluation reads under lock, and the rows that it answers with.
import type { EventDraft, Instant, Uuid } from '#core';
import type { AccountState } from './account.ts';
import type { Counter } from './counter.ts';
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
  /** By all its rows and the reversals of its captures. */
  taken: readonly Taken[];
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
  /** Grows while its command is evaluated. */
  readonly taken: Taken[];
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
> & { readonly taken: readonly Taken[]; reversed: boolean };

export type TenantState = {
  readonly tenant: string;
  readonly epoch: bigint;
  readonly timeZone: string;
  /** Postings may not take effect before this instant. */
  closedBefore: Instant;
};

/** What is used of the limits of one key, by the name of the counter. */
export type Counters = Readonly<Record<string, Counter>>;

export const noCounters: Counters = {};

/** The counters of a key that names no account: those of an account stand in its own row. */
export type KeyState = {
  readonly tenant: string;
  readonly key: string;
  counters: Counters;
  /** By counter, what must hold when the batch is written. Without it, the key is locked. */
  readonly terms?: ReadonlyMap<string, AddingTerms>;
};

export type CounterHome = AccountState | KeyState;

/** Under which everything that a batch adds to a counter fits, whoever else adds meanwhile. */
export type AddingTerms = {
  /** The number of its newest bucket, still. */
  readonly head: number;
  /** What that held when it was read. */
  readonly newest: number;
  /** The most that may be used of it before the batch. */
  readonly usedMax: number;
};

/** Taken from a bucket of a counter by a row of the journal; below zero where it gave back. */
export type Taken = {
  /** Whose counter it is: an account, or else a key. */
  readonly account?: Uuid;
  readonly key?: string;
  readonly counter: string;
  readonly bucket: number;
  readonly amount: number;
};

/**
 * Keyed by `tenant/uuid`, or `tenant/key`; all accounts here are locked, and
 * keys unless they have terms.
 */
export type BatchState = {
  readonly tenants: Map<string, TenantState>;
  readonly accounts: Map<string, AccountState>;
  readonly holds: Map<string, HoldState>;
  readonly transfers: Map<string, PostedTransfer>;
  readonly units: Set<string>;
  readonly keys: Map<string, KeyState>;
  /** Whose counters are to be written. */
  readonly changed: Set<CounterHome>;
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
  readonly events: readonly EventDraft[];
};

export const noEffects: Effects = {
  outcome: { status: 'accepted' },
  transfers: [],
  opened: null,
  terms: null,
  events: [],
};

/** The evaluation needs an account that was not locked: the batch starts again with fresh eyes. */
export class NotLocked extends Error {}

export const key = (tenant: string, id: string): string => `${tenant}/${id}`;
