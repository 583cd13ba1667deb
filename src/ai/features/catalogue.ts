// The features, declared once, as data: what live look-ups, rebuilds and training all read.
import type { EntityKind, Source } from './readings.ts';

/** Lengths of windows and of delays. */
export const spansMs = {
  '1h': 3_600_000,
  '1d': 86_400_000,
  '7d': 7 * 86_400_000,
  '30d': 30 * 86_400_000,
  '365d': 365 * 86_400_000,
} as const;
export type Span = keyof typeof spansMs;

/**
 * How a number comes from what an entity has lived through. With a delay the window ends so long
 * ago: for what becomes known only later. Amounts are minor units.
 */
export type Aggregate =
  | {
      readonly of: 'count' | 'sum' | 'mean' | 'max';
      readonly source: Source;
      readonly window: Span;
      readonly delay?: Span;
    }
  /** Different ones among those with whom it dealt: exact up to 32, about a fifth off beyond. */
  | { readonly of: 'distinct'; readonly member: EntityKind; readonly window: Span }
  /** The amount in question, by the mean, or in standard deviations from it. */
  | { readonly of: 'amount_ratio' | 'amount_zscore'; readonly window: Span }
  /** Time since the latest payment, or since the account was opened. */
  | { readonly of: 'recency' | 'age' }
  /** One feature by another of the same entity. */
  | { readonly of: 'ratio'; readonly parts: readonly [string, string] };

export type FeatureDescription = {
  /** `entity.what_window`. */
  readonly id: string;
  readonly entity: EntityKind;
  readonly aggregate: Aggregate;
  readonly unit: 'payments' | 'minor units' | 'declines' | 'others' | 'seconds' | 'days' | 'ratio';
  /** Of an entity that was never seen; null is missing. */
  readonly default: number | null;
  readonly description: string;
};

type Declared = Omit<FeatureDescription, 'entity' | 'default'>;

/** How long chargebacks take: what is read is older, so that its labels are in. */
const labelDelay: Span = '7d';

const account: readonly Declared[] = [
  ...counts('account', 'payment', ['1h', '1d', '7d', '30d']),
  ...amounts('account', 'sum', ['1h', '1d', '7d', '30d']),
  ...amounts('account', 'mean', ['1h', '1d', '7d', '30d']),
  ...amounts('account', 'max', ['1h', '1d', '7d', '30d']),
  ...distinct('account', 'merchant', ['1d', '7d']),
  recency('account'),
  ...ownHistory('account'),
  {
    id: 'account.count_ratio_1d_30d',
    aggregate: { of: 'ratio', parts: ['account.count_1d', 'account.count_30d'] },
    unit: 'ratio',
    description: 'Which share of the payments of 30 days falls into the last day.',
  },
  ...(['1h', '1d'] as const).map(
    (window): Declared => ({
      id: `account.declines_${window}`,
      aggregate: { of: 'count', source: 'decline', window },
      unit: 'declines',
      description: `Payments within ${window} that policy has refused.`,
    }),
  ),
  {
    id: 'account.incoming_1d',
    aggregate: { of: 'sum', source: 'incoming', window: '1d' },
    unit: 'minor units',
    description: 'What has come in within 1d.',
  },
  {
    id: 'account.age_days',
    aggregate: { of: 'age' },
    unit: 'days',
    description: 'Since the account was opened.',
  },
  {
    id: 'account.frauds_30d',
    aggregate: { of: 'count', source: 'fraud', window: '30d', delay: labelDelay },
    unit: 'payments',
    description: `Fraudulent payments within the 30d that ended ${labelDelay} ago.`,
  },
];

const merchant: readonly Declared[] = [
  ...counts('merchant', 'payment', ['1h', '1d', '7d', '30d']),
  ...amounts('merchant', 'mean', ['7d']),
  ...distinct('merchant', 'account', ['1d']),
  ...(['1d', '7d', '30d'] as const).flatMap(fraudRate),
  {
    id: 'merchant.reversals_7d',
    aggregate: { of: 'count', source: 'reversal', window: '7d' },
    unit: 'payments',
    description: 'Reversals within 7d.',
  },
];

