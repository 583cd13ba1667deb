// Opening and closing: what the system does to cases, by commands like everybody else's.
import {
  canonicalJson,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantFromText,
  instantToText,
  internalId,
  type Json,
  nullable,
  sha256Hex,
} from '#core';
import {
  holdersOf,
  openApproval,
  type PolicyOperations,
  resumptionSubject,
  subjectDigest,
  withdrawOpen,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type caseKinds, type CasePayment, type CaseRow, proposalOf } from './case.ts';
import { weightOf } from './ranking.ts';
import { lockActive, lockCase, record, recordAct, refuseState, tell } from './records.ts';
import { checkersFor, homeAmount, readSettings } from './settings.ts';

/** The body of `case.open`: it follows from the event of the payment, and from the calendar. */
export type OpenBody = {
  readonly kind: (typeof caseKinds)[number];
  readonly queue: string;
  readonly payment: CasePayment;
  readonly maker: string;
  readonly approvals_required: number;
  readonly due_at: string;
  /** Until when the funds of a payment that waits are reserved. */
  readonly expires_at: string | null;
  /** Of the approval, as it will be read. */
  readonly subject: { readonly payment_id: string; readonly command_digest: string };
  readonly summary: string;
};
export type CloseBody = {
  readonly case_id: string;
  readonly because: 'payment_expired' | 'payment_cancelled';
};
export type SummarizeBody = {
  readonly case_id: string;
  readonly summary: SummaryRecord;
  /** The ids of what was gathered. */
  readonly evidence: Json;
};

export const summarySchema = Type.Object(
  {
    summarizer: Type.Enum(['template', 'llm']),
    prompt_version: Type.String(),
    model: nullable(Type.String()),
    stood_in_because: nullable(
      Type.String({ description: 'Why the model’s text was not taken, where one is configured.' }),
    ),
    sentences: Type.Array(Type.Object({ text: Type.String(), sources: Type.Array(Type.String()) })),
  },
  closed,
);
type SummaryRecord = Type.Static<typeof summarySchema>;

export const systemOperations: PolicyOperations = {
  'case.open': { changesRights: false, perform: openCase },
  'case.close': { changesRights: false, perform: closeCase },
  'case.mark_overdue': { changesRights: false, perform: markOverdue },
  'case.summarize': { changesRights: false, perform: summarize },
};

async function openCase(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const body = command.body as OpenBody;
  const { payment, kind, queue, maker, expires_at } = body;
  const settings = await readSettings(tx);
  const { amount, currency } = payment;
  const { approvals_required } = body;
  const required = checkersFor(settings, { queue, amount, currency, approvals_required });
  const home = homeAmount(settings, payment);
  const expiresAt = expires_at === null ? undefined : instantFromText(expires_at);
  // Whose reservation has ended while nobody looked needs no approval any more.
  const waits = kind === 'release' && (expiresAt === undefined || expiresAt > command.receivedAt);
  const approval =
    waits && expiresAt !== undefined
      ? await openApproval(tx, command, {
          subjectKind: resumptionSubject,
          subjectDigest: subjectDigest(body.subject),
          subject: canonicalJson(body.subject),
          ...{ summary: body.summary, maker, requiredCheckers: required, expiresAt },
        })
      : undefined;
  const opened = {
    ...{ id: derivedUuid(command.id, 'case', 0), kind, queue, payment_id: payment.payment_id },
    ...{ payment, maker },
    parties: await partiesOf(tx, payment),
    weight: weightOf({ risk: payment.fraud_score, amount: home }),
    required_checkers: required,
    approval_id: approval === undefined ? null : derivedUuid(command.id, 'approval', 0),
    opened_at: instantToText(command.receivedAt),
    due_at: laterThan(body.due_at, command.receivedAt),
    expires_at: kind === 'release' ? expires_at : null,
  };
  const { rows } = await tx.query<CaseRow>(
    `insert into reviews.case_file
     select * from jsonb_populate_record(null::reviews.case_file,
       $1::jsonb || '{"status": "open", "acts": 1}')
     returning *`,
    [JSON.stringify({ tenant_id: command.tenant, ...opened })],
  );
  const row = rows[0] as CaseRow;
  const told = {
    proposed: proposalOf(row).proposed,
    reasons: payment.reasons,
    required_checkers: required,
    approval_id: opened.approval_id && externalId('approval', opened.approval_id),
  };
  await recordAct(tx, command, { row, number: 1, name: 'opened', detail: told });
  return [...(approval ? [approval] : []), tell(command, row, { name: 'opened', told })];
}

/** Who pays or gets it: whom the order has named, and whose the accounts are. */
async function partiesOf(tx: pg.ClientBase, payment: CasePayment): Promise<readonly string[]> {
  const { debtor, creditor, debtor_account_id, creditor_account_id } = payment;
  const named = [debtor, creditor].filter((each) => each !== null);
  const holders = (await holdersOf(tx, [debtor_account_id, creditor_account_id])) ?? [];
  return [...new Set([...named, ...holders])];
}

/** A promise that was made for an instant in the past is kept from now on. */
function laterThan(dueAt: string, at: number): string {
  return instantToText(Math.max(instantFromText(dueAt) ?? at, at + 1));
}

async function closeCase(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { case_id, because } = command.body as CloseBody;
  const row = await lockCase(tx, case_id);
  if (row.ended_at !== null) refuseState(row, row.status);
  const status = because === 'payment_expired' ? 'expired' : 'closed';
  const ended_at = instantToText(command.receivedAt);
  const approval =
    row.approval_id === null
      ? []
      : await withdrawOpen(tx, command, externalId('approval', row.approval_id));
  const told = { because };
  const change = { status, ended_at } as const;
  return [...approval, await record(tx, command, row, { name: 'closed', change, told })];
}

async function markOverdue(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { case_id } = command.body as { case_id: string };
  const row = await lockActive(tx, case_id, command.receivedAt);
  const isLate = row.due_at.getTime() <= command.receivedAt;
  if (!isLate || row.overdue_at !== null) refuseState(row, isLate ? 'overdue' : 'in_time');
  const change = { overdue_at: instantToText(command.receivedAt) };
  return [await record(tx, command, row, { name: 'overdue', change })];
}

async function summarize(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { case_id, summary, evidence } = command.body as SummarizeBody;
  const row = await lockCase(tx, case_id);
  await tx.query(
    `insert into reviews.case_summary (tenant_id, case_id, summary, evidence, made_at)
     values ($1, $2, $3, $4, $5)`,
    [
      ...[command.tenant, internalId('case', case_id), JSON.stringify(summary)],
      ...[JSON.stringify(evidence), instantToText(command.receivedAt)],
    ],
  );
  const { sentences: _sentences, ...made } = summary;
  const told = { ...made, summary_digest: sha256Hex(canonicalJson(summary)) };
  return [await record(tx, command, row, { name: 'summarized', told })];
}

function onlySystem({ principal, operation }: Command): void {
  if (principal.kind === 'service') return;
  throw new Fault('denied', `${operation} is done by the system alone`);
}
