// What every check of a model rests on: quantiles, and rates that say how sure they are.

/** A share of `n`, with its 95 % interval. */
export type Rate = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
};

/** Two-sided, 95 %. */
export const z95 = 1.959963984540054;

/** Wilson's score interval: it holds for few cases and for rates near 0 and 1. Null of nothing. */
export function rateOf(hits: number, n: number): Rate | null {
  if (n === 0) return null;
  const share = hits / n;
  const squared = z95 * z95;
  const centre = (share + squared / (2 * n)) / (1 + squared / n);
  const spread = Math.sqrt((share * (1 - share)) / n + squared / (4 * n * n));
  const half = (z95 * spread) / (1 + squared / n);
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n };
}

export type Share = { readonly hits: number; readonly n: number };

/** How many standard errors two shares are apart, pooled; 0 where they cannot be told apart. */
export function twoShares(one: Share, other: Share): number {
  if (one.n === 0 || other.n === 0) return 0;
  const pooled = (one.hits + other.hits) / (one.n + other.n);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / one.n + 1 / other.n));
  return error === 0 ? 0 : (one.hits / one.n - other.hits / other.n) / error;
}

/** The value below which a share `p` of the sorted values lies (nearest rank); null of nothing. */
export function percentile(sorted: ArrayLike<number>, p: number): number | null {
  if (sorted.length === 0) return null;
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? null;
}

/**
 * The standard normal quantile by Acklam's rational approximation: its relative error is below
 * 1.2e-9.
 */
export function normalQuantile(p: number): number {
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  if (p >= 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < tailFrom) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(tailNumerator, q) / (polynomial(tailDenominator, q) * q + 1);
  }
  const q = p - 0.5;
  const r = q * q;
  return (polynomial(numerator, r) * q) / (polynomial(denominator, r) * r + 1);
}

const tailFrom = 0.02425;
const numerator = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
];
const denominator = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
];
const tailNumerator = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
];
const tailDenominator = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * The chi-square quantile by Wilson and Hilferty's cube. At 95 % it is 2.5 % too low for one degree
 * of freedom, 0.9 % for two, 0.5 % for three; in the far tail it is up to 0.7 % too high.
 */
export function chiSquareQuantile(p: number, degrees: number): number {
  const spread = 2 / (9 * degrees);
  return degrees * Math.max(0, 1 - spread + normalQuantile(p) * Math.sqrt(spread)) ** 3;
}
