// Uplift: whether those whom a model ranks first are those whom treating them has changed.

/** One who was treated or was not, what came of it, and how high a model has ranked him. */
export type Trial = {
  readonly score: number;
  readonly isTreated: boolean;
  /** 1 of a hit, 0 of none; or how much it brought. */
  readonly value: number;
};

type Point = { readonly n: number; readonly gain: number };
type Counts = {
  readonly treated: number;
  readonly control: number;
  readonly treatedSum: number;
  readonly controlSum: number;
};

/**
 * The Qini coefficient: the area between the curve of extra value and the diagonal, as a share of
 * the same for the best order there can be. 1 at best, 0 of a random order; null where there is
 * nothing to gain.
 */
export function qini(trials: readonly Trial[]): number | null {
  // The best order has treated hits first, and hits that nobody asked for last.
  const best = ({ isTreated, value }: Trial) => (isTreated ? value : -value);
  return shareOfBest(trials, best, qiniGain);
}

/** The same over the difference of both rates, times how many there are. */
export function upliftAuc(trials: readonly Trial[]): number | null {
  const count = (treated: boolean, value: number) =>
    trials.filter((each) => each.isTreated === treated && each.value === value).length;
  const isCostly = count(false, 1) > count(true, 0);
  // Those in whom hit and treatment agree come first; among them, whichever costs less.
  const best = ({ isTreated, value }: Trial) =>
    2 * Number(value === Number(isTreated)) + (isCostly ? value : Number(isTreated));
  return shareOfBest(trials, best, rateGain);
}

/** What the treated have brought, less what as many others have. */
function qiniGain({ treated, control, treatedSum, controlSum }: Counts): number {
  return treatedSum - (control === 0 ? 0 : (controlSum * treated) / control);
}

function rateGain({ treated, control, treatedSum, controlSum }: Counts): number {
  const rate = (sum: number, n: number) => (n === 0 ? 0 : sum / n);
  return (rate(treatedSum, treated) - rate(controlSum, control)) * (treated + control);
}

function shareOfBest(
  trials: readonly Trial[],
  best: (trial: Trial) => number,
  gain: (counts: Counts) => number,
): number | null {
  const found = curveOf(trials, ({ score }) => score, gain);
  const ideal = curveOf(trials, best, gain);
  const last = ideal.at(-1) as Point;
  const diagonal = (last.n * last.gain) / 2;
  const possible = areaUnder(ideal) - diagonal;
  return possible === 0 ? null : (areaUnder(found) - diagonal) / possible;
}

/** From the highest on; who is ranked alike comes at once. */
function curveOf(
  trials: readonly Trial[],
  rank: (trial: Trial) => number,
  gain: (counts: Counts) => number,
): readonly Point[] {
  const groups = [...Map.groupBy(trials, rank)].sort(([one], [other]) => other - one);
  const counts = { treated: 0, control: 0, treatedSum: 0, controlSum: 0 };
  const points: Point[] = [{ n: 0, gain: 0 }];
  for (const [, group] of groups) {
    for (const { isTreated, value } of group) {
      counts[isTreated ? 'treated' : 'control'] += 1;
      counts[isTreated ? 'treatedSum' : 'controlSum'] += value;
    }
    points.push({ n: counts.treated + counts.control, gain: gain(counts) });
  }
  return points;
}

function areaUnder(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, { n, gain }, index) => {
    const before = points[index] as Point;
    return sum + ((n - before.n) * (gain + before.gain)) / 2;
  }, 0);
}
