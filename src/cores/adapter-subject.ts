// What the contract of adapters is given: an adapter in front of a simulated bank, how a test acts
// on that bank from outside, and shorthand.
import assert from 'node:assert/strict';
import type { Adapter, FoundMove, LookUp, TransferOrder } from './adapter.ts';
import { referenceOf as commandReference } from './mirrored/reference.ts';
import type { Balance } from './port.ts';

/** What a fault of a simulator is, as far as the contract asks for one. */
export type ContractFault = {
  readonly kind:
    | 'latency'
    | 'lost'
    | 'duplicate'
    | 'unavailable'
    | 'failed_after'
    | 'malformed'
    | 'limited';
  readonly match?: string;
  readonly times?: number;
  readonly ms?: number;
};

/** An adapter in front of a simulated bank, and how a test acts on that bank from outside. */
export type AdapterSubject = {
  readonly adapter: Adapter;
  readonly inject: (fault: ContractFault) => void;
  readonly heal: () => void;
  /** Two accounts of one party, with 1,000,000 minor units of EUR each and nothing held. */
  readonly debtor: string;
  readonly creditor: string;
  readonly party: string;
  /** Of the book itself, in minor units: what the bank owes, and what of it is free. */
  readonly figures: (account: string) => { readonly booked: number; readonly available: number };
  /** How many moves the book has under this reference. */
  readonly movesOf: (reference: string) => number;
  /** Adds an account of the party, with these many entries of one minor unit each. */
  readonly busy: (entries: number) => string;
  /** An account of the party that is blocked for debits. */
  readonly blocked: () => string;
  /** One whose debits raise a warning; null where the core has no such thing. */
  readonly warned: (() => string) | null;
  /** One whose moves wait for a second person, who then agrees; null likewise. */
  readonly checked: {
    readonly account: () => string;
    readonly agree: (coreReference: string) => void;
  } | null;
  /** A product by which loans are given. */
  readonly loanProduct: string;
  /** Whether the core itself takes a reference once only. */
  readonly takesOnce?: boolean;
};

/** What both accounts have, minor units. */
export const opening = 1_000_000;
export const valueDate = '2026-03-31';

/** A reference as ours are: 16 of A-Z and 2-7, the same for the same name. */
export function referenceOf(name: string): string {
  return commandReference({ tenant: 'contract', idempotencyKey: name });
}

export function orderOf(subject: AdapterSubject, name: string, amount: number): TransferOrder {
  const { debtor, creditor } = subject;
  const sum = { amount, currency: 'EUR', valueDate };
  return { reference: referenceOf(name), mark: 'deadbeef', debtor, creditor, ...sum };
}

export function lookedUp(
  { adapter, debtor }: AdapterSubject,
  reference: string,
  account = debtor,
): Promise<FoundMove | undefined> {
  const of: LookUp = { reference, kind: 'transfer', account };
  return adapter.operations.lookUp(of);
}

export function both(figure: number) {
  return { booked: figure, available: figure };
}

export function signed(balances: readonly Balance[] | undefined, type: Balance['type']): number {
  const found = balances?.find((each) => each.type === type);
  assert.ok(found && found.amount >= 0, type);
  return found.credit_debit_indicator === 'CRDT' ? found.amount : -found.amount;
}
