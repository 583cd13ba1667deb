// The core port: what Countersign asks of a bank's core system, whichever it is, in the words of
// ISO 20022 for money and of BIAN for the rest.
//
// Every value here is one that all the cores we know can fill honestly. What a core lacks is absent
// from its operations: a caller looks before it asks, and no stub ever throws.
import type { Page } from '#core';
import type { Effects, PostingItem, RejectionCode } from '#money';
import type { AdapterCalls, EventSource } from './adapter.ts';

/** One core, as one adapter speaks to it. Data is as the API shows it. */
export type Core = {
  /** Also in evidence and in the matrix of capabilities. */
  readonly name: string;
  readonly operations: Operations;
  /** How it tells of what happens in it; absent where it does not. */
  readonly events?: EventSource;
};

/** What every core does, and what some do. */
export type Operations = Pick<CoreOperations, Always> & Partial<Omit<CoreOperations, Always>>;
type Always = 'readAccount' | 'readBalances' | 'transfer' | 'lookUp';

export type CoreOperations = {
  readonly readParty: (of: Named) => Promise<Party | undefined>;
  readonly listParties: (query: Query) => Promise<Page<Party>>;
  readonly readContactPoints: (of: Named) => Promise<readonly ContactPoint[]>;
  readonly readProduct: (of: Named) => Promise<Product | undefined>;
  readonly listProducts: (query: Query) => Promise<Page<Product>>;
  readonly readAccount: (of: Named) => Promise<Account | undefined>;
  /** Those of a party, which `id` names. */
  readonly listAccounts: (query: Named & Query) => Promise<Page<Account>>;
  /** Of an account: interim booked and interim available. Undefined where there is none. */
  readonly readBalances: (of: Named) => Promise<readonly Balance[] | undefined>;
  /** Of an account, oldest first. Undefined where there is none. */
  readonly listEntries: (query: Named & Query) => Promise<Page<Entry> | undefined>;
  readonly readHold: (of: Named) => Promise<AmountBlock | undefined>;
  readonly transfer: MoneyMove;
  readonly placeHold: MoneyMove;
  readonly increaseHold: MoneyMove;
  readonly captureHold: MoneyMove;
  readonly releaseHold: MoneyMove;
  readonly reverse: MoneyMove;
  readonly changeContactPoint: (change: KeyedChange & ContactPoint) => Promise<void>;
  /** Hands to people of the bank what a party asks for; answers the id of the request. */
  readonly openServiceRequest: (request: KeyedChange & RequestTerms) => Promise<ServiceRequest>;
  /** Of a party, the newest first. */
  readonly listServiceRequests: (query: Named & Query) => Promise<Page<ServiceRequest>>;
  /** Throws `idempotency_key_reused` where the key was used for a command of another digest. */
  readonly lookUp: (move: MoveKey) => Promise<LookedUp>;
} & { readonly [Name in Further]: UnderOurIds<AdapterCalls[Name]> };

/** What few cores have: in the words of adapters, about our parties, accounts and products. */
export type Further = keyof typeof furtherOperations;
type UnderOurIds<Call> = Call extends (asked: infer Given) => infer Answer
  ? (asked: Given & { readonly tenant: string }) => Answer
  : never;

type Asked = {
  readonly tenant: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
};
export type Named = Asked & { readonly id: string };
export type Query = Asked & {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
};

/** A change about the party that `id` names: under one key it is made once. */
export type KeyedChange = Named & { readonly key: string };

// Money moves -------------------------------------------------------------------------------------

/**
 * Takes what money's door takes, an item that policy has countersigned: no adapter can be handed an
 * order that nobody decided on. A Fault is thrown where nothing can have happened; where something
 * may have, the answer is `unknown`.
 */
export type MoneyMove = (item: PostingItem) => Promise<MoveResult>;

export type MoveResult =
  | (Told & { readonly status: 'completed' })
  /** The core wants a checker of its own: until then it has moved nothing. */
  | { readonly status: 'pending_approval'; readonly reference: string }
  /** The core warns, and does nothing until a person accepts each of these by name. */
  | { readonly status: 'needs_override'; readonly overrides: readonly Override[] }
  | Rejected
  /** It may have happened or not. Only a look-up by this key leads out of here. */
  | { readonly status: 'unknown'; readonly lookUp: MoveKey };

