// Runs of the controls: each a command with its evidence, and what it stops.
import {
  type Command,
  type CommandInput,
  canonicalJson,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  type Json,
  nullable,
  type Pool,
  type Principal,
  sha256Hex,
  type Tx,
  withTx,
  dayMs,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import Type from 'typebox';
import { controls, type Figures, results, severities } from './controls.ts';
import type { Span } from './cases.ts';
import { findLeaks } from './leakage.ts';
import { reportOn } from './report.ts';
import { isInUse, readHeard, type Watched } from './watched.ts';

export type ControlParts = {
  /** Of the role that reads. */
  readonly pool: Pool;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly outcome: { readonly status: string } }>;
};

export type ControlQuestion = Span & {
  readonly tenant: string;
  /** One model, or all that are in production. */
  readonly model?: string | undefined;
  /** Names the run: under the same name it happens once. */
  readonly key: string;
  /** What a caller has asked for under that name, in its own words: nothing else. */
  readonly asked?: Json;
  readonly requestedBy: string;
  readonly signal: AbortSignal;
};

/** What the controls found of one model: the body of `control.run`. */
export type ControlRun = {
  readonly model: string;
  readonly version: number;
  readonly period_from: string;
  readonly period_to: string;
  readonly requested_by: string;
  /** Of what was asked for. */
  readonly asked_digest: string;
  readonly evidence: Evidence;
  readonly results: readonly {
    readonly control: string;
    readonly threshold: string;
    readonly result: (typeof results)[number];
    readonly severity: (typeof severities)[number];
    readonly suspends: boolean;
    readonly figures: Figures;
    readonly summary: string;
  }[];
};
/** What the figures were made of: whoever folds the log up to there can make them again. */
type Evidence = {
  readonly report_digest: string;
  readonly first_position: number | null;
  readonly last_position: number | null;
};

/**
 * Tests models in each version that was heard, records what was found and stops those that do harm.
 * What was recorded under the same key before is not tested again; what it had to stop is stopped
 * now, if that was missed.
 */
export async function runControls(
  parts: ControlParts,
  question: ControlQuestion,
): Promise<ControlRun[]> {
  const { tenant, model } = question;
  const read = { tenant, readOnly: true };
  const readEarlier = () => withTx(parts.pool, (tx) => findRuns(tx, question), read);
  const runs = await readEarlier();
  for (const run of runs) await suspendIfSevere(parts, question, run);
  // Whoever asks again has not named the period, perhaps, and means that of the first time.
  const span = runs[0] ? spanOf(runs[0]) : { from: question.from, to: question.to };
  const watched = await withTx(parts.pool, (tx) => readHeard(tx, span, model), read);
  for (const each of watched) {
    const isThis = (run: ControlRun) => run.model === each.name && run.version === each.version;
    if (runs.some(isThis)) continue;
    const tested = await test(parts, { ...question, ...span }, each);
    const run = tested ?? (await readEarlier()).find(isThis);
    if (run === undefined) continue;
    await suspendIfSevere(parts, question, run);
    runs.push(run);
  }
  return runs;
}

function spanOf({ period_from, period_to }: ControlRun): Span {
  const [from, to] = [period_from, period_to].map(instantFromText) as [Instant, Instant];
  return { from, to };
}

/** Undefined where another process was faster. */
async function test(
  parts: ControlParts,
  question: ControlQuestion,
  { version, card, since }: Watched,
): Promise<ControlRun | undefined> {
  const { tenant, from, to, requestedBy, signal } = question;
  const period = { from, to };
  const found = await withTx(
    parts.pool,
    async (tx) => {
      const asked = { card, version, ...period, unlabelled: 'left_out', signal } as const;
      const of = { ...period, tenant, model: card.name, version, point: card.decides.point };
      const wasInProduction = since !== null && since <= from;
      const report = await reportOn(tx, asked);
      return { card, report, wasInProduction, leakage: await findLeaks(tx, of) };
    },
    { tenant, readOnly: true, isolation: 'repeatable read' },
  );
  const { report } = found;
  const run: ControlRun = {
    model: card.name,
    version,
    period_from: report.from,
    period_to: report.to,
    requested_by: requestedBy,
    asked_digest: askedDigest(question),
    evidence: {
      report_digest: sha256Hex(canonicalJson(report as unknown as Json)),
      first_position: report.positions?.first ?? null,
      last_position: report.positions?.last ?? null,
    },
    results: controls.map(({ id, threshold, suspends, test: apply }) => {
      const verdict = apply(found);
      const isStopped = suspends && verdict.severity === 'severe';
      return { control: id, threshold, ...verdict, suspends: isStopped };
    }),
  };
  const body = run as unknown as Json;
  try {
    const idempotencyKey = `${keyOf(question)}${card.name} ${version}`;
    await carryOut(parts, tenant, { operation: 'control.run', body, idempotencyKey });
    return run;
  } catch (error) {
    if (error instanceof Fault && error.code === 'idempotency_key_reused') return undefined;
    throw error;
  }
}

/** Callers' keys have no blank: this begins the key of no command of theirs, nor of another run. */
function keyOf({ key }: ControlQuestion): string {
  return `controls ${key} `;
}

