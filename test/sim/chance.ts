// How a simulation chooses: one of several, a name by its weight, something recent.
import { chance, type Dice, integerBelow } from '../../simulators/distributions.ts';

/** A number that nothing has. */
export const nowhere = 1e9;

export function pick<T>(dice: Dice, all: readonly T[]): T {
  return all[integerBelow(dice, all.length)] as T;
}

/** A name in proportion to its weight. */
export function weighted<Name extends string>(dice: Dice, weights: Record<Name, number>): Name {
  const all = Object.entries(weights) as [Name, number][];
  const names = all.flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
  return pick(dice, names);
}

/** The number of one of those that are meant, if there are any. */
export function numberOf<T>(
  dice: Dice,
  all: readonly T[],
  isMeant: (item: T, number: number) => boolean,
): number | undefined {
  const meant = [...all.keys()].filter((number) => isMeant(all[number] as T, number));
  return meant.length === 0 ? undefined : pick(dice, meant);
}

/** One of the last `window` of so many, or now and then nothing that exists. */
export function recent(dice: Dice, count: number, window: number): number {
  if (count === 0 || chance(dice, 0.02)) return nowhere;
  return count - 1 - integerBelow(dice, Math.min(count, window));
}
