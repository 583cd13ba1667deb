// The commands that money accepts: their bodies, and the reasons for which each may be rejected.
import {
  type Countersigned,
  type EventDraft,
  type EventRow,
  type Json,
  closed,
  plainText,
} from '#core';
import Type from 'typebox';
import type { Book, CoreAnswer } from './book.ts';
import type { Taken } from './state.ts';

/** Legs of one journal: what a server can lock, evaluate and answer within one batch. */
export const legsMax = 1000;

const amount = Type.Integer({
  minimum: 1,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'Integer minor units of the currency, at most 2^53 - 1.',
  examples: [14999],
});
const currency = Type.String({
  pattern: '^[A-Z][A-Z0-9_]{2,11}$',
  description: 'An ISO 4217 code, or a unit that the tenant has registered.',
  examples: ['USD'],
});
const instant = Type.String({
  format: 'date-time',
  maxLength: 40,
  description: 'RFC 3339 instant.',
  examples: ['2026-04-30T09:15:22Z'],
});
const publicId = (prefix: string) => Type.String({ pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$` });
const accountId = publicId('acc');
const holdId = publicId('hld');
const transferId = publicId('trf');

/** Free data that travels with an object and means nothing to money. */
const metadata = Type.Record(
  Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.-]+$' }),
  plainText({ maxLength: 512 }),
  { maxProperties: 20, description: 'Up to 20 opaque strings. No personal data.' },
);

const moveFields = {
  debit_account_id: accountId,
  credit_account_id: accountId,
  amount,
  currency,
  metadata: Type.Optional(metadata),
};

const postLeg = Type.Object({ kind: Type.Literal('post'), ...moveFields }, closed);
const holdLeg = Type.Object(
  { kind: Type.Literal('hold'), ...moveFields, expires_at: Type.Optional(instant) },
  closed,
);
const increaseLeg = Type.Object(
  { kind: Type.Literal('increase'), hold_id: holdId, amount },
  closed,
);
const captureLeg = Type.Object(
  {
    kind: Type.Literal('capture'),
    hold_id: holdId,
    amount: Type.Optional(amount),
    final: Type.Optional(
      Type.Boolean({ description: 'Release what is left. Default: true.', default: true }),
    ),
    metadata: Type.Optional(metadata),
  },
  closed,
);
const voidLeg = Type.Object({ kind: Type.Literal('void'), hold_id: holdId }, closed);
const expireLeg = Type.Object({ kind: Type.Literal('expire'), hold_id: holdId }, closed);
const reverseLeg = Type.Object({ kind: Type.Literal('reverse'), transfer_id: transferId }, closed);

export type PostLeg = Type.Static<typeof postLeg>;
export type HoldLeg = Type.Static<typeof holdLeg>;
export type HoldChangeLeg =
  | Type.Static<typeof increaseLeg>
  | Type.Static<typeof captureLeg>
  | Type.Static<typeof voidLeg>
  | Type.Static<typeof expireLeg>;
export type ReverseLeg = Type.Static<typeof reverseLeg>;
export type Leg = PostLeg | HoldLeg | HoldChangeLeg | ReverseLeg;

/** A journal: one to a thousand legs, all or nothing. A single transfer is a journal of one leg. */
export type JournalBody = {
  readonly legs: readonly Leg[];
  readonly effective_at?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the payment that this journal books is about: facts for policy, nothing to money. */
  readonly payment?: Readonly<Record<string, Json>>;
  /** What a movement of points is about: facts for policy, nothing to money. */
  readonly points?: Readonly<Record<string, Json>>;
  /**
   * The version of an account of its legs that the caller has seen: it is refused where the account
   * has another one by now.
   */
  readonly expects?: Readonly<Record<string, number>>;
  /**
   * For how long its movements are reserved, as holds, where policy says `hold` or `review`: in
   * seconds from the receipt. Without it such a decision rejects the journal.
   */
  readonly reserves?: Readonly<Record<'hold' | 'review', number>>;
  /** Holds that reserve it already: given back before anything else, and by a denial as well. */
  readonly held?: readonly string[];
};

export const accountTypes = ['asset', 'liability', 'equity', 'income', 'expense'] as const;
export type AccountType = (typeof accountTypes)[number];
export const accountStatuses = ['open', 'frozen', 'closed'] as const;
export type AccountStatus = (typeof accountStatuses)[number];
export const bounds = ['none', 'no_overdraft', 'credit_limit'] as const;
export type Bound = (typeof bounds)[number];

const literals = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>({ type: 'string', enum: [...values] });

const openBody = Type.Object(
  {
    type: literals(accountTypes),
    currency,
    holder_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 80, pattern: '^[A-Za-z0-9:_.-]+$' }),
    ),
    bound: Type.Optional(literals(bounds)),
    credit_limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Minor units.' }),
    ),
    metadata: Type.Optional(metadata),
  },
  closed,
);
const changeBody = Type.Object(
  {
    status: Type.Optional(literals(accountStatuses)),
    bound: Type.Optional(literals(bounds)),
    credit_limit: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  },
  { ...closed, minProperties: 1 },
);
const unitBody = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Z][A-Z0-9_]{3,11}$', examples: ['POINTS'] }),
    exponent: Type.Integer({ minimum: 0, maximum: 8 }),
    name: plainText({ minLength: 1, maxLength: 80 }),
  },
  closed,
);
const date = Type.String({
  format: 'date',
  pattern: '^(19|[2-9][0-9])',
  examples: ['2026-03-31'],
});
const periodBody = Type.Object({ closed_through: date }, closed);
const holidaysBody = Type.Object(
  {
    holidays: Type.Array(
      Type.Object({ date, name: plainText({ minLength: 1, maxLength: 80 }) }, closed),
      { minItems: 1, maxItems: 400 },
    ),
  },
  closed,
);

/** The schemas of which the HTTP API is made. */
export const moneySchemas = {
  amount,
  currency,
  instant,
  date,
  accountId,
  holdId,
  transferId,
  metadata,
  moveFields,
  postLeg,
  holdLeg,
  increaseLeg,
  captureLeg,
  voidLeg,
  reverseLeg,
  openBody,
  changeBody,
  unitBody,
  periodBody,
  holidaysBody,
};

export type OpenBody = Type.Static<typeof openBody>;
export type ChangeBody = Type.Static<typeof changeBody> & { readonly account_id: string };
export type UnitBody = Type.Static<typeof unitBody>;
export type PeriodBody = Type.Static<typeof periodBody>;
export type HolidaysBody = Type.Static<typeof holidaysBody>;

/** The steps of a payment, each of which is a journal. */
export const paymentOperations = [
  'payment.initiate',
  'payment.authorize',
  'payment.increase',
  'payment.capture',
  'payment.cancel',
  'payment.expire',
  'payment.resume',
  'payment.refund',
  'payment.return',
  'payment.charge_back',
  'payment.represent',
] as const;
export type PaymentOperation = (typeof paymentOperations)[number];

/** What moves the points of a loyalty programme: each is a journal. */
export const pointsOperations = [
  'points.earn',
  'points.award',
  'points.adjust',
  'points.transfer',
  'points.mature',
  'points.redeem',
  'points.restore',
  'points.take_back',
  'points.expire',
  'points.forfeit',
  'points.fund',
] as const;
export type PointsOperation = (typeof pointsOperations)[number];

const journals: ReadonlySet<string> = new Set([
  'journal.post',
  ...paymentOperations,
  ...pointsOperations,
]);

const payments: ReadonlySet<string> = new Set(paymentOperations);

/** Whether such a command is a step of a payment. */
export function isPayment(operation: string): boolean {
  return payments.has(operation);
}

const points: ReadonlySet<string> = new Set(pointsOperations);

/** Whether such a command moves points of a loyalty programme. */
export function isPoints(operation: string): boolean {
  return points.has(operation);
}

/** Whether the body of such a command is a journal. */
export function isJournal(operation: string): boolean {
  return journals.has(operation);
}

/** Every operation of the money plane and the body that it takes. */
export type MoneyBodies = Record<PaymentOperation | PointsOperation, JournalBody> & {
  'journal.post': JournalBody;
  'account.open': OpenBody;
  'account.change': ChangeBody;
  'unit.register': UnitBody;
  'period.close': PeriodBody;
  'calendar.set': HolidaysBody;
};
export type MoneyOperation = keyof MoneyBodies;

/** What a command has come to, and what it has moved. */
export type Done = {
  readonly outcome: Outcome;
  readonly transfers: readonly { readonly amount: bigint }[];
};

/** A command on its way in, with events that others attach to it: one commit writes both. */
export type PostingItem = Countersigned & {
  readonly around?: readonly EventRow[];
  /** What there is to tell of the outcome besides: called once it stands, and perhaps again. */
  readonly tell?: (done: Done) => readonly EventDraft[];
  /** Of what `tell` is made, for who finishes the command in its place. */
  readonly telling?: Json;
  /** Absent where our ledger is the book of all its accounts. */
  readonly book?: Book;
};

/**
 * Why a command was rejected, in the order in which the reasons are examined: the first that holds
 * is the answer, and of two accounts that both lack funds the debit account gives it. A rejection
 * is recorded, so a retry of the same key gets it again even if the reason has passed; to try once
 * more is a new command with a new key.
 */
export const rejections = {
  policy_denied: 'Policy has denied the command.',
  policy_hold: 'Policy holds the command until its obligations are met.',
  policy_review: 'Policy wants a person to look at the command first.',
  account_changed: 'The account has moved since the version that the command expects.',
  accounts_same: 'Debit and credit name the same account.',
  debit_account_not_found: 'There is no debit account of that id in this tenant.',
  credit_account_not_found: 'There is no credit account of that id in this tenant.',
  account_not_found: 'There is no account of that id in this tenant.',
  hold_not_found: 'There is no hold of that id in this tenant.',
  transfer_not_found: 'There is no transfer of that id in this tenant.',
  unknown_currency: 'The currency is neither an ISO 4217 code nor a registered unit.',
  currency_mismatch: 'Both accounts and the amount must be in one currency.',
  debit_account_closed: 'The debit account is closed.',
  credit_account_closed: 'The credit account is closed.',
  account_closed: 'The account is closed, and stays so.',
  debit_account_frozen: 'The debit account is frozen.',
  credit_account_frozen: 'The credit account is frozen.',
  period_closed: 'It would take effect in an accounting period that is closed.',
  effective_too_far: 'It would take effect more than 366 days ahead.',
  expiry_in_the_past: 'The hold would expire before it is recorded.',
  hold_captured: 'The hold is captured already.',
  hold_voided: 'The hold was voided.',
  hold_expired: 'The hold has expired.',
  hold_not_due: 'The hold has not reached its expiry.',
  amount_exceeds_hold: 'The amount is more than what is left of the hold.',
  not_reversible: 'Only postings, captures and holds can be reversed.',
  already_reversed: 'The transfer was reversed before.',
  balance_overflow: 'A sum of the account would exceed 2^53 - 1 minor units.',
  insufficient_funds: 'The account has less available than the amount.',
  credit_limit_exceeded: 'The account would exceed its credit limit.',
  limit_exceeded: 'A limit of the policy would be exceeded; `limit` names it.',
  credit_limit_without_bound: 'A credit limit needs the bound credit_limit.',
  account_not_empty: 'An account is closed at a balance of zero and without holds.',
  unit_exists: 'A unit of that code is registered already.',
  period_not_over: 'The period is not over in the time zone of the tenant.',
  period_already_closed: 'The books are closed up to that day or a later one already.',
  core_rejected: 'The core that keeps the account has refused it, for a reason of its own.',
} as const;
export type RejectionCode = keyof typeof rejections;

/**
 * What became of a command. `leg` counts from 0 and names the leg that failed, `limit` the limit
 * that it would have exceeded.
 */
export type Outcome =
  | {
      readonly status: 'accepted';
      /** From limits, by what has no leg to keep it with. */
      readonly taken?: readonly Taken[];
      /** That keeps the accounts: it has moved them. */
      readonly core?: CoreAnswer['core'];
    }
  | {
      readonly status: 'rejected';
      readonly code: RejectionCode;
      readonly leg?: number;
      readonly limit?: string;
      /** Policy's, for one of its own codes. */
      readonly reasons?: readonly string[];
      /** That keeps the accounts. What it has refused, or was refused on its behalf, stays so. */
      readonly core?: CoreAnswer['core'];
    };
