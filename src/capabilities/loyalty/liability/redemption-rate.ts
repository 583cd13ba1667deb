// The ultimate redemption rate: of the points of each cohort, how many will ever be redeemed.
import { type Cohort, monthNumber, outstandingOf, redeemedOf } from './cohorts.ts';
import { developed, project, type Step, stepsOf, type Triangle } from './chain-ladder.ts';

export type Basis = {
  /** The month of the run: what is redeemed in it is not a whole month yet. */
  readonly month: string;
  /** After so many months no point is redeemed any more. */
  readonly lifeMonths: number;
  /** What is expected until there is a history. */
  readonly priorRate: number;
};

/** Whence an ultimate figure comes: nothing is left, own history, that of others, or a guess. */
export const methods = ['run_off', 'chain_ladder', 'pooled', 'prior'] as const;
type Method = (typeof methods)[number];

export type Estimate = {
  readonly month: string;
  /** Whole months since its issue; -1 in the month of issue. */
  readonly age: number;
  readonly points: number;
  readonly redeemed: number;
  readonly lapsed: number;
  readonly outstanding: number;
  /** Points that will have been redeemed in the end, with the 95 % interval. */
  readonly ultimate: number;
  readonly low: number;
  readonly high: number;
  readonly error: number;
  readonly method: Method;
};

export type Estimated = {
  /** Of whole months, in the order of the cohorts that are a month old or more. */
  readonly triangle: Triangle;
  readonly months: readonly string[];
  readonly steps: readonly Step[];
  /** Of all points to date, as a share of those issued. */
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  /** Of the cohorts that tell enough of themselves; the expected one where none does. */
  readonly pooledRate: number;
  readonly cohorts: readonly Estimate[];
};

const z95 = 1.959963984540054;
/** A cohort tells of itself once this share of what it will redeem is redeemed. */
const developedMin = 0.1;
/** And tells others what to expect from this share on. */
const credibleMin = 0.3;
/** Fewer points than this share of a middling cohort are pooled with others. */
const sizeMin = 0.02;
/** Standard error of a rate of which too little is known. */
const rateDoubt = 0.15;
const cohortsKnownMin = 3;

/** Cohorts are in the order of their months. */
export function estimate(cohorts: readonly Cohort[], basis: Basis): Estimated {
  const rows = cohorts.map((cohort) => rowOf(cohort, basis));
  const kept = rows.flatMap((row, at) => (row.length === 0 ? [] : [{ row, at }]));
  const triangle = kept.map(({ row }) => row);
  const steps = stepsOf(triangle, basis.lifeMonths);
  const own = project(triangle, steps);
  const told = new Map(kept.map(({ at }, index) => [at, own.cohorts[index]]));
  const pool = poolOf(cohorts, rows, { steps, basis });
  const middling = middleOf(cohorts.map(({ points }) => points));
  const estimates = cohorts.map((cohort, at): Estimate => {
    const row = rows[at] as readonly number[];
    const isSparse = cohort.points < sizeMin * middling;
    const share = shareOf(row.length - 1, steps);
    const found = told.get(at);
    const isOwn = found && !isSparse && (row.at(-1) ?? 0) > 0 && share >= developedMin;
    if (outstandingOf(cohort) === 0) return bounded(cohort, row, { method: 'run_off' });
    if (isOwn) return bounded(cohort, row, { ...found, method: 'chain_ladder' });
    return bounded(cohort, row, fromPool(cohort, share, pool));
  });
  return {
    triangle,
    steps,
    months: kept.map(({ at }) => cohorts[at]?.month ?? ''),
    pooledRate: pool.rate,
    cohorts: estimates,
    ...overall(estimates, { steps, rows }),
  };
}

/** Of what a cohort of this age will redeem, which part is redeemed; 0 where nothing tells. */
export function shareOf(age: number, steps: readonly Step[]): number {
  const isKnown = age >= 0 && steps.some(({ isObserved }) => isObserved);
  return isKnown ? 1 / developed(steps, age) : 0;
}

/** Cumulative, of the whole months of its age. */
function rowOf({ month, redeemed }: Cohort, { month: now, lifeMonths }: Basis): number[] {
  const whole = Math.min(monthNumber(now) - monthNumber(month), lifeMonths);
  let sum = 0;
  return Array.from({ length: Math.max(0, whole) }, (_, age) => {
    sum += redeemed[age] ?? 0;
    return sum;
  });
}

type Pool = { readonly rate: number; readonly doubt: number; readonly isKnown: boolean };
type Known = { readonly steps: readonly Step[]; readonly basis: Basis };

