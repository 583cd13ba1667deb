// The recorder of a process: counts and durations by tenant, of five minutes each, written to the
// database as they grow. A crash loses what was not written yet: that of the last 15 seconds.
import { type Clock, type Instant, instantToText, type Pool, type Random, withTx } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { addTo, bucketOf } from './histogram.ts';
import { emptySum, floorTo, type Measured, measureStepMs, rowOf, type Sum } from './series.ts';

export type Recorder = {
  readonly count: (tenant: string, series: Measured, by?: number) => void;
  readonly observe: (tenant: string, series: Measured, durationMs: number) => void;
  /** Writes what has changed; what cannot be written now is written next time. */
  readonly flush: (pool: Pool) => Promise<void>;
  /** Of the process since it began, over all tenants. */
  readonly totals: () => Readonly<Partial<Record<Measured | 'dropped', number>>>;
};

/** Rows that are kept in memory: where there is no room what is new is dropped, and counted. */
const openMax = 20_000;
const rowsPerWrite = 500;
const flushIntervalMs = 15_000;

type Open = {
  readonly tenant: string;
  readonly series: Measured;
  readonly at: Instant;
  readonly sum: Sum;
  isWritten: boolean;
};

export function createRecorder({ clock, random }: { clock: Clock; random: Random }): Recorder {
  const open = new Map<string, Open>();
  const totals: Partial<Record<Measured | 'dropped', number>> = {};
  let process: string | undefined;

  function openAt(tenant: string, series: Measured): Open | undefined {
    const at = floorTo(clock.now(), measureStepMs);
    const key = `${tenant} ${series} ${at}`;
    const known = open.get(key);
    if (known) {
      known.isWritten = false;
      return known;
    }
    if (open.size >= openMax) {
      totals.dropped = (totals.dropped ?? 0) + 1;
      return undefined;
    }
    const fresh = { tenant, series, at, sum: emptySum(), isWritten: false };
    open.set(key, fresh);
    return fresh;
  }

  function add(tenant: string, series: Measured, by: number): Sum | undefined {
    totals[series] = (totals[series] ?? 0) + by;
    const sum = openAt(tenant, series)?.sum;
    if (sum) sum.count += by;
    return sum;
  }

  return {
    count(tenant, series, by = 1) {
      add(tenant, series, by);
    },
    observe(tenant, series, durationMs) {
      const sum = add(tenant, series, 1);
      if (sum) addTo(sum.histogram, bucketOf(durationMs * 1000));
    },
    async flush(pool) {
      process ??= Buffer.from(random.bytes(8)).toString('hex');
      const changed = [...open.values()].filter(({ isWritten }) => !isWritten);
      for (let at = 0; at < changed.length; at += rowsPerWrite) {
        const page = changed.slice(at, at + rowsPerWrite);
        // What is added while it is being written makes it unwritten again.
        for (const each of page) each.isWritten = true;
        await writeMeasures(pool, process, page).catch((error: unknown) => {
          for (const each of page) each.isWritten = false;
          throw error;
        });
      }
      const now = floorTo(clock.now(), measureStepMs);
      for (const [key, each] of open) if (each.isWritten && each.at < now) open.delete(key);
    },
    totals: () => ({ ...totals }),
  };
}

export type Measure = {
  readonly tenant: string;
  readonly series: Measured;
  readonly at: Instant;
  readonly sum: Sum;
};

/** Puts what a process has measured in the place of what it wrote of the same span before. */
export async function writeMeasures(
  pool: Pool,
  process: string,
  measures: readonly Measure[],
): Promise<void> {
  if (measures.length === 0) return;
  const rows = measures.map(({ tenant: tenant_id, series, at, sum }) => ({
    ...{ tenant_id, series, process, at: instantToText(at) },
    ...rowOf(sum),
  }));
  await withTx(
    pool,
    (tx) =>
      tx.query(
        `insert into slo.measure
         select * from jsonb_populate_recordset(null::slo.measure, $1::jsonb)
         on conflict (tenant_id, series, at, process) do update
            set count = excluded.count, buckets = excluded.buckets, counts = excluded.counts`,
        [JSON.stringify(rows)],
      ),
    { isDerived: true },
  );
}

export type Flushing = {
  readonly recorder: Recorder;
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

/** Writes every few seconds, and once more at the end. */
export async function keepFlushing({ recorder, pool, signal, onError }: Flushing): Promise<void> {
  while (!signal.aborted) {
    await sleep(flushIntervalMs, undefined, { signal }).catch(() => undefined);
    await recorder.flush(pool).catch(onError);
  }
}
