// The report of a run: what the points of a programme are owed as of an instant, and why.
import { canonicalJson, type Instant, type Json, sha256Hex } from '#core';
import type { Program } from '../program/program.ts';
import { liabilityTermsOf } from '../program/liability-terms.ts';
import { book, type Booked, type Movement, movementOf, owedOf, type Terms } from './books.ts';
import type { Cohort } from './cohorts.ts';
import { forecast } from './forecast.ts';
import { divideHalfUp } from './recognition.ts';
import { type Estimate, estimate } from './redemption-rate.ts';
import { monthOf } from './sums.ts';

export type Question = {
  readonly document: Program;
  readonly cohorts: readonly Cohort[];
  readonly asOf: Instant;
  /** The books of the run that was posted before. */
  readonly before: readonly Booked[];
};

export type Report = {
  readonly policy: Terms['policy'];
  readonly input_digest: string;
  readonly figures: ReturnType<typeof figuresOf>;
  readonly detail: {
    readonly cohorts: readonly ReturnType<typeof cohortTold>[];
    readonly triangle: { readonly months: readonly string[]; readonly rows: readonly number[][] };
    readonly steps: readonly { factor: number; variance: number; is_observed: boolean }[];
    readonly forecast: readonly ReturnType<typeof monthTold>[];
  };
};

const micros = 1_000_000n;

/** Undefined where the programme says nothing of what it owes. */
export function termsOf({ liability, point_value_micros: value }: Program): Terms | undefined {
  return liability && { ...liabilityTermsOf(liability, value), valueMicros: value };
}

export function reportOf({ document, cohorts, asOf, before }: Question, terms: Terms): Report {
  const month = monthOf(asOf, document.time_zone);
  const inputs = { as_of: asOf, cohorts, terms, time_zone: document.time_zone };
  const digest = sha256Hex(canonicalJson(inputs as unknown as Json));
  const told = estimate(cohorts, {
    ...{ month, lifeMonths: terms.life_months },
    priorRate: terms.redemption_rate_ppm / 1_000_000,
  });
  const ahead = forecast(told, month, Number.parseInt(digest.slice(0, 8), 16));
  const earlier = new Map(before.map((each) => [each.month, each]));
  const booked = cohorts.map((cohort, at) =>
    book(
      {
        cohort,
        estimate: told.cohorts[at] as Estimate,
        ahead: ahead.byCohort[at] ?? [],
        before: earlier.get(cohort.month),
      },
      terms,
    ),
  );
  const seen = new Set(cohorts.map((cohort) => cohort.month));
  // Cohorts that are no longer looked at go out of the books with what is left of them.
  const movement = movementOf(booked, before);
  const gone = before.filter((each) => !seen.has(each.month)).length;
  return {
    ...{ policy: terms.policy, input_digest: digest },
    figures: figuresOf(told, { booked, movement, gone }),
    detail: {
      cohorts: told.cohorts.map((each, at) => cohortTold(each, booked[at] as Booked)),
      triangle: { months: told.months, rows: told.triangle.map((row) => [...row]) },
      steps: told.steps.map(({ factor, variance, isObserved }) => ({
        ...{ factor: rounded(factor), variance: rounded(variance), is_observed: isObserved },
      })),
      forecast: ahead.months.map((each) => monthTold(each, terms)),
    },
  };
}

/** What a later run goes on from. */
export function booksOf({ cohorts }: Report['detail']): readonly Booked[] {
  return cohorts.map((each) => ({
    month: each.month,
    ...{ points: BigInt(each.points), spend: BigInt(each.spend), sold: BigInt(each.sold) },
    ...{ deferred: BigInt(each.deferred), redeemed: BigInt(each.released_redeemed) },
    breakage: BigInt(each.released_breakage),
  }));
}

type Told = ReturnType<typeof estimate>;
type Books = {
  readonly booked: readonly Booked[];
  readonly movement: Movement;
  readonly gone: number;
};

function figuresOf(told: Told, { booked, movement, gone }: Books) {
  const sum = (of: (each: Estimate) => number) =>
    told.cohorts.reduce((all, each) => all + of(each), 0);
  return {
    cohorts: told.cohorts.length,
    cohorts_gone: gone,
    points: sum(({ points }) => points),
    redeemed: sum(({ redeemed }) => redeemed),
    lapsed: sum(({ lapsed }) => lapsed),
    outstanding: sum(({ outstanding }) => outstanding),
    expected: Math.round(sum(({ ultimate, redeemed }) => ultimate - redeemed)),
    redemption_rate: rounded(told.rate),
    redemption_rate_low: rounded(told.low),
    redemption_rate_high: rounded(told.high),
    breakage_rate: rounded(1 - told.rate),
    liability: booked.reduce((all, each) => all + Number(owedOf(each)), 0),
    movement: {
      deferred: Number(movement.deferred),
      redeemed: Number(movement.redeemed),
      breakage: Number(movement.breakage),
    },
  };
}

function cohortTold(told: Estimate, booked: Booked) {
  const { month, age, points, redeemed, lapsed, outstanding, method } = told;
  const rate = (figure: number) => (points > 0 ? rounded(figure / points) : 0);
  return {
    ...{ month, age, points, redeemed, lapsed, outstanding, method },
    ...{ spend: Number(booked.spend), sold: Number(booked.sold) },
    ultimate: Math.round(told.ultimate),
    redemption_rate: rate(told.ultimate),
    redemption_rate_low: rate(told.low),
    redemption_rate_high: rate(told.high),
    deferred: Number(booked.deferred),
    released_redeemed: Number(booked.redeemed),
    released_breakage: Number(booked.breakage),
    liability: Number(owedOf(booked)),
  };
}

type Month = ReturnType<typeof forecast>['months'][number];

/** Points, and what they cost, in minor units. */
function monthTold(ahead: Month, { cost_micros }: Terms) {
  const { month, mean, p5, p25, p50, p75, p95, season, isSpike } = ahead;
  const points = { mean, p5, p25, p50, p75, p95 };
  const whole = Object.entries(points).map(([name, value]) => [name, Math.round(value)] as const);
  const cost = whole.map(([name, value]) => [
    name,
    Number(divideHalfUp(BigInt(value) * BigInt(cost_micros), micros)),
  ]);
  return {
    ...{ month, season: rounded(season), is_spike: isSpike },
    points: Object.fromEntries(whole) as typeof points,
    cost: Object.fromEntries(cost) as typeof points,
  };
}

/** Six digits: what lies behind them is no knowledge. */
function rounded(figure: number): number {
  return Math.round(figure * 1e6) / 1e6;
}
