// The projection `scores`: what models said of each case, how it turned out, what controls found.
import type { Projection, SealedEvent, Tx } from '#core';
import type Type from 'typebox';
import type { scorePayloads } from '../scoring/score.ts';
import type { controlPayloads } from './control-runs.ts';
import type { LabelRecorded } from './labels.ts';
import { scoresName } from './rows.ts';

export const scoreProjection: Projection = {
  name: scoresName,
  types: ['score.produced', 'label.recorded', 'control.tested', 'alert.raised'],
  tables: ['ai.score', 'ai.label', 'ai.control_run', 'ai.alert'],
  async fold(tx, generation, events) {
    const page: Page = { scores: [], labels: [], runs: [], alerts: [] };
    for (const event of events) takeIn(page, generation, event);
    await insertRows(tx, 'ai.score', page.scores);
    await insertRows(tx, 'ai.label', page.labels);
    await insertRows(tx, 'ai.control_run', page.runs);
    await insertRows(tx, 'ai.alert', page.alerts);
  },
};

type Produced = Type.Static<(typeof scorePayloads)['score.produced']>;
type Tested = Type.Static<(typeof controlPayloads)['control.tested']>;
type Raised = Type.Static<(typeof controlPayloads)['alert.raised']>;
/** Columns by name, as the table has them. */
type Row = Readonly<Record<string, unknown>>;
type Page = {
  readonly scores: Row[];
  readonly labels: Row[];
  readonly runs: Row[];
  readonly alerts: Row[];
};

function takeIn(
  page: Page,
  generation: number,
  { tenant, tenantPosition, type, body }: SealedEvent,
): void {
  const own = { tenant_id: tenant, generation, tenant_position: Number(tenantPosition) };
  switch (type) {
    case 'score.produced': {
      const { payload, policy_decision: outcome } = dataOf<Produced>(body);
      page.scores.push(...scoreRows(payload, outcome).map((row) => ({ ...own, ...row })));
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

type Data<Payload> = {
  readonly payload: Payload;
  readonly occurred_at: string;
  /** Of the decision beside which the event stands. */
  readonly policy_decision: string;
};

function dataOf<Payload>(body: string): Data<Payload> {
  return (JSON.parse(body) as { data: Data<Payload> }).data;
}

/** One for what was answered, and one for each model on trial. */
function scoreRows(said: Produced, outcome: string): Row[] {
  const { score_id, command_id, segments, at, point, operation, model } = said;
  const { served_by, stage, shadows } = said;
  const joined = { score_id, command_id, segments, outcome, at, point, operation };
  const isOwn = stage === 'production' || stage === 'canary';
  const own = {
    ...{ ...joined, stage, ordinal: 0 },
    model: model.name,
    version: model.version,
    served_version: isOwn ? model.version : (served_by?.version ?? null),
    value: said.value,
    fallback_reason: said.fallback_reason,
    latency_us: said.latency_us,
    inputs: said.inputs,
  };
  const trials = shadows.map(({ name, version, value }, index) => ({
    ...{ ...joined, value, version, stage: 'shadow' },
    ordinal: index + 1,
    model: name,
    served_version: version,
  }));
  return [own, ...trials];
}

/** Columns that a row does not name are null. */
async function insertRows(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [JSON.stringify(rows)],
  );
}
