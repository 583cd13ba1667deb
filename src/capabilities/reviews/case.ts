// Case: a payment that people look at. Its words, its states, who may not judge it, its payloads.
//
//   open → assigned → decided        somebody takes it, and gives a verdict
//     ↑  ↘ snoozed ↗                 it waits for an answer, and wakes by itself
//   escalated                        in another queue, for anybody there
//   expired, closed                  its payment has ended without a verdict
import { type Instant, instantToText, nullable, type Uuid } from '#core';
import Type from 'typebox';
import { queueName } from './settings.ts';

export const caseKinds = ['release', 'denied', 'clearing'] as const;
/** What somebody can still do something about, and what has ended. */
export const activeStatuses = ['open', 'assigned', 'snoozed', 'escalated'] as const;
export const endedStatuses = ['decided', 'expired', 'closed'] as const;
export const caseStatuses = [...activeStatuses, ...endedStatuses] as const;
export type CaseStatus = (typeof caseStatuses)[number];
export type Verdict = 'approve' | 'reject';

/** Why a verdict was given; `label` is what a model learns from it. */
export const reasonCodes = {
  genuine: { verdict: 'approve', label: 'genuine', words: 'Nothing speaks against it' },
  customer_confirmed: { verdict: 'approve', label: 'genuine', words: 'The customer confirmed it' },
  known_payee: { verdict: 'approve', label: 'genuine', words: 'The payee is known' },
  false_hit: { verdict: 'approve', label: 'genuine', words: 'A list meant somebody else' },
  account_takeover: { verdict: 'reject', label: 'fraud', words: 'Somebody else has the account' },
  scam: { verdict: 'reject', label: 'fraud', words: 'The customer was deceived into paying' },
  stolen_card: { verdict: 'reject', label: 'fraud', words: 'The card is stolen or copied' },
  false_identity: { verdict: 'reject', label: 'fraud', words: 'The identity is false or stolen' },
  mule_account: { verdict: 'reject', label: 'fraud', words: 'The payee passes on loot' },
  sanctioned_party: { verdict: 'reject', label: null, words: 'A list means a party of it' },
  policy_breach: { verdict: 'reject', label: null, words: 'A rule of the bank forbids it' },
  duplicate: { verdict: 'reject', label: null, words: 'It was paid before' },
  invalid_details: { verdict: 'reject', label: null, words: 'It names something wrongly' },
  not_confirmed: { verdict: 'reject', label: null, words: 'Nobody could confirm it' },
} as const satisfies Record<
  string,
  { verdict: Verdict; label: 'fraud' | 'genuine' | null; words: string }
>;
export type ReasonCode = keyof typeof reasonCodes;

/** Of a payment, what its event has told: tokens and ids alone. */
export type CasePayment = {
  readonly payment_id: string;
  readonly command_id: string;
  readonly kind: string | null;
  readonly channel: string | null;
  readonly debtor_account_id: string | null;
  readonly creditor_account_id: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly debtor: string | null;
  readonly creditor: string | null;
  readonly device: string | null;
  readonly card: string | null;
  readonly merchant: string | null;
  readonly decision_id: string | null;
  readonly transfer_id: string | null;
  readonly reasons: readonly string[];
  readonly code: string | null;
  readonly fraud_score: number | null;
  readonly score_status: string | null;
  readonly paid_at: string;
};

export type CaseRow = {
  readonly id: Uuid;
  readonly kind: (typeof caseKinds)[number];
  readonly queue: string;
  readonly status: CaseStatus;
  readonly assignee: string | null;
  readonly snoozed_until: Date | null;
  readonly payment_id: string;
  readonly payment: CasePayment;
  readonly maker: string;
  readonly parties: readonly string[];
  readonly weight: number;
  readonly required_checkers: number;
  readonly approval_id: Uuid | null;
  readonly opened_at: Date;
  readonly due_at: Date;
  readonly expires_at: Date | null;
  readonly overdue_at: Date | null;
  readonly verdict: Verdict | null;
  readonly reason_code: ReasonCode | null;
  readonly ended_at: Date | null;
  readonly acts: number;
};

