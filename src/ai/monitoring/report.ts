// The report on a model: what it was asked and said in a period, against what it was trained on and
// against how things turned out.
import { Fault, instantToText, type Tx } from '#core';
import type { ModelCard } from '../models/card.ts';
import { drawSample, type Sample, type Span, wholeShare } from './cases.ts';
import {
  type Counter,
  countValue,
  counterOf,
  type Drift,
  type DriftLevel,
  driftLevels,
  measureDrift,
} from './drift.ts';
import { countMember, fairnessOf, type GroupFairness, type Tallies } from './fairness.ts';
import { oppositeOf } from './labels.ts';
import { type Judged, type Performance, performanceOf } from './performance.ts';
import { scoresGeneration } from './rows.ts';
import { percentile, type Rate, rateOf } from './statistics.ts';

export type ReportQuestion = Span & {
  readonly card: ModelCard;
  readonly version: number;
  /**
   * Whether a case that nobody has labelled counts as one that turned out well: right where only
   * what went wrong is ever reported, once enough time has passed.
   */
  readonly unlabelled: 'left_out' | 'negative';
  /** About how many cases are read at most. */
  readonly casesMax?: number;
  /** Between pages it is looked whether somebody still waits. */
  readonly signal: AbortSignal;
};

export type Report = {
  readonly model: string;
  readonly version: number;
  readonly from: string;
  readonly to: string;
  /** Cases for which the model was to be heard, or was heard, or would have been, on trial. */
  readonly cases: number;
  /** Whether the period has more of them: then these are a sample of all of it. */
  readonly is_truncated: boolean;
  /** Of the tenant's log: what was read lies between them. */
  readonly positions: { readonly first: number; readonly last: number } | null;
  readonly asked: number;
  readonly by_stage: Readonly<Record<string, number>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly fallbacks: Fallbacks;
  readonly latency_us: Readonly<Record<'p50' | 'p95' | 'p99', number | null>>;
  readonly drift: {
    /** The worst of all. */
    readonly level: DriftLevel;
    /** For each comparison, so that all of them together raise one false alarm in twenty. */
    readonly significance: number;
    readonly score: Drift;
    /** The largest index first. */
    readonly inputs: readonly (Drift & { readonly input: string })[];
  };
  /** Of the cases that the model has scored, those that have turned out one way or the other. */
  readonly coverage: Rate | null;
  readonly settled: Performance;
  readonly reviewed: Performance;
  /** Of the cases that people have reviewed, those where they said the contrary of the model. */
  readonly overruled: Rate | null;
  readonly fairness: readonly {
    readonly attribute: string;
    readonly groups: readonly GroupFairness[];
  }[];
};

type Fallbacks = {
  /** Without those for which the model was suspended. */
  readonly rate: Rate | null;
  readonly by_reason: Readonly<Record<string, number>>;
};

const enoughCases = 50_000;
/** So small that whoever shares the process with a report does not wait for it. */
const pageSize = 250;
const falseAlarms = 0.05;

export async function reportOn(tx: Tx, question: ReportQuestion): Promise<Report> {
  const { card, version, from, to, casesMax = enoughCases } = question;
  const seen = begin(card);
  const generation = await scoresGeneration(tx);
  const of = { generation, model: card.name, version, from, to };
  const sample = await drawSample(tx, { ...of, casesMax });
  let cursor: Cursor | undefined;
  for (;;) {
    if (question.signal.aborted) {
      throw new Fault('deadline_exceeded', 'the report took too long: ask for a shorter period');
    }
    const rows = await readPage(tx, { ...of, ...sample, cursor });
    const labels = await readLabels(tx, { card, generation, rows });
    for (const row of rows) takeIn(seen, question, row, labels.get(row.command_id ?? ''));
    const last = rows.at(-1);
    if (rows.length < pageSize || last === undefined) break;
    cursor = last;
  }
  return {
    model: card.name,
    version,
    from: instantToText(from),
    to: instantToText(to),
    is_truncated: sample.share < wholeShare,
    ...conclude(seen, card),
  };
}

// Reading -----------------------------------------------------------------------------------------

