// The projection `scores`: what models said of each case, how it turned out, what controls found.
import type { Projection, SealedEvent, Tx } from '#core';
import type Type from 'typebox';
import type { scorePayloads } from '../scoring/score.ts';
import type { controlPayloads } from './control-runs.ts';
import type { LabelRecorded } from './labels.ts';
import { scoresName } from './rows.ts';

export const scoreProjection: Projection = {
  name: scoresName,
  tables: ['ai.score', 'ai.label', 'ai.control_run', 'ai.alert'],
  async fold(tx, generation, events) {
    const page: Page = { scores: [], decided: [], labels: [], runs: [], alerts: [] };
    const fresh = new Map<string, ScoreRow[]>();
    for (const event of events) takeIn(page, fresh, generation, event);
    await insertRows(tx, 'ai.score', page.scores);
    await tellDecisions(tx, generation, page.decided);
    await insertRows(tx, 'ai.label', page.labels);
    await insertRows(tx, 'ai.control_run', page.runs);
    await insertRows(tx, 'ai.alert', page.alerts);
  },
};

type Produced = Type.Static<(typeof scorePayloads)['score.produced']>;
type Tested = Type.Static<(typeof controlPayloads)['control.tested']>;
type Raised = Type.Static<(typeof controlPayloads)['alert.raised']>;
type Decided = {
  readonly command_id: string;
  readonly decision_id: string;
  readonly model_score_ref: string;
  readonly outcome: string;
  readonly facts: Readonly<Record<string, unknown>>;
};

/** Columns by name, as the table has them. */
type Row = Readonly<Record<string, unknown>>;
type ScoreRow = Record<string, unknown>;
type Page = {
  readonly scores: ScoreRow[];
  /** Of scores that an earlier page has brought. */
  readonly decided: Row[];
  readonly labels: Row[];
  readonly runs: Row[];
  readonly alerts: Row[];
};

function takeIn(
  page: Page,
  fresh: Map<string, ScoreRow[]>,
  generation: number,
  { tenant, tenantPosition, type, body }: SealedEvent,
): void {
  const own = { tenant_id: tenant, generation, tenant_position: Number(tenantPosition) };
  switch (type) {
    case 'score.produced': {
      const { payload } = dataOf<Produced>(body);
      const rows = scoreRows(payload).map((row) => ({ ...own, ...row }));
      fresh.set(`${tenant} ${payload.score_id}`, rows);
      page.scores.push(...rows);
      return;
    }
    case 'decision.made': {
      // Most decisions read no score: those are not even parsed.
      if (!body.includes('"model_score_ref":"')) return;
      const { payload } = dataOf<Decided>(body);
      const told = decisionColumns(payload);
      const rows = fresh.get(`${tenant} ${payload.model_score_ref}`);
      for (const row of rows ?? []) Object.assign(row, told);
      if (!rows) page.decided.push({ ...own, score_id: payload.model_score_ref, ...told });
      return;
    }
    case 'label.recorded': {
      const { payload, occurred_at: recorded_at } = dataOf<LabelRecorded>(body);
      page.labels.push({ ...own, ...payload, recorded_at });
      return;
    }
    case 'control.tested': {
      const { payload, occurred_at: tested_at } = dataOf<Tested>(body);
      page.runs.push({ ...own, ...payload, tested_at });
      return;
    }
    case 'alert.raised': {
      const { payload, occurred_at: raised_at } = dataOf<Raised>(body);
      page.alerts.push({ ...own, ...payload, raised_at });
    }
  }
}

function dataOf<Payload>(body: string): { payload: Payload; occurred_at: string } {
  const { data } = JSON.parse(body) as { data: { payload: Payload; occurred_at: string } };
  return data;
}

/** One for what was answered, and one for each model on trial. */
function scoreRows(said: Produced): ScoreRow[] {
  const { score_id, at, point, model, served_by, stage, shadows } = said;
  const isOwn = stage === 'production' || stage === 'canary';
  const own = {
    ...{ score_id, at, point, stage, ordinal: 0 },
    model: model.name,
    version: model.version,
    served_version: isOwn ? model.version : (served_by?.version ?? null),
    value: said.value,
    fallback_reason: said.fallback_reason,
    latency_us: said.latency_us,
    inputs: said.inputs,
  };
  const trials = shadows.map(({ name, version, value }, index) => ({
    ...{ score_id, at, point, value, version, stage: 'shadow' },
    ordinal: index + 1,
    model: name,
    served_version: version,
  }));
  return [own, ...trials];
}

function decisionColumns({ command_id, decision_id, outcome, facts }: Decided) {
  return { command_id, decision_id, outcome, segments: segmentsOf(facts) };
}

/** Facts by which groups can be told: none says who somebody is. */
const segmentFacts = ['channel', 'kind', 'customer_kind', 'existing_customer', 'sex', 'region'];

function segmentsOf(facts: Decided['facts']): Record<string, string> {
  const segments: Record<string, string> = {};
  for (const name of segmentFacts) {
    const value = facts[name];
    if (typeof value === 'string' || typeof value === 'boolean') segments[name] = String(value);
  }
  const age = facts['age_years'];
  if (typeof age === 'number') segments['age'] = ageBand(age);
  return segments;
}

function ageBand(years: number): string {
  if (years < 25) return 'under_25';
  if (years < 40) return '25_to_39';
  return years < 62 ? '40_to_61' : 'from_62';
}

/** Columns that a row does not name are null. */
async function insertRows(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}

async function tellDecisions(tx: Tx, generation: number, decided: readonly Row[]): Promise<void> {
  if (decided.length === 0) return;
  await tx.query(
    `update ai.score s
        set command_id = d.command_id, decision_id = d.decision_id, outcome = d.outcome,
            segments = d.segments
       from jsonb_populate_recordset(null::ai.score, $2::jsonb) d
      where s.tenant_id = d.tenant_id and s.generation = $1 and s.score_id = d.score_id`,
    [generation, JSON.stringify(decided)],
  );
}
