// What will be redeemed, month by month, and what that costs: a fan drawn from the chain ladder,
// with the seasons that the programme has had.
import { seededRandom } from '#core';
import { monthNumber, monthText } from './cohorts.ts';
import type { Step } from './chain-ladder.ts';
import { type Estimate, type Estimated, shareOf } from './redemption-rate.ts';

/** Points of one month to come. The quantiles are those of the fan. */
export type MonthAhead = {
  readonly month: string;
  readonly mean: number;
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  /** By how much the season raises or lowers it: 1 where it does neither. */
  readonly season: number;
  /** Whether it stands out from what it would be in another season. */
  readonly isSpike: boolean;
};

export const horizonMonths = 24;
const draws = 400;
/** A season is told from so many of its months on. */
const seasonsMin = 2;
/** How many months' worth of an ordinary season is added to each: few say little. */
const seasonDoubt = 1;
const spikeMin = 1.2;

export type Ahead = {
  readonly months: readonly MonthAhead[];
  /** Of each cohort, what is expected of it in each month ahead. */
  readonly byCohort: readonly (readonly number[])[];
};

/** `seed` is of what it is drawn from: equal figures give an equal fan. */
export function forecast(told: Estimated, now: string, seed: number): Ahead {
  const { cohorts, steps } = told;
  const seasons = seasonsOf(told);
  const first = monthNumber(now);
  const plain = cohorts.map((cohort) => spread(cohort, steps, () => 1));
  const byCohort = cohorts.map((cohort) =>
    spread(cohort, steps, (ahead) => seasons[(first + ahead) % 12] ?? 1),
  );
  const paths = drawn({ cohorts, steps, byCohort }, seed);
  const months = Array.from({ length: horizonMonths }, (_, ahead): MonthAhead => {
    const sorted = paths.map((path) => path[ahead] as number).toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const sum = (of: typeof plain) => of.reduce((all, each) => all + (each[ahead] ?? 0), 0);
    const [mean, without] = [sum(byCohort), sum(plain)];
    const season = without > 0 ? mean / without : 1;
    return {
      ...{ month: monthText(first + ahead), mean, season, isSpike: season >= spikeMin },
      ...{ p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) },
    };
  });
  return { months, byCohort };
}

/** What a cohort will still redeem, over the months in which those before it did. */
function spread(
  cohort: Estimate,
  steps: readonly Step[],
  season: (ahead: number) => number,
): number[] {
  const open = cohort.ultimate - cohort.redeemed;
  const life = steps.length + 1;
  const share = (age: number) => (age >= life ? 1 : shareOf(age, steps));
  // The month that has begun is the first ahead: it belongs to the age after the last whole one.
  const weights = Array.from({ length: horizonMonths }, (_, ahead) => {
    const age = cohort.age + 1 + ahead;
    return (share(age) - share(age - 1)) * season(ahead);
  });
  const later = 1 - share(cohort.age + horizonMonths);
  const all = weights.reduce((sum, weight) => sum + weight, later);
  const isKnown = share(life - 1) > 0;
  if (isKnown && all > 0) return weights.map((weight) => (open * weight) / all);
  // Nothing tells when: evenly over what is left of its life.
  const left = Math.max(1, life - cohort.age - 1);
  return weights.map((_, ahead) => (ahead < left ? open / left : 0));
}

/** By month of the year: how much more was redeemed in it than cohorts of those ages do. */
function seasonsOf({ triangle, months, steps }: Estimated): readonly number[] {
  const seen = Array.from({ length: 12 }, () => ({
    actual: 0,
    expected: 0,
    at: new Set<number>(),
  }));
  for (const [index, row] of triangle.entries()) {
    const issued = monthNumber(months[index] ?? '');
    for (let age = 1; age < row.length; age += 1) {
      const season = seen[(issued + age) % 12];
      const before = row[age - 1] ?? 0;
      if (!season || !steps[age - 1]) continue;
      season.actual += (row[age] ?? 0) - before;
      season.expected += before * ((steps[age - 1]?.factor ?? 1) - 1);
      season.at.add(issued + age);
    }
  }
  const isWhole = seen.every(({ at }) => at.size >= seasonsMin);
  if (!isWhole) return seen.map(() => 1);
  return seen.map(({ actual, expected, at }) => {
    const ordinary = (expected / at.size) * seasonDoubt;
    return expected > 0 ? (actual + ordinary) / (expected + ordinary) : 1;
  });
}

type Drawing = {
  readonly cohorts: readonly Estimate[];
  readonly steps: readonly Step[];
  readonly byCohort: readonly (readonly number[])[];
};

/** Months ahead as they may come: by chance of each cohort, and by how far all factors are off. */
function drawn({ cohorts, steps, byCohort }: Drawing, seed: number): number[][] {
  const normal = normals(seed);
  return Array.from({ length: draws }, () => {
    const path = Array.from({ length: horizonMonths }, () => 0);
    const off = steps.map(({ factor, variance, weight }) => {
      const growth = factor - 1;
      return growth > 0 ? around(Math.sqrt(variance / weight) / growth, normal()) : 1;
    });
    const together = normal();
    for (const [at, cohort] of cohorts.entries()) {
      const expected = byCohort[at] ?? [];
      const open = cohort.ultimate - cohort.redeemed;
      if (open <= 0) continue;
      const isOwn = cohort.method === 'chain_ladder';
      const level = isOwn ? 1 : around(cohort.error / open, together);
      // What has come differently goes on differently: the next step is by what has come.
      let [foreseen, come] = [Math.max(1, cohort.redeemed), Math.max(1, cohort.redeemed)];
      for (const [ahead, mean] of expected.entries()) {
        const age = Math.max(0, cohort.age + ahead);
        if (mean <= 0) continue;
        const chance = Math.sqrt((steps[age]?.variance ?? 0) * foreseen) / mean;
        const shared = isOwn ? (off[age] ?? 1) * (come / foreseen) : level;
        const points = mean * shared * around(chance, normal());
        path[ahead] = (path[ahead] ?? 0) + points;
        foreseen += mean;
        come += points;
      }
    }
    return path;
  });
}

/** Lognormal, with mean 1 and this standard deviation. */
function around(deviation: number, z: number): number {
  const sigma = Math.sqrt(Math.log1p(deviation ** 2));
  return Math.exp(sigma * z - sigma ** 2 / 2);
}

/** Box and Muller's. */
function normals(seed: number): () => number {
  const { uint32 } = seededRandom(seed);
  const unit = () => (uint32() + 0.5) / 2 ** 32;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const [length, angle] = [Math.sqrt(-2 * Math.log(unit())), 2 * Math.PI * unit()];
    spare = length * Math.sin(angle);
    return length * Math.cos(angle);
  };
}