const customer: readonly Declared[] = [
  ...counts('customer', 'payment', ['1h', '1d', '7d', '365d']),
  ...amounts('customer', 'sum', ['1d', '7d', '365d']),
  ...distinct('customer', 'merchant', ['7d']),
  recency('customer'),
  ...ownHistory('customer'),
];

const card: readonly Declared[] = [
  ...counts('card', 'payment', ['1h', '1d', '7d']),
  ...amounts('card', 'sum', ['1h', '1d']),
  ...distinct('card', 'merchant', ['1d']),
  recency('card'),
  ...ownHistory('card'),
];

const device: readonly Declared[] = [
  ...counts('device', 'payment', ['1h', '1d', '7d']),
  ...distinct('device', 'account', ['1d', '7d']),
  recency('device'),
];

export const featureCatalogue: ReadonlyMap<string, FeatureDescription> = new Map(
  Object.entries({ account, customer, card, merchant, device }).flatMap(([entity, declared]) =>
    declared.map((each) => [
      each.id,
      { ...each, entity: entity as EntityKind, default: defaultOf(each.aggregate) },
    ]),
  ),
);

/** Nothing has happened to what was never seen; a mean of nothing, or its age, nobody knows. */
function defaultOf({ of }: Aggregate): number | null {
  return of === 'count' || of === 'sum' || of === 'distinct' ? 0 : null;
}

// The words that several entities share ---------------------------------------------------------

function counts(entity: EntityKind, source: Source, windows: readonly Span[]): Declared[] {
  return windows.map((window) => ({
    id: `${entity}.count_${window}`,
    aggregate: { of: 'count', source, window },
    unit: 'payments',
    description: `Payments within ${window}.`,
  }));
}

function amounts(
  entity: EntityKind,
  of: 'sum' | 'mean' | 'max',
  windows: readonly Span[],
): Declared[] {
  const words = { sum: 'The amounts together', mean: 'The mean amount', max: 'The largest amount' };
  return windows.map((window) => ({
    id: `${entity}.${of}_${window}`,
    aggregate: { of, source: 'payment', window },
    unit: 'minor units',
    description: `${words[of]} of payments within ${window}.`,
  }));
}

function distinct(entity: EntityKind, member: EntityKind, windows: readonly Span[]): Declared[] {
  return windows.map((window) => ({
    id: `${entity}.${member}s_${window}`,
    aggregate: { of: 'distinct', member, window },
    unit: 'others',
    description: `Different ${member}s within ${window}.`,
  }));
}

function recency(entity: EntityKind): Declared {
  return {
    id: `${entity}.seconds_since_payment`,
    aggregate: { of: 'recency' },
    unit: 'seconds',
    description: 'Since the latest payment.',
  };
}

function ownHistory(entity: EntityKind): Declared[] {
  return [
    {
      id: `${entity}.amount_ratio_30d`,
      aggregate: { of: 'amount_ratio', window: '30d' },
      unit: 'ratio',
      description: 'The amount in question, by the mean of 30d.',
    },
    {
      id: `${entity}.amount_zscore_30d`,
      aggregate: { of: 'amount_zscore', window: '30d' },
      unit: 'ratio',
      description: 'How many standard deviations the amount in question is above the mean of 30d.',
    },
  ];
}

/** Both parts look at the same buckets, so that the rate never exceeds what it should. */
function fraudRate(window: Span): Declared[] {
  const before = `within the ${window} that ended ${labelDelay} ago`;
  return [
    {
      id: `merchant.frauds_${window}`,
      aggregate: { of: 'count', source: 'fraud', window, delay: labelDelay },
      unit: 'payments',
      description: `Fraudulent payments ${before}.`,
    },
    {
      id: `merchant.settled_${window}`,
      aggregate: { of: 'count', source: 'payment', window, delay: labelDelay },
      unit: 'payments',
      description: `Payments ${before}: those whose labels are in.`,
    },
    {
      id: `merchant.fraud_rate_${window}`,
      aggregate: {
        of: 'ratio',
        parts: [`merchant.frauds_${window}`, `merchant.settled_${window}`],
      },
      unit: 'ratio',
      description: `The share of fraud among payments ${before}.`,
    },
  ];
}
