// The flow: what went through the three planes, minute by minute, folded from the sealed log.
import { type Instant, instantToText, type Tx } from '#core';
import { addTo, bucketOf, quantile } from './histogram.ts';
import { addRow, emptySum, floorTo, minuteMs, rowOf, sloGeneration, type Sum } from './series.ts';

/** Of a minute; what was not there is not told. */
export type FlowMinute = {
  readonly at: string;
  /** Cases that were scored, those of them by something else than the model that was asked. */
  readonly ai: {
    readonly scored: number;
    readonly fell_back: Counts;
    readonly p95_ms: number | null;
  };
  /** Decisions by their outcome. */
  readonly policy: Counts;
  /** Steps of payments by what became of them, and what was posted in minor units. */
  readonly money: { readonly payments: Counts; readonly posted: Counts };
  readonly reviews: { readonly opened: number; readonly decided: number };
};
type Counts = Readonly<Record<string, number>>;

/** How far back one may look, and for how long minutes are kept. */
export const flowMinutesMax = 180;
const keptMs = (flowMinutesMax + 60) * minuteMs;

/** Names of counts begin with one of these. */
const kinds = {
  fellBack: 'fell_back ',
  decided: 'decided ',
  payment: 'payment ',
  posted: 'posted ',
} as const;

/** What of an event counts here. */
export type FlowEvent = {
  readonly tenant: string;
  readonly at: Instant;
  readonly type: string;
  readonly payload: unknown;
};

const payments = {
  'payment.posted': 'posted',
  'payment.authorized': 'authorized',
  'payment.captured': 'captured',
  'payment.held': 'held',
  'payment.review_required': 'review',
  'payment.denied': 'denied',
  'payment.refunded': 'refunded',
  'payment.returned': 'returned',
  'payment.charged_back': 'charged_back',
} as const;

export const flowTypes: readonly string[] = [
  ...['score.produced', 'decision.made', 'case.opened', 'case.decided'],
  ...Object.keys(payments),
];

/** By tenant and minute: what is counted, and how long scores took. */
export type Flow = Map<string, Part>;
type Part = {
  readonly tenant: string;
  readonly at: Instant;
  readonly counts: Map<string, number>;
  readonly scoring: Sum;
};

export function takeIntoFlow(flow: Flow, { tenant, at, type, payload }: FlowEvent): void {
  const minute = floorTo(at, minuteMs);
  const key = keyOf(tenant, minute);
  const part = flow.get(key) ?? {
    ...{ tenant, at: minute, counts: new Map<string, number>(), scoring: emptySum() },
  };
  flow.set(key, part);
  const add = (name: string, count = 1) => addCount(part.counts, name, count);
  switch (type) {
    case 'score.produced': {
      const { fallback_reason: reason, latency_us } = payload as ScoreTold;
      add('scored');
      if (reason !== null) add(kinds.fellBack + reason);
      part.scoring.count += 1;
      addTo(part.scoring.histogram, bucketOf(latency_us));
      break;
    }
    case 'decision.made':
      add(kinds.decided + (payload as { outcome: string }).outcome);
      break;
    case 'case.opened':
    case 'case.decided':
      add(type);
      break;
    default: {
      const { code, amount, currency } = payload as PaymentTold;
      const became = payments[type as keyof typeof payments];
      if (became === undefined) break;
      // Policy has allowed what the ledger refuses.
      add(kinds.payment + (became === 'denied' && code !== null ? 'refused' : became));
      if (became === 'posted' || became === 'captured') add(kinds.posted + currency, amount);
    }
  }
}
type ScoreTold = { readonly fallback_reason: string | null; readonly latency_us: number };
type PaymentTold = {
  readonly code: string | null;
  readonly amount: number;
  readonly currency: string;
};

function keyOf(tenant: string, at: Instant): string {
  return `${tenant} ${at}`;
}

/** Sums of amounts stop at what every reader agrees on. */
function addCount(counts: Map<string, number>, name: string, count: number): void {
  const sum = (counts.get(name) ?? 0) + count;
  counts.set(name, Math.min(sum, Number.MAX_SAFE_INTEGER));
}

// Rows --------------------------------------------------------------------------------------------

