// Replay by a model: what a registered version would have said to recorded cases, and what policy
// would have decided on that. It reads as a role that cannot write.
import { type Pool, withTx } from '#core';
import {
  createDrift,
  type DecisionRecord,
  type DriftReport,
  isWithin,
  type Library,
  positionsOf,
  type Program,
  type Span,
  type Watch,
} from '#policy';
import { setImmediate as breathe } from 'node:timers/promises';
import type pg from 'pg';
import {
  type ScoreRecord,
  type SimulationOptions,
  type SimulationReport,
  withSimulation,
} from './simulate.ts';

/** Scores by the model, and the decisions on them. */
export type ModelReplay = {
  readonly model: SimulationReport;
  readonly decisions: DriftReport;
};

export type ModelReplayOptions = Pick<SimulationOptions, 'name' | 'version'> &
  Watch & {
    readonly open?: SimulationOptions['open'] | undefined;
    /** Of the bundle that has decided, by its digest. */
    readonly program: Library['program'];
    /** In the place of all of these. */
    readonly policy?: Program | undefined;
    readonly examplesMax?: number;
  };

/** Positions per page. */
const pageSize = 2_048;
/** Scores whose decision is not read yet: what was written together lies close together. */
const waitingMax = 10_000;

export async function replayModel(
  pool: Pool,
  span: Span,
  options: ModelReplayOptions,
): Promise<ModelReplay> {
  const { name, version, open, progress, signal, policy, examplesMax } = options;
  const { tenant } = span;
  const reading = { tenant, readOnly: true } as const;
  const drift = createDrift(examplesMax === undefined ? {} : { examplesMax });
  const asked = { name, version, tenant, ...(open === undefined ? {} : { open }) };
  return withSimulation(pool, asked, async (simulation) => {
    const { point, value_fact, status_fact } = simulation.decides;
    const waiting = new Map<string, ScoreRecord>();
    const { after, to } = await positionsOf(pool, span);
    for (let low = after; low < to; low += pageSize) {
      signal?.throwIfAborted();
      const page = { after: low, to: Math.min(to, low + pageSize) };
      for (const told of await withTx(pool, (tx) => readCases(tx, page), reading)) {
        if (told.type === 'score.produced') {
          keepWaiting(waiting, told.payload);
          continue;
        }
        const record = told.payload;
        const score = waiting.get(record.command_id);
        waiting.delete(record.command_id);
        if (!score || !isWithin({ ...span, point }, told.occurredAt, record)) continue;
        const value = await simulation.add(score);
        // What it cannot score is counted there, and decided by nothing new.
        if (value === undefined) continue;
        const program = policy ?? (await options.program(tenant, record.bundle));
        const scored = { [value_fact]: value, [status_fact]: 'scored' };
        drift.add(record, program, { ...record.facts, ...scored });
      }
      progress?.(simulation.done());
      await breathe();
    }
    return { model: simulation.report(), decisions: drift.report() };
  });
}

function keepWaiting(waiting: Map<string, ScoreRecord>, score: ScoreRecord): void {
  const [oldest] = waiting.keys();
  if (waiting.size >= waitingMax && oldest !== undefined) waiting.delete(oldest);
  waiting.set(score.command_id, score);
}

type Told =
  | { readonly type: 'score.produced'; readonly payload: ScoreRecord }
  | {
      readonly type: 'decision.made';
      readonly occurredAt: string;
      readonly payload: DecisionRecord;
    };

async function readCases(
  tx: pg.ClientBase,
  { after, to }: { readonly after: number; readonly to: number },
): Promise<Told[]> {
  // A page joins by keys whatever the statistics say, which may be missing.
  await tx.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
  const { rows } = await tx.query<{ type: Told['type']; body: string }>(
    `select e.type, e.body from core.leaf l join core.event e on e.seq = l.seq
      where l.tenant_id = core.current_tenant() and l.tenant_position > $1
        and l.tenant_position <= $2 and e.type in ('score.produced', 'decision.made')
      order by l.tenant_position`,
    [after, to],
  );
  return rows.map(({ type, body }) => {
    const { data } = JSON.parse(body) as { data: { occurred_at: string; payload: never } };
    return { type, occurredAt: data.occurred_at, payload: data.payload };
  });
}