function poolOf(cohorts: readonly Cohort[], rows: Triangle, { steps, basis }: Known): Pool {
  const credible = cohorts.flatMap((cohort, at) => {
    const row = rows[at] ?? [];
    const share = shareOf(row.length - 1, steps);
    const isOver = outstandingOf(cohort) === 0;
    if (cohort.points === 0 || (share < credibleMin && !isOver)) return [];
    // A cohort of which nothing was redeemed tells something only once much should have been.
    if (row.length < 2 && !isOver) return [];
    const most = cohort.points - cohort.lapsed;
    const ultimate = isOver ? redeemedOf(cohort) : Math.min(most, (row.at(-1) ?? 0) / share);
    return [{ points: cohort.points, rate: ultimate / cohort.points }];
  });
  const points = credible.reduce((sum, each) => sum + each.points, 0);
  if (points === 0) return { rate: basis.priorRate, doubt: rateDoubt, isKnown: false };
  const rate = credible.reduce((sum, each) => sum + each.rate * each.points, 0) / points;
  const squares = credible.reduce((sum, each) => sum + each.points * (each.rate - rate) ** 2, 0);
  const isFew = credible.length < cohortsKnownMin;
  const spread = isFew ? rateDoubt : Math.sqrt((squares / points) * (1 + 1 / credible.length));
  return { rate, doubt: spread, isKnown: true };
}

type Found = {
  readonly method: Method;
  readonly value?: number;
  readonly error?: number;
};

/** Bornhuetter and Ferguson: what is open is expected of the pool, what is over is as it is. */
function fromPool(cohort: Cohort, share: number, { rate, doubt, isKnown }: Pool): Found {
  const open = cohort.points * (1 - share);
  const method = isKnown ? 'pooled' : 'prior';
  const redeemed = redeemedOf(cohort);
  // Of one that has just begun, what is redeemed already is a part of what is expected of it.
  const value = share === 0 ? Math.max(redeemed, open * rate) : redeemed + open * rate;
  return { method, value, error: open * doubt };
}

/** No fewer than were redeemed, no more than have not lapsed. */
function bounded(
  cohort: Cohort,
  row: readonly number[],
  { method, value, error }: Found,
): Estimate {
  const { month, points, lapsed } = cohort;
  const redeemed = redeemedOf(cohort);
  const outstanding = outstandingOf(cohort);
  const most = redeemed + outstanding;
  const within = (figure: number) => Math.min(most, Math.max(redeemed, figure));
  const ultimate = within(value ?? redeemed);
  const [low, high] = intervalOf(ultimate - redeemed, error ?? 0);
  return {
    ...{ month, age: row.length - 1, points, redeemed, lapsed, outstanding, ultimate, method },
    // Of a wide lognormal both ends may lie on one side of the mean.
    low: Math.min(ultimate, within(redeemed + low)),
    high: Math.max(ultimate, within(redeemed + high)),
    error: error ?? 0,
  };
}

/** Of what is still to come, which is not below nought: lognormal. */
function intervalOf(open: number, error: number): readonly [number, number] {
  if (open <= 0) return [0, z95 * error];
  const sigma = Math.sqrt(Math.log1p((error / open) ** 2));
  const middle = Math.log(open) - sigma ** 2 / 2;
  return [Math.exp(middle - z95 * sigma), Math.exp(middle + z95 * sigma)];
}

type Rows = { readonly steps: readonly Step[]; readonly rows: Triangle };

/** Those of one method are wrong together. */
function overall(estimates: readonly Estimate[], { steps, rows }: Rows) {
  const sum = (of: (each: Estimate) => number) =>
    estimates.reduce((all, each) => all + of(each), 0);
  const points = sum((each) => each.points);
  if (points <= 0) return { rate: 0, low: 0, high: 0 };
  const own = estimates.flatMap(({ method }, at) =>
    method === 'chain_ladder' ? [rows[at] as readonly number[]] : [],
  );
  const apart = project(own, steps).total.error;
  const together = sum(({ method, error }) => (method === 'chain_ladder' ? 0 : error));
  const [redeemed, ultimate] = [sum((each) => each.redeemed), sum((each) => each.ultimate)];
  const most = redeemed + sum((each) => each.outstanding);
  const [low, high] = intervalOf(ultimate - redeemed, Math.hypot(apart, together));
  return {
    rate: ultimate / points,
    low: Math.min(ultimate, redeemed + low) / points,
    high: Math.max(ultimate, Math.min(most, redeemed + high)) / points,
  };
}

function middleOf(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}