function askedDigest({ asked = null }: ControlQuestion): string {
  return sha256Hex(canonicalJson(asked));
}

/** What was found under the same key before, for the same question. */
async function findRuns(tx: Tx, question: ControlQuestion): Promise<ControlRun[]> {
  const begin = keyOf(question);
  const { rows } = await tx.query<{ body: string }>(
    `select body from core.command
      where tenant_id = core.current_tenant() and operation = 'control.run'
        and idempotency_key >= $1 and idempotency_key < $2
      order by id`,
    [begin, `${begin.slice(0, -1)}!`],
  );
  const runs = rows.map(({ body }) => JSON.parse(body) as ControlRun);
  const digest = askedDigest(question);
  if (runs.every(({ asked_digest }) => asked_digest === digest)) return runs;
  throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
}

/** Models are only ever stopped from here: what lets one go on is the approval of people. */
async function suspendIfSevere(
  parts: ControlParts,
  question: ControlQuestion,
  { model, version, results: found }: ControlRun,
): Promise<void> {
  const severe = found.filter(({ suspends }) => suspends);
  if (severe.length === 0) return;
  const { tenant } = question;
  const read = { tenant, readOnly: true };
  if (!(await withTx(parts.pool, (tx) => isInUse(tx, { name: model, version }), read))) return;
  const reason = severe.map(({ control, summary }) => `${control}: ${summary}`).join('; ');
  const body = { name: model, version, reason: reason.slice(0, 500) };
  // Once for each run: people who let the model go on are not overruled by it again.
  const idempotencyKey = `suspend ${keyOf(question)}${model} ${version}`;
  try {
    await carryOut(parts, tenant, { operation: 'model.suspend', body, idempotencyKey });
  } catch (error) {
    // Others were faster.
    if (!(error instanceof Fault && error.code === 'conflict')) throw error;
  }
}

export const controlsPrincipal = (tenant: string): Principal => ({
  kind: 'service',
  id: 'controls',
  tenant,
});

/** A bank whose own policy keeps its controls from acting has to hear of it. */
async function carryOut(
  { execute }: ControlParts,
  tenant: string,
  input: Omit<CommandInput<Json>, 'principal'>,
): Promise<void> {
  const { outcome } = await execute({ ...input, principal: controlsPrincipal(tenant) });
  if (outcome.status === 'accepted') return;
  throw new Fault('denied', `policy keeps the controls of ${tenant} from ${input.operation}`);
}

// The command -------------------------------------------------------------------------------------

const figures = Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Null()]));
const position = nullable(Type.Integer({ description: 'Of the log of the tenant.' }));
const instant = Type.String({ format: 'date-time' });
const of = { control: Type.String(), model: Type.String(), version: Type.Integer() };

export const controlPayloads = {
  'control.tested': Type.Object({
    run_id: Type.String(),
    ...of,
    period_from: instant,
    period_to: instant,
    result: Type.Enum([...results]),
    figures,
    threshold: Type.String(),
    evidence: Type.Object({
      report_digest: Type.String(),
      first_position: position,
      last_position: position,
    }),
    requested_by: Type.String(),
  }),
  'alert.raised': Type.Object({
    alert_id: Type.String(),
    run_id: Type.String(),
    ...of,
    severity: Type.Enum([...severities]),
    suspends: Type.Boolean({ description: 'Whether the model is stopped for it.' }),
    summary: Type.String(),
  }),
};
type Payloads = {
  [Name in keyof typeof controlPayloads]: Type.Static<(typeof controlPayloads)[Name]>;
};

export const controlOperations: PolicyOperations = {
  'control.run': { changesRights: false, perform: async (_tx, each) => tellRun(each) },
};

function tellRun(of: Command): EventDraft[] {
  const { kind, id, tenant } = of.principal;
  const own = controlsPrincipal(tenant);
  if (kind !== own.kind || id !== own.id) throw new Fault('denied', 'controls are run by us alone');
  const run = of.body as ControlRun;
  const { model, version, period_from, period_to, evidence, requested_by } = run;
  return run.results.flatMap(({ control, result, figures: found, threshold, ...told }, ordinal) => {
    const about = { control, model, version };
    const run_id = externalId('control', derivedUuid(of.id, 'control', ordinal));
    const tested: Payloads['control.tested'] = {
      ...{ run_id, ...about, period_from, period_to, result, figures: found, threshold },
      ...{ evidence, requested_by },
    };
    const events = [policyEvent(of, 'control.tested', tested)];
    if (result !== 'failed') return events;
    const { severity, suspends, summary } = told;
    const alert_id = externalId('alert', derivedUuid(of.id, 'alert', ordinal));
    const raised: Payloads['alert.raised'] = {
      ...{ alert_id, run_id, ...about, severity, suspends, summary },
    };
    return [...events, policyEvent(of, 'alert.raised', raised)];
  });
}

/** So that what was received before midnight is in the log and its projection. */
const settleMs = 300_000;

/** The day that is tested at an instant: the last that is over, UTC. */
export function dayToTest(now: Instant): { key: string; from: Instant; to: Instant } {
  const to = Math.floor((now - settleMs) / dayMs) * dayMs;
  const from = to - dayMs;
  return { key: `of ${instantToText(from).slice(0, 10)}`, from, to };
}
