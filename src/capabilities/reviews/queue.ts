// The queue as it is read: ranked pages, one case with all that is known of it, counts by queue.
import {
  pageOf,
  externalId,
  type Instant,
  instantFromText,
  instantToText,
  internalId,
  nullable,
  type Tx,
  type Uuid,
} from '#core';
import { readApproval } from '#policy';
import Type from 'typebox';
import {
  activeStatuses,
  caseKinds,
  type CaseRow,
  caseSchemas as s,
  type CaseStatus,
  caseStatuses,
  endedStatuses,
  proposalOf,
  type ReasonCode,
  reasonCodes,
  statusAt,
  statusSql,
  textOf,
} from './case.ts';
import { evidenceSchema, gatherEvidence } from './evidence.ts';
import { summarySchema } from './opening.ts';
import { priorityOf, prioritySql } from './ranking.ts';
import { caseColumns, titleOf } from './records.ts';

export const caseView = Type.Object({
  id: s.caseId,
  title: Type.String(),
  kind: Type.Enum([...caseKinds]),
  queue: s.queueName,
  status: Type.Enum([...caseStatuses]),
  priority: Type.Integer({ description: 'Risk by amount by age against the promise.' }),
  assignee: s.text,
  snoozed_until: nullable(s.instant),
  payment_id: Type.String(),
  amount: Type.Integer({ description: 'Minor units.' }),
  currency: Type.String(),
  debtor: nullable(Type.String({ description: 'Who pays, by a token.' })),
  reasons: Type.Array(Type.String(), { description: 'Why policy wanted somebody to look.' }),
  fraud_score: nullable(Type.Number()),
  proposed: Type.Enum(['review', 'deny']),
  ai_proposed: Type.Boolean(),
  required_checkers: Type.Integer(),
  approvals_given: Type.Integer({ description: 'Of a payment that waits, on its approval.' }),
  opened_at: s.instant,
  due_at: s.instant,
  overdue: Type.Boolean(),
  expires_at: nullable(s.instant),
  verdict: nullable(Type.Enum(['approve', 'reject'])),
  reason_code: s.text,
  ended_at: nullable(s.instant),
});
const verdictView = Type.Object({
  checker: Type.String(),
  verdict: Type.String(),
  reason: Type.String(),
  decided_at: s.instant,
});
export const caseDetail = Type.Interface([caseView], {
  approval_id: s.text,
  verdicts: Type.Array(verdictView, { description: 'Of a payment that waits, on its approval.' }),
  evidence: Type.Interface([evidenceSchema], {}),
  summary: nullable(Type.Interface([summarySchema], { made_at: s.instant })),
});
export type CaseDetail = NonNullable<Awaited<ReturnType<typeof readCase>>>;
export const caseActView = Type.Object({
  number: Type.Integer(),
  act: Type.String(),
  by: Type.String(),
  at: s.instant,
  detail: Type.Record(Type.String(), Type.Any()),
});
export const caseReasonView = Type.Object({
  code: Type.Enum(Object.keys(reasonCodes) as ReasonCode[]),
  verdict: Type.Enum(['approve', 'reject']),
  words: Type.String(),
  label: nullable(Type.Enum(['fraud', 'genuine'], { description: 'What a model learns of it.' })),
});
export const caseQueueView = Type.Object({
  queue: s.queueName,
  open: Type.Integer({ description: 'Nobody’s, escalated ones with them.' }),
  assigned: Type.Integer(),
  snoozed: Type.Integer(),
  overdue: Type.Integer(),
  oldest_at: nullable(s.instant),
});

type JudgedCase = CaseRow & { readonly approvals_given: number };

/** How many have approved what a case opened: of each row that is told, and of no other. */
const judged = `(select count(*)::integer from policy.approval_verdict v
  where v.tenant_id = core.current_tenant() and v.approval_id = c.approval_id
    and v.verdict = 'approve') as approvals_given`;

