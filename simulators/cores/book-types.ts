// What is in the book of a simulated bank: parties, accounts, entries, holds and what else a core
// keeps. Amounts are integer minor units.
import type { Clock } from '#core';

export type BookParty = {
  readonly id: string;
  readonly kind: 'person' | 'organisation';
  name: string;
  readonly birthDate: string | null;
  readonly country: string;
  email: string;
  phone: string;
  address: string;
  /** Raised with each change: an optimistic lock. */
  version: number;
};

export type BookAccount = {
  readonly id: string;
  readonly party: string;
  readonly product: string;
  readonly currency: string;
  readonly openedAt: number;
  status: 'open' | 'blocked' | 'closed';
  /** A debit raises this warning, which somebody has to accept; null for none. */
  warns: { readonly code: string; readonly text: string } | null;
  /** What is moved from it waits for a second person. */
  needsChecker: boolean;
  /** How far it may go below zero. */
  overdraft: number;
  /** The sum of its entries: what the bank owes. */
  booked: number;
  held: number;
  readonly entries: BookEntry[];
};

export type BookEntry = {
  /** Counts up over the whole book. */
  readonly number: number;
  readonly move: string;
  readonly account: string;
  readonly counter: string;
  /** Above zero for a credit. */
  readonly amount: number;
  readonly balance: number;
  readonly at: number;
  readonly valueDate: string;
};

export type BookMove = {
  /** The core's own, such as `TX0000000042`. */
  readonly id: string;
  readonly reference: string;
  readonly text: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: number;
  readonly valueDate: string;
  status: 'booked' | 'pending' | 'declined';
  readonly at: number;
  reversedBy: string | null;
  readonly reverses: string | null;
};

export type BookHold = {
  readonly id: string;
  readonly reference: string;
  readonly text: string;
  readonly account: string;
  amount: number;
  captured: number;
  released: number;
  status: 'open' | 'captured' | 'released' | 'expired';
  readonly expiresAt: number | null;
  readonly at: number;
};

export type BookLoan = {
  readonly id: string;
  readonly key: string;
  readonly party: string;
  readonly product: string;
  readonly amount: number;
  readonly currency: string;
  readonly months: number;
  status: 'received' | 'in_review' | 'approved' | 'rejected' | 'withdrawn';
};

/** Whatever a vendor keeps beside money: offers, notes, consents, datatables. */
export type BookRecord = {
  readonly id: string;
  readonly kind: string;
  readonly of: string;
  readonly key: string;
  readonly data: Readonly<Record<string, string>>;
};

export type BookEvent = {
  readonly number: number;
  readonly kind: 'entry' | 'hold' | 'account' | 'party' | 'loan';
  readonly account: string | null;
  readonly party: string | null;
  readonly entry: BookEntry | null;
  readonly at: number;
};

export type Refusal =
  | 'account_not_found'
  | 'account_blocked'
  | 'account_closed'
  | 'currency_mismatch'
  | 'insufficient_funds'
  | 'hold_not_found'
  | 'hold_over'
  | 'amount_exceeds_hold'
  | 'move_not_found'
  | 'already_reversed';

/** What somebody orders; `valueDate` is a day. */
export type BookOrder = {
  readonly reference: string;
  readonly text?: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly amount: number;
  readonly currency: string;
  readonly valueDate: string;
  readonly reverses?: string;
};

export type Done<What> = { readonly done: What } | { readonly refused: Refusal };

export type SeedParty = Pick<BookParty, 'id' | 'name'> & Partial<Omit<BookParty, 'version'>>;
export type SeedAccount = Pick<BookAccount, 'id' | 'party' | 'currency'> &
  Partial<Pick<BookAccount, 'product' | 'status' | 'warns' | 'needsChecker' | 'overdraft'>> & {
    /** Booked at once, against nothing: what it brings along. */
    readonly balance?: number;
  };
export type Seed = {
  readonly parties?: readonly SeedParty[];
  readonly accounts?: readonly SeedAccount[];
};

/** In memory; everything in it is changed by the functions of book.ts alone. */
export type Book = {
  readonly clock: Clock;
  readonly parties: Map<string, BookParty>;
  readonly accounts: Map<string, BookAccount>;
  readonly moves: BookMove[];
  readonly movesById: Map<string, BookMove>;
  /** A core that does not compare references has several under one. */
  readonly movesByReference: Map<string, BookMove[]>;
  readonly holds: Map<string, BookHold>;
  readonly loans: Map<string, BookLoan>;
  readonly records: BookRecord[];
  readonly events: BookEvent[];
  readonly listeners: Set<(event: BookEvent) => void>;
  numbers: number;
};
