// What an adapter of a vendor's core is: its operations in the words of the port, under its ids,
// before policy, links and the vault come in.
//
// An adapter decides nothing and keeps nothing: it writes what it is told in the vendor's words and
// reads what the vendor says. Amounts are integer minor units here, whatever the wire says.
import type { Page } from '#core';
import type { RejectionCode } from '#money';
import type {
  Account,
  AccountParty,
  AmountBlock,
  Balance,
  ContactPoint,
  Entry,
  Override,
  Party,
  Product,
} from './port.ts';

export type Adapter = {
  readonly name: string;
  readonly operations: AdapterOperations;
  /** Whether a hold can be captured in parts; else it is captured once, and what is left ends. */
  readonly capturesInParts?: boolean;
  /** How the core tells of what happens in it; absent where it does not. */
  readonly events?: EventSource;
  readonly close: () => Promise<void>;
};

/** What every core does, and what some do: what a core lacks is absent. */
export type AdapterOperations = Pick<AdapterCalls, Always> & Partial<Omit<AdapterCalls, Always>>;
type Always = 'readAccount' | 'readBalances' | 'transfer' | 'lookUp';

export type AdapterCalls = {
  readonly readParty: (of: Of) => Promise<CoreParty | undefined>;
  readonly listParties: (query: Paged) => Promise<Page<CoreParty>>;
  readonly readContactPoints: (of: Of) => Promise<readonly CoreContactPoint[]>;
  readonly changeContactPoint: (change: Keyed & CoreContactPoint) => Promise<void>;
  readonly readProduct: (of: Of) => Promise<CoreProduct | undefined>;
  readonly listProducts: (query: Paged) => Promise<Page<CoreProduct>>;
  readonly readAccount: (of: Of) => Promise<CoreAccount | undefined>;
  /** Of the party that `id` names. */
  readonly listAccounts: (query: Of & Paged) => Promise<Page<CoreAccount>>;
  /** Of an account: interim booked and interim available. Undefined where there is none. */
  readonly readBalances: (of: Of) => Promise<readonly Balance[] | undefined>;
  /** Of an account, oldest first. Undefined where there is none. */
  readonly listEntries: (query: Of & Paged) => Promise<Page<CoreEntry> | undefined>;
  /** By the reference under which it was placed, on the account that `account` names. */
  readonly readHold: (of: Of & { readonly account: string }) => Promise<CoreHold | undefined>;
  readonly transfer: (order: TransferOrder) => Promise<MoveAnswer>;
  readonly placeHold: (order: HoldOrder) => Promise<MoveAnswer>;
  readonly increaseHold: (order: HoldChange & { readonly amount: number }) => Promise<MoveAnswer>;
  readonly captureHold: (order: CaptureOrder) => Promise<MoveAnswer>;
  readonly releaseHold: (order: HoldChange) => Promise<MoveAnswer>;
  /** Mirrors a transfer in full. */
  readonly reverse: (order: ReverseOrder) => Promise<MoveAnswer>;
  /** Undefined: not on record by now. */
  readonly lookUp: (of: LookUp) => Promise<FoundMove | undefined>;
  readonly applyForLoan: (application: Keyed & LoanTerms) => Promise<LoanApplication>;
  readonly readLoanApplication: (of: Of) => Promise<LoanApplication | undefined>;
  readonly openServiceRequest: (request: Keyed & ServiceRequestTerms) => Promise<Receipt>;
  readonly openDispute: (dispute: Keyed & DisputeTerms) => Promise<Receipt>;
  readonly recordOffer: (offer: Keyed & OfferTerms) => Promise<Receipt>;
  readonly listOffers: (query: Of & Paged) => Promise<Page<CoreOffer>>;
  readonly recordLoyalty: (change: Keyed & LoyaltyPosition) => Promise<Receipt>;
  readonly readLoyalty: (of: Of) => Promise<LoyaltyPosition | undefined>;
  readonly listGeneralLedger: (query: Paged) => Promise<Page<LedgerBalance>>;
  /** Of the portfolio or party that `id` names. */
  readonly listSecurities: (query: Of & Paged) => Promise<Page<SecuritiesPosition>>;
  readonly recordInteraction: (interaction: Keyed & InteractionTerms) => Promise<Receipt>;
  readonly readPreferences: (of: Of) => Promise<readonly Preference[]>;
  readonly changePreference: (change: Keyed & Preference) => Promise<void>;
  readonly recordPriceException: (exception: Keyed & PriceTerms) => Promise<Receipt>;
  /** Answers a core that asks before it moves money by itself. */
  readonly authorize: (asked: CoreQuestion) => CoreVerdict | Promise<CoreVerdict>;
  /** Writes to the core's own log what AI had a part in. */
  readonly recordAiAudit: (entry: Keyed & AuditTerms) => Promise<Receipt>;
};

