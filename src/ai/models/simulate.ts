// Simulation: what a registered version would have said to the cases that were scored. It reads as
// a role that cannot write.
import { Fault, type Pool, withTx } from '#core';
import { positionsOf, type Span } from '#policy';
import { setImmediate as breathe } from 'node:timers/promises';
import type pg from 'pg';
import { countValue, counterOf, type Drift, measureDrift } from '../monitoring/drift.ts';
import { percentile } from '../monitoring/statistics.ts';
import { vectorOf } from '../scoring/inputs.ts';
import type { ModelCard } from './card.ts';
import { type OpenEvaluator, openEvaluator } from './evaluator.ts';
import { loadVersion, type Registered, type Served } from './load.ts';

export type SimulationReport = {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
  /** Cases that both have a score of: that on record, and the version's. */
  readonly scores: number;
  /** Cases that the version cannot score: it needs what was not recorded with them. */
  readonly unscored: number;
  /** Scores that reach the threshold of whose they are, and those that go from one to the other. */
  readonly above: { readonly before: number; readonly after: number };
  readonly crossed: { readonly up: number; readonly down: number };
  /** Of the version's scores, measured against those on record. */
  readonly drift: Drift;
  readonly before: Spread;
  readonly after: Spread;
  readonly latency_us: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** Inputs of the version that were not recorded, in so many cases. */
  readonly inputs_missing: readonly { readonly input: string; readonly scores: number }[];
  /** The cases that moved farthest. */
  readonly examples: readonly Moved[];
};

export type SimulationOptions = {
  readonly name: string;
  readonly version: number;
  readonly progress?: (done: number) => void;
  readonly open?: OpenEvaluator;
  readonly signal?: AbortSignal | undefined;
};

type Spread = { readonly p05: number; readonly p50: number; readonly p95: number };
type Moved = { readonly score_id: string; readonly before: number; readonly after: number };

/** Positions per page. */
const pageSize = 2_048;
const examplesMax = 10;
/** Scores that are kept to tell their spread: beyond, every further one replaces an older. */
const spreadMax = 100_000;
const falseAlarms = 0.05;
/** For one case. */
const scoreMs = 1_000;

export async function simulateModel(
  pool: Pool,
  span: Span,
  options: SimulationOptions,
): Promise<SimulationReport> {
  const { progress = () => undefined } = options;
  const { tenant } = span;
  const reading = { tenant, readOnly: true } as const;
  return withSimulation(pool, { ...options, tenant }, async (simulation) => {
    const { after, to } = await positionsOf(pool, span);
    for (let low = after; low < to; low += pageSize) {
      options.signal?.throwIfAborted();
      const page = { after: low, to: Math.min(to, low + pageSize) };
      const records = await withTx(pool, (tx) => readScores(tx, page), reading);
      for (const record of records) await simulation.add(record);
      progress(simulation.done());
      await breathe();
    }
    return simulation.report();
  });
}

/** Opens a registered version for as long as the work on it takes. */
export async function withSimulation<Result>(
  pool: Pool,
  options: SimulationOptions & { readonly tenant: string },
  work: (simulation: Simulation) => Promise<Result>,
): Promise<Result> {
  const reading = { tenant: options.tenant, readOnly: true } as const;
  const model = await withTx(pool, (tx) => registeredModel(tx, options), reading);
  try {
    return await work(createSimulation(model));
  } finally {
    await model.evaluator.close?.();
  }
}

async function registeredModel(
  tx: pg.ClientBase,
  { name, version, open = openEvaluator }: SimulationOptions,
): Promise<Simulated> {
  const { rows } = await tx.query<Registered>(
    `select name, version, card_digest as "cardDigest", artefact from ai.model_version
      where name = $1 and version = $2`,
    [name, version],
  );
  if (!rows[0]) throw new Fault('not_found', `${name} has no version ${version}`);
  const model = await loadVersion(tx, rows[0], { open, evaluators: new Map() });
  if ('why' in model) throw new Fault('model_invalid', `${name} ${version}: ${model.why}`);
  // Of those that have scored the same decision, whatever their name.
  const thresholds = await tx.query<{ model: string; threshold: number }>(
    `select name || ' ' || version as model,
            (card::jsonb #>> '{output,threshold}')::float8 as threshold
       from ai.model_version where point = $1`,
    [model.card.decides.point],
  );
  return {
    ...model,
    thresholds: new Map(thresholds.rows.map((row) => [row.model, row.threshold])),
  };
}

/** Of the payload of `score.produced`. */
export type ScoreRecord = {
  readonly score_id: string;
  readonly command_id: string;
  readonly point: string;
  readonly value: number | null;
  readonly served_by: { readonly name: string; readonly version: number } | null;
  readonly inputs: Readonly<Record<string, number | null>>;
};

