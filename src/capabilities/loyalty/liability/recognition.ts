// What points cost in the books: how a price is split between what was sold and the points, when
// the part of the points becomes revenue (IFRS 15), or what is set aside for them (IAS 37).
//
// All of it is integers: amounts in minor units, rates in millionths, rounded once, half up.
import { assert } from '#core';

const millionths = 1_000_000n;

/** Which share of a whole is stated, where a policy rounds it: 100 is whole percents. */
export type Shares = { readonly steps: bigint; readonly rounding: 'half_up' | 'down' };

/**
 * A price by relative stand-alone selling prices (IFRS 15.76–80), both in one unit, whichever.
 * The part of what was sold is rounded, the points have the rest, so that both add up to the price.
 */
export function allocatePrice(
  price: bigint,
  selling: { readonly goods: bigint; readonly points: bigint },
  shares?: Shares,
): { readonly goods: bigint; readonly points: bigint } {
  const whole = selling.goods + selling.points;
  assert(price >= 0n && selling.goods >= 0n && selling.points >= 0n, 'prices are not negative');
  if (whole === 0n) return { goods: price, points: 0n };
  if (!shares) {
    const goods = divideHalfUp(price * selling.goods, whole);
    return { goods, points: price - goods };
  }
  const { steps, rounding } = shares;
  const scaled = selling.goods * steps;
  const share = rounding === 'down' ? scaled / whole : divideHalfUp(scaled, whole);
  const goods = divideHalfUp(price * share, steps);
  return { goods, points: price - goods };
}

export type PointsValued = {
  readonly points: bigint;
  /** What a point is worth, in millionths of a minor unit. */
  readonly valueMicros: bigint;
  /** How many of a million points are expected to be redeemed. */
  readonly ratePpm: bigint;
};

/** The stand-alone selling price of points, in millionths of millionths of a minor unit. */
export function sellingPriceOf({ points, valueMicros, ratePpm }: PointsValued): bigint {
  return points * valueMicros * ratePpm;
}

/** An amount of minor units in the unit of `sellingPriceOf`. */
export function atSellingPrice(amount: bigint): bigint {
  return amount * millionths * millionths;
}

/** What points are worth, in minor units. */
export function worthOf(valued: PointsValued): bigint {
  return divideHalfUp(sellingPriceOf(valued), millionths * millionths);
}

/**
 * Revenue to date, by which a later estimate catches up with all that was recognized by an earlier
 * one (IFRS 15.B46): the deferred amount by the share that was redeemed of what ever will be.
 */
export function earnedToDate(
  deferred: bigint,
  { redeemed, expected }: { readonly redeemed: bigint; readonly expected: bigint },
): bigint {
  if (redeemed >= expected) return deferred;
  return divideHalfUp(deferred * redeemed, expected);
}

/** Of integers, the divisor above nought: a half goes up, away from zero for what is below it. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, 'a divisor is above nought');
  const sign = dividend < 0n ? -1n : 1n;
  return (sign * (2n * sign * dividend + divisor)) / (2n * divisor);
}
