// Performance: how well a model's scores have told apart what turned out one way from the other.
import { rateOf, type Rate, z95 } from './statistics.ts';

/** A score, and how its case turned out. */
export type Judged = { readonly value: number; readonly isPositive: boolean };

/** A figure with its 95 % interval. */
export type Estimate = { readonly value: number; readonly low: number; readonly high: number };

export type Performance = {
  readonly n: number;
  readonly positives: number;
  /** Null where all cases turned out the same way. */
  readonly auc: Estimate | null;
  readonly average_precision: number | null;
  /** Of the cases from the threshold on, those that were positive. */
  readonly precision: Rate | null;
  /** Of the positive cases, those from the threshold on. */
  readonly recall: Rate | null;
  readonly calibration: Calibration | null;
};

export type Calibration = {
  /** The mean squared difference between score and outcome. */
  readonly brier: number;
  /** The mean distance between what was scored and what came, by tenths of the score. */
  readonly expected_error: number;
  /** Spiegelhalter's test: beyond ±1.96 the distance is no chance. */
  readonly z: number;
  readonly bins: readonly {
    readonly n: number;
    readonly mean_score: number;
    readonly positive_rate: number;
  }[];
};

const binCount = 10;

export function performanceOf(judged: readonly Judged[], threshold: number): Performance {
  const positives = count(judged, ({ isPositive }) => isPositive);
  const flagged = judged.filter(({ value }) => value >= threshold);
  const found = count(flagged, ({ isPositive }) => isPositive);
  const ranked = [...judged].sort((one, other) => other.value - one.value);
  return {
    n: judged.length,
    positives,
    auc: areaUnderCurve(ranked, positives),
    average_precision: averagePrecision(ranked, positives),
    precision: rateOf(found, flagged.length),
    recall: rateOf(found, positives),
    calibration: calibrationOf(judged),
  };
}

/** The share of pairs in the right order, ties as halves; the interval is Hanley and McNeil's. */
function areaUnderCurve(ranked: readonly Judged[], positives: number): Estimate | null {
  const negatives = ranked.length - positives;
  if (positives === 0 || negatives === 0) return null;
  let [pairs, negativesBelow] = [0, negatives];
  for (const tie of ties(ranked)) {
    const others = tie.n - tie.positives;
    negativesBelow -= others;
    pairs += tie.positives * (negativesBelow + others / 2);
  }
  const auc = pairs / (positives * negatives);
  const square = auc * auc;
  const [q1, q2] = [auc / (2 - auc), (2 * square) / (1 + auc)];
  const variance =
    (auc * (1 - auc) + (positives - 1) * (q1 - square) + (negatives - 1) * (q2 - square)) /
    (positives * negatives);
  const half = z95 * Math.sqrt(Math.max(0, variance));
  return { value: auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half) };
}

/** The precision at each score, weighted by the recall that it adds. */
function averagePrecision(ranked: readonly Judged[], positives: number): number | null {
  if (positives === 0) return null;
  let [seen, found, sum] = [0, 0, 0];
  for (const tie of ties(ranked)) {
    seen += tie.n;
    found += tie.positives;
    sum += (tie.positives / positives) * (found / seen);
  }
  return sum;
}

/** Runs of equal scores: no order within them is better than another. */
function* ties(ranked: readonly Judged[]): Generator<{ n: number; positives: number }> {
  for (let start = 0; start < ranked.length; ) {
    const value = ranked[start]?.value;
    let end = start;
    let positives = 0;
    for (; end < ranked.length && ranked[end]?.value === value; end += 1) {
      if (ranked[end]?.isPositive) positives += 1;
    }
    yield { n: end - start, positives };
    start = end;
  }
}

/** Null where nothing was judged, or where scores are no probabilities. */
function calibrationOf(judged: readonly Judged[]): Calibration | null {
  if (judged.length === 0 || judged.some(({ value }) => value < 0 || value > 1)) return null;
  const bins = Array.from({ length: binCount }, () => ({ n: 0, scores: 0, positives: 0 }));
  let [squares, drift, variance] = [0, 0, 0];
  for (const { value, isPositive } of judged) {
    const outcome = isPositive ? 1 : 0;
    const bin = bins[Math.min(binCount - 1, Math.floor(value * binCount))];
    if (!bin) continue;
    bin.n += 1;
    bin.scores += value;
    bin.positives += outcome;
    squares += (outcome - value) ** 2;
    drift += (outcome - value) * (1 - 2 * value);
    variance += (1 - 2 * value) ** 2 * value * (1 - value);
  }
  const distance = bins.reduce((sum, bin) => sum + Math.abs(bin.scores - bin.positives), 0);
  return {
    brier: squares / judged.length,
    expected_error: distance / judged.length,
    z: zOf(drift, variance),
    bins: bins.map(({ n, scores, positives }) => ({
      n,
      mean_score: n === 0 ? 0 : scores / n,
      positive_rate: n === 0 ? 0 : positives / n,
    })),
  };
}

/** Scores that are sure and wrong leave no room for chance: that is as far off as can be told. */
function zOf(drift: number, variance: number): number {
  if (variance > 0) return drift / Math.sqrt(variance);
  return drift === 0 ? 0 : Math.sign(drift) * zMax;
}
const zMax = 1_000;

function count<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  return items.reduce((sum, item) => (holds(item) ? sum + 1 : sum), 0);
}