type ScoreRow = {
  readonly score_id: string;
  readonly ordinal: number;
  readonly at: Date;
  readonly tenant_position: bigint;
  readonly version: number;
  readonly served_version: number | null;
  readonly stage: string;
  readonly value: number | null;
  readonly fallback_reason: string | null;
  readonly latency_us: number | null;
  readonly inputs: Readonly<Record<string, number | null>> | null;
  readonly command_id: string | null;
  readonly outcome: string | null;
  readonly segments: Readonly<Record<string, string>> | null;
};
type Cursor = Pick<ScoreRow, 'at' | 'score_id' | 'ordinal'>;

/** Newest first. */
async function readPage(
  tx: Tx,
  page: Span &
    Sample & {
      readonly generation: number;
      readonly model: string;
      readonly version: number;
      readonly cursor: Cursor | undefined;
    },
): Promise<ScoreRow[]> {
  const { generation, model, version, from, to, isOfCommands, share, cursor } = page;
  const { rows } = await tx.query<ScoreRow>(
    `select score_id, ordinal, at, tenant_position, version, served_version, stage, value,
            fallback_reason, latency_us, inputs, command_id, outcome, segments
       from ai.score
      where generation = $1 and model = $2 and at >= $3 and at < $4
        and (version = $5 or served_version = $5)
        and ($6::timestamptz is null or (at, score_id, ordinal) < ($6, $7, $8))
        and (not $9 or operation <> 'decision.make')
        and (hashtextextended(score_id, 0) & ${wholeShare - 1}) < $10
      order by at desc, score_id desc, ordinal desc limit ${pageSize}`,
    [
      ...[generation, model, instantToText(from), instantToText(to), version],
      ...[cursor?.at ?? null, cursor?.score_id ?? '', cursor?.ordinal ?? 0],
      ...[isOfCommands, share],
    ],
  );
  return rows;
}

/** Whether a case was what the model looks for: as it turned out, and as a person has judged. */
type Outcome = { settled?: boolean; reviewed?: boolean };

/** Of several labels of one case the last that was recorded counts; others stay in the log. */
async function readLabels(
  tx: Tx,
  { card, generation, rows }: { card: ModelCard; generation: number; rows: readonly ScoreRow[] },
): Promise<ReadonlyMap<string, Outcome>> {
  const { positive } = card.output;
  const commands = rows.flatMap(({ command_id }) => command_id ?? []);
  const { rows: labels } = await tx.query<{ command_id: string; label: string; review: boolean }>(
    `select distinct on (command_id, review) command_id, label, review
       from (select command_id, label, source = 'review' as review, tenant_position from ai.label
              where generation = $1 and command_id = any ($2) and label = any ($3)) as l
      order by command_id, review, tenant_position desc`,
    [generation, commands, [positive, oppositeOf(positive)]],
  );
  const outcomes = new Map<string, Outcome>();
  for (const { command_id, label, review } of labels) {
    const outcome = outcomes.get(command_id) ?? {};
    outcome[review ? 'reviewed' : 'settled'] = label === positive;
    outcomes.set(command_id, outcome);
  }
  return outcomes;
}

// Taking in ---------------------------------------------------------------------------------------

type Seen = {
  cases: number;
  first: number;
  last: number;
  asked: number;
  scored: number;
  labelled: number;
  overruled: number;
  readonly stages: Record<string, number>;
  readonly outcomes: Record<string, number>;
  readonly reasons: Record<string, number>;
  readonly latencies: number[];
  readonly score: Counter;
  readonly inputs: ReadonlyMap<string, Counter>;
  readonly settled: Judged[];
  readonly reviewed: Judged[];
  readonly groups: Map<string, Tallies>;
};

function begin({ reference }: ModelCard): Seen {
  const inputs = Object.entries(reference.inputs);
  return {
    ...{ cases: 0, asked: 0, scored: 0, labelled: 0, overruled: 0 },
    ...{ first: Number.POSITIVE_INFINITY, last: 0 },
    ...{ stages: {}, outcomes: {}, reasons: {}, latencies: [], settled: [], reviewed: [] },
    score: counterOf(reference.score),
    inputs: new Map(inputs.map(([name, histogram]) => [name, counterOf(histogram)])),
    groups: new Map(),
  };
}

