// The projection `slo`: how fast models answer and are taken back, what other policies would have
// said, what people overruled, what leaked, how exactly a replay comes out the same, and the flow.
import type { controlPayloads, modelPayloads, scorePayloads } from '#ai';
import { type Instant, instantToText, type Projection, type SealedEvent, type Tx } from '#core';
import type Type from 'typebox';
import { type Flow, flowTypes, takeIntoFlow, writeFlow } from './flow.ts';
import { addTo, bucketOf } from './histogram.ts';
import { rollbackTargetMs } from './objectives.ts';
import {
  addRow,
  emptySum,
  floorTo,
  type Folded,
  rowOf,
  sloName,
  type Sum,
  type SumRow,
  tallyStepsMs,
} from './series.ts';

export const sloProjection: Projection = {
  name: sloName,
  types: [
    ...flowTypes,
    'model.deployed',
    'model.rolled_back',
    'control.tested',
    'replay.completed',
  ],
  tables: ['slo.tally', 'slo.rollback', 'slo.folded', 'slo.flow'],
  async fold(tx, generation, events) {
    if (events.length === 0) return;
    const tenants = [...new Set(events.map(({ tenant }) => tenant))];
    const rollbacks = await readRollbacks(tx, generation, tenants);
    const page: Page = { tallies: new Map(), rollbacks, folded: new Map(), flow: new Map() };
    for (const event of events) takeIn(page, event);
    await writeTallies(tx, generation, page.tallies);
    await writeRollbacks(tx, generation, tenants, page.rollbacks);
    await writeFolded(tx, generation, page.folded);
    await writeFlow(tx, generation, page.flow);
  },
};

type Page = {
  readonly tallies: Map<string, Tally>;
  /** By tenant and model: what was gone back to, and not heard yet. */
  readonly rollbacks: Map<string, Rollback>;
  readonly folded: Map<string, { readonly position: bigint; readonly at: Instant }>;
  readonly flow: Flow;
};
type Tally = {
  readonly tenant: string;
  readonly series: Folded;
  readonly stepS: number;
  readonly at: Instant;
  readonly sum: Sum;
  /** What counts is the largest, not all together: of one day looked at more than once. */
  readonly isLargest: boolean;
};
type Rollback = {
  readonly tenant_id: string;
  readonly model: string;
  readonly version: number;
  readonly acted_at: string;
  readonly was_stale: boolean;
};

type Place = { readonly tenant: string; readonly at: Instant };

/** What is read of each type of event. */
type Payloads = {
  readonly 'score.produced': Type.Static<(typeof scorePayloads)['score.produced']>;
  readonly 'decision.made': {
    readonly outcome: string;
    readonly shadows?: readonly { readonly outcome: string }[];
  };
  readonly 'model.deployed': Type.Static<(typeof modelPayloads)['model.deployed']>;
  readonly 'model.rolled_back': Type.Static<(typeof modelPayloads)['model.rolled_back']>;
  readonly 'control.tested': Type.Static<(typeof controlPayloads)['control.tested']>;
  readonly 'case.decided': { readonly ai_proposed: boolean; readonly verdict: string };
  readonly 'replay.completed': {
    readonly kind: string;
    readonly status: string;
    readonly decisions: number;
    readonly identical: number;
    readonly changed: number;
  };
};
type Told = keyof Payloads;

function takeIn(page: Page, { tenant, tenantPosition, type, body }: SealedEvent): void {
  const { occurred_at, payload } = (JSON.parse(body) as { data: Data }).data;
  const at = Date.parse(occurred_at);
  takeIntoFlow(page.flow, { tenant, at, type, payload });
  // Most decisions by far have nothing beside them: they say nothing of a service level.
  if (!isTold(type) || (type === 'decision.made' && body.includes('"shadows":[]'))) return;
  page.folded.set(tenant, { position: tenantPosition, at });
  tellers[type](page, { tenant, at }, payload);
}

function isTold(type: string): type is Told {
  return Object.hasOwn(tellers, type);
}

type Data = { readonly occurred_at: string; readonly payload: never };