function viewOf(row: JudgedCase, at: Instant) {
  const { kind, queue, payment, assignee, payment_id, required_checkers, weight } = row;
  const { amount, currency, debtor, reasons, fraud_score } = payment;
  const ranked = { weight, openedAt: row.opened_at.getTime(), dueAt: row.due_at.getTime() };
  const until = row.ended_at?.getTime() ?? at;
  return {
    id: externalId('case', row.id),
    title: titleOf(row),
    ...{ kind, queue, status: statusAt(row, at) },
    priority: priorityOf(ranked, until),
    assignee,
    snoozed_until: textOf(row.snoozed_until),
    payment_id,
    ...{ amount, currency, debtor, reasons, fraud_score },
    ...proposalOf(row),
    ...{ required_checkers, approvals_given: row.approvals_given },
    opened_at: instantToText(row.opened_at.getTime()),
    due_at: instantToText(row.due_at.getTime()),
    overdue: row.due_at.getTime() <= until,
    expires_at: textOf(row.expires_at),
    ...{ verdict: row.verdict, reason_code: row.reason_code },
    ended_at: textOf(row.ended_at),
  };
}

export type CaseQuery = {
  readonly limit: number;
  readonly queue?: string | undefined;
  readonly status?: CaseStatus | undefined;
  readonly assignee?: string | undefined;
  readonly after?: CaseCursor | undefined;
};

/**
 * Where a page ends. All pages of a list are ranked as of the instant of its first, so that none
 * is passed over because time goes by.
 */
export type CaseCursor = { readonly at: Instant; readonly rank: bigint; readonly id: Uuid };

/** The largest that the database counts to. */
const rankMax = 2n ** 63n - 1n;

/** The cursor in a text that was handed out as `next`, or undefined. */
export function caseCursor(next: string): CaseCursor | undefined {
  const [, instant = '', rank = '', id = ''] = /^(\d{13})\.(\d{1,19})\.(cas_.+)$/.exec(next) ?? [];
  const uuid = internalId('case', id);
  const at = instantFromText(instant === '' ? '' : new Date(Number(instant)).toISOString());
  if (!uuid || at === undefined || BigInt(rank) > rankMax) return undefined;
  return { at, rank: BigInt(rank), id: uuid };
}

/** What waits, by rank; of a status in which nothing waits any more, the newest first. */
export async function listCases(tx: Tx, query: CaseQuery, now: Instant) {
  const { limit, queue, status, assignee, after } = query;
  const at = after?.at ?? now;
  const isEnded = (endedStatuses as readonly string[]).includes(status ?? '');
  // Of what has ended the id is the order: it begins with the instant of opening.
  const rank = isEnded ? '0' : prioritySql('$1');
  const way = isEnded ? ['<', 'desc'] : ['>', 'asc'];
  const { rows } = await tx.query<JudgedCase & { rank: string }>(
    `select c.*, ${judged} from (
       select * from (
         select ${caseColumns}, (${rank})::text as rank, ${rank} as ranked
           from reviews.case_file where tenant_id = core.current_tenant()
            and ${isEnded ? 'true' : 'ended_at is null'}
            and ${statusSql('$1')} = any ($2)
            and ($3::text is null or queue = $3) and ($4::text is null or assignee = $4)) as f
        where $5::bigint is null or ranked < $5 or ranked = $5 and id ${way[0]} $6
        order by ranked desc, id ${way[1]} limit $7) as c
      order by ranked desc, id ${way[1]}`,
    [
      ...[instantToText(at), status === undefined ? [...activeStatuses] : [status]],
      ...[queue ?? null, assignee ?? null, after?.rank ?? null, after?.id ?? null, limit + 1],
    ],
  );
  const page = pageOf(rows, limit, (row) => `${at}.${row.rank}.${externalId('case', row.id)}`);
  return { ...page, items: page.items.map((row) => viewOf(row, at)) };
}

