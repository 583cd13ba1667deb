// Commands that need approval: their idempotency key is the approval's id, so each is done once.
import { type Command, Fault, idPrefixes, type Pool, principalText, type Tx, withTx } from '#core';
import { readApproval } from './approval-views.ts';
import { subjectDigest } from './approvals.ts';

/** What an approval of a command is for; its digest is the command's. */
export const commandSubject = 'command';

/** Who has approved a command: how many people, and how many of them are managers of programmes. */
export type Approvers = { readonly approvals: number; readonly managers: number };

const nobody: Approvers = { approvals: 0, managers: 0 };
const managerRole = 'marketing_manager';

/**
 * How many other people have approved exactly this command of exactly this caller. The approval is
 * bound to the command's digest, and the command's key is the approval's id: what is approved is
 * carried out once, because a key is. Every verdict is a new epoch of the tenant, so that one given
 * while the command is decided does not go unheard.
 */
export async function approvalsOf(pool: Pool, command: Command): Promise<Approvers> {
  const { tenant, idempotencyKey, receivedAt, digest, principal } = command;
  if (!idempotencyKey.startsWith(`${idPrefixes.approval}_`)) return nobody;
  const look = async (tx: Tx) => {
    const approval = await readApproval(tx, idempotencyKey, receivedAt);
    const managers = await managersAmong(tx, approval?.verdicts ?? []);
    return { approval, managers, isAnswered: await isAnswered(tx, command) };
  };
  const {
    approval,
    managers,
    isAnswered: wasAnswered,
  } = await withTx(pool, look, {
    tenant,
    readOnly: true,
  });
  // Whatever has become of the approval since, a retry gets the first answer.
  if (approval === undefined || wasAnswered) return nobody;
  const isOfThis =
    approval.subject_kind === commandSubject &&
    approval.subject_digest === digest &&
    approval.maker === principalText(principal);
  if (!isOfThis) {
    // Nobody may spend the key of what others have asked for.
    throw new Fault('approval_invalid', `${idempotencyKey} is an approval of something else`);
  }
  if (approval.status !== 'approved') {
    // Its key would be spent on the same refusal once more.
    throw new Fault('approval_invalid', `${idempotencyKey} is ${approval.status}, not approved`);
  }
  const approvals = approval.verdicts.filter(({ verdict }) => verdict === 'approve').length;
  return { approvals, managers };
}

/** By the roles that they have now: whose was revoked since answers for nothing any more. */
async function managersAmong(
  tx: Tx,
  verdicts: readonly { readonly checker: string; readonly verdict: string }[],
): Promise<number> {
  const checkers = verdicts.flatMap((each) => (each.verdict === 'approve' ? [each.checker] : []));
  if (checkers.length === 0) return 0;
  const { rowCount } = await tx.query(
    `select from policy.principal_role
      where tenant_id = core.current_tenant() and role = $1 and principal = any ($2)
        and revoked_at = 'infinity'`,
    [managerRole, checkers],
  );
  return rowCount ?? 0;
}

async function isAnswered(tx: Tx, { idempotencyKey }: Command): Promise<boolean> {
  const sql = 'select from core.command where idempotency_key = $1';
  return (await tx.query(sql, [idempotencyKey])).rowCount === 1;
}

/** What an approval of a payment that is reviewed is for. */
export const resumptionSubject = 'payment.resume';

/**
 * The key under which a payment is taken up again. Numbered, so that of two resumptions of one
 * state one comes too late.
 */
export function resumptionKey(payment: string, number: number | ''): string {
  // A blank, which no caller can send: nobody else can have taken the key.
  return `resume ${payment} ${number}`;
}

/** By whose approval a payment goes on: the subject names it, and the exact command it began by. */
export function resumptionDigest(payment_id: string, command_digest: string): string {
  return subjectDigest({ payment_id, command_digest });
}

/**
 * How many people have approved that a payment goes on, once all that are needed have. Somebody who
 * has agreed in two reviews of it is one person.
 */
export async function caseApprovals(
  tx: Tx,
  paymentId: string,
  commandDigest: string,
): Promise<number> {
  const { rows } = await tx.query<{ given: bigint }>(
    `select count(distinct v.checker) as given from policy.approval a
       join policy.approval_verdict v on v.tenant_id = a.tenant_id and v.approval_id = a.id
      where a.tenant_id = core.current_tenant() and a.subject_kind = $1
        and a.subject_digest = decode($2, 'hex') and a.status = 'approved'
        and v.verdict = 'approve'`,
    [resumptionSubject, resumptionDigest(paymentId, commandDigest)],
  );
  return Number(rows[0]?.given ?? 0n);
}
