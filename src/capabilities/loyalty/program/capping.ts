// Caps: of what rules would give, what a member gets, line by line and to the exact fraction.
import type { CompiledProgram } from './compile.ts';
import type { Counting } from './counters.ts';
import type { Cap } from './earning-terms.ts';
import type { Counter, EarnFacts, EarnState } from './earning.ts';
import {
  compare,
  least,
  minus,
  none,
  plus,
  type Ratio,
  ratioText,
  roundPoints,
  whole,
} from './rounding.ts';

/** What a rate, a tier or a rule would give. */
export type Gift = {
  readonly rule: string;
  readonly campaign: string | null;
  /** Of the amount; negative where it reduces. */
  readonly multiplied: Ratio;
  readonly bonus: bigint;
  readonly caps: readonly Cap[];
};

export type Cut = { readonly by: string; readonly worth: string };
export type Given = { readonly points: bigint; readonly cuts: readonly Cut[] };

/** 2^53 - 1: what the ledger can post at once. */
const largest = whole(9_007_199_254_740_991n);

/**
 * Cuts each gift, in order, to what its rule, the reward of spend and the member's caps have left,
 * and makes whole points of the sums as they grow: the points of all lines together are the one
 * rounding of their exact sum, and no line goes above its cap by it.
 */
export function capGifts(
  gifts: readonly Gift[],
  {
    program,
    facts,
    state,
    counting,
  }: {
    readonly program: CompiledProgram;
    readonly facts: EarnFacts;
    readonly state: EarnState;
    readonly counting: Counting;
  },
): readonly Given[] {
  const { earn } = program.document;
  const ofMember = (earn.caps ?? []).map((cap) => capLeft(cap, counting.ofMember(cap.per), state));
  const ofReward = rewardMax(program, facts);
  let [sum, multipliedSum, points] = [none, none, 0n];
  return gifts.map(({ rule, multiplied, bonus, caps }) => {
    const cuts: Cut[] = [];
    const cut = (wanted: Ratio, left: Ratio, by: string): Ratio => {
      // What reduces takes no more than there is; a cap that is used up gives nothing.
      const most = compare(left, none) < 0 ? none : left;
      if (compare(wanted, most) <= 0) return wanted;
      cuts.push({ by, worth: ratioText(minus(wanted, most)) });
      return most;
    };
    let ofAmount = cut(multiplied, minus(ofReward, multipliedSum), 'reward of spend');
    if (compare(ofAmount, minus(none, multipliedSum)) < 0) ofAmount = minus(none, multipliedSum);
    let given = plus(ofAmount, whole(bonus));
    for (const cap of caps) {
      const { left, counter } = capLeft(cap, counting.ofRule(rule, cap.per), state);
      given = cut(given, left, counter);
    }
    for (const { left, counter } of ofMember) given = cut(given, minus(left, sum), counter);
    given = cut(given, minus(largest, sum), 'largest number');
    sum = plus(sum, given);
    multipliedSum = plus(multipliedSum, least(given, ofAmount));
    const before = points;
    points = roundPoints(sum, earn.rounding);
    return { points: points - before, cuts };
  });
}

function capLeft(
  { points }: Cap,
  counter: Counter,
  { used }: EarnState,
): { readonly left: Ratio; readonly counter: Counter } {
  return { left: whole(BigInt(points) - BigInt(used[counter] ?? 0)), counter };
}

/** Hundredths of a percent of the amount, in whole points: not a fraction above. */
function rewardMax({ document }: CompiledProgram, { amount }: EarnFacts): Ratio {
  const { earn, point_value_micros } = document;
  const millionths = BigInt(amount) * BigInt(earn.reward_of_spend_bps_max) * 100n;
  return whole(millionths / BigInt(point_value_micros));
}
