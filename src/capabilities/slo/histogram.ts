// Durations as mergeable log-linear histograms: any quantile within one part in a hundred.

/** How many fell into a bucket, by its number. Histograms are merged by adding. */
export type Histogram = ReadonlyMap<number, number>;

/** Buckets of equal width within each doubling: half a width is 0.8 % of the least value there. */
const perDoubling = 64;
/** In microseconds, 19 hours: what took longer is counted as this long. */
export const valueMax = 2 ** 36 - 1;

/** The bucket of a duration in microseconds; there are 1,984 of them. */
export function bucketOf(us: number): number {
  const value = Math.min(valueMax, Math.max(0, Math.round(us)));
  if (value < 2 * perDoubling) return value;
  const shift = Math.floor(Math.log2(value / perDoubling));
  return shift * perDoubling + Math.floor(value / 2 ** shift);
}

/** What a bucket stands for, in microseconds: its middle. Below 128 it is exact. */
export function middleOf(bucket: number): number {
  if (bucket < 2 * perDoubling) return bucket;
  const shift = Math.floor(bucket / perDoubling) - 1;
  return (bucket - shift * perDoubling) * 2 ** shift + (2 ** shift - 1) / 2;
}

export function addTo(histogram: Map<number, number>, bucket: number, count = 1): void {
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

/** The value that a share of all do not exceed, in microseconds; null of nothing. */
export function quantile(histogram: Histogram, share: number): number | null {
  const buckets = [...histogram].sort(([one], [other]) => one - other);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.max(1, Math.ceil(share * total - 1e-9));
  for (const [bucket, count] of buckets) {
    left -= count;
    if (left <= 0) return middleOf(bucket);
  }
  return null;
}

/** How many took at least so long. */
export function countFrom(histogram: Histogram, us: number): number {
  let found = 0;
  for (const [bucket, count] of histogram) if (middleOf(bucket) >= us) found += count;
  return found;
}

/** As rows keep it: columns of equal length, by bucket. */
export function columnsOf(histogram: Histogram): { buckets: number[]; counts: number[] } {
  const sorted = [...histogram].sort(([one], [other]) => one - other);
  return { buckets: sorted.map(([bucket]) => bucket), counts: sorted.map(([, count]) => count) };
}
