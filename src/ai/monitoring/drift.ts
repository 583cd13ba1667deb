// Drift: whether what a model sees today still looks like what it was trained on.
import type { Histogram } from '../models/card.ts';
import { chiSquareQuantile } from './statistics.ts';

/** `unknown` is what too few values say. */
export const driftLevels = ['unknown', 'none', 'moderate', 'large'] as const;
export type DriftLevel = (typeof driftLevels)[number];

export type Drift = {
  readonly level: DriftLevel;
  /** Population stability index over the reference's bins; what is missing is a bin of its own. */
  readonly psi: number;
  /** What it exceeds by chance alone in a share `significance` of stable samples of these sizes. */
  readonly psi_critical: number;
  /** The widest gap between both distributions, at the bins' edges; missing values left out. */
  readonly ks: number;
  readonly ks_critical: number;
  readonly reference_n: number;
  readonly current_n: number;
  readonly missing_rate: number;
};

/** Below these a difference is too small to matter, however sure it is. */
export const psiModerate = 0.1;
export const psiLarge = 0.25;
export const ksModerate = 0.1;
/** Values on either side below which nothing is said. */
export const driftMin = 100;

/**
 * Compares two histograms of the same edges. A difference counts when it is both larger than chance
 * explains and large enough to matter; `significance` is the accepted share of false alarms.
 */
export function measureDrift(
  reference: Histogram,
  current: Histogram,
  significance: number,
): Drift {
  const [before, now] = [cellsOf(reference), cellsOf(current)];
  const [n, m] = [total(before), total(now)];
  // A bin that is empty on both sides says nothing.
  const used = before.flatMap((count, bin) => (count + (now[bin] ?? 0) > 0 ? [bin] : []));
  const psi = stabilityIndex(
    used.map((bin) => before[bin] ?? 0),
    used.map((bin) => now[bin] ?? 0),
  );
  // Without drift the index is distributed as (1/n + 1/m) times chi-square of bins − 1 degrees.
  const degrees = Math.max(1, used.length - 1);
  const chance = n > 0 && m > 0 ? 1 / n + 1 / m : 0;
  const psiCritical = chance * chiSquareQuantile(1 - significance, degrees);
  const [x, y] = [total(reference.counts), total(current.counts)];
  const ks = widestGap(reference.counts, current.counts);
  const ksCritical =
    x > 0 && y > 0 ? Math.sqrt((-Math.log(significance / 2) / 2) * (1 / x + 1 / y)) : 1;
  return {
    level: levelOf({ n, m, psi, psiCritical, ks, ksCritical }),
    psi,
    psi_critical: psiCritical,
    ks,
    ks_critical: ksCritical,
    reference_n: n,
    current_n: m,
    missing_rate: m === 0 ? 0 : current.missing / m,
  };
}

function levelOf(at: {
  readonly n: number;
  readonly m: number;
  readonly psi: number;
  readonly psiCritical: number;
  readonly ks: number;
  readonly ksCritical: number;
}): DriftLevel {
  if (at.n < driftMin || at.m < driftMin) return 'unknown';
  if (at.psi > Math.max(psiLarge, at.psiCritical)) return 'large';
  const isFlagged =
    at.psi > Math.max(psiModerate, at.psiCritical) || at.ks > Math.max(ksModerate, at.ksCritical);
  return isFlagged ? 'moderate' : 'none';
}

/** An empty histogram of the same edges, to be counted into. */
export function counterOf({ edges }: Pick<Histogram, 'edges'>): Counter {
  return { edges, counts: edges.map(() => 0).concat(0), missing: 0 };
}

export type Counter = { readonly edges: number[]; readonly counts: number[]; missing: number };

/** A value belongs to the bin behind the last edge that is not above it. */
export function countValue(counter: Counter, value: number | null | undefined): void {
  if (value === null || value === undefined || Number.isNaN(value)) {
    counter.missing += 1;
    return;
  }
  let [low, high] = [0, counter.edges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((counter.edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  counter.counts[low] = (counter.counts[low] ?? 0) + 1;
}

/**
 * Half a case per bin keeps an empty one from making the index infinite. The current side borrows
 * it in the proportions of the reference, so that rare bins which happen to be empty raise nothing.
 */
function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  const borrowed = before.length / 2;
  const [n, m] = [total(before) + borrowed, total(now) + borrowed];
  return before.reduce((sum, count, bin) => {
    const expected = (count + 0.5) / n;
    const found = ((now[bin] ?? 0) + borrowed * expected) / m;
    return sum + (found - expected) * Math.log(found / expected);
  }, 0);
}

function widestGap(before: readonly number[], now: readonly number[]): number {
  const [n, m] = [total(before), total(now)];
  if (n === 0 || m === 0) return 0;
  let [one, other, widest] = [0, 0, 0];
  for (const [bin, count] of before.entries()) {
    one += count / n;
    other += (now[bin] ?? 0) / m;
    widest = Math.max(widest, Math.abs(one - other));
  }
  return widest;
}

function cellsOf({ counts, missing }: Histogram): number[] {
  return [...counts, missing];
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
