// Administration: policy's own changes. Each is a command with its events, in one transaction.
import {
  assert,
  canonicalJson,
  type Command,
  type Countersigned,
  type EventRow,
  eventRow,
  Fault,
  instantToText,
  type Json,
  lines,
  principalText,
  type VerifyCountersignature,
} from '#core';
import type pg from 'pg';
import { approvalOperations } from './approvals.ts';
import { consentOperations } from './consent.ts';
import { decisionRecord } from './decide.ts';
import { entitlementSetOperations } from './entitlements/publication.ts';
import { roleOperations } from './entitlements/roles.ts';
import type { PolicyOperation } from './operation.ts';
import { personOperations } from './persons.ts';
import { publicationOperations } from './publication.ts';
import { rolloutOperations } from './rollout-changes.ts';
import { listOperations } from './screening/load.ts';
import { screeningOperations } from './screening/record.ts';
import { tenantOperations } from './tenants.ts';

/** Every operation of the policy plane. */
const operations: Readonly<Record<string, PolicyOperation>> = {
  ...approvalOperations,
  ...consentOperations,
  ...personOperations,
  ...publicationOperations,
  ...rolloutOperations,
  ...listOperations,
  ...screeningOperations,
  ...tenantOperations,
  ...entitlementSetOperations,
  ...roleOperations,
};

export function isAdministration(operation: string): boolean {
  return Object.hasOwn(operations, operation);
}

/** What is wrong with a command is its answer; what may pass is thrown. */
export type Administered = {
  readonly commandId: string;
  readonly replayed: boolean;
  /** Null where policy allowed it. */
  readonly refusal: { readonly code: string; readonly reasons: readonly string[] } | null;
};

/** A command, its decision and the event that tells of the decision. */
export type AdministrationItem = Countersigned & { readonly around: readonly EventRow[] };

/**
 * Runs one administrative command in one transaction: its command row, its effect, its events, and
 * a new epoch of the tenant where rights have changed. A retry finds the first command.
 */
export async function administer(
  tx: pg.ClientBase,
  item: AdministrationItem,
  verify: VerifyCountersignature,
): Promise<Administered> {
  verify(item);
  const { command, countersignature } = item;
  const operation = operations[command.operation];
  assert(operation, `policy has no operation ${command.operation}`);
  // The tenant's gate, before anything else: a retry that comes meanwhile waits and then finds the
  // first answer, and a posting that holds the gate can never wait for us in turn.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [command.tenant]);
  const earlier = await findCommand(tx, command);
  if (earlier) return earlier;
  await expectEpoch(tx, command);
  const { decision } = countersignature;
  const refusal =
    decision.outcome === 'allow'
      ? null
      : ({ status: 'rejected', code: refusalCode, reasons: decision.reasons } as const);
  const drafts = refusal ? [] : await operation.perform(tx, command);
  await recordCommand(tx, item, refusal ?? { status: 'accepted' });
  if (operation.changesRights && !refusal) {
    await tx.query('select policy.change_rights($1)', [command.tenant]);
  }
  // Last, so that seq is drawn when every lock is held.
  const own = drafts.map((draft, ordinal) => eventRow(command, decision, ordinal, draft));
  const events = [...item.around, ...own];
  await tx.query('select core.record_events($1, $2, $3, $4)', [
    events.map(({ tenant }) => tenant),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    lines(events, ({ body }) => body),
  ]);
  return { commandId: command.id, replayed: false, refusal };
}

/** Nobody may change policy on rights that have changed since they were read. */
async function expectEpoch(tx: pg.ClientBase, command: Command): Promise<void> {
  if (command.epoch === undefined) return;
  const { rows } = await tx.query<{ epoch: bigint }>('select epoch from core.tenant');
  if (rows[0] && rows[0].epoch !== command.epoch) {
    throw new Fault('rights_changed', 'rights changed while the command waited: try again');
  }
}

async function recordCommand(tx: pg.ClientBase, item: Countersigned, outcome: Json): Promise<void> {
  const { command, countersignature } = item;
  await tx.query('select core.record_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
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
  ]);
}

/** The answer that the key has had before. */
async function findCommand(tx: pg.ClientBase, command: Command): Promise<Administered | undefined> {
  const { rows } = await tx.query<{ id: string; digest: string; outcome: string }>(
    `select id, encode(digest, 'hex') as digest, outcome from core.command
      where tenant_id = $1 and idempotency_key = $2`,
    [command.tenant, command.idempotencyKey],
  );
  const [earlier] = rows;
  if (!earlier) return undefined;
  if (earlier.digest !== command.digest) {
    throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
  }
  const outcome = JSON.parse(earlier.outcome) as { status: string; reasons?: string[] };
  const refusal =
    outcome.status === 'rejected' ? { code: refusalCode, reasons: outcome.reasons ?? [] } : null;
  return { commandId: earlier.id, replayed: true, refusal };
}

/** Administration waits for nobody: what is not allowed is denied. */
const refusalCode = 'policy_denied';