/** `not_found`: not on record by now. The same item may be sent again, under the same key only. */
export type LookedUp = MoveResult | { readonly status: 'not_found' };

/** By what a move is found again. */
export type MoveKey = {
  readonly tenant: string;
  readonly idempotencyKey: string;
  /** Of the command (SHA-256, hex): the key alone may name another one. */
  readonly digest: string;
};

type Told = {
  /** The core's own name for what was done. */
  readonly reference: string;
  /** Whether an earlier call did it, under the same key. */
  readonly replayed: boolean;
  /** What our ledger has written with it; null for a replay. */
  readonly effects: Effects | null;
};

export type Rejected = Told & {
  readonly status: 'rejected';
  /** In the words of our ledger; `core_rejected` where they have none for it. */
  readonly code: RejectionCode | 'core_rejected';
  /** The core's own code and text, which say nothing about a person. Null for our own. */
  readonly coreReason: string | null;
  /** As in `Outcome` of money. */
  readonly leg?: number;
  readonly limit?: string;
  readonly reasons?: readonly string[];
};

export type Override = { readonly id: string; readonly code: string; readonly text: string };

// What a core tells -------------------------------------------------------------------------------

/** BIAN Party. Personal values are tokens of the vault. */
export type Party = {
  readonly party_id: string;
  readonly kind: 'person' | 'organisation';
  readonly status: 'prospect' | 'customer' | 'former';
  /** Whether it banks as a person or as a business: sole traders are persons who do the latter. */
  readonly segment: 'person' | 'business';
  /** ISO 3166-1 alpha-2, of residence or seat. */
  readonly country: string;
  readonly name_token: string;
  readonly date_of_birth_token: string | null;
  /** ISO 18245, of a merchant. */
  readonly merchant_category: string | null;
  readonly household: string | null;
  readonly since: string;
};

export const contactKinds = ['email', 'phone', 'postal_address'] as const;
export const contactUsages = ['main', 'home', 'work', 'mobile'] as const;

/** BIAN ContactPoint: an electronic or postal address, or a phone number. */
export type ContactPoint = {
  readonly kind: (typeof contactKinds)[number];
  readonly usage: (typeof contactUsages)[number];
  readonly value_token: string;
};

/** What people of a bank are asked for most, beside payments. */
export const requestSubjects = {
  card_lost: 'a card that is lost or stolen',
  card_replacement: 'a new card in the place of another',
  statement_copy: 'a copy of a statement',
  address_proof: 'a proof of the address on record',
  complaint: 'a complaint',
  call_back: 'a call back',
  other: 'something else',
} as const;
export type RequestSubject = keyof typeof requestSubjects;

/** BIAN ServicingOrder: what a customer wants done. His words are a token of the vault. */
export type RequestTerms = {
  readonly subject: RequestSubject;
  readonly text_token: string | null;
};

export const requestStatuses = ['open', 'done', 'declined'] as const;

export type ServiceRequest = RequestTerms & {
  readonly request_id: string;
  readonly party_id: string;
  readonly status: (typeof requestStatuses)[number];
  readonly made_at: string;
  readonly ended_at: string | null;
};

export const productKinds = [
  'current_account',
  'savings_account',
  'term_deposit',
  'card',
  'loan',
  'investment_account',
  'merchant_account',
  'rewards',
] as const;

export type Product = {
  readonly product_id: string;
  readonly code: string;
  readonly kind: (typeof productKinds)[number];
  readonly name: string;
  readonly currency: string;
  readonly status: 'draft' | 'offered' | 'withdrawn';
  readonly terms: Readonly<Record<string, string>>;
};

export type Account = {
  readonly account_id: string;
  readonly currency: string;
  /** BIAN: nothing leaves a disabled account; a deleted one is closed. */
  readonly status: 'enabled' | 'disabled' | 'deleted';
  readonly opened_at: string;
  readonly product_id: string | null;
  readonly parties: readonly AccountParty[];
};

