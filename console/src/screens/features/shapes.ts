// Features as the API tells them, and in words: what is counted, over which window.
import type { Answer } from '../../api/client.ts';

export type Feature = Answer<'GET /v1/features'>['items'][number];
export type LookUp = Answer<'GET /v1/features/{entity}/{id}'>;
export type Entity = Feature['entity'];

/** The members that an aggregate may have; the API may know more of them. */
type Aggregate = {
  readonly of?: string;
  readonly source?: string;
  readonly member?: string;
  readonly window?: string;
  readonly delay?: string;
  readonly parts?: readonly string[];
};

export function aggregateOf(feature: Feature): Aggregate {
  return (feature.aggregate ?? {}) as Aggregate;
}

export function windowText(feature: Feature): string {
  const { window, delay, parts } = aggregateOf(feature);
  if (window === undefined) return parts === undefined ? 'ever' : 'that of its parts';
  return delay === undefined ? window : `${window}, ended ${delay} ago`;
}

const how: Readonly<Record<string, string>> = {
  ...{ count: 'count', sum: 'sum', mean: 'mean', max: 'largest', distinct: 'different ones' },
  ...{ amount_ratio: 'amount by mean', amount_zscore: 'amount in deviations', ratio: 'ratio' },
  ...{ recency: 'time since the latest', age: 'time since opened' },
};
const plurals: Readonly<Record<string, string>> = {
  ...{ payment: 'payments', incoming: 'what comes in', decline: 'declines', fraud: 'frauds' },
  ...{ reversal: 'reversals' },
};

export function howText(feature: Feature): string {
  const { of = '', source, member } = aggregateOf(feature);
  const what = source ?? member;
  const words = how[of] ?? of.replaceAll('_', ' ');
  return what === undefined ? words : `${words} of ${plurals[what] ?? `${what}s`}`;
}

export function valueText(value: number | null): string {
  if (value === null) return 'missing';
  return value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 100 ? 3 : 0 });
}
