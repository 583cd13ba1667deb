// Records: a case as commands find it under its lock, change it, and tell of it.
import {
  canonicalJson,
  type Command,
  type EventDraft,
  externalId,
  Fault,
  formatDecimal,
  type Instant,
  instantToText,
  internalId,
  isoExponent,
  type Json,
  principalText,
  toMinorUnits,
} from '#core';
import { policyEvent } from '#policy';
import type pg from 'pg';
import { type CaseRow, isActive, statusAt } from './case.ts';
import { priorityOf } from './ranking.ts';

export const caseColumns = `id, kind, queue, status, assignee, snoozed_until, payment_id, payment,
  maker, parties, weight, required_checkers, approval_id, opened_at, due_at, expires_at, overdue_at,
  verdict, reason_code, ended_at, acts`;

/** Of one case: what people may do again and again. A verdict and an end find room behind these. */
export const actsMax = 500;

/** The case of a command, locked. */
export async function lockCase(tx: pg.ClientBase, id: string): Promise<CaseRow> {
  const { rows } = await tx.query<CaseRow>(
    `select ${caseColumns} from reviews.case_file where id = $1 for update`,
    [internalId('case', id) ?? null],
  );
  if (rows[0] === undefined) throw new Fault('not_found', `there is no case ${id}`);
  return rows[0];
}

/** A case that still waits for somebody. */
export async function lockActive(tx: pg.ClientBase, id: string, at: Instant): Promise<CaseRow> {
  const row = await lockCase(tx, id);
  const status = statusAt(row, at);
  if (!isActive(status)) refuseState(row, status);
  return { ...row, status };
}

export function refuseState({ id }: CaseRow, status: string): never {
  throw new Fault('conflict', `the case ${externalId('case', id)} is ${status}`, {
    detail: { reason: status },
  });
}

/** What could be done without end is not done any more: what is left is to decide. */
export function refuseFull({ acts }: CaseRow): void {
  if (acts < actsMax) return;
  throw new Fault('conflict', `the case has ${actsMax} acts: decide on it`, {
    detail: { reason: 'too_many_acts' },
  });
}

/** The columns that an act may change. */
export type Change = Partial<
  Pick<CaseRow, 'queue' | 'status' | 'assignee' | 'verdict' | 'reason_code'> & {
    readonly snoozed_until: string | null;
    readonly overdue_at: string;
    readonly ended_at: string;
  }
>;

export type Act = {
  /** The event's type is `case.` with this behind. */
  readonly name: string;
  readonly change?: Change;
  /** For the history alone. */
  readonly detail?: Readonly<Record<string, Json>>;
  /** For the event, and the history too. */
  readonly told?: Readonly<Record<string, Json>>;
};

/** Writes what an act changes, and a line of the history; answers its event. */
export async function record(
  tx: pg.ClientBase,
  command: Command,
  row: CaseRow,
  { name, change = {}, detail = {}, told = {} }: Act,
): Promise<EventDraft> {
  const number = row.acts + 1;
  const changed = Object.entries({ ...change, acts: number });
  const sets = changed.map(([column], index) => `${column} = $${index + 2}`).join(', ');
  await tx.query(`update reviews.case_file set ${sets} where id = $1`, [
    row.id,
    ...changed.map(([, value]) => value),
  ]);
  await recordAct(tx, command, { row, number, name, detail: { ...told, ...detail } });
  return tell(command, { ...row, queue: change.queue ?? row.queue }, { name, told });
}

export async function recordAct(
  tx: pg.ClientBase,
  command: Command,
  act: {
    readonly row: Pick<CaseRow, 'id'>;
    readonly number: number;
    readonly name: string;
    readonly detail: Readonly<Record<string, Json>>;
  },
): Promise<void> {
  const { row, number, name, detail } = act;
  await tx.query(
    `insert into reviews.case_act (tenant_id, case_id, number, act, command_id, acted_by, acted_at,
       detail) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[command.tenant, row.id, number, name, command.id, principalText(command.principal)],
      ...[instantToText(command.receivedAt), canonicalJson(detail)],
    ],
  );
}

/** What an event of a case says: enough for a ticket in another system. */
export function tell(
  command: Command,
  row: CaseRow,
  { name, told = {} }: Pick<Act, 'name' | 'told'>,
): EventDraft {
  const { kind, queue, payment_id, opened_at, due_at, weight } = row;
  const id = externalId('case', row.id);
  const ranked = { weight, openedAt: opened_at.getTime(), dueAt: due_at.getTime() };
  const { amount, currency, debtor_account_id } = row.payment;
  return {
    ...policyEvent(command, `case.${name}`, {
      ...{ case_id: id, kind, queue, title: titleOf(row), payment_id, ...told },
      priority: priorityOf(ranked, command.receivedAt),
      opened_at: instantToText(opened_at.getTime()),
      due_at: instantToText(due_at.getTime()),
      link: `/v1/cases/${id}`,
      by: principalText(command.principal),
    }),
    ...{ accountId: debtor_account_id, amount, currency },
  };
}

/** What became of the payment. */
export const kindWords: Readonly<Record<CaseRow['kind'], string>> = {
  release: 'waits for review',
  denied: 'was denied',
  clearing: 'came back from clearing',
};

export function titleOf({ kind, payment }: Pick<CaseRow, 'kind' | 'payment'>): string {
  const channel = payment.channel ?? payment.kind ?? 'payment';
  return `${amountText(payment)} (${channel}) ${kindWords[kind]}`;
}

/** `1250.00 EUR`; a unit of the tenant's own counts in its smallest part. */
export function amountText(payment: { amount: number; currency: string }): string {
  const { amount, currency } = payment;
  const exponent = isoExponent(currency) ?? 0;
  return `${formatDecimal(toMinorUnits(BigInt(amount)), exponent)} ${currency}`;
}
