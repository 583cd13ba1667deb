// Runs of sequences: what is written down of each, turn by turn, and read again to go on.
import {
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Page,
  pageOf,
  sha256Hex,
  type Tx,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperation, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { callText } from './ingress.ts';
import {
  type RunStatus,
  runStatuses,
  sequenceSchemas,
  type StepStatus,
  stepStatuses,
} from './sequence.ts';

export type Turn = {
  readonly step: string;
  readonly status: StepStatus;
  readonly call_id: string | null;
  /** Masked; null where it is long. */
  readonly output: Json;
};

export type Run = {
  readonly id: Uuid;
  readonly agent: string;
  readonly customer: string;
  readonly consent: string;
  readonly purpose: string;
  readonly tool: string;
  readonly version: number;
  readonly key: string;
  /** RFC 8785 text. */
  readonly arguments: string;
  readonly status: RunStatus;
  readonly turns: readonly Turn[];
  readonly problem: Json;
  readonly begun_at: Date;
  readonly moved_at: Date;
};

const text = Type.String();
const about = {
  run_id: sequenceSchemas.runId,
  agent: text,
  on_behalf_of: Type.String({ description: 'The customer: a party of the register.' }),
  tool: Type.String({ description: 'The sequence.' }),
  version: Type.Integer(),
};
export const sequencePayloads = {
  'sequence.begun': Type.Object({ ...about, purpose: text, arguments_digest: text }),
  'sequence.moved': Type.Object({
    ...about,
    step: text,
    step_status: Type.Enum([...stepStatuses]),
    call_id: nullable(Type.String({ description: 'Of the call that the step was.' })),
    proposal_id: nullable(text),
    code: nullable(Type.String({ description: 'Of the problem, where there was one.' })),
  }),
  'sequence.ended': Type.Object({ ...about, status: Type.Enum([...runStatuses]) }),
};

export const sequenceOperations: PolicyOperations = {
  'sequence.begin': operation(begin),
  'sequence.move': operation(move),
  'sequence.end': operation(end),
};

/** What anybody may do is the same before and after. */
function operation(perform: PolicyOperation['perform']): PolicyOperation {
  return { changesRights: false, perform };
}

// Writing -----------------------------------------------------------------------------------------

export type BeginBody = {
  readonly agent: string;
  readonly customer: string;
  readonly consent: string;
  readonly purpose: string;
  readonly tool: string;
  readonly version: number;
  readonly key: string;
  readonly arguments: Json;
  /** What of it came as a token. */
  readonly handed: readonly string[];
};

/** The run that a command has begun. */
export function runOf(command: Uuid): string {
  return externalId('sequence', derivedUuid(command, 'sequence', 0));
}

async function begin(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { customer, arguments: asked, handed, key, consent, ...body } = command.body as BeginBody;
  const argumentsText = callText(asked, handed);
  const at = instantToText(command.receivedAt);
  await tx.query(
    `insert into gateway.sequence_run (tenant_id, id, agent_id, customer, consent, purpose, tool,
       version, key, arguments, begun_at, moved_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)`,
    [
      ...[command.tenant, derivedUuid(command.id, 'sequence', 0), body.agent, customer, consent],
      ...[body.purpose, body.tool, body.version, key, argumentsText, at],
    ],
  );
  const told = { run_id: runOf(command.id), on_behalf_of: customer, ...body };
  const arguments_digest = sha256Hex(argumentsText);
  return [policyEvent(command, 'sequence.begun', { ...told, arguments_digest })];
}

export type MoveBody = Turn & {
  readonly run_id: string;
  /** How many turns there were: who has seen fewer has been overtaken. */
  readonly turns: number;
  readonly status_then: RunStatus;
  readonly proposal_id: string | null;
  readonly problem: Json;
};

async function move(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as MoveBody;
  const { run_id, turns, status_then, proposal_id, problem, ...turn } = body;
  const run = await lock(tx, run_id);
  const isNext = isOpen(run) && run.turns.length === turns;
  if (!isNext) throw new Fault('conflict', `${run_id} went on meanwhile, or has ended`);
  await tx.query(
    `update gateway.sequence_run
        set turns = turns || jsonb_build_array($2::jsonb), status = $3, waits_for = $4,
            problem = coalesce($5::jsonb, problem), moved_at = $6 where id = $1`,
    [
      ...[run.id, JSON.stringify(turn), status_then],
      proposal_id === null ? null : internalId('proposal', proposal_id),
      ...[problem === null ? null : JSON.stringify(problem), instantToText(command.receivedAt)],
    ],
  );
  const { step, status: step_status, call_id } = turn;
  const code = (problem as { code?: string } | null)?.code ?? null;
  const told = { ...toldOf(run), step, step_status, call_id, proposal_id, code };
  return [policyEvent(command, 'sequence.moved', told)];
}

/** For so long nobody has to come back; `gateway.due_runs` says the same. */
const abandonedMs = 86_400_000;

export type EndBody = { readonly run_id: string; readonly status: RunStatus };

async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { run_id, status } = command.body as EndBody;
  const run = await lock(tx, run_id);
  const isGone = command.receivedAt - run.moved_at.getTime() >= abandonedMs;
  if (!isOpen(run) || (status === 'abandoned' && !isGone)) {
    throw new Fault('conflict', `${run_id} has ended, or somebody is at it`);
  }
  await tx.query(
    `update gateway.sequence_run set status = $2, waits_for = null, moved_at = $3 where id = $1`,
    [run.id, status, instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'sequence.ended', { ...toldOf(run), status })];
}

function toldOf({ id, agent, customer, tool, version }: Run) {
  return { run_id: externalId('sequence', id), agent, on_behalf_of: customer, tool, version };
}

async function lock(tx: pg.ClientBase, id: string): Promise<Run> {
  const [run] = await select(tx, 'where id = $1 for update', [internalId('sequence', id) ?? null]);
  if (run) return run;
  throw new Fault('not_found', `there is no run ${id}`);
}

// Reading -----------------------------------------------------------------------------------------

export function isOpen({ status }: Pick<Run, 'status'>): boolean {
  return status === 'running' || status === 'waits' || status === 'undoing';
}

export async function readRun(tx: Tx, id: string): Promise<Run | undefined> {
  const [run] = await select(tx, 'where id = $1', [internalId('sequence', id) ?? null]);
  return run;
}

type Key = Pick<Run, 'agent' | 'customer' | 'key'>;

export async function readRunByKey(tx: Tx, { agent, customer, key }: Key) {
  const where = 'where agent_id = $1 and customer = $2 and key = $3';
  return (await select(tx, where, [agent, customer, key]))[0];
}

export type RunQuery = {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly status?: RunStatus | undefined;
};

/** The newest first. `after` is the public id of the last one seen. */
export async function listRuns(tx: Tx, { limit, after, status }: RunQuery): Promise<Page<Run>> {
  const rows = await select(
    tx,
    `where ($1::uuid is null or id < $1) and ($2::text is null or status = $2)
      order by id desc limit $3`,
    [(after && internalId('sequence', after)) ?? null, status ?? null, limit + 1],
  );
  return pageOf(rows, limit, ({ id }) => externalId('sequence', id));
}

async function select(tx: pg.ClientBase, where: string, values: unknown[]): Promise<Run[]> {
  const { rows } = await tx.query<Run>(
    `select id, agent_id as agent, customer, consent, purpose, tool, version, key, arguments,
            status, turns, problem, begun_at, moved_at
       from gateway.sequence_run ${where}`,
    values,
  );
  return rows;
}
