// What events say of the entities that they name: the only input of features.
import { type Instant, instantFromText } from '#core';

/** What features are about; each is named by an id or a token. */
export const entityKinds = ['account', 'customer', 'card', 'merchant', 'device'] as const;
export type EntityKind = (typeof entityKinds)[number];
export type Entities = Readonly<Partial<Record<EntityKind, string>>>;

/**
 * Kinds of happenings. A payment is told to who pays and to who is paid; `incoming` is money that
 * an account has got, a decline is a payment of its that policy has refused, a reversal is what a
 * merchant takes back, and a fraud counts at the time of the payment that it judges.
 */
export const sources = ['payment', 'incoming', 'decline', 'reversal', 'fraud', 'opened'] as const;
export type Source = (typeof sources)[number];

/** One happening, as one entity sees it. */
export type Reading = {
  readonly kind: EntityKind;
  readonly entity: string;
  readonly source: Source;
  readonly at: Instant;
  /** Minor units; zero where there is none. */
  readonly amount: number;
  /** Minus one takes back what was counted before. */
  readonly count: 1 | -1;
  /** Who else took part. */
  readonly with: Entities;
};

export type Sides = {
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/** What of an event features read. */
export type FeatureEvent = { readonly type: string; readonly body: string };

/** The entities of a payment: two by its accounts, others where its metadata names them. */
export function entitiesOf({ debitAccountId, creditAccountId, metadata }: Sides): Entities {
  const named: Partial<Record<EntityKind, string>> = {};
  for (const kind of namedKinds) {
    const name = metadata?.[kind];
    if (name) named[kind] = name;
  }
  return { account: debitAccountId, merchant: creditAccountId, ...named };
}

const namedKinds = ['customer', 'card', 'merchant', 'device'] as const;

/** What an event says, in an order that is always the same; nothing for most types. */
export function readingsOf({ type, body }: FeatureEvent): readonly Reading[] {
  const read = readers[type];
  return read === undefined ? [] : read((JSON.parse(body) as { data: Data }).data);
}

/** What a payment says to each of its entities, in the order of `entityKinds`. */
export function paymentReadings(entities: Entities, at: Instant, amount: number): Reading[] {
  return entityKinds.flatMap((kind) => {
    const entity = entities[kind];
    if (entity === undefined) return [];
    return [{ kind, entity, source: 'payment' as const, at, amount, count: 1, with: entities }];
  });
}

/** What is known of a payment later: that it was fraud, or with minus one that it was none. */
export function fraudReadings(entities: Entities, paidAt: Instant, count: 1 | -1 = 1): Reading[] {
  return (['account', 'merchant'] as const).flatMap((kind) => {
    const entity = entities[kind];
    return entity === undefined ? [] : [{ ...reading(kind, entity, 'fraud', paidAt), count }];
  });
}

type Data = {
  readonly account_id: string | null;
  readonly amount: number | null;
  readonly occurred_at: string;
  readonly payload: unknown;
};

type Transfer = {
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly leg: number;
  readonly metadata: Readonly<Record<string, string>> | null;
};

type LabelRecorded = {
  readonly fraud_change: 1 | 0 | -1;
  readonly account_id: string | null;
  readonly merchant: string | null;
  readonly paid_at: string;
};

/**
 * A hold is the payment, and its capture only brings in the money: so nothing counts twice. What is
 * added to a hold is asked for like a payment of its own. A refund is a payment of the merchant:
 * what a caller writes beside a transfer must not take it out of anybody's counts.
 */
const readers: Readonly<Record<string, (data: Data) => readonly Reading[]>> = {
  'transaction.posted': (data) => [...paid(data), ...incoming(data)],
  'hold.created': paid,
  'hold.increased': paid,
  'hold.captured': incoming,
  'transaction.reversed': takenBack,
  'journal.rejected': declined,
  'account.opened': ({ account_id, occurred_at }) =>
    account_id === null ? [] : [reading('account', account_id, 'opened', instantOf(occurred_at))],
  'label.recorded': judged,
};

/** The types of events that say anything to features. */
export const readTypes: readonly string[] = Object.keys(readers);

function paid({ amount, payload }: Data): readonly Reading[] {
  const transfer = payload as Transfer;
  const { leg, metadata } = transfer;
  const sides = { debitAccountId: transfer.debit_account_id, metadata };
  const all = entitiesOf({ ...sides, creditAccountId: transfer.credit_account_id });
  const readings = paymentReadings(all, timeOf(transfer), amount ?? 0);
  // A journal's metadata names the same card for all of its legs: it was used once.
  return leg === 0 ? readings : readings.filter(({ kind }) => metadata?.[kind] === undefined);
}

function incoming({ amount, payload }: Data): readonly Reading[] {
  const transfer = payload as Transfer;
  const account = transfer.credit_account_id;
  return [reading('account', account, 'incoming', timeOf(transfer), amount ?? 0)];
}

/** Who gives the money back is debited. */
function takenBack({ amount, payload }: Data): readonly Reading[] {
  const transfer = payload as Transfer;
  const merchant = transfer.metadata?.['merchant'] || transfer.debit_account_id;
  return [reading('merchant', merchant, 'reversal', timeOf(transfer), amount ?? 0)];
}

/** What policy has refused; what the ledger has refused says less of who asks than of his money. */
function declined({ account_id, occurred_at, payload }: Data): readonly Reading[] {
  const { code } = payload as { readonly code: string };
  if (account_id === null || !code.startsWith('policy_')) return [];
  return [reading('account', account_id, 'decline', instantOf(occurred_at))];
}

/** However often a payment is labelled, it is at most one fraud: the command has seen to that. */
function judged({ occurred_at, payload }: Data): readonly Reading[] {
  const { fraud_change, account_id, merchant, paid_at } = payload as LabelRecorded;
  if (!fraud_change) return [];
  const named = { ...(account_id && { account: account_id }), ...(merchant && { merchant }) };
  const at = Math.min(instantOf(paid_at), instantOf(occurred_at));
  return fraudReadings(named, at, fraud_change);
}

/** A payment may take effect in the future: then it counts from when it was recorded. */
export function featureInstant(effectiveAt: Instant, recordedAt: Instant): Instant {
  return Math.min(effectiveAt, recordedAt);
}

function timeOf({ effective_at, recorded_at }: Transfer): Instant {
  return featureInstant(instantOf(effective_at), instantOf(recorded_at));
}

function reading(
  kind: EntityKind,
  entity: string,
  source: Source,
  at: Instant,
  amount = 0,
): Reading {
  return { kind, entity, source, at, amount, count: 1, with: nobody };
}

const nobody: Entities = {};

function instantOf(text: string): Instant {
  return instantFromText(text) ?? 0;
}
