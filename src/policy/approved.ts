// Commands that need approval: their idempotency key is the approval's id, so each is done once.
import { type Command, idPrefixes, type Pool, withTx } from '#core';
import { readApproval } from './approval-views.ts';

/** What an approval of a command is for; its digest is the command's. */
export const commandSubject = 'command';

/**
 * Whether other people have approved exactly this command. The approval is bound to its digest, and
 * the command's key is the approval's id: what is approved is carried out once, because a key is.
 */
export async function isApproved(pool: Pool, command: Command): Promise<boolean> {
  const { tenant, idempotencyKey, receivedAt, digest } = command;
  if (!idempotencyKey.startsWith(`${idPrefixes.approval}_`)) return false;
  const approval = await withTx(pool, (tx) => readApproval(tx, idempotencyKey, receivedAt), {
    tenant,
    readOnly: true,
  });
  return (
    approval?.status === 'approved' &&
    approval.subject_kind === commandSubject &&
    approval.subject_digest === digest
  );
}
