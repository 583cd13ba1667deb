// Approval: other people agree to one exact thing, which may then be done once, before it expires.
import {
  canonicalJson,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  type Json,
  principalText,
  sha256Hex,
  type Uuid,
  refuseField,
  closed,
  plainText,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import {
  approvalColumns,
  carriedOut,
  type ApprovalRow,
  type ApprovalStatus,
  statusAt,
} from './approval-views.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';

/** An approval asked for longer than this would outlive its reason. */
const lifeMaxMs = 90 * 86_400_000;
/** Larger subjects are approved by their digest, and read where they are kept. */
const subjectMaxChars = 8_192;

/** Subjects whose approvals the system opens; the operation decides on them, and nothing else. */
const decidedElsewhere: ReadonlyMap<string, string> = new Map([
  ['payment.resume', 'case.decide'],
  ['tool.call', 'proposal.decide'],
]);

export const approvalId = Type.String({ pattern: '^apr_[0-9a-hjkmnp-tv-z]{26}$' });
const digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const subjectKind = Type.String({
  pattern: '^[a-z][a-z0-9_.]{1,63}$',
  description: 'The operation that will use the approval.',
  examples: ['rollout.set'],
});
const checkersMax = 3;
const scalar = Type.Union([Type.String(), Type.Integer(), Type.Boolean(), Type.Null()]);
/** What a subject may hold: nested no deeper than a checker can read. */
const subjectValue = (depth: number): Type.TSchema =>
  depth === 0
    ? scalar
    : Type.Union([
        scalar,
        Type.Array(subjectValue(depth - 1)),
        Type.Record(Type.String(), subjectValue(depth - 1)),
      ]);
const subjectDepthMax = 3;
const checkers = Type.Integer({ minimum: 1, maximum: checkersMax });

const requestBody = Type.Object(
  {
    subject_kind: subjectKind,
    subject_digest: Type.Optional(digest),
    subject: Type.Optional(
      Type.Record(Type.String(), subjectValue(subjectDepthMax), {
        description: 'What is to be done, for the checkers to read; its digest is taken from it.',
      }),
    ),
    summary: plainText({
      description: 'Why, in words for the checkers. No personal data.',
      minLength: 1,
      maxLength: 500,
    }),
    required_checkers: Type.Optional(checkers),
    expires_at: Type.String({ format: 'date-time' }),
  },
  closed,
);
const verdictBody = Type.Object(
  {
    verdict: Type.Enum(['approve', 'reject']),
    reason: plainText({ minLength: 1, maxLength: 500 }),
  },
  closed,
);

type RequestBody = Type.Static<typeof requestBody>;
export type DecideBody = { approval_id: string; verdict: 'approve' | 'reject'; reason: string };

export const approvalSchemas = { id: approvalId, requestBody, verdictBody };

export const approvalPayloads = {
  'approval.requested': Type.Object({
    approval_id: approvalId,
    subject_kind: subjectKind,
    subject_digest: digest,
    maker: Type.String(),
    required_checkers: checkers,
    expires_at: Type.String(),
  }),
  'approval.given': Type.Object({
    approval_id: approvalId,
    checker: Type.String(),
    given: Type.Integer({ description: 'How many have approved, with this one.' }),
    required_checkers: checkers,
  }),
  'approval.rejected': Type.Object({ approval_id: approvalId, checker: Type.String() }),
  'approval.withdrawn': Type.Object({ approval_id: approvalId, maker: Type.String() }),
  'approval.used': Type.Object({
    approval_id: approvalId,
    subject_kind: subjectKind,
    subject_digest: digest,
    command_id: Type.String({ description: 'The command that it has allowed.' }),
  }),
};

export const approvalOperations: PolicyOperations = {
  'approval.request': { changesRights: false, perform: requestApproval },
  'approval.decide': { changesRights: true, perform: decideApproval },
  'approval.withdraw': { changesRights: true, perform: withdrawApproval },
};

/** What an approval is bound to: the SHA-256 of the subject's canonical text (RFC 8785). */
export function subjectDigest(subject: Json): string {
  return sha256Hex(canonicalJson(subject));
}

/** The approval that a request has made. */
export function approvalOf(command: Uuid): string {
  return externalId('approval', derivedUuid(command, 'approval', 0));
}

export type ApprovalUse = {
  /** The approval's public id, as the caller has sent it. */
  readonly id: string | undefined;
  readonly subjectKind: string;
  /** What is to be done, exactly: the approval is bound to its digest. */
  readonly subject: Json;
  /** What is allowed by it: whoever carries it out is no second person. */
  readonly command: Pick<Command, 'id' | 'receivedAt' | 'principal'>;
  /** Principals whose work the subject is: none of them counts as a checker of it. */
  readonly authors?: readonly string[];
};

/**
 * Uses an approval up for exactly this subject, in the transaction of what it allows; answers the
 * event, which belongs among those of the command. Throws `approval_required` without an id, and
 * `approval_invalid` when the approval is not one for this, now.
 */
export async function useApproval(tx: pg.ClientBase, use: ApprovalUse): Promise<EventDraft> {
  const { subjectKind: kind, subject, command, authors = [] } = use;
  const wanted = subjectDigest(subject);
  const at = command.receivedAt;
  if (use.id === undefined) {
    throw new Fault('approval_required', `${kind} needs an approval of another person`, {
      detail: { subject_kind: kind, subject_digest: wanted, ...toldSubject(subject) },
    });
  }
  const approval = await lock(tx, use.id);
  if (approval === undefined) refuseUse(use.id, 'not_found', 'does not exist');
  if (approval.subject_kind !== kind || approval.digest !== wanted) {
    refuseUse(use.id, 'other_subject', 'is for something else');
  }
  const status = statusAt(approval, at);
  if (status !== 'approved') refuseUse(use.id, status, `is ${status}`);
  const { rows } = await tx.query<{ checker: string }>(
    'select checker from policy.approval_verdict where approval_id = $1 and checker = any ($2)',
    [approval.id, [...authors, principalText(command.principal)]],
  );
  if (rows.length > 0) {
    refuseUse(use.id, 'self_approval', 'was given by an author of its subject, or by who uses it');
  }
  await tx.query(
    `update policy.approval set status = 'used', used_by = $2, ended_at = $3 where id = $1`,
    [approval.id, command.id, instantToText(at)],
  );
  return policyEvent({ receivedAt: at }, 'approval.used', {
    approval_id: use.id,
    subject_kind: kind,
    subject_digest: wanted,
    command_id: externalId('command', command.id),
  });
}

/** As it can be sent with the request for the approval, so that the checkers read it. */
function toldSubject(subject: Json): { readonly subject?: Json } {
  return canonicalJson(subject).length <= subjectMaxChars ? { subject } : {};
}

function refuseUse(approval: string, reason: string, words: string): never {
  throw new Fault('approval_invalid', `the approval ${approval} ${words}`, { detail: { reason } });
}

// Its life ----------------------------------------------------------------------------------------

async function requestApproval(tx: pg.ClientBase, command: Command) {
  const body = command.body as RequestBody;
  const at = command.receivedAt;
  if (decidedElsewhere.has(body.subject_kind)) {
    refuseField('/subject_kind', 'is asked for by the system, where a person has to look');
  }
  const subject = body.subject === undefined ? null : canonicalJson(body.subject as Json);
  const expiresAt = instantFromText(body.expires_at);
  if (expiresAt === undefined || expiresAt <= at || expiresAt > at + lifeMaxMs) {
    refuseField('/expires_at', 'must be an instant within the next 90 days');
  }
  if (subject !== null && subject.length > subjectMaxChars) {
    refuseField(
      '/subject',
      `must have at most ${subjectMaxChars} characters: send its digest instead`,
    );
  }
  const found = subject === null ? body.subject_digest : sha256Hex(subject);
  if (found === undefined) refuseField('/subject_digest', 'or the subject itself must be sent');
  if (found !== (body.subject_digest ?? found)) {
    refuseField('/subject_digest', 'must be the SHA-256 of the canonical JSON of the subject');
  }
  // Behind a maker that is no person there may be the very one who checks.
  const others = command.principal.kind === 'user' ? 0 : 1;
  return [
    await openApproval(tx, command, {
      subjectKind: body.subject_kind,
      subjectDigest: found,
      subject,
      summary: body.summary,
      maker: principalText(command.principal),
      requiredCheckers: Math.min(checkersMax, (body.required_checkers ?? 1) + others),
      expiresAt,
    }),
  ];
}

export type Opening = {
  readonly subjectKind: string;
  readonly subjectDigest: string;
  /** Its canonical text, where checkers read it here; the command's body has it as `subject`. */
  readonly subject: string | null;
  /** As the command's body has it. */
  readonly summary: string;
  /** Whose wish it is: nobody who decides on it. */
  readonly maker: string;
  readonly requiredCheckers: number;
  readonly expiresAt: Instant;
};

/** Opens the approval of a command, `approvalOf` its id; answers the event that tells of it. */
export async function openApproval(
  tx: pg.ClientBase,
  command: Command,
  opening: Opening,
): Promise<EventDraft> {
  const { subjectKind, subjectDigest: wanted, subject, summary, maker } = opening;
  const approval = derivedUuid(command.id, 'approval', 0);
  const expiresAt = instantToText(opening.expiresAt);
  await tx.query(
    `insert into policy.approval (tenant_id, id, subject_kind, subject_digest, subject, summary,
       maker, required_checkers, requested_at, expires_at)
     values ($1, $2, $3, decode($4, 'hex'), $5, $6, $7, $8, $9, $10)`,
    [
      ...[command.tenant, approval, subjectKind, wanted, subject, summary, maker],
      ...[opening.requiredCheckers, instantToText(command.receivedAt), expiresAt],
    ],
  );
  return policyEvent(command, 'approval.requested', {
    approval_id: externalId('approval', approval),
    subject_kind: subjectKind,
    subject_digest: wanted,
    maker,
    required_checkers: opening.requiredCheckers,
    expires_at: expiresAt,
  });
}

async function decideApproval(tx: pg.ClientBase, command: Command) {
  const body = command.body as DecideBody;
  const { subject_kind } = await find(tx, body.approval_id);
  refuseElsewhere(body.approval_id, subject_kind);
  return [(await giveVerdict(tx, command, body)).event];
}

/**
 * One checker's verdict on an approval, with its event, and whether that is enough. Throws
 * `not_a_checker` for who may not give one, and `conflict` where nothing is left to decide. The
 * command's body has the same `reason`.
 */
export async function giveVerdict(
  tx: pg.ClientBase,
  command: Command,
  { approval_id, verdict, reason }: DecideBody,
): Promise<{ readonly event: EventDraft; readonly isFinal: boolean }> {
  const approval = await find(tx, approval_id);
  const checker = principalText(command.principal);
  const isUser = command.principal.kind === 'user';
  if (!isUser) refuseChecker('not_a_user', 'only a person may decide on an approval');
  if (checker === approval.maker) refuseChecker('maker', 'nobody decides on his own request');
  const { rows } = await tx.query<{ checker: string; verdict: string }>(
    'select checker, verdict from policy.approval_verdict where approval_id = $1',
    [approval.id],
  );
  if (rows.some((row) => row.checker === checker)) {
    refuseChecker('decided_before', 'a checker decides once');
  }
  const status = statusAt(approval, command.receivedAt);
  // What is approved and not used yet can still be stopped by somebody who sees better.
  const isOpen = status === 'pending' || (status === 'approved' && verdict === 'reject');
  if (!isOpen) refuseChange(approval_id, status);
  const decidedAt = instantToText(command.receivedAt);
  await tx.query(
    `insert into policy.approval_verdict (tenant_id, approval_id, checker, maker, verdict, reason,
       decided_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [command.tenant, approval.id, checker, approval.maker, verdict, reason, decidedAt],
  );
  if (verdict === 'reject') {
    await end(tx, approval.id, 'rejected', command);
    const event = policyEvent(command, 'approval.rejected', { approval_id, checker });
    return { event, isFinal: true };
  }
  const given = rows.length + 1;
  const { required_checkers } = approval;
  const isFinal = given === required_checkers;
  if (isFinal) {
    await tx.query(`update policy.approval set status = 'approved' where id = $1`, [approval.id]);
  }
  const payload = { approval_id, checker, given, required_checkers };
  return { event: policyEvent(command, 'approval.given', payload), isFinal };
}

async function withdrawApproval(tx: pg.ClientBase, command: Command) {
  const { approval_id } = command.body as { approval_id: string };
  const approval = await find(tx, approval_id);
  const maker = principalText(command.principal);
  if (maker !== approval.maker) {
    throw new Fault('denied', 'only who has asked for an approval can withdraw the request');
  }
  refuseElsewhere(approval_id, approval.subject_kind);
  const [event] = await withdrawOpen(tx, command, approval_id);
  if (event === undefined) refuseChange(approval_id, statusAt(approval, command.receivedAt));
  return [event];
}

/** Ends an approval that nobody needs any more; one that has ended stays as it is. */
export async function withdrawOpen(
  tx: pg.ClientBase,
  command: Command,
  approval_id: string,
): Promise<readonly EventDraft[]> {
  const approval = await find(tx, approval_id);
  const status = statusAt(approval, command.receivedAt);
  if (status !== 'pending' && status !== 'approved') return [];
  await end(tx, approval.id, 'withdrawn', command);
  const { maker } = approval;
  return [policyEvent(command, 'approval.withdrawn', { approval_id, maker })];
}

function refuseElsewhere(approval: string, subjectKind: string): void {
  const operation = decidedElsewhere.get(subjectKind);
  if (operation === undefined) return;
  throw new Fault('denied', `the approval ${approval} is decided on by ${operation}`);
}

async function end(tx: pg.ClientBase, approval: Uuid, status: ApprovalStatus, command: Command) {
  await tx.query('update policy.approval set status = $2, ended_at = $3 where id = $1', [
    approval,
    status,
    instantToText(command.receivedAt),
  ]);
}

function refuseChecker(reason: string, words: string): never {
  throw new Fault('not_a_checker', words, { detail: { reason } });
}

function refuseChange(approval: string, status: ApprovalStatus): never {
  throw new Fault('conflict', `the approval ${approval} is ${status}`, {
    detail: { reason: status },
  });
}

async function lock(tx: pg.ClientBase, approval: string): Promise<ApprovalRow | undefined> {
  const sql = `select ${approvalColumns} from policy.approval where id = $1 for update`;
  const { rows } = await tx.query<ApprovalRow>(sql, [internalId('approval', approval) ?? null]);
  const [row] = rows;
  return row && { ...row, ...(await carriedOut(tx, rows)).get(row.id) };
}

async function find(tx: pg.ClientBase, approval: string): Promise<ApprovalRow> {
  const row = await lock(tx, approval);
  if (row === undefined) throw new Fault('not_found', `there is no approval ${approval}`);
  return row;
}