/** With its evidence as of now, and what was written of it when it was opened. */
export async function readCase(tx: Tx, id: string, at: Instant) {
  const { rows } = await tx.query<JudgedCase>(
    `select ${caseColumns}, ${judged} from reviews.case_file c
      where tenant_id = core.current_tenant() and id = $1`,
    [internalId('case', id) ?? null],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const approvalId = row.approval_id && externalId('approval', row.approval_id);
  const approval = approvalId === null ? undefined : await readApproval(tx, approvalId, at);
  return {
    ...viewOf(row, at),
    approval_id: approvalId,
    verdicts: approval?.verdicts ?? [],
    evidence: await gatherEvidence(tx, row, at),
    summary: await readSummary(tx, row.id),
  };
}

async function readSummary(tx: Tx, id: Uuid) {
  const { rows } = await tx.query<{ summary: object; made_at: Date }>(
    `select summary, made_at from reviews.case_summary
      where tenant_id = core.current_tenant() and case_id = $1`,
    [id],
  );
  const [row] = rows;
  return row ? { ...row.summary, made_at: instantToText(row.made_at.getTime()) } : null;
}

/** The case that a command has acted on, as it is now. */
export async function readActedCase(tx: Tx, command: Uuid, at: Instant) {
  const { rows } = await tx.query<JudgedCase>(
    `select ${caseColumns}, ${judged} from reviews.case_file c
      where tenant_id = core.current_tenant() and id = (select case_id from reviews.case_act
                  where tenant_id = core.current_tenant() and command_id = $1)`,
    [command],
  );
  return rows[0] && viewOf(rows[0], at);
}

/** Oldest first; undefined where there is no such case. */
export async function readHistory(
  tx: Tx,
  id: string,
  { after = 0, limit }: { after?: number | undefined; limit: number },
) {
  const { rows } = await tx.query(
    `select number, act, acted_by as by, acted_at as at, detail from reviews.case_act
      where tenant_id = core.current_tenant() and case_id = $1 and number > $2
      order by number limit $3`,
    [internalId('case', id) ?? null, after, limit + 1],
  );
  // Every case begins with its opening.
  if (rows.length === 0 && after === 0) return undefined;
  const items = rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  return pageOf(items, limit, ({ number }) => String(number));
}

/** Of approvals by which payments go on, the cases in which they are given. */
export async function casesOfApprovals(
  tx: Tx,
  approvals: readonly { readonly id: string; readonly payment_id: string | null }[],
): Promise<ReadonlyMap<string, string>> {
  const ofPayments = approvals.filter(({ payment_id }) => payment_id !== null);
  if (ofPayments.length === 0) return new Map();
  const { rows } = await tx.query<{ id: Uuid; approval_id: Uuid }>(
    `select id, approval_id from reviews.case_file
      where tenant_id = core.current_tenant() and payment_id = any ($1) and approval_id = any ($2)`,
    [
      ofPayments.map(({ payment_id }) => payment_id),
      ofPayments.map(({ id }) => internalId('approval', id)),
    ],
  );
  return new Map(
    rows.map((row) => [externalId('approval', row.approval_id), externalId('case', row.id)]),
  );
}

/** The decisions on a payment that people were shown, and after which they said: go on. */
export async function approvedDecisions(tx: Tx, paymentId: string): Promise<readonly Uuid[]> {
  const { rows } = await tx.query<{ decision: string | null }>(
    `select payment ->> 'decision_id' as decision from reviews.case_file
      where tenant_id = core.current_tenant() and payment_id = $1 and kind = 'release'
        and verdict = 'approve'
      order by id`,
    [paymentId],
  );
  return rows.flatMap(({ decision }) => internalId('decision', decision ?? '') ?? []);
}

/** What waits in each queue that has something waiting. */
export async function readQueues(tx: Tx, at: Instant) {
  const { rows } = await tx.query(
    `select queue,
            count(*) filter (where now_is in ('open', 'escalated'))::integer as open,
            count(*) filter (where now_is = 'assigned')::integer as assigned,
            count(*) filter (where now_is = 'snoozed')::integer as snoozed,
            count(*) filter (where due_at <= $1)::integer as overdue,
            min(opened_at) as oldest_at
       from (select queue, due_at, opened_at, ${statusSql('$1')} as now_is
               from reviews.case_file
              where tenant_id = core.current_tenant() and ended_at is null) as c
      where now_is = any ($2)
      group by queue order by queue limit 500`,
    [instantToText(at), [...activeStatuses]],
  );
  return { items: rows.map((row) => ({ ...row, oldest_at: row.oldest_at.toISOString() })) };
}
