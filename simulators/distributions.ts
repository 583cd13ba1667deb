// The distributions that synthetic traffic is drawn from, over one seeded stream.

export type Dice = { readonly uint32: () => number };

/** Uniform in [0, 1). */
export function unit(dice: Dice): number {
  return dice.uint32() / 2 ** 32;
}

/** Uniform in [low, high). */
export function between(dice: Dice, low: number, high: number): number {
  return low + (high - low) * unit(dice);
}

/** A uniform integer in [0, below). */
export function integerBelow(dice: Dice, below: number): number {
  return Math.floor(unit(dice) * below);
}

/** Each as likely as the others. */
export function anyOf<T>(dice: Dice, all: readonly T[]): T {
  return all[integerBelow(dice, all.length)] as T;
}

/** An opaque name such as `dev_kwhzqyxaob`: letters alone look like nobody's number. */
export function drawToken(dice: Dice, kind: string): string {
  const letters = Array.from({ length: 10 }, () => 97 + integerBelow(dice, 26));
  return `${kind}_${String.fromCharCode(...letters)}`;
}

export function chance(dice: Dice, probability: number): boolean {
  return unit(dice) < probability;
}

/** Log-normal by its median: most amounts near it, a few many times as large. */
export function logNormal(dice: Dice, { median, sigma }: { median: number; sigma: number }) {
  const radius = Math.sqrt(-2 * Math.log(1 - unit(dice)));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * unit(dice)));
}

/** Running sums of weights: what `draw` searches. */
export function cumulate(weights: Iterable<number>): Float64Array {
  const sums = Float64Array.from(weights);
  for (let index = 1; index < sums.length; index += 1) {
    sums[index] = (sums[index] as number) + (sums[index - 1] as number);
  }
  return sums;
}

/** Zipf's weights: the first of `count` is chosen far more often than the last. */
export function zipf(count: number): Float64Array {
  return cumulate(Array.from({ length: count }, (_, rank) => 1 / (rank + 1) ** 0.8));
}

/** An index drawn in proportion to its weight. */
export function draw(dice: Dice, sums: Float64Array): number {
  const target = unit(dice) * (sums.at(-1) as number);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sums[middle] as number) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
