// Approvals as they are read: what waits for checkers, and what became of the rest.
import { externalId, type Instant, instantToText, internalId, type Json, type Uuid } from '#core';
import type pg from 'pg';

export const approvalStatuses = [
  'pending',
  'approved',
  'rejected',
  'withdrawn',
  'used',
  'expired',
] as const;
export type ApprovalStatus = (typeof approvalStatuses)[number];

export type ApprovalRow = {
  readonly id: Uuid;
  readonly subject_kind: string;
  readonly digest: string;
  readonly summary: string;
  readonly maker: string;
  readonly required_checkers: number;
  readonly requested_at: Date;
  readonly expires_at: Date;
  readonly status: Exclude<ApprovalStatus, 'expired'>;
  readonly used_by: Uuid | null;
  readonly ended_at: Date | null;
  readonly payment_id: string | null;
};

export const approvalColumns = `id, subject_kind, encode(subject_digest, 'hex') as digest, summary,
  maker, required_checkers, requested_at, expires_at, status, used_by, ended_at,
  case when subject_kind = 'payment.resume' then subject::json ->> 'payment_id' end as payment_id`;

/** An approval ends by itself at its expiry, which no row has to record. */
export function statusAt(
  { status, expires_at }: Pick<ApprovalRow, 'status' | 'expires_at'>,
  at: Instant,
): ApprovalStatus {
  const isOpen = status === 'pending' || status === 'approved';
  return isOpen && expires_at.getTime() <= at ? 'expired' : status;
}

export type Approval = ReturnType<typeof viewOf>;

function viewOf(row: ApprovalRow, verdicts: readonly VerdictRow[], at: Instant) {
  return {
    id: externalId('approval', row.id),
    status: statusAt(row, at),
    subject_kind: row.subject_kind,
    subject_digest: row.digest,
    summary: row.summary,
    maker: row.maker,
    required_checkers: row.required_checkers,
    requested_at: row.requested_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    ended_at: row.ended_at?.toISOString() ?? null,
    used_by: row.used_by === null ? null : externalId('command', row.used_by),
    payment_id: row.payment_id,
    verdicts: verdicts
      .filter(({ approval_id }) => approval_id === row.id)
      .map(({ checker, verdict, reason, decided_at }) => ({
        ...{ checker, verdict, reason },
        decided_at: decided_at.toISOString(),
      })),
  };
}

type VerdictRow = {
  readonly approval_id: Uuid;
  readonly checker: string;
  readonly verdict: 'approve' | 'reject';
  readonly reason: string;
  readonly decided_at: Date;
};

/** Commands whose key is an approval have used it by being accepted. */
export async function carriedOut(tx: pg.ClientBase, rows: readonly ApprovalRow[]) {
  const approved = rows.filter(({ status }) => status === 'approved');
  const found = await tx.query<{ key: string; id: Uuid; received_at: Date }>(
    `select idempotency_key as key, id, received_at from core.command
      where idempotency_key = any ($1) and outcome::json ->> 'status' = 'accepted'`,
    [approved.map(({ id }) => externalId('approval', id))],
  );
  return new Map(
    found.rows.map(({ key, id, received_at }) => {
      const used = { status: 'used', used_by: id, ended_at: received_at } as const;
      return [internalId('approval', key), used];
    }),
  );
}

async function withVerdicts(tx: pg.ClientBase, rows: readonly ApprovalRow[], at: Instant) {
  const { rows: verdicts } = await tx.query<VerdictRow>(
    `select approval_id, checker, verdict, reason, decided_at from policy.approval_verdict
      where approval_id = any ($1) order by decided_at, checker`,
    [rows.map((row) => row.id)],
  );
  const used = await carriedOut(tx, rows);
  return rows.map((row) => viewOf({ ...row, ...used.get(row.id) }, verdicts, at));
}

/** With its subject where that was sent, or undefined when there is no such approval. */
export async function readApproval(
  tx: pg.ClientBase,
  approval: string,
  at: Instant,
): Promise<(Approval & { subject: Json }) | undefined> {
  const { rows } = await tx.query<ApprovalRow & { subject: string | null }>(
    `select ${approvalColumns}, subject from policy.approval where id = $1`,
    [internalId('approval', approval) ?? null],
  );
  const [view] = await withVerdicts(tx, rows, at);
  const subject = rows[0]?.subject ?? null;
  return view && { ...view, subject: subject === null ? null : JSON.parse(subject) };
}

/** Where a page of approvals ends. It names its section: an approval may leave it meanwhile. */
export type ApprovalCursor = { readonly section: 'open' | 'ended'; readonly id: Uuid };

/** The cursor in a text that was handed out as `next`, or undefined. */
export function approvalCursor(next: string): ApprovalCursor | undefined {
  const [section = '', approval = ''] = next.split('.');
  const uuid = internalId('approval', approval);
  if (uuid === undefined || (section !== 'open' && section !== 'ended')) return undefined;
  return { section, id: uuid };
}

/** Only approvals of which this is said; whatever is undefined narrows nothing. */
export type ApprovalFilter = {
  readonly subjectKind?: string | undefined;
  /** Hex. */
  readonly subjectDigest?: string | undefined;
  readonly maker?: string | undefined;
  readonly status?: ApprovalStatus | undefined;
};

/** What stands in the row of one that is read as this: expiry, and use by a key, stand in none. */
const storedAs: Readonly<Record<ApprovalStatus, readonly ApprovalRow['status'][]>> = {
  ...{ pending: ['pending'], approved: ['approved'] },
  ...{ rejected: ['rejected'], withdrawn: ['withdrawn'] },
  ...{ used: ['used', 'approved'], expired: ['pending', 'approved'] },
};

/**
 * What waits for checkers, the oldest first; then all else, the newest first. With a status a page
 * may be short, even empty, and the list go on behind it.
 */
export async function listApprovals(
  tx: pg.ClientBase,
  options: { at: Instant; limit: number; after?: ApprovalCursor | undefined } & ApprovalFilter,
): Promise<{ items: Approval[]; next: string | null }> {
  const { at, limit, after, subjectKind, subjectDigest, maker, status } = options;
  const stored = status === undefined ? null : storedAs[status];
  const filter = [subjectKind ?? null, subjectDigest ?? null, maker ?? null, stored];
  const isOpen = "(status = 'pending' and expires_at > $1)";
  const page = async (condition: string, order: string, from: Uuid | null, count: number) => {
    const sql = `select ${approvalColumns} from policy.approval
      where ${condition} and ($4::text is null or subject_kind = $4)
        and ($5::text is null or subject_digest = decode($5, 'hex'))
        and ($6::text is null or maker = $6) and ($7::text[] is null or status = any ($7))
      order by id ${order} limit $3`;
    const values = [instantToText(at), from, count, ...filter];
    return (await tx.query<ApprovalRow>(sql, values)).rows;
  };
  const { section = 'open', id: from = null } = after ?? {};
  const beyond = '($2::uuid is null or id';
  const open =
    section === 'open' ? await page(`${isOpen} and ${beyond} > $2)`, 'asc', from, limit + 1) : [];
  const missing = limit + 1 - open.length;
  const since = section === 'ended' ? from : null;
  const ended =
    missing > 0 ? await page(`not ${isOpen} and ${beyond} < $2)`, 'desc', since, missing) : [];
  const rows = [...open, ...ended];
  const found = await withVerdicts(tx, rows.slice(0, limit), at);
  const where = limit <= open.length ? 'open' : 'ended';
  const next = rows.length > limit ? `${where}.${found.at(-1)?.id}` : null;
  return { items: found.filter((each) => each.status === (status ?? each.status)), next };
}
