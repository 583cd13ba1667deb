// An account's four sums, and what they mean: booked, pending and available.
import { amountMax, type Instant, type Uuid } from '#core';
import type { AccountStatus, AccountType, Bound } from './journal.ts';
import type { Counters } from './state.ts';

export type Side = 'debit' | 'credit';

/** In minor units. Each sum only grows, but for the pending ones, which holds give back. */
export type Sums = {
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
};

/** What posting knows of an account under its lock; evaluation moves the mutable fields. */
export type AccountState = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly type: AccountType;
  readonly currency: string;
  status: AccountStatus;
  bound: Bound;
  creditLimit: bigint;
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
  version: bigint;
  recordedAt: Instant;
  /** Of the limits whose key is the account. */
  counters: Counters;
};

/** Assets and expenses grow by debits, the others by credits. */
export function normalSide(type: AccountType): Side {
  return type === 'asset' || type === 'expense' ? 'debit' : 'credit';
}

/** All in minor units, signed so that a positive figure lies on the account's normal side. */
export type Balances = {
  /** Posted only: the ledger balance. */
  readonly booked: bigint;
  /** What open holds would change, if they were all captured. */
  readonly pending: bigint;
  /**
   * Booked less what open holds take away, plus the credit limit: what may still be spent, at most
   * the largest amount there is.
   */
  readonly available: bigint;
};

export function balancesOf(
  sums: Sums,
  account: Pick<AccountState, 'type' | 'bound' | 'creditLimit'>,
): Balances {
  const debitNormal = normalSide(account.type) === 'debit';
  const posted = sums.debitsPosted - sums.creditsPosted;
  const pending = sums.debitsPending - sums.creditsPending;
  const booked = debitNormal ? posted : -posted;
  const outgoing = debitNormal ? sums.creditsPending : sums.debitsPending;
  const limit = account.bound === 'credit_limit' ? account.creditLimit : 0n;
  const available = booked - outgoing + limit;
  return {
    booked,
    pending: debitNormal ? pending : -pending,
    available: available < amountMax ? available : amountMax,
  };
}
