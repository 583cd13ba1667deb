// What is done each minute beside the alerts: the journal is looked through, old rows rolled up.
import { type Instant, type Pool, type Tx, uuidFrom, withTx } from '#core';
import { writeMeasures } from './recorder.ts';
import {
  addRow,
  emptySum,
  fineMs,
  floorTo,
  hourMs,
  type Measured,
  minuteMs,
  rowOf,
  type Sum,
  type SumRow,
} from './series.ts';

// The journal -------------------------------------------------------------------------------------

/**
 * From the receipt of a command: its countersignature holds for a minute, so what it posts is there
 * by then.
 */
const settledMs = 2 * minuteMs;
/** How far back the first look reaches; how many minutes one query covers, and how many a look. */
const firstLookMs = hourMs;
const minutesPerQuery = 10;
const minutesPerLook = 60;

/** Events of the money plane that tell of one row of the journal each. */
const movements = [
  'hold.captured',
  'hold.created',
  'hold.expired',
  'hold.increased',
  'hold.voided',
  'transaction.posted',
  'transaction.reversed',
];

/** What was found of the commands that were received in a minute. */
export type JournalMinute = {
  readonly at: Instant;
  readonly rows: number;
  readonly violations: number;
};

/**
 * Looks at the tenant's rows of commands that were received in a span. A command posts each of its
 * legs once, and the log tells of each row once: more rows than legs were posted twice; rows and
 * events that differ in number are an effect that nobody was told of, or one that is gone.
 */
export async function checkJournal(
  tx: Tx,
  { from, to }: { readonly from: Instant; readonly to: Instant },
): Promise<readonly JournalMinute[]> {
  // Ids begin with the receipt of their command: all that one command did lies side by side.
  const minute = `('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / ${minuteMs}`;
  const mine = 'tenant_id = core.current_tenant() and id >= $1 and id < $2';
  const { rows } = await tx.query<Record<'minute' | 'posted' | 'legs' | 'told', bigint>>(
    `with leg as (
       select ${minute} as minute, count(*) as rows from money.transfer
        where ${mine} group by minute, command_id, leg),
     row as (
       select minute, sum(rows)::bigint as posted, count(*) as legs from leg group by minute),
     event as (
       select ${minute} as minute, count(*) as told
         from core.event where ${mine} and type = any ($3) group by 1)
     select minute, coalesce(posted, 0) as posted, coalesce(legs, 0) as legs,
            coalesce(told, 0) as told
       from row full join event using (minute) order by minute`,
    [uuidFrom(from), uuidFrom(to), movements],
  );
  return rows.map((row) => {
    const [posted, legs, told] = [Number(row.posted), Number(row.legs), Number(row.told)];
    const violations = Math.max(posted - legs, Math.abs(posted - told));
    return { at: Number(row.minute) * minuteMs, rows: posted, violations };
  });
}

export type UpkeepPools = {
  /** That writes measures. */
  readonly app: Pool;
  /** That reads as a tenant. */
  readonly read: Pool;
};

/** Looks through what has settled since the last look. */
export async function lookThroughJournal(
  { app, read }: UpkeepPools,
  tenant: string,
  now: Instant,
): Promise<void> {
  const end = floorTo(now - settledMs, minuteMs);
  const since = await checkedUntil(read, tenant, end - firstLookMs);
  const until = Math.min(end, since + minutesPerLook * minuteMs);
  for (let from = since; from < until; from += minutesPerQuery * minuteMs) {
    const span = { from, to: Math.min(until, from + minutesPerQuery * minuteMs) };
    const found = await withTx(read, (tx) => checkJournal(tx, span), { tenant, readOnly: true });
    const measures = found.flatMap(({ at, rows, violations }) => [
      { tenant, series: 'journal_rows', at, sum: { ...emptySum(), count: rows } } as const,
      {
        tenant,
        series: 'journal_violations',
        at,
        sum: { ...emptySum(), count: violations },
      } as const,
    ]);
    // In this order: who dies in between finds the same again, and writes the same rows.
    await writeMeasures(app, 'journal', measures);
    await app.query(
      `insert into slo.checked (tenant_id, until) values ($1, $2)
       on conflict (tenant_id) do update set until = greatest(checked.until, excluded.until)`,
      [tenant, new Date(span.to)],
    );
  }
}

async function checkedUntil(pool: Pool, tenant: string, first: Instant): Promise<Instant> {
  const { rows } = await withTx(
    pool,
    (tx) => tx.query<{ until: Date }>('select until from slo.checked'),
    { tenant, readOnly: true },
  );
  return rows[0]?.until.getTime() ?? first;
}

// Old rows ----------------------------------------------------------------------------------------

const keptMs = 90 * 24 * hourMs;
const hoursPerPass = 24;
const deletePage = 20_000;
const hourly = 'hour';

/** Makes one row of each hour whose minutes are not needed any more; forgets the oldest. */
export async function rollUp(pool: Pool, now: Instant): Promise<void> {
  const before = floorTo(now - fineMs, hourMs);
  for (let pass = 0; pass < hoursPerPass; pass += 1) {
    const { rows } = await pool.query<{ at: Date }>(
      `select at from slo.measure where process <> '${hourly}' and at < $1 order by at limit 1`,
      [new Date(before)],
    );
    const [oldest] = rows;
    if (!oldest) break;
    await rollUpHour(pool, floorTo(oldest.at.getTime(), hourMs));
  }
  await pool.query(
    `delete from slo.measure where ctid in
       (select ctid from slo.measure where at < $1 limit ${deletePage})`,
    [new Date(now - keptMs)],
  );
}

type MeasureRow = SumRow & { readonly tenant_id: string; readonly series: Measured };

async function rollUpHour(pool: Pool, hour: Instant): Promise<void> {
  await withTx(pool, async (tx) => {
    // Also what was rolled up of this hour before: it may have been written late.
    const { rows } = await tx.query<MeasureRow>(
      `delete from slo.measure where at >= $1 and at < $2
       returning tenant_id, series, count, buckets, counts`,
      [new Date(hour), new Date(hour + hourMs)],
    );
    const sums = new Map<string, { readonly row: MeasureRow; readonly sum: Sum }>();
    for (const row of rows) {
      const key = `${row.tenant_id} ${row.series}`;
      const { sum } = sums.get(key) ?? { sum: emptySum() };
      addRow(sum, row);
      sums.set(key, { row, sum });
    }
    const merged = [...sums.values()].map(({ row: { tenant_id, series }, sum }) => ({
      ...{ tenant_id, series, at: new Date(hour), process: hourly },
      ...rowOf(sum),
    }));
    await tx.query(
      `insert into slo.measure
       select * from jsonb_populate_recordset(null::slo.measure, $1::jsonb)`,
      [JSON.stringify(merged)],
    );
  });
}