const tellers: {
  readonly [Type in Told]: (page: Page, place: Place, payload: Payloads[Type]) => void;
} = {
  'score.produced': (page, place, { model, stage, latency_us }) => {
    add(page, place, 'scoring', 1, latency_us);
    if (stage !== 'canary') hear(page, place, model);
  },
  'decision.made': (page, place, { outcome, shadows = [] }) => {
    const changed = shadows.filter((shadow) => shadow.outcome !== outcome);
    add(page, place, 'policy_rejudged', shadows.length);
    add(page, place, 'policy_rejudged_changed', changed.length);
  },
  'model.deployed': (page, { tenant }, { name, stage }) => {
    // Another version decides: what was gone back to will not be heard any more.
    if (stage === 'production') page.rollbacks.delete(keyOf(tenant, name));
  },
  'model.rolled_back': (page, { tenant, at }, { name, version }) => {
    const act = { tenant_id: tenant, model: name, version, acted_at: instantToText(at) };
    page.rollbacks.set(keyOf(tenant, name), { ...act, was_stale: false });
  },
  'control.tested': (page, { tenant }, { control, result, figures, period_to }) => {
    if (control !== 'leakage' || result === 'insufficient') return;
    // Each model's run looks into the same texts of the period: they count once.
    const place = { tenant, at: Date.parse(period_to) - 1 };
    keepLargest(page, place, 'leakage_texts', Number(figures['texts']));
    keepLargest(page, place, 'leakage_found', Number(figures['found']));
  },
  'case.decided': (page, place, { ai_proposed, verdict }) => {
    if (!ai_proposed) return;
    add(page, place, 'case_reviewed', 1);
    // What the model has flagged passes all the same: a person has overruled it.
    add(page, place, 'case_overruled', verdict === 'approve' ? 1 : 0);
  },
  'replay.completed': (page, place, { kind, status, decisions, identical, changed }) => {
    if (status !== 'completed') return;
    if (kind === 'same') {
      add(page, place, 'replay_decisions', decisions);
      add(page, place, 'replay_identical', identical);
    } else if (kind === 'policy') {
      add(page, place, 'policy_rejudged', decisions);
      add(page, place, 'policy_rejudged_changed', changed);
    }
  },
};

type Heard = { readonly name: string; readonly version: number };

/**
 * The first score of the version that was gone back to ends the rollback. Where none of another
 * version came in between it took no time at all: that nobody asked is not slowness. Where others
 * are still heard when it should long be over, it has failed, and nobody waits for it.
 */
function hear(page: Page, place: Place, { name, version }: Heard): void {
  const key = keyOf(place.tenant, name);
  const rollback = page.rollbacks.get(key);
  if (!rollback) return;
  const tookMs = place.at - Date.parse(rollback.acted_at);
  const isHeard = version === rollback.version;
  if (isHeard || tookMs >= rollbackTargetMs) {
    page.rollbacks.delete(key);
    const isAtOnce = isHeard && !rollback.was_stale;
    add(page, place, 'model_rollback', 1, isAtOnce ? 0 : Math.max(0, tookMs) * 1000);
  } else if (tookMs >= 0 && !rollback.was_stale) {
    page.rollbacks.set(key, { ...rollback, was_stale: true });
  }
}

/** With a duration, in microseconds, where it is one. */
function add(page: Page, place: Place, series: Folded, count: number, us?: number): void {
  if (count === 0) return;
  for (const { sum } of talliesOf(page, place, { series, isLargest: false })) {
    sum.count += count;
    if (us !== undefined) addTo(sum.histogram, bucketOf(us));
  }
}

function keepLargest(page: Page, place: Place, series: Folded, count: number): void {
  for (const { sum } of talliesOf(page, place, { series, isLargest: true })) {
    sum.count = Math.max(sum.count, count);
  }
}