type FlowRow = {
  readonly tenant_id: string;
  readonly at: Date;
  readonly counts: Counts;
  readonly buckets: number[];
  readonly bucket_counts: bigint[];
};

/** The consumer's checkpoint is locked: nobody else writes what was read here. */
export async function writeFlow(tx: Tx, generation: number, flow: Flow): Promise<void> {
  if (flow.size === 0) return;
  const keys = [...flow.values()].map(({ tenant, at }) => ({
    ...{ tenant_id: tenant, at: instantToText(at) },
  }));
  const { rows } = await tx.query<FlowRow>(
    `select tenant_id, at, counts, buckets, bucket_counts
       from jsonb_to_recordset($1::jsonb) as key(tenant_id text, at timestamptz)
       join slo.flow using (tenant_id, at) where generation = $2`,
    [JSON.stringify(keys), generation],
  );
  for (const { tenant_id, at, counts, buckets, bucket_counts } of rows) {
    const part = flow.get(keyOf(tenant_id, at.getTime())) as Part;
    for (const [name, count] of Object.entries(counts)) addCount(part.counts, name, count);
    addRow(part.scoring, { count: 0, buckets, counts: bucket_counts });
  }
  const written = [...flow.values()].map(({ counts, scoring }, index) => {
    const { buckets, counts: bucket_counts } = rowOf(scoring);
    return { ...keys[index], generation, counts: ordered(counts), buckets, bucket_counts };
  });
  await tx.query(
    `insert into slo.flow
     select * from jsonb_populate_recordset(null::slo.flow, $1::jsonb)
     on conflict (tenant_id, generation, at) do update
        set counts = excluded.counts, buckets = excluded.buckets,
            bucket_counts = excluded.bucket_counts`,
    [JSON.stringify(written)],
  );
  // By the tenant's newest minute, not by a clock: another fold of the log leaves the same.
  await tx.query(
    `delete from slo.flow as old using unnest($1::text[]) as given(tenant_id)
      where old.tenant_id = given.tenant_id and old.generation = $2
        and old.at < (select max(at) from slo.flow as newest
                       where newest.tenant_id = given.tenant_id and newest.generation = $2)
                     - $3::interval`,
    [[...new Set(keys.map((key) => key.tenant_id))], generation, `${keptMs} milliseconds`],
  );
}

function ordered(counts: ReadonlyMap<string, number>): Counts {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

// Reading -----------------------------------------------------------------------------------------

/** The tenant's last minutes, oldest first; the last one is not over. */
export async function readFlow(
  tx: Tx,
  { minutes, now }: { readonly minutes: number; readonly now: Instant },
): Promise<readonly FlowMinute[]> {
  const from = floorTo(now, minuteMs) - (minutes - 1) * minuteMs;
  const { rows } = await tx.query<FlowRow>(
    `select tenant_id, at, counts, buckets, bucket_counts from slo.flow
      where tenant_id = core.current_tenant() and generation = $1 and at >= $2 and at <= $3`,
    [await sloGeneration(tx), new Date(from), new Date(now)],
  );
  const found = new Map(rows.map((row) => [row.at.getTime(), row]));
  return Array.from({ length: minutes }, (_, index) => {
    const at = from + index * minuteMs;
    return minuteOf(at, found.get(at));
  });
}

function minuteOf(at: Instant, row: FlowRow | undefined): FlowMinute {
  const counts = Object.entries(row?.counts ?? {});
  const under = (kind: string): Counts =>
    Object.fromEntries(
      counts.flatMap(([name, count]) =>
        name.startsWith(kind) ? [[name.slice(kind.length), count]] : [],
      ),
    );
  const of = (name: string) => row?.counts[name] ?? 0;
  const scoring = emptySum();
  if (row) addRow(scoring, { count: 0, buckets: row.buckets, counts: row.bucket_counts });
  const us = quantile(scoring.histogram, 0.95);
  return {
    at: instantToText(at),
    ai: {
      scored: of('scored'),
      fell_back: under(kinds.fellBack),
      p95_ms: us === null ? null : Math.round(us) / 1000,
    },
    policy: under(kinds.decided),
    money: { payments: under(kinds.payment), posted: under(kinds.posted) },
    reviews: { opened: of('case.opened'), decided: of('case.decided') },
  };
}