/** Snoozing and expiry pass by themselves: no row changes when their instant comes. */
export function statusAt(
  row: Pick<CaseRow, 'status' | 'expires_at' | 'snoozed_until' | 'assignee'>,
  at: Instant,
): CaseStatus {
  const { status, expires_at, snoozed_until, assignee } = row;
  if ((endedStatuses as readonly string[]).includes(status)) return status;
  if (expires_at !== null && expires_at.getTime() <= at) return 'expired';
  if (status !== 'snoozed' || (snoozed_until?.getTime() ?? at) > at) return status;
  return assignee === null ? 'open' : 'assigned';
}

/** The same in SQL, over a case and an instant such as `$1`. */
export function statusSql(at: string): string {
  return `case when ended_at is not null then status
    when expires_at <= ${at} then 'expired'
    when status <> 'snoozed' or snoozed_until > ${at} then status
    when assignee is null then 'open' else 'assigned' end`;
}

export function isActive(status: CaseStatus): boolean {
  return (activeStatuses as readonly string[]).includes(status);
}

/** What was proposed to people, and whether a model had its part in that. */
export function proposalOf({ kind, payment }: Pick<CaseRow, 'kind' | 'payment'>) {
  return {
    proposed: kind === 'release' ? ('review' as const) : ('deny' as const),
    ai_proposed: payment.score_status === 'scored' && payment.fraud_score !== null,
  };
}

/** The instant of a column, as it is told. */
export function textOf(instant: Date | null): string | null {
  return instant === null ? null : instantToText(instant.getTime());
}

// Events ------------------------------------------------------------------------------------------

const caseId = Type.String({ pattern: '^cas_[0-9a-hjkmnp-tv-z]{26}$' });
const user = Type.String({ pattern: '^user:[a-z0-9_.@-]{1,80}$', examples: ['user:ann'] });
const instant = Type.String({ format: 'date-time' });
const text = nullable(Type.String());
export const caseSchemas = { caseId, user, instant, text, queueName };

/** What a ticket in another system needs to know of a case. */
const ticket = {
  case_id: caseId,
  kind: Type.Enum([...caseKinds]),
  queue: queueName,
  title: Type.String({ description: 'Amount, currency and channel; never a name.' }),
  priority: Type.Integer({ description: 'At the instant of the event.' }),
  payment_id: Type.String(),
  opened_at: instant,
  due_at: instant,
  link: Type.String({ description: 'The path of the case in this API.' }),
};
const by = Type.String({ description: 'Who did it.' });
const told = (more: Readonly<Record<string, Type.TSchema>> = {}) =>
  Type.Object({ ...ticket, ...more, by });
const decision = {
  verdict: Type.Enum(['approve', 'reject']),
  reason: Type.Enum(Object.keys(reasonCodes)),
};

export const casePayloads = {
  'case.opened': told({
    proposed: Type.Enum(['review', 'deny']),
    reasons: Type.Array(Type.String()),
    required_checkers: Type.Integer(),
    approval_id: text,
  }),
  'case.assigned': told({ assignee: user }),
  'case.released': told(),
  'case.snoozed': told({ until: instant }),
  'case.escalated': told({ from_queue: queueName }),
  'case.noted': told(),
  'case.reviewed': told(decision),
  'case.decided': told({
    ...decision,
    command_id: Type.String({ description: 'Of the payment.' }),
    decision_id: text,
    proposed: Type.Enum(['review', 'deny']),
    ai_proposed: Type.Boolean({ description: 'Whether a model was heard on the payment.' }),
    fraud_score: nullable(Type.Number()),
    label: nullable(Type.Enum(['fraud', 'genuine'])),
  }),
  'case.overdue': told(),
  'case.closed': told({ because: Type.Enum(['payment_expired', 'payment_cancelled']) }),
  'case.summarized': told({
    summarizer: Type.Enum(['template', 'llm']),
    prompt_version: Type.String(),
    model: text,
    stood_in_because: text,
    summary_digest: Type.String({ description: 'SHA-256 of the canonical summary.' }),
  }),
};