/** Of an instant there is one for each step. */
function talliesOf(
  { tallies }: Page,
  { tenant, at: happenedAt }: Place,
  kind: Pick<Tally, 'series' | 'isLargest'>,
): Tally[] {
  return tallyStepsMs.map((stepMs) => {
    const at = floorTo(happenedAt, stepMs);
    const key = `${tenant} ${kind.series} ${stepMs} ${at}`;
    const tally = tallies.get(key) ?? {
      ...kind,
      ...{ tenant, at, stepS: stepMs / 1000, sum: emptySum() },
    };
    tallies.set(key, tally);
    return tally;
  });
}

function keyOf(tenant: string, model: string): string {
  return `${tenant} ${model}`;
}

// Rows --------------------------------------------------------------------------------------------

/** The consumer's checkpoint is locked: nobody else writes what was read here. */
async function writeTallies(
  tx: Tx,
  generation: number,
  tallies: ReadonlyMap<string, Tally>,
): Promise<void> {
  if (tallies.size === 0) return;
  const keys = [...tallies.values()].map(({ tenant, series, stepS, at }) => ({
    ...{ tenant_id: tenant, generation, series, step_s: stepS, at: instantToText(at) },
  }));
  const { rows } = await tx.query<SumRow & { tenant_id: string; series: Folded } & TallyKey>(
    `select tenant_id, series, step_s, at, count, buckets, counts
       from jsonb_to_recordset($1::jsonb) as key(tenant_id text, series text, step_s integer,
              at timestamptz)
       join slo.tally using (tenant_id, series, step_s, at)
      where generation = $2`,
    [JSON.stringify(keys), generation],
  );
  for (const row of rows) {
    const key = `${row.tenant_id} ${row.series} ${row.step_s * 1000} ${row.at.getTime()}`;
    const tally = tallies.get(key) as Tally;
    if (tally.isLargest) tally.sum.count = Math.max(tally.sum.count, Number(row.count));
    else addRow(tally.sum, row);
  }
  const sums = [...tallies.values()].map(({ sum }, index) => ({ ...keys[index], ...rowOf(sum) }));
  await tx.query(
    `insert into slo.tally
     select * from jsonb_populate_recordset(null::slo.tally, $1::jsonb)
     on conflict (tenant_id, generation, series, step_s, at) do update
        set count = excluded.count, buckets = excluded.buckets, counts = excluded.counts`,
    [JSON.stringify(sums)],
  );
}
type TallyKey = { readonly step_s: number; readonly at: Date };

async function readRollbacks(
  tx: Tx,
  generation: number,
  tenants: readonly string[],
): Promise<Map<string, Rollback>> {
  const { rows } = await tx.query<Omit<Rollback, 'acted_at'> & { acted_at: Date }>(
    `select tenant_id, model, version, acted_at, was_stale from slo.rollback
      where generation = $1 and tenant_id = any ($2)`,
    [generation, tenants],
  );
  return new Map(
    rows.map(({ acted_at, ...row }) => [
      keyOf(row.tenant_id, row.model),
      { ...row, acted_at: acted_at.toISOString() },
    ]),
  );
}

/** Those that are open are few: all of the tenants' are written anew. */
async function writeRollbacks(
  tx: Tx,
  generation: number,
  tenants: readonly string[],
  rollbacks: ReadonlyMap<string, Rollback>,
): Promise<void> {
  await tx.query('delete from slo.rollback where generation = $1 and tenant_id = any ($2)', [
    generation,
    tenants,
  ]);
  if (rollbacks.size === 0) return;
  await tx.query(
    `insert into slo.rollback
     select * from jsonb_populate_recordset(null::slo.rollback, $1::jsonb)`,
    [JSON.stringify([...rollbacks.values()].map((row) => ({ ...row, generation })))],
  );
}

async function writeFolded(tx: Tx, generation: number, folded: Page['folded']): Promise<void> {
  if (folded.size === 0) return;
  const rows = [...folded].map(([tenant_id, { position, at }]) => ({
    ...{ tenant_id, generation, tenant_position: Number(position), at: instantToText(at) },
  }));
  await tx.query(
    `insert into slo.folded
     select * from jsonb_populate_recordset(null::slo.folded, $1::jsonb)
     on conflict (tenant_id, generation) do update
        set tenant_position = excluded.tenant_position, at = excluded.at`,
    [JSON.stringify(rows)],
  );
}
