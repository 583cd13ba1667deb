// Exact ratios of points, and the one rounding that makes whole points of them.
import { assert } from '#core';
import type { RoundingMode } from './earning-terms.ts';

/** The denominator is positive; nothing is reduced but for showing it. */
export type Ratio = { readonly numerator: bigint; readonly denominator: bigint };

export const none: Ratio = { numerator: 0n, denominator: 1n };
export const one: Ratio = { numerator: 1n, denominator: 1n };

/**
 * Whole points. `half_up` rounds away from nothing at a half, `down` and `up` at any rest; each
 * moves by whole points as the ratio does, so that sums rounded as they grow stay within one.
 */
export function roundPoints({ numerator, denominator }: Ratio, mode: RoundingMode): bigint {
  switch (mode) {
    case 'down':
      return floor(numerator, denominator);
    case 'up':
      return -floor(-numerator, denominator);
    default:
      return floor(2n * numerator + denominator, 2n * denominator);
  }
}

function floor(numerator: bigint, denominator: bigint): bigint {
  assert(denominator > 0n, 'a ratio has a positive denominator');
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

export function whole(value: bigint): Ratio {
  return { numerator: value, denominator: 1n };
}

/** `1.25` as five quarters, exactly; digits as the schema of decimals has them. */
export function decimalRatio(text: string): Ratio {
  const [units = '', decimals = ''] = text.split('.');
  return { numerator: BigInt(units + decimals), denominator: 10n ** BigInt(decimals.length) };
}

export function plus(a: Ratio, b: Ratio): Ratio {
  if (a.denominator === b.denominator) {
    return { numerator: a.numerator + b.numerator, denominator: a.denominator };
  }
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

export function minus(a: Ratio, b: Ratio): Ratio {
  return plus(a, { numerator: -b.numerator, denominator: b.denominator });
}

export function times(a: Ratio, b: Ratio): Ratio {
  return {
    numerator: a.numerator * b.numerator,
    denominator: a.denominator * b.denominator,
  };
}

/** Negative, 0 or positive as `a` is below, at or above `b`. */
export function compare(a: Ratio, b: Ratio): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

export function least(a: Ratio, b: Ratio): Ratio {
  return compare(a, b) <= 0 ? a : b;
}

/** `299.98`, or `100/3` for what no decimal says. */
export function ratioText({ numerator, denominator }: Ratio): string {
  if (denominator === 1n) return `${numerator}`;
  const shared = divisor(numerator < 0n ? -numerator : numerator, denominator);
  const [top, bottom] = [numerator / shared, denominator / shared];
  const decimals = decimalsOf(bottom);
  if (decimals === undefined) return `${top}/${bottom}`;
  if (decimals === 0) return `${top}`;
  const digits = `${((top < 0n ? -top : top) * 10n ** BigInt(decimals)) / bottom}`;
  const padded = digits.padStart(decimals + 1, '0');
  return `${top < 0n ? '-' : ''}${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}

function divisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** More digits than this say less than the fraction. */
const decimalsMax = 12;

function decimalsOf(denominator: bigint): number | undefined {
  let power = 1n;
  for (let decimals = 0; decimals <= decimalsMax; decimals += 1, power *= 10n) {
    if (power % denominator === 0n) return decimals;
  }
  return undefined;
}
