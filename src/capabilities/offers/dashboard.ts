// The dashboard: what was shown, what came of it, and which products follow from it.
import { generationSql, type Instant, instantToText, type Tx, dayMs } from '#core';
import { type BreakerView, listBreakers } from './breaker.ts';
import { type ExperimentSummary, listExperiments, readHoldout } from './learning/experiments.ts';
import { learningName } from './learning/rows.ts';
import { readLearning } from './learning/settings.ts';

export type DashboardQuery = { readonly now: Instant; readonly days: number };

export type DashboardRow = {
  readonly action: string;
  readonly channel: string;
  readonly arm: string;
  readonly presented: number;
  readonly viewed: number;
  readonly accepted: number;
  readonly declined: number;
  readonly expired: number;
  readonly withdrawn: number;
  readonly booked: number;
  readonly withheld: number;
};

export type Attribution = {
  readonly product: string;
  /** The action by which the customer was last spoken to within the window. */
  readonly action: string;
  readonly opened: number;
};

export type Dashboard = {
  readonly as_of: string;
  readonly from: string;
  /** The last event that was folded. */
  readonly folded_at: string | null;
  readonly rows: readonly DashboardRow[];
  readonly attribution: { readonly window_days: number; readonly items: readonly Attribution[] };
  readonly holdout: ExperimentSummary;
  readonly experiments: readonly ExperimentSummary[];
  /** From what has happened to the offer, in milliseconds; null of none. */
  readonly trigger_to_offer: {
    readonly n: number;
    readonly p50_ms: number | null;
    readonly p95_ms: number | null;
  };
  readonly breakers: readonly BreakerView[];
};

const rowsMax = 1_000;
const counts = [
  ...['presented', 'viewed', 'accepted', 'declined', 'expired', 'withdrawn', 'booked', 'withheld'],
] as const;

export async function readDashboard(tx: Tx, { now, days }: DashboardQuery): Promise<Dashboard> {
  const from = instantToText(now - days * dayMs);
  const { attribution_days: window } = await readLearning(tx);
  return {
    ...{ as_of: instantToText(now), from, folded_at: await foldedAt(tx) },
    rows: await readTallies(tx, from),
    attribution: { window_days: window, items: await readAttribution(tx, { from, window }) },
    holdout: await readHoldout(tx, now),
    experiments: await listExperiments(tx, now),
    trigger_to_offer: await readTriggerTimes(tx, from),
    breakers: await listBreakers(tx),
  };
}

async function foldedAt(tx: Tx): Promise<string | null> {
  const { rows } = await tx.query<{ at: Date | null }>(
    `select max(last_at) as at from offers.participant
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}`,
    [learningName],
  );
  return rows[0]?.at?.toISOString() ?? null;
}

async function readTallies(tx: Tx, from: string): Promise<readonly DashboardRow[]> {
  const sums = counts.map((name) => `sum(${name})::text as ${name}`).join(', ');
  const { rows } = await tx.query<Record<string, string>>(
    `select action, channel, arm, ${sums} from offers.tally
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
        and day >= ($2::timestamptz at time zone 'UTC')::date
      group by action, channel, arm order by action, channel, arm limit ${rowsMax}`,
    [learningName, from],
  );
  return rows.map(({ action, channel, arm, ...sum }) => ({
    ...{ action, channel, arm },
    ...Object.fromEntries(counts.map((name) => [name, Number(sum[name])])),
  })) as unknown as DashboardRow[];
}

/** Last touch: of several offers of one product the last one before it was opened. */
async function readAttribution(
  tx: Tx,
  { from, window }: { readonly from: string; readonly window: number },
): Promise<readonly Attribution[]> {
  const { rows } = await tx.query<{ product: string; action: string; opened: string }>(
    `select product, action, count(*)::text as opened from (
       select distinct on (customer, product) product, action from offers.participant
        where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
          and arm in ('treated', 'explored') and opened_at >= $2
          and opened_at <= least(last_at, opened_at) + $3 * interval '1 day'
        order by customer, product, least(last_at, opened_at) desc, action) as touched
      group by product, action order by product, action limit ${rowsMax}`,
    [learningName, from, window],
  );
  return rows.map(({ opened, ...row }) => ({ ...row, opened: Number(opened) }));
}

async function readTriggerTimes(tx: Tx, from: string): Promise<Dashboard['trigger_to_offer']> {
  const { rows } = await tx.query<{ n: string; p50: number | null; p95: number | null }>(
    `select count(*)::text as n,
            percentile_disc(0.5) within group (order by ms) as p50,
            percentile_disc(0.95) within group (order by ms) as p95
       from (select extract(epoch from t.presented_at - e.occurred_at)::float8 * 1000 as ms
               from offers.triggered t
               join offers.life_event e on e.tenant_id = t.tenant_id
                and e.customer = t.customer and e.kind || ' ' || e.source = t.because
              where t.tenant_id = core.current_tenant()
                and t.generation = ${generationSql('$1')} and t.presented_at >= $2) as times`,
    [learningName, from],
  );
  const { n = '0', p50 = null, p95 = null } = rows[0] ?? {};
  return { n: Number(n), p50_ms: p50, p95_ms: p95 };
}
