// Lift: what treating people has changed, how sure that is, and how many it takes to know.
import { type Rate, rateOf, type Share, twoShares, z95 } from '../monitoring/statistics.ts';

/** Too few say nothing, whatever their shares look like. */
export const liftVerdicts = ['too_few', 'no_difference', 'better', 'worse'] as const;

export type Lift = {
  readonly verdict: (typeof liftVerdicts)[number];
  /** Null of nobody. */
  readonly treated: Rate | null;
  readonly control: Rate | null;
  /** Treated less control, with its 95 % interval (Newcombe's, of two Wilson intervals). */
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Standard errors between both, pooled. */
  readonly z: number;
  /** How many in each arm would show a difference of this size in four of five experiments. */
  readonly needed_per_arm: number | null;
};

/** In each arm; fewer show a rate, and no verdict. */
export const armMin = 100;
/** One-sided, 80 %. */
const zPower = 0.8416212335729143;
const neededMax = 1_000_000_000;

export function liftOf(treated: Share, control: Share): Lift {
  const [one, other] = [rateOf(treated.hits, treated.n), rateOf(control.hits, control.n)];
  if (one === null || other === null) {
    const none = { difference: null, low: null, high: null, z: 0, needed_per_arm: null };
    return { verdict: 'too_few', treated: one, control: other, ...none };
  }
  const difference = one.value - other.value;
  const below = Math.hypot(one.value - one.low, other.high - other.value);
  const above = Math.hypot(one.high - one.value, other.value - other.low);
  const z = twoShares(treated, control);
  const isEnough = Math.min(treated.n, control.n) >= armMin;
  return {
    verdict: isEnough ? verdictOf(z) : 'too_few',
    ...{ treated: one, control: other },
    ...{ difference, low: difference - below, high: difference + above, z },
    needed_per_arm: neededPerArm(one.value, other.value),
  };
}

function verdictOf(z: number): Lift['verdict'] {
  if (Math.abs(z) <= z95) return 'no_difference';
  return z > 0 ? 'better' : 'worse';
}

/** At 95 % and a power of 80 %; null where both are the same. */
export function neededPerArm(one: number, other: number): number | null {
  if (one === other) return null;
  const variance = one * (1 - one) + other * (1 - other);
  const needed = ((z95 + zPower) ** 2 * variance) / (one - other) ** 2;
  return Math.min(neededMax, Math.max(1, Math.ceil(needed)));
}
