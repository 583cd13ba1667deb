// What traffic is made of: accounts to open and operations that name each other symbolically.
import type { Instant, MinorUnits } from '#core';
import type { Scenario } from './fraud.ts';

/** What an operation means to the people behind it; reports count by it. */
export const operationKinds = [
  'opening',
  'funding',
  'payroll',
  'card_authorization',
  'card_increment',
  'card_capture',
  'card_cancellation',
  'card_refund',
  'fx_purchase',
  'bill',
  'standing_order',
  'peer_transfer',
  'atm_withdrawal',
  'streamed_transfer',
] as const;

export type OperationKind = (typeof operationKinds)[number];

/** The name of an account within its traffic, such as `customer-17`; the ledger draws the id. */
export type AccountKey = string;

export type AccountSpec = {
  readonly account: AccountKey;
  readonly idempotencyKey: string;
  readonly type: 'asset' | 'liability' | 'equity' | 'income' | 'expense';
  readonly currency: string;
  readonly bound: 'none' | 'no_overdraft' | 'credit_limit';
  readonly creditLimit?: MinorUnits;
  readonly holderId?: string;
  readonly metadata?: Metadata;
};

export type Metadata = Readonly<Record<string, string>>;

export type Leg = {
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amount: MinorUnits;
  readonly currency: string;
};

/** What a channel knows of a payment that its movement does not say. */
export type Circumstances = {
  /** Of the merchant or payee, ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly isNewDevice: boolean;
  readonly isNewPayee: boolean;
  /** What whoever asks for it does when asked to confirm it by a second factor. */
  readonly confirmation: Confirmation;
};

/** At once; after a slip; not at all; or in vain, for it is somebody else. */
export type Confirmation = 'right' | 'second_try' | 'none' | 'wrong';

/** A payment between two accounts, and who asks for it. */
type Payment = {
  readonly leg: Leg;
  /** Tokens of the customer who pays and of the one who is paid. */
  readonly debtor: string;
  readonly creditor?: string;
  readonly metadata: Metadata;
};

/** What the bank is asked to do. Journals are for what is no single payment. */
export type Action =
  | { readonly action: 'open'; readonly accounts: readonly AccountSpec[] }
  | { readonly action: 'post'; readonly legs: readonly Leg[]; readonly metadata: Metadata }
  | ({ readonly action: 'pay' } & Payment)
  | ({
      readonly action: 'authorize';
      /** Counted from the moment of sending: a hold lives in real time, whatever the day is. */
      readonly expiresInMs: number;
    } & Payment)
  | { readonly action: 'increase'; readonly amount: MinorUnits }
  | {
      readonly action: 'capture';
      /** Absent: all that is still held. */
      readonly amount?: MinorUnits;
      readonly final: boolean;
    }
  | { readonly action: 'cancel' }
  /** Of all that was captured. */
  | { readonly action: 'refund' };

export type Operation = Action & {
  /** The idempotency key, and the name by which a later operation refers to this one. */
  readonly key: string;
  readonly kind: OperationKind;
  readonly effectiveAt: Instant;
  readonly circumstances?: Circumstances;
  /** The truth about a payment that was staged: no call may carry it. */
  readonly scenario?: Scenario;
  /** Operations that share a chain are sent one after the other, in the order of the traffic. */
  readonly chains: readonly string[];
  /** The key of the payment that this one continues; left out when that one was not allowed. */
  readonly after?: string;
  /** How many later operations continue this one: what must be remembered, and for how long. */
  readonly continuations?: number;
};

/** Accounts, the journals that fund them, then operations in order of time. */
export type Traffic = {
  readonly accounts: readonly AccountSpec[];
  /** Tokens of those who can expect to be asked to confirm what they pay. */
  readonly payers?: () => readonly string[];
  readonly funding: readonly Operation[];
  readonly operations: Iterable<Operation> | AsyncIterable<Operation>;
  /** The number of operations, where it can be known before they are done. */
  readonly count?: () => number;
};