function takeIn(
  seen: Seen,
  question: ReportQuestion,
  row: ScoreRow,
  outcome: Outcome | undefined,
): void {
  seen.cases += 1;
  seen.first = Math.min(seen.first, Number(row.tenant_position));
  seen.last = Math.max(seen.last, Number(row.tenant_position));
  addOne(seen.stages, row.stage);
  if (row.version === question.version && row.stage !== 'shadow') takeInAsked(seen, row);
  if (row.served_version === question.version && row.value !== null) {
    takeInScored(seen, question, { ...row, value: row.value }, outcome);
  }
}

function takeInAsked(seen: Seen, row: ScoreRow): void {
  seen.asked += 1;
  if (row.fallback_reason !== null) addOne(seen.reasons, row.fallback_reason);
  if (row.outcome !== null) addOne(seen.outcomes, row.outcome);
  if (row.latency_us !== null) seen.latencies.push(row.latency_us);
  // Where nobody looked, because the model was stopped, nothing is known of its inputs.
  if (row.inputs === null || row.fallback_reason === 'suspended') return;
  for (const [name, counter] of seen.inputs) countValue(counter, row.inputs[name]);
}

function takeInScored(
  seen: Seen,
  { card, unlabelled }: ReportQuestion,
  { value, segments }: ScoreRow & { readonly value: number },
  outcome: Outcome | undefined,
): void {
  const { threshold } = card.output;
  const isAgainst = value >= threshold;
  seen.scored += 1;
  countValue(seen.score, value);
  if (outcome?.settled !== undefined) seen.labelled += 1;
  const settled = outcome?.settled ?? (unlabelled === 'negative' ? false : undefined);
  if (settled !== undefined) seen.settled.push({ value, isPositive: settled });
  if (outcome?.reviewed !== undefined) {
    seen.reviewed.push({ value, isPositive: outcome.reviewed });
    if (outcome.reviewed !== isAgainst) seen.overruled += 1;
  }
  const known = settled ?? outcome?.reviewed;
  for (const [attribute, group] of Object.entries(segments ?? {})) {
    const tallies: Tallies = seen.groups.get(attribute) ?? new Map();
    seen.groups.set(attribute, tallies);
    const isDeserving = known === undefined ? null : !known;
    countMember(tallies, { group, isFavoured: !isAgainst, isDeserving });
  }
}

function addOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

// Concluding --------------------------------------------------------------------------------------

function conclude(seen: Seen, card: ModelCard) {
  const { threshold } = card.output;
  const latencies = Float64Array.from(seen.latencies).sort();
  return {
    cases: seen.cases,
    positions: seen.cases === 0 ? null : { first: seen.first, last: seen.last },
    asked: seen.asked,
    by_stage: seen.stages,
    outcomes: seen.outcomes,
    fallbacks: fallbacksOf(seen),
    latency_us: {
      p50: percentile(latencies, 0.5),
      p95: percentile(latencies, 0.95),
      p99: percentile(latencies, 0.99),
    },
    drift: driftOf(seen, card),
    coverage: rateOf(seen.labelled, seen.scored),
    settled: performanceOf(seen.settled, threshold),
    reviewed: performanceOf(seen.reviewed, threshold),
    overruled: rateOf(seen.overruled, seen.reviewed.length),
    fairness: [...seen.groups].map(([attribute, tallies]) => ({
      attribute,
      groups: fairnessOf(tallies),
    })),
  };
}

function fallbacksOf({ asked, reasons }: Seen): Fallbacks {
  const { suspended = 0, ...others } = reasons;
  const fallen = Object.values(others).reduce((sum, count) => sum + count, 0);
  return { rate: rateOf(fallen, asked - suspended), by_reason: reasons };
}

/** Two comparisons for each input and for the score share the false alarms that are accepted. */
function driftOf(seen: Seen, { reference }: ModelCard): Report['drift'] {
  const significance = falseAlarms / (2 * (seen.inputs.size + 1));
  const score = measureDrift(reference.score, seen.score, significance);
  const inputs = [...seen.inputs].flatMap(([input, counter]) => {
    const before = reference.inputs[input];
    return before ? [{ input, ...measureDrift(before, counter, significance) }] : [];
  });
  inputs.sort((one, other) => other.psi - one.psi);
  const levels = [score, ...inputs].map(({ level }) => driftLevels.indexOf(level));
  return { level: driftLevels[Math.max(...levels)] ?? 'unknown', significance, score, inputs };
}
