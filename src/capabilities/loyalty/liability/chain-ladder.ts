// The chain ladder: how cohorts of points go on being redeemed, by those that are older, and how
// sure that is. T. Mack, Distribution-free calculation of the standard error of chain ladder
// reserve estimates (ASTIN Bulletin 23/2, 1993).
import { assert } from '#core';

/** Cumulative, by cohort and by age from 0 on; a row is as long as its cohort is old. */
export type Triangle = readonly (readonly number[])[];

/** From one age to the next. */
export type Step = {
  /** By what the cumulative figure grows on average, weighted by size. */
  readonly factor: number;
  /** Mack's σ²: what a figure of 1 varies by in this step. */
  readonly variance: number;
  /** The sum of the figures that the factor is of; what it is uncertain by is variance ÷ this. */
  readonly weight: number;
  /** Whether it was observed, rather than drawn on from the steps before. */
  readonly isObserved: boolean;
};

export type Ultimate = {
  readonly value: number;
  readonly error: number;
};

export type Projection = {
  readonly cohorts: readonly Ultimate[];
  readonly total: Ultimate;
};

/** The newest steps by which what lies beyond the oldest cohort is drawn on. */
const tailStepsMax = 12;
/** A step of the tail that adds less than this adds nothing. */
const tailGrowthMin = 1e-6;

/** The steps of a triangle, and beyond what was seen as many more as make up `ages`. */
export function stepsOf(triangle: Triangle, ages: number): Step[] {
  const seen = Math.max(0, ...triangle.map((row) => row.length)) - 1;
  const steps: Step[] = [];
  for (let age = 0; age < Math.min(seen, ages - 1); age += 1) {
    steps.push(stepAt(triangle, age, steps));
  }
  return [...steps, ...tailOf(steps, ages - 1 - steps.length)];
}

/** What each cohort comes to at the end of the steps, with Mack's standard errors. */
export function project(triangle: Triangle, steps: readonly Step[]): Projection {
  const values = triangle.map((row) => lastOf(row) * developed(steps, row.length - 1));
  const cohorts = triangle.map((row, at): Ultimate => {
    const value = values[at] as number;
    return { value, error: Math.sqrt(errorOf(row, value, steps)) };
  });
  const later = values.map((_, at) => values.slice(at + 1).reduce((sum, each) => sum + each, 0));
  // Cohorts share the factors: what one is wrong by, the younger ones are, too.
  const squared = triangle.reduce((sum, row, at) => {
    const own = (cohorts[at] as Ultimate).error ** 2;
    const shared = 2 * (values[at] as number) * (later[at] as number) * doubt(row, steps);
    return sum + own + shared;
  }, 0);
  const total = values.reduce((sum, value) => sum + value, 0);
  return { cohorts, total: { value: total, error: Math.sqrt(squared) } };
}

/** By what a figure of this age grows to the end. */
export function developed(steps: readonly Step[], age: number): number {
  return steps.slice(age).reduce((product, { factor }) => product * factor, 1);
}

function stepAt(triangle: Triangle, age: number, before: readonly Step[]): Step {
  const pairs = triangle.flatMap((row) => {
    const [from, to] = [row[age], row[age + 1]];
    return from === undefined || to === undefined || from <= 0 ? [] : [{ from, to }];
  });
  const weight = pairs.reduce((sum, { from }) => sum + from, 0);
  if (weight === 0) return { factor: 1, variance: 0, weight: 1, isObserved: false };
  const factor = pairs.reduce((sum, { to }) => sum + to, 0) / weight;
  assert(factor >= 1 - 1e-12, 'cumulative figures do not fall');
  const squares = pairs.reduce((sum, { from, to }) => sum + from * (to / from - factor) ** 2, 0);
  const variance = pairs.length > 1 ? squares / (pairs.length - 1) : varianceAfter(before);
  return { factor, variance, weight, isObserved: true };
}

/** Of a step that one cohort alone has made: Mack's own rule for the last. */
function varianceAfter(before: readonly Step[]): number {
  const [one, other] = before.toReversed().map(({ variance }) => variance);
  if (one === undefined) return 0;
  if (other === undefined || other === 0) return one;
  return Math.min(one ** 2 / other, other, one);
}

/** Growth that dies away as it did before: a line through its logarithms, of the newest steps. */
function tailOf(steps: readonly Step[], length: number): Step[] {
  const grown = steps
    .map(({ factor, isObserved }, age) => ({ age, growth: isObserved ? factor - 1 : 0 }))
    .filter(({ growth }) => growth > tailGrowthMin)
    .slice(-tailStepsMax);
  const last = steps.at(-1);
  const slope = slopeOf(grown.map(({ age, growth }) => [age, Math.log(growth)] as const));
  const still = { factor: 1, variance: 0, weight: 1, isObserved: false };
  return Array.from({ length: Math.max(0, length) }, (_, at): Step => {
    if (!last || !slope || slope.slope >= 0) return still;
    const growth = Math.exp(slope.at(steps.length + at));
    if (growth < tailGrowthMin) return still;
    const lastGrowth = Math.exp(slope.at(steps.length - 1));
    const variance = varianceAfter(steps) * Math.min(1, growth / lastGrowth);
    return { factor: 1 + growth, variance, weight: last.weight, isObserved: false };
  });
}

function slopeOf(points: readonly (readonly [number, number])[]) {
  if (points.length < 3) return undefined;
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const across = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  const along = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  const slope = across / along;
  return { slope, at: (age: number) => y + slope * (age - x) };
}

/** Mack's mean squared error of what a cohort comes to: by chance, and by the factors. */
function errorOf(row: readonly number[], value: number, steps: readonly Step[]): number {
  let size = lastOf(row);
  let relative = 0;
  for (const { factor, variance, weight } of steps.slice(row.length - 1)) {
    if (size > 0) relative += (variance / factor ** 2) * (1 / size + 1 / weight);
    size *= factor;
  }
  return value ** 2 * relative;
}

/** The part of it that comes of the factors, relative to what any cohort of that age comes to. */
function doubt(row: readonly number[], steps: readonly Step[]): number {
  return steps
    .slice(row.length - 1)
    .reduce((sum, { factor, variance, weight }) => sum + variance / factor ** 2 / weight, 0);
}

function lastOf(row: readonly number[]): number {
  return row.at(-1) ?? 0;
}