async function readScores(
  tx: pg.ClientBase,
  { after, to }: { readonly after: number; readonly to: number },
): Promise<ScoreRecord[]> {
  // A page joins by keys whatever the statistics say, which may be missing.
  await tx.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
  const { rows } = await tx.query<{ body: string }>(
    `select e.body from core.leaf l join core.event e on e.seq = l.seq
      where l.tenant_id = core.current_tenant() and l.tenant_position > $1
        and l.tenant_position <= $2 and e.type = 'score.produced'
      order by l.tenant_position`,
    [after, to],
  );
  return rows.map(({ body }) => {
    const { data } = JSON.parse(body) as { data: { payload: ScoreRecord } };
    return data.payload;
  });
}

// What comes of it --------------------------------------------------------------------------------

type Simulated = Served & { readonly thresholds: ReadonlyMap<string, number> };
export type Simulation = ReturnType<typeof createSimulation>;

function createSimulation({ card, evaluator, thresholds, name, version, digest }: Simulated) {
  const [before, after, times]: [number[], number[], number[]] = [[], [], []];
  const histograms = [counterOf(card.reference.score), counterOf(card.reference.score)] as const;
  const missing = new Map<string, number>();
  let [done, scores, unscored] = [0, 0, 0];
  const above = { before: 0, after: 0 };
  const crossed = { up: 0, down: 0 };
  let examples: Moved[] = [];

  /**
   * Scores of models alone: the points of a rule say nothing of how they would differ. Answers the
   * version's own; undefined for what is no case of it, or what it cannot score.
   */
  async function add(record: ScoreRecord): Promise<number | undefined> {
    const { score_id, point, value, served_by, inputs } = record;
    if (point !== card.decides.point || served_by === null || value === null) return undefined;
    done += 1;
    const values = valuesOf(card, inputs);
    for (const { name: input } of card.inputs) {
      if (values[input] === null) missing.set(input, (missing.get(input) ?? 0) + 1);
    }
    const startedAt = performance.now();
    const isRefused = card.inputs.some(
      (input) => input.missing === 'refuse' && values[input.name] === null,
    );
    const found = isRefused
      ? Number.NaN
      : await evaluator.score(vectorOf(card, { values }), scoreMs);
    keep(times, (performance.now() - startedAt) * 1_000, done);
    if (!Number.isFinite(found)) {
      unscored += 1;
      return undefined;
    }
    scores += 1;
    keep(before, value, scores);
    keep(after, found, scores);
    countValue(histograms[0], value);
    countValue(histograms[1], found);
    const threshold = thresholds.get(`${served_by.name} ${served_by.version}`);
    const wasAbove = value >= (threshold ?? card.output.threshold);
    const isAbove = found >= card.output.threshold;
    above.before += Number(wasAbove);
    above.after += Number(isAbove);
    crossed.up += Number(isAbove && !wasAbove);
    crossed.down += Number(wasAbove && !isAbove);
    examples = farthest([...examples, { score_id, before: value, after: found }]);
    return found;
  }

  return {
    add,
    decides: card.decides,
    done: () => done,
    report(): SimulationReport {
      const [p50, p95, p99] = percentiles(times, [0.5, 0.95, 0.99]).map(Math.round);
      return {
        ...{ name, version, digest, scores, unscored, above, crossed },
        drift: measureDrift(...histograms, falseAlarms),
        before: spreadOf(before),
        after: spreadOf(after),
        latency_us: { p50: p50 ?? 0, p95: p95 ?? 0, p99: p99 ?? 0 },
        inputs_missing: [...missing].map(([input, count]) => ({ input, scores: count })),
        examples,
      };
    },
  };
}

function valuesOf(
  card: ModelCard,
  inputs: ScoreRecord['inputs'],
): Readonly<Record<string, number | null>> {
  return Object.fromEntries(card.inputs.map(({ name }) => [name, inputs[name] ?? null]));
}

function keep(numbers: number[], value: number, count: number): void {
  numbers[(count - 1) % spreadMax] = value;
}

function farthest(moved: readonly Moved[]): Moved[] {
  const distance = ({ before, after }: Moved) => Math.abs(after - before);
  return moved.toSorted((one, other) => distance(other) - distance(one)).slice(0, examplesMax);
}

function spreadOf(numbers: readonly number[]): Spread {
  const [p05 = 0, p50 = 0, p95 = 0] = percentiles(numbers, [0.05, 0.5, 0.95]);
  return { p05, p50, p95 };
}

function percentiles(numbers: readonly number[], parts: readonly number[]): number[] {
  const sorted = numbers.toSorted((one, other) => one - other);
  return parts.map((part) => percentile(sorted, part) ?? 0);
}