/** Aborted when nobody waits for the answer any more. */
type Asked = { readonly signal?: AbortSignal };
/** `id` is the core's own, here and everywhere below. */
export type Of = Asked & { readonly id: string };
export type Paged = Asked & {
  /** At most 1,000. */
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string;
};
/** A change about what `id` names: under one key it is made once. 16 letters and digits. */
export type Keyed = Of & { readonly key: string };
/** What the core calls that which was written. */
export type Receipt = { readonly id: string };

// Money moves -------------------------------------------------------------------------------------

type Referenced = Asked & {
  /** Ours: 16 of A-Z and 2-7, always the same for a command. By it a move is found again. */
  readonly reference: string;
  /** Of the command (8 hex): kept by the core in a text, so that commands are told apart. */
  readonly mark: string;
};
type Sum = {
  /** Minor units, above zero. */
  readonly amount: number;
  readonly currency: string;
};

export type TransferOrder = Referenced &
  Sum & {
    readonly debtor: string;
    readonly creditor: string;
    /** A day, `2026-03-31`. */
    readonly valueDate: string;
    /** Of overrides that the core has asked for: those that people have accepted, by id. */
    readonly accepted?: readonly string[];
  };

export type HoldOrder = Referenced &
  Sum & {
    readonly account: string;
    /** An instant, RFC 3339. */
    readonly expiresAt?: string;
  };

/** `hold` is the reference under which it was placed. */
export type HoldChange = Referenced & {
  readonly hold: string;
  readonly account: string;
  readonly currency: string;
};

export type CaptureOrder = HoldChange &
  Sum & {
    readonly creditor: string;
    readonly valueDate: string;
    /** Whether what is left is released. */
    readonly final: boolean;
  };

/** `of` is the reference of the transfer; debtor and creditor are those of that transfer. */
export type ReverseOrder = Referenced &
  Sum & {
    readonly of: string;
    readonly debtor: string;
    readonly creditor: string;
    readonly valueDate: string;
  };

/**
 * A Fault is thrown only where nothing can have happened. Where something may have, the answer is
 * `unknown`, and only a look-up by the same reference leads out of it.
 */
export type MoveAnswer =
  | {
      readonly status: 'completed';
      /** The core's own name for what it did. */
      readonly coreReference: string;
      /** Whether the core says that an earlier call did it. */
      readonly replayed: boolean;
    }
  | { readonly status: 'pending_approval'; readonly coreReference: string }
  | { readonly status: 'needs_override'; readonly overrides: readonly Override[] }
  | {
      readonly status: 'rejected';
      readonly code: RejectionCode | 'core_rejected';
      /** The core's own code and text, without anything about a person. */
      readonly coreReason: string;
    }
  | { readonly status: 'unknown' };

export const moveKinds = ['transfer', 'hold', 'capture', 'release', 'reverse'] as const;
export type LookUp = Asked & {
  readonly reference: string;
  readonly kind: (typeof moveKinds)[number];
  /** The account that is debited or held: some cores find a move by its account only. */
  readonly account: string;
  /** Of the hold that was captured, released or added to. */
  readonly hold?: string;
  /** Of the transfer that was reversed. */
  readonly of?: string;
};
export type FoundMove = {
  readonly answer: MoveAnswer;
  /** Null where the core has not kept it. */
  readonly mark: string | null;
};

// What a core tells -------------------------------------------------------------------------------

