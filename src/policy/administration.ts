// Administration: policy's own changes. Each is a command with its events, in one transaction; what
// is refused on its merits leaves an event alone.
import {
  assert,
  type CheckpointKey,
  canonicalJson,
  type Command,
  type Countersigned,
  type Database,
  derivedUuid,
  type EventDraft,
  type EventRow,
  eventRow,
  externalId,
  Fault,
  type FaultCode,
  instantToText,
  type Json,
  lines,
  type Prepared,
  principalText,
  sealCommand,
  type Tx,
  type VerifyCountersignature,
  withPipelinedTx,
  withTx,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { approvalOperations } from './approvals.ts';
import { consentOperations } from './consent.ts';
import { decisionRecord } from './decide.ts';
import { entitlementSetOperations } from './entitlements/publication.ts';
import { roleOperations } from './entitlements/roles.ts';
import { policyEvent, type PolicyOperation, type PolicyOperations } from './operation.ts';
import { personOperations } from './persons.ts';
import { publicationOperations } from './publication.ts';
import { replayOperations } from './replays.ts';
import { rolloutOperations } from './rollout-changes.ts';
import { listOperations } from './screening/load.ts';
import { screeningOperations } from './screening/record.ts';
import { sessionOperations } from './sessions.ts';
import { stepUpOperations } from './step-up/attempt.ts';
import { authenticatorOperations } from './step-up/authenticators.ts';
import { tenantOperations } from './tenants.ts';

const refusalOperation = 'administration.refuse';

/** Every operation of the policy plane. */
export const policyOperations: PolicyOperations = {
  [refusalOperation]: {
    changesRights: false,
    perform: async (_tx, command) => tellRefusal(command),
  },
  ...approvalOperations,
  ...consentOperations,
  ...personOperations,
  ...publicationOperations,
  ...rolloutOperations,
  ...replayOperations,
  ...listOperations,
  ...screeningOperations,
  ...sessionOperations,
  ...authenticatorOperations,
  ...stepUpOperations,
  ...tenantOperations,
  ...entitlementSetOperations,
  ...roleOperations,
};

/** What is wrong with a command is its answer; what may pass is thrown. */
export type Administered = {
  readonly commandId: string;
  readonly replayed: boolean;
  /** Null where policy allowed it. */
  readonly refusal: { readonly code: string; readonly reasons: readonly string[] } | null;
  /** Whether the tenant has a new epoch by it. */
  readonly hasChangedRights: boolean;
};

/** A command, its decision and the events that tell of what it was decided on. */
export type AdministrationItem = Countersigned & { readonly around: readonly EventRow[] };

export type Administration = {
  readonly operations: PolicyOperations;
  readonly verify: VerifyCountersignature;
  readonly signer: CheckpointKey;
};

/** Administrative commands that go on beside each other. */
const concurrentMax = 8;

/**
 * Runs one administrative command in one transaction: its effect, its command row, its events, and
 * a new epoch of the tenant where rights have changed. A retry finds the first command.
 */
export async function administer(
  database: Database,
  item: AdministrationItem,
  administration: Administration,
): Promise<Administered> {
  const { tenant, operation } = item.command;
  const work = (tx: Tx) => prepare(tx, item, administration);
  try {
    if (administration.operations[operation]?.isConcurrent) {
      const pool = database.pipeline('policy', concurrentMax);
      return await withPipelinedTx(pool, work, { tenant });
    }
    const inTurn = async (tx: Tx) => {
      const { result, send } = await work(tx);
      await Promise.all(send());
      return result;
    };
    return await withTx(database.pool('policy'), inTurn, { tenant });
  } catch (error) {
    const isTaken = (error as { code?: string }).code === '23505';
    throw isTaken ? new Fault('conflict', 'it exists already', { cause: error }) : error;
  }
}

async function prepare(
  tx: pg.ClientBase,
  item: AdministrationItem,
  { operations, verify, signer }: Administration,
): Promise<Prepared<Administered>> {
  verify(item);
  const { command, countersignature } = item;
  const operation = operations[command.operation];
  assert(operation, `nobody administers ${command.operation}`);
  const { isConcurrent = false, changesRights } = operation;
  assert(!isConcurrent || !changesRights, 'who changes rights has the tenant alone');
  // The tenant's gate, before anything else: a retry that comes meanwhile waits and then finds the
  // first answer, and a posting that holds the gate can never wait for us in turn.
  const { earlier, epoch } = await enter(tx, command, operation);
  if (earlier) return { result: earlier, send: () => [] };
  expectEpoch(command, epoch);
  const { decision } = countersignature;
  const refusal =
    decision.outcome === 'allow'
      ? null
      : ({ status: 'rejected', code: refusalCode, reasons: decision.reasons } as const);
  const performed = refusal ? [] : await operation.perform(tx, command, signer);
  const { events, write } = 'write' in performed ? performed : { events: performed };
  const own = events.map((draft, ordinal) => eventRow(command, decision, ordinal, draft));
  const hasChangedRights = operation.changesRights && !refusal;
  const recording = {
    ...{ outcome: refusal ?? { status: 'accepted' }, hasChangedRights },
    events: [...item.around, ...own],
  };
  return {
    result: { commandId: command.id, replayed: false, refusal, hasChangedRights },
    send: () => [...(write ? [write()] : []), record(tx, item, recording)],
  };
}

/** Refusals that say something of who has tried: neither mistakes nor trouble of ours. */
const refusals = [
  'approval_invalid',
  'approval_required',
  'backtest_required',
  'conflict',
  'denied',
  'forbidden',
  'not_a_checker',
] as const satisfies readonly FaultCode[];

export const administrationPayloads = {
  'administration.refused': Type.Object({
    operation: Type.String(),
    requester: Type.String(),
    command_id: Type.String({ description: 'Of the attempt: it is in no log of its own.' }),
    command_digest: Type.String(),
    key: Type.String({ description: 'The idempotency key of the attempt, which is not spent.' }),
    code: Type.Enum([...refusals]),
    reason: Type.Union([Type.String(), Type.Null()]),
  }),
};

export function isRefusal(error: unknown): error is Fault {
  return error instanceof Fault && (refusals as readonly FaultCode[]).includes(error.code);
}

type RefuseBody = {
  readonly operation: string;
  readonly command_id: string;
  readonly command_digest: string;
  readonly key: string;
  readonly code: string;
  readonly reason: string | null;
};

/**
 * Tells of an attempt that was refused and rolled back. It is a command of its own, so that whoever
 * replays the commands on record comes to the same log.
 */
export function refusalOf(command: Command, { code, detail }: Fault): Command<RefuseBody> {
  const { principal, tenant, receivedAt, operation, traceId } = command;
  const { idempotencyKey: key, digest } = command;
  const id = externalId('command', command.id);
  const reason = typeof detail['reason'] === 'string' ? detail['reason'] : null;
  return sealCommand({
    // Whoever refuses it again tells of the same refusal.
    id: derivedUuid(command.id, 'refusal', 0),
    ...{ tenant, principal, receivedAt },
    operation: refusalOperation,
    // A blank, which no caller can send: nobody else can have taken the key.
    idempotencyKey: `refused ${id}`,
    body: { operation, command_id: id, command_digest: digest, key, code, reason },
    traceId,
  });
}

function tellRefusal(command: Command): EventDraft[] {
  const requester = principalText(command.principal);
  const told = { ...(command.body as RefuseBody), requester };
  return [policyEvent(command, 'administration.refused', told)];
}

type Entered = {
  /** The answer that the key has had before. */
  readonly earlier: Administered | undefined;
  /** Of whoever's rights it goes by; undefined where there are none yet. */
  readonly epoch: bigint | undefined;
};

/** Through the gate, and what is there behind it: one statement. */
async function enter(
  tx: pg.ClientBase,
  command: Command,
  { isConcurrent = false, byInstallation = false }: PolicyOperation,
): Promise<Entered> {
  const { rows } = await tx.query<{
    id: string | null;
    digest: string;
    outcome: string;
    epoch: bigint | null;
  }>({
    name: 'administration-enter',
    text: 'select * from policy.enter($1, $2, $3, $4)',
    values: [command.tenant, command.idempotencyKey, isConcurrent, byInstallation],
  });
  const [found] = rows;
  if (!found) return { earlier: undefined, epoch: undefined };
  const { id, digest, outcome: text, epoch } = found;
  if (id === null) return { earlier: undefined, epoch: epoch ?? undefined };
  if (digest !== command.digest) {
    throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
  }
  const outcome = JSON.parse(text) as { status: string; reasons?: string[] };
  const refusal =
    outcome.status === 'rejected' ? { code: refusalCode, reasons: outcome.reasons ?? [] } : null;
  const earlier = { commandId: id, replayed: true, refusal, hasChangedRights: false };
  return { earlier, epoch: epoch ?? undefined };
}

/** Nobody may change policy on rights that have changed since they were read. */
function expectEpoch(command: Command, epoch: bigint | undefined): void {
  if (command.epoch === undefined || epoch === undefined || epoch === command.epoch) return;
  throw new Fault('rights_changed', 'rights changed while the command waited: try again');
}

type Recording = {
  readonly outcome: Json;
  readonly hasChangedRights: boolean;
  readonly events: readonly EventRow[];
};

/** The events last, so that seq is drawn when every lock is held. */
async function record(
  tx: pg.ClientBase,
  { command, countersignature }: Countersigned,
  { outcome, hasChangedRights, events }: Recording,
): Promise<void> {
  await tx.query({
    name: 'administration-record',
    text: recordSql,
    values: [
      [command.tenant],
      [command.idempotencyKey],
      [command.id],
      [command.operation],
      [`\\x${command.digest}`],
      [principalText(command.principal)],
      [instantToText(command.receivedAt)],
      [command.traceId],
      decisionRecord(countersignature.decision),
      command.bodyText,
      canonicalJson(outcome),
      hasChangedRights,
      events.map(({ tenant }) => tenant),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      lines(events, ({ body }) => body),
    ],
  });
}

const recordSql = `select core.record_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11),
  case when $12::boolean then policy.change_rights(($1::text[])[1]) end,
  core.record_events($13, $14, $15, $16)`;

/** Administration waits for nobody: what is not allowed is denied. */
const refusalCode = 'policy_denied';