export const accountRoles = ['holder', 'joint_holder', 'former'] as const;
export type AccountParty = {
  readonly party_id: string;
  readonly role: (typeof accountRoles)[number];
};

type Indicated = {
  /** CRDT is what the bank owes to the holder, DBIT what the holder owes. */
  readonly credit_debit_indicator: 'CRDT' | 'DBIT';
  /** Minor units, never below zero. */
  readonly amount: number;
  readonly currency: string;
};

/** ISO 20022 camt: interim booked (ITBD) and interim available (ITAV). */
export type Balance = Indicated & { readonly type: 'ITBD' | 'ITAV'; readonly as_of: string };

/** ISO 20022 camt: BOOK is final, PDNG is reserved. The end of a reservation is no entry. */
export type Entry = Indicated & {
  readonly reference: string;
  readonly status: 'BOOK' | 'PDNG';
  readonly booked_at: string;
  readonly value_at: string;
  readonly counter_account_id: string | null;
};

/** BIAN AmountBlock: what others call hold, lien, reserved funds. */
export type AmountBlock = {
  readonly reference: string;
  readonly account_id: string;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly released: number;
  readonly status: 'open' | 'captured' | 'voided' | 'expired';
  readonly expires_at: string | null;
};

// Capabilities ------------------------------------------------------------------------------------

/** Every operation that a core may have, by what it is for. */
export const coreOperations = {
  readParty: 'A person or organisation by its id',
  listParties: 'All parties, a page at a time',
  readContactPoints: 'How a party is reached',
  readProduct: 'A product with its terms',
  listProducts: 'All products, a page at a time',
  readAccount: 'An account with its product and holders',
  listAccounts: 'The accounts of a party',
  readBalances: 'Interim booked and interim available balance',
  listEntries: 'Booked and pending entries of an account',
  readHold: 'An amount block',
  transfer: 'Move money between two accounts',
  placeHold: 'Block an amount on an account',
  increaseHold: 'Add to an amount block',
  captureHold: 'Post all or a part of an amount block',
  releaseHold: 'Give back what is left of an amount block',
  reverse: 'Mirror what was moved',
  changeContactPoint: 'Change how a party is reached',
  openServiceRequest: 'Hand a request to the servicing desk',
  listServiceRequests: 'What a party has asked the servicing desk for',
  lookUp: 'What became of a move whose answer was lost',
} as const satisfies Record<Exclude<keyof CoreOperations, Further>, string>;

/** Operations that few cores have, by what they are for. */
export const furtherOperations = {
  applyForLoan: 'Submit a loan application',
  readLoanApplication: 'Follow a loan application',
  openDispute: 'Contest an entry',
  recordOffer: 'Write an offer to the campaign records',
  listOffers: 'The offers that the campaign records have of a party',
  recordLoyalty: 'Write points and tier of a party',
  readLoyalty: 'Points and tier of a party',
  listGeneralLedger: 'Balances of the general ledger',
  listSecurities: 'Holdings and valuations of a portfolio',
  recordInteraction: 'Write a contact with a customer to its history',
  readPreferences: 'Which marketing a party has agreed to',
  changePreference: 'Write what a party agrees to',
  recordPriceException: 'Grant a price other than the listed one',
  authorize: 'Be asked before the core moves money by itself',
  recordAiAudit: 'Write to the core what AI had a part in',
} as const satisfies Partial<Record<keyof AdapterCalls, string>>;

/** How a core tells of what happens in it is no call of ours. */
export const coreEvents = { followEvents: 'Hear of what happens in the core' } as const;

export const allOperations = { ...coreOperations, ...furtherOperations, ...coreEvents } as const;
export type OperationName = keyof typeof allOperations;
export type Capabilities = Readonly<Record<OperationName, boolean>>;

/** What a core can: read off its operations, so that no table can claim anything else. */
export function capabilitiesOf({ operations, events }: Core): Capabilities {
  const has = (name: string) =>
    name === 'followEvents' ? events !== undefined : Object.hasOwn(operations, name);
  const names = Object.keys(allOperations);
  return Object.fromEntries(names.map((name) => [name, has(name)])) as Capabilities;
}
