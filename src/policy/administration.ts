// Administration: policy's own changes. Each is a command with its events, in one transaction.
import {
  assert,
  canonicalJson,
  type Command,
  type Countersigned,
  eventRow,
  externalId,
  Fault,
  instantToText,
  lines,
  principalText,
  type VerifyCountersignature,
} from '#core';
import type pg from 'pg';
import type { PolicyOperation } from './operation.ts';
import { tenantOperations } from './tenants.ts';

/** Every operation of the policy plane. */
const operations: Readonly<Record<string, PolicyOperation>> = {
  ...tenantOperations,
};

export function isAdministration(operation: string): boolean {
  return Object.hasOwn(operations, operation);
}

export type Administered = { readonly commandId: string; readonly replayed: boolean };

/**
 * Runs one administrative command in one transaction: its command row, its effect, its events, and
 * a new epoch of the tenant where rights have changed. A retry finds the first command.
 */
export async function administer(
  tx: pg.ClientBase,
  item: Countersigned,
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
  if (earlier) return { commandId: earlier, replayed: true };
  const drafts = await operation.perform(tx, command);
  await recordCommand(tx, item);
  if (operation.changesRights) await tx.query('select policy.change_rights($1)', [command.tenant]);
  // Last, so that seq is drawn when every lock is held.
  const { decision } = countersignature;
  const events = drafts.map((draft, ordinal) => eventRow(command, decision, ordinal, draft));
  await tx.query('select core.record_events($1, $2, $3, $4)', [
    events.map(({ tenant }) => tenant),
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    lines(events, ({ body }) => body),
  ]);
  return { commandId: command.id, replayed: false };
}

async function recordCommand(tx: pg.ClientBase, item: Countersigned): Promise<void> {
  const { command, countersignature } = item;
  const { decision } = countersignature;
  const decided = {
    decision_id: externalId('decision', decision.id),
    model_score_ref: decision.modelScoreRef,
    outcome: decision.outcome,
    policy_version: decision.policyVersion,
  };
  await tx.query('select core.record_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
    [command.tenant],
    [command.idempotencyKey],
    [command.id],
    [command.operation],
    [`\\x${command.digest}`],
    [principalText(command.principal)],
    [instantToText(command.receivedAt)],
    [command.traceId],
    canonicalJson(decided),
    command.bodyText,
    canonicalJson({ status: 'accepted' }),
  ]);
}

async function findCommand(tx: pg.ClientBase, command: Command): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string; digest: string }>(
    `select id, encode(digest, 'hex') as digest from core.command
      where tenant_id = $1 and idempotency_key = $2`,
    [command.tenant, command.idempotencyKey],
  );
  const [earlier] = rows;
  if (earlier && earlier.digest !== command.digest) {
    throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
  }
  return earlier?.id;
}
