// The books of a run: what is owed for the points of each cohort, and what has moved since the run
// before. Estimates are numbers; what is booked is made of them in integers alone.
import type { LiabilityTerms } from '../program/liability-terms.ts';
import type { Cohort } from './cohorts.ts';
import {
  allocatePrice,
  atSellingPrice,
  divideHalfUp,
  earnedToDate,
  sellingPriceOf,
  worthOf,
} from './recognition.ts';
import type { Estimate } from './redemption-rate.ts';

/** To date, in minor units of the home currency. What is owed is deferred less both. */
export type Booked = {
  readonly month: string;
  /** As they were when they were booked last. */
  readonly points: bigint;
  readonly spend: bigint;
  readonly sold: bigint;
  /** What was set aside for them. */
  readonly deferred: bigint;
  /** Of it, what became revenue, or was used, as points were redeemed. */
  readonly redeemed: bigint;
  /** And what was released because points will never be. */
  readonly breakage: bigint;
};

/** Amounts of one run; below nought they go back. */
export type Movement = {
  readonly deferred: bigint;
  readonly redeemed: bigint;
  readonly breakage: bigint;
};

export type Terms = LiabilityTerms & {
  /** What a point is worth, in millionths of a minor unit. */
  readonly valueMicros: number;
};

export type Booking = {
  readonly cohort: Cohort;
  readonly estimate: Estimate;
  /** What is expected of it in the months to come. */
  readonly ahead: readonly number[];
  readonly before: Booked | undefined;
};

const nothing = { points: 0n, spend: 0n, sold: 0n, deferred: 0n, redeemed: 0n, breakage: 0n };
const bpsWhole = 10_000n;

export function book(booking: Booking, terms: Terms): Booked {
  return terms.policy === 'ifrs15' ? deferRevenue(booking, terms) : provide(booking, terms);
}

export function owedOf({ deferred, redeemed, breakage }: Movement): bigint {
  return deferred - redeemed - breakage;
}

/** What must be posted, so that the ledger stands as the books do. */
export function movementOf(now: readonly Booked[], before: readonly Booked[]): Movement {
  const [to, from] = [totalOf(now), totalOf(before)];
  return {
    deferred: to.deferred - from.deferred,
    redeemed: to.redeemed - from.redeemed,
    breakage: to.breakage - from.breakage,
  };
}

export function totalOf(booked: readonly Movement[]): Movement {
  const sum = (name: keyof Movement) => booked.reduce((all, each) => all + each[name], 0n);
  return { deferred: sum('deferred'), redeemed: sum('redeemed'), breakage: sum('breakage') };
}

/**
 * IFRS 15: a part of the price is deferred as points are issued, at what was expected then, and is
 * not allocated anew. It becomes revenue by how many of those ever redeemed have been.
 */
function deferRevenue({ cohort, estimate, before = none(cohort) }: Booking, terms: Terms): Booked {
  const sizes = sizesOf(cohort);
  const ratePpm = ppm(estimate.ultimate, estimate.points);
  const value = { valueMicros: BigInt(terms.valueMicros), ratePpm };
  const sold = sizes.sold - before.sold;
  const given = sizes.points - before.points - sold;
  const spend = sizes.spend - before.spend;
  let { deferred } = before;
  if (sizes.points < before.points) {
    // Points that were taken back take what was deferred for them along.
    deferred = divideHalfUp(deferred * max(sizes.points, 0n), before.points);
  } else {
    const price = divideHalfUp(max(spend, 0n) * BigInt(terms.price_bps), bpsWhole);
    const selling = {
      goods: atSellingPrice(price),
      points: sellingPriceOf({ points: max(sold, 0n), ...value }),
    };
    // Points that nobody paid for cost all that they are worth.
    const free = worthOf({ points: max(given, 0n), ...value });
    deferred += allocatePrice(price, selling).points + free;
  }
  const [redeemed, ultimate] = [estimate.redeemed, estimate.ultimate].map(rounded);
  const isOver = estimate.outstanding === 0;
  const expected = isOver ? (redeemed ?? 0n) : max(ultimate ?? 0n, redeemed ?? 0n);
  const earned =
    expected === 0n && !isOver
      ? 0n
      : earnedToDate(deferred, { redeemed: redeemed ?? 0n, expected });
  return { month: cohort.month, ...sizes, deferred, ...partsOf(earned, deferred, estimate) };
}

/** Revenue as points were redeemed; the rest of it comes of those that never will be. */
function partsOf(earned: bigint, deferred: bigint, { redeemed, points }: Estimate) {
  const byUse = points > 0 ? divideHalfUp(deferred * rounded(redeemed), rounded(points)) : 0n;
  const used = byUse < earned ? byUse : earned;
  return { redeemed: used, breakage: earned - used };
}

/**
 * IAS 37: what the points still to be redeemed will cost, at its present value. What is issued is
 * provided for, what is redeemed is used; by the rest earlier estimates were wrong, or time passed.
 */
function provide(
  { cohort, estimate, ahead, before = none(cohort) }: Booking,
  terms: Terms,
): Booked {
  const sizes = sizesOf(cohort);
  const cost = { valueMicros: BigInt(terms.cost_micros), ratePpm: 1_000_000n };
  const added = worthOf({
    ...{ points: sizes.points - before.points, valueMicros: cost.valueMicros },
    ratePpm: ppm(estimate.ultimate, estimate.points),
  });
  const deferred = before.deferred + added;
  const redeemed = worthOf({ points: rounded(estimate.redeemed), ...cost });
  const present = presentPoints(estimate.ultimate - estimate.redeemed, ahead, terms.discount_bps);
  const owed = worthOf({ points: rounded(present), ...cost });
  return {
    ...{ month: cohort.month, ...sizes, deferred, redeemed },
    breakage: deferred - redeemed - owed,
  };
}

/** Each month counts at its end; what comes later than the forecast, at the end of that. */
function presentPoints(open: number, ahead: readonly number[], discountBps: number): number {
  const ofMonth = (1 + discountBps / 10_000) ** (1 / 12);
  const seen = ahead.reduce((sum, points) => sum + points, 0);
  const later = Math.max(0, open - seen) * ofMonth ** -ahead.length;
  return ahead.reduce((sum, points, at) => sum + points * ofMonth ** -(at + 1), later);
}

function sizesOf({ points, spend, sold }: Cohort) {
  return { points: BigInt(points), spend: BigInt(spend), sold: BigInt(Math.min(sold, points)) };
}

function none({ month }: Cohort): Booked {
  return { month, ...nothing };
}

function ppm(part: number, whole: number): bigint {
  return whole > 0 ? rounded(Math.min(1, part / whole) * 1_000_000) : 0n;
}

function rounded(number: number): bigint {
  return BigInt(Math.round(number));
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