/** Personal values in plain: they go to the vault before anybody else sees them. */
export type CoreParty = Pick<Party, 'kind' | 'status' | 'segment' | 'country'> & {
  readonly id: string;
  readonly name: string;
  /** A day; null where the core has none. */
  readonly date_of_birth: string | null;
};
export type CoreContactPoint = Pick<ContactPoint, 'kind' | 'usage'> & { readonly value: string };
export type CoreProduct = Omit<Product, 'product_id'> & { readonly id: string };
export type CoreAccount = Pick<Account, 'currency' | 'status' | 'opened_at'> & {
  readonly id: string;
  readonly product: string | null;
  readonly parties: readonly (Omit<AccountParty, 'party_id'> & { readonly id: string })[];
};
export type CoreEntry = Omit<Entry, 'counter_account_id'> & {
  readonly counter_account: string | null;
  /** The reference of ours under which it was ordered; null where it was not by us. */
  readonly own_reference: string | null;
};
export type CoreHold = Omit<AmountBlock, 'account_id'> & { readonly account: string };

/** BIAN FacilityApplication. */
export type LoanTerms = Sum & { readonly product: string; readonly months: number };
export const loanStatuses = ['received', 'in_review', 'approved', 'rejected', 'withdrawn'] as const;
export type LoanApplication = LoanTerms & {
  readonly id: string;
  readonly party: string;
  readonly status: (typeof loanStatuses)[number];
};

export type ServiceRequestTerms = { readonly subject: string; readonly text: string };
/** About an entry of the account that `id` names. */
export type DisputeTerms = { readonly entry: string; readonly reason: string };

/** BIAN CustomerOffer, as a campaign records it. */
export type OfferTerms = {
  readonly product: string;
  readonly code: string;
  readonly status: 'offered' | 'accepted' | 'declined' | 'expired';
  /** A day. */
  readonly validFrom: string;
};
export type CoreOffer = OfferTerms & { readonly id: string };

/** BIAN RewardPointsAccount. */
export type LoyaltyPosition = { readonly points: number; readonly tier: string };

export type LedgerBalance = Sum & {
  readonly account: string;
  readonly name: string;
  readonly credit_debit_indicator: 'CRDT' | 'DBIT';
};

/** `quantity` is a decimal text: of units, not of money. */
export type SecuritiesPosition = {
  readonly instrument: string;
  readonly quantity: string;
  readonly value: number;
  readonly currency: string;
  readonly as_of: string;
};

export type InteractionTerms = {
  readonly channel: string;
  readonly direction: 'inbound' | 'outbound';
  readonly summary: string;
};
export type Preference = { readonly purpose: string; readonly granted: boolean };
export type PriceTerms = {
  readonly product: string;
  readonly price: string;
  readonly value: string;
  readonly until: string;
};
export type AuditTerms = { readonly what: string; readonly decision: string; readonly by: string };
export type CoreQuestion = Sum & { readonly account: string; readonly reference: string };
export type CoreVerdict = { readonly isAllowed: boolean; readonly reason: string };

// Events ------------------------------------------------------------------------------------------

export const coreEventTypes = [
  'entry.booked',
  'hold.changed',
  'account.changed',
  'party.changed',
  'loan.changed',
] as const;

export type CoreEvent = {
  /** Of the core: the same event told again has it again. */
  readonly id: string;
  readonly type: (typeof coreEventTypes)[number];
  readonly occurredAt: string;
  /** What it is about, by the core's ids. */
  readonly account: string | null;
  readonly party: string | null;
  /** Of `entry.booked`, where the event carries it; otherwise entries are read. */
  readonly entry?: CoreEntry;
};

/** A relay or webhook calls us, or we ask: a core has one of them or both. */
export type EventSource = {
  /** Throws a Fault `unauthenticated` or `invalid_request`. What is not for us gives none. */
  readonly accept?: (request: Delivered) => readonly CoreEvent[];
  /** The oldest first, after the cursor. */
  readonly poll?: (query: Paged) => Promise<{
    readonly events: readonly CoreEvent[];
    /** Where to go on, also when there was nothing. */
    readonly cursor: string;
  }>;
};

export type Delivered = {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** `secret` of the query, for cores that can prove themselves by the address alone. */
  readonly secret?: string;
};

/** What every adapter is opened with. */
export type AdapterOptions = {
  readonly url: string;
  /** As the README of the adapter says; read from a file, never logged. */
  readonly credentials: Readonly<Record<string, string>>;
  /** PEM of a private certificate authority. */
  readonly ca?: string;
  /** Of the bank, such as branch or tenant; as the README of the adapter says. */
  readonly settings?: Readonly<Record<string, string>>;
  /** IANA name of the zone in which the core writes its dates. Default: UTC. */
  readonly timeZone?: string;
  readonly now: () => number;
};
