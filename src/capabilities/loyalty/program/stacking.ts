// Stacking: what each multiplier that holds gives above the rate, when several do.
import type { Stacking } from './earning-terms.ts';
import { compare, minus, none, one, plus, type Ratio, times } from './rounding.ts';

/** A multiplier that holds. Those of the programme come before those of campaigns. */
export type Multiplier = {
  readonly rule: string;
  readonly campaign: string | null;
  readonly multiplier: Ratio;
};

/**
 * What each gives, in the order given; negative where it reduces, undefined where it gives way to
 * another. All together are the rate times what the stacking says, whatever the order, and what a
 * campaign gives comes on top of what the programme gives without it.
 */
export function stack(
  base: Ratio,
  multipliers: readonly Multiplier[],
  stacking: Stacking,
): readonly (Ratio | undefined)[] {
  switch (stacking) {
    case 'best':
      return best(base, multipliers);
    case 'add':
      return added(base, multipliers);
    default:
      return multiplied(base, multipliers);
  }
}

function best(base: Ratio, multipliers: readonly Multiplier[]): (Ratio | undefined)[] {
  const own = highest(multipliers.filter(({ campaign }) => campaign === null));
  const campaigns = highest(multipliers.filter(({ campaign }) => campaign !== null));
  const factor = own?.multiplier ?? one;
  return multipliers.map((each) => {
    if (each === own) return times(base, minus(factor, one));
    if (each !== campaigns || compare(each.multiplier, factor) <= 0) return undefined;
    return times(base, minus(each.multiplier, factor));
  });
}

/** Of equals the first, so that one order of rules decides and no other. */
function highest(multipliers: readonly Multiplier[]): Multiplier | undefined {
  return multipliers.reduce<Multiplier | undefined>(
    (found, each) =>
      found === undefined || compare(each.multiplier, found.multiplier) > 0 ? each : found,
    undefined,
  );
}

/** Several that reduce take all there is at most. */
function added(base: Ratio, multipliers: readonly Multiplier[]): Ratio[] {
  let left = base;
  return multipliers.map(({ multiplier }) => {
    const extra = times(base, minus(multiplier, one));
    const most = minus(none, left);
    const given = compare(extra, most) < 0 ? most : extra;
    left = plus(left, given);
    return given;
  });
}

function multiplied(base: Ratio, multipliers: readonly Multiplier[]): Ratio[] {
  let product = base;
  return multipliers.map(({ multiplier }) => {
    const before = product;
    product = times(product, multiplier);
    return minus(product, before);
  });
}
