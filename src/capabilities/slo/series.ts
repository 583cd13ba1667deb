// Series: what is counted and timed, by name, and its rows: measured by processes or folded.
import { liveGenerationOf, type Instant, type Tx } from '#core';
import { addTo, columnsOf } from './histogram.ts';

/** What processes measure themselves; a crash loses what was not written yet. */
export const measuredSeries = [
  'authorization',
  'authorization_failed',
  'feature_backfill',
  'idempotency_keyed',
  'idempotency_reused',
  'journal_rows',
  'journal_violations',
] as const;

/** What is folded from the sealed log, and can be folded again. */
export const foldedSeries = [
  'case_overruled',
  'case_reviewed',
  'leakage_found',
  'leakage_texts',
  'model_rollback',
  'policy_rejudged',
  'policy_rejudged_changed',
  'replay_decisions',
  'replay_identical',
  'scoring',
] as const;

/** What nothing measures yet. */
export const futureSeries = ['reconciliation_mismatch'] as const;

export type Measured = (typeof measuredSeries)[number];
export type Folded = (typeof foldedSeries)[number];
export type SeriesName = Measured | Folded | (typeof futureSeries)[number];

/** How many within a span, and how long they took where that is timed. */
export type Sum = { count: number; readonly histogram: Map<number, number> };

export function emptySum(): Sum {
  return { count: 0, histogram: new Map() };
}

/** How a row of either table keeps a sum. */
export type SumRow = {
  readonly count: bigint | number;
  readonly buckets: readonly number[];
  readonly counts: readonly (bigint | number)[];
};

export function rowOf({ count, histogram }: Sum): SumRow {
  return { count, ...columnsOf(histogram) };
}

export function addRow(sum: Sum, { count, buckets, counts }: SumRow): void {
  sum.count += Number(count);
  for (const [at, bucket] of buckets.entries()) addTo(sum.histogram, bucket, Number(counts[at]));
}

/** The start of the step of UTC in which an instant lies. */
export function floorTo(instant: Instant, stepMs: number): Instant {
  return Math.floor(instant / stepMs) * stepMs;
}

export const sloName = 'slo';

/** Which generation of the projection is read. */
export function sloGeneration(tx: Tx): Promise<number> {
  return liveGenerationOf(tx, sloName);
}

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
/** What a process measures of so long is one row, which is written anew while it grows. */
export const measureStepMs = 5 * minuteMs;
/** The steps in which the log is folded, the finer one for what is recent. */
export const tallyStepsMs = [measureStepMs, hourMs] as const;
/** For how long the finer rows are kept. */
export const fineMs = 26 * hourMs;

/** Of both kinds of rows what is older is there by the hour alone: no sum begins within one. */
export function stepOf(lengthMs: number): number {
  return lengthMs <= fineMs ? tallyStepsMs[0] : tallyStepsMs[1];
}

export type SpanOfSeries = {
  readonly series: readonly SeriesName[];
  /** At the start of a step. */
  readonly from: Instant;
  readonly to: Instant;
  /** Sums by steps of so long; one for the whole span unless given. */
  readonly stepMs?: number;
};

/** The sums of the tenant's series, by the start of each step and by name. */
export async function readSums(
  tx: Tx,
  { series, from, to, stepMs = to - from }: SpanOfSeries,
): Promise<ReadonlyMap<Instant, ReadonlyMap<SeriesName, Sum>>> {
  const tallyStepS = stepOf(to - from) / 1000;
  const { rows } = await tx.query<{
    series: SeriesName;
    point: Date;
    bucket: number | null;
    count: bigint;
  }>(
    `with part as (
       select series, at, count, buckets, counts from slo.measure
        where series = any ($1) and at >= $2 and at < $3
       union all
       select series, at, count, buckets, counts from slo.tally
        where series = any ($1) and at >= $2 and at < $3 and generation = $5 and step_s = $6)
     select series, date_bin($4, at, $2) as point, each.bucket, sum(each.count)::bigint as count
       from part cross join lateral (
         select null::integer as bucket, part.count
         union all
         select * from unnest(buckets, counts)) as each(bucket, count)
      group by 1, 2, 3 order by 2, 1, 3`,
    [
      ...[series, new Date(from), new Date(to), `${stepMs} milliseconds`],
      ...[await sloGeneration(tx), tallyStepS],
    ],
  );
  const sums = new Map<Instant, Map<SeriesName, Sum>>();
  for (const { series: name, point, bucket, count } of rows) {
    const at = point.getTime();
    const step = sums.get(at) ?? new Map<SeriesName, Sum>();
    const sum = step.get(name) ?? emptySum();
    if (bucket === null) sum.count += Number(count);
    else addTo(sum.histogram, bucket, Number(count));
    sums.set(at, step.set(name, sum));
  }
  return sums;
}
