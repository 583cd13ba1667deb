// Replays on request: a worker takes the oldest of each tenant, one at a time, reads the log as the
// role that cannot write, and says by a command what it has found.
import { type ModelReplay, replayModel } from '#ai';
import {
  type CommandInput,
  type Database,
  type Clock,
  externalId,
  Fault,
  type Json,
  type Uuid,
  withTx,
} from '#core';
import {
  compileRecorded,
  type DriftReport,
  positionsOf,
  type ReplayBody,
  replayDecisions,
  type ReplayFound,
  replayDrift,
  replaySpan,
} from '#policy';
import { setTimeout as sleep } from 'node:timers/promises';

export type ReplayParts = {
  readonly planes: {
    readonly clock: Clock;
    readonly database: Pick<Database, 'pool'>;
    readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  };
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

const lookIntervalMs = 1_000;
/** Of one replay. */
const deadlineMs = 600_000;
/** After its request a replay that always fails midway is given up. */
const lifeMs = 3_600_000;
const cancelIntervalMs = 500;
/** Tenants whose replays are taken in one round. */
const roundMax = 100;
const examplesMax = 100;

/** Until the signal. Whatever is interrupted begins anew, in this process or in another. */
export async function runReplays(parts: ReplayParts): Promise<void> {
  const { signal, onError } = parts;
  while (!signal.aborted) {
    const found = await runOpenReplays(parts).catch((error: unknown) => {
      onError(error);
      return 0;
    });
    if (found === 0) await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

type Open = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly request: string;
  readonly requested_at: Date;
};

/** One round: the oldest of each tenant. Answers how many have ended. */
export async function runOpenReplays(parts: ReplayParts): Promise<number> {
  const pool = parts.planes.database.pool('sim');
  const { rows } = await pool.query<Open>('select * from policy.open_replays($1)', [roundMax]);
  let ended = 0;
  for (const open of rows) {
    if (parts.signal.aborted) break;
    if (await runAlone(parts, open)) ended += 1;
  }
  return ended;
}

/** Another process may be at it: then it is left alone. */
async function runAlone(parts: ReplayParts, open: Open): Promise<boolean> {
  const guard = await parts.planes.database.pool('sim').connect();
  try {
    const { rows } = await guard.query<{ won: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 3)) as won',
      [open.id],
    );
    return rows[0]?.won === true && (await run(parts, open));
  } finally {
    await guard.query('select pg_advisory_unlock_all()').catch(() => undefined);
    guard.release();
  }
}

async function run(parts: ReplayParts, open: Open): Promise<boolean> {
  const { clock } = parts.planes;
  if (clock.now() - open.requested_at.getTime() > lifeMs) {
    await tell(parts, open, failure('deadline_exceeded'));
    return true;
  }
  const [cancelled, done] = [new AbortController(), new AbortController()];
  const late = AbortSignal.timeout(deadlineMs);
  const signal = AbortSignal.any([parts.signal, cancelled.signal, late]);
  const watching = watchForEnd(parts, open, { cancelled, done: done.signal });
  try {
    const request = JSON.parse(open.request) as ReplayBody;
    await tell(parts, open, await evaluate(parts, open.tenant, { request, signal }));
    return true;
  } catch (error) {
    if (cancelled.signal.aborted) return true;
    if (parts.signal.aborted) return false;
    const isFinal = error instanceof Fault && !error.retryable;
    const code = late.aborted ? 'deadline_exceeded' : isFinal ? error.code : undefined;
    if (code !== undefined) await tell(parts, open, failure(code));
    else parts.onError(error);
    return code !== undefined;
  } finally {
    done.abort();
    await watching;
  }
}

/** Looks now and then whether somebody has ended the replay meanwhile. */
async function watchForEnd(
  { planes }: ReplayParts,
  { tenant, id }: Open,
  { cancelled, done }: { readonly cancelled: AbortController; readonly done: AbortSignal },
): Promise<void> {
  const pool = planes.database.pool('sim');
  while (!done.aborted && !cancelled.signal.aborted) {
    await sleep(cancelIntervalMs, undefined, { signal: done }).catch(() => undefined);
    if (done.aborted) return;
    const ended = await withTx(
      pool,
      async (tx) =>
        (await tx.query('select from policy.replay_result where id = $1', [id])).rowCount,
      { tenant, readOnly: true },
    ).catch(() => 0);
    if (ended) cancelled.abort();
  }
}

type Found = Omit<ReplayFound, 'replay_id'>;

const nothing = { from: null, to: null, decisions: 0, identical: 0, changed: 0 };

function failure(reason: string): Found {
  return { status: 'failed', reason, ...nothing, report: null, examples: [] };
}

async function tell({ planes }: ReplayParts, { tenant, id }: Open, found: Found): Promise<void> {
  const replay_id = externalId('replay', id);
  await planes.execute({
    principal: { kind: 'service', id: 'replay', tenant },
    operation: 'replay.complete',
    // A blank, which no caller can send: nobody else can have taken the key.
    idempotencyKey: `complete ${replay_id}`,
    body: { replay_id, ...found },
  });
}

// What is found -----------------------------------------------------------------------------------

async function evaluate(
  { planes }: ReplayParts,
  tenant: string,
  { request, signal }: { readonly request: ReplayBody; readonly signal: AbortSignal },
): Promise<Found> {
  const pool = planes.database.pool('sim');
  const { kind, bundle, model } = request;
  const span = replaySpan(tenant, request);
  const { after, to } = await positionsOf(pool, span);
  const places = after < to ? { from: after + 1, to } : { from: null, to: null };
  const done = { status: 'completed', reason: null, ...places } as const;
  const program = compileRecorded(pool);
  const policy = bundle === undefined ? undefined : await program(tenant, bundle);
  if (kind === 'model' && model) {
    const options = { ...model, program, policy, signal, examplesMax };
    const { model: scores, decisions } = await replayModel(pool, span, options);
    return { ...done, ...ofDrift(decisions, { scores }) };
  }
  if (policy) {
    const report = await replayDrift(pool, [span], policy, { signal, examplesMax });
    return { ...done, ...ofDrift(report, { version: policy.version }) };
  }
  const { decisions, identical, unrepeated } = await replayDecisions(pool, [span], {
    program,
    signal,
  });
  const changed = unrepeated.filter(({ fields }) => fields.includes('outcome')).length;
  const report = { decisions, identical };
  return { ...done, decisions, identical, changed, report, examples: asJson(unrepeated) };
}

function ofDrift(
  { examples, ...report }: DriftReport,
  more: Pick<ModelReplay, never> & Readonly<Record<string, unknown>>,
): Pick<Found, 'decisions' | 'identical' | 'changed' | 'report' | 'examples'> {
  const { decisions, changed, altered } = report;
  const [whole] = asJson([{ ...report, ...more }]);
  const identical = decisions - changed - altered;
  return { decisions, identical, changed, report: whole ?? null, examples: asJson(examples) };
}

/** Plain values, as their text says. */
function asJson(values: readonly unknown[]): readonly Json[] {
  return JSON.parse(JSON.stringify(values)) as Json[];
}
