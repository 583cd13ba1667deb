// Reactors: what follows from events. Payments open and close cases, cases become summaries,
// verdicts become labels. A repeat meets the first command, so each happens once.
import { type LabelRecordBody, type Prompter, summarize } from '#ai';
import {
  type Clock,
  type CommandInput,
  type Consumer,
  externalId,
  Fault,
  type FaultCode,
  internalId,
  instantToText,
  type Json,
  type Pool,
  principalOf,
  type SealedEvent,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type pg from 'pg';
import type { CasePayment, CaseRow } from './case.ts';
import { dueAt } from './business-hours.ts';
import { expected, findCommand, firstCommand } from './commands.ts';
import { gatherEvidence, referencesOf, summaryEvidence } from './evidence.ts';
import type { CloseBody, OpenBody, SummarizeBody } from './opening.ts';
import { caseColumns, titleOf } from './records.ts';
import { promisedMinutes, readSettings } from './settings.ts';

export type ReactorParts = {
  /** Of the role `read`. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly outcome: { readonly status: string } }>;
};

/** Commands take their time: what is not done yet of a page is done again after a crash. */
const eventsMax = 100;
/** The transaction of a consumer that calls a model may not idle for a minute. */
const summariesMax = 8;

/** Opens a case for what people shall look at, and closes it when its payment has ended. */
export function caseOpening(parts: ReactorParts): Consumer {
  const acts: Readonly<Record<string, (event: Sourced) => Promise<void>>> = {
    'payment.review_required': (event) => open(parts, event, 'release'),
    'payment.denied': (event) => open(parts, event, 'denied'),
    'payment.clearing_rejected': (event) => open(parts, event, 'clearing'),
    'payment.expired': (event) => close(parts, event, 'payment_expired'),
    'payment.cancelled': (event) => close(parts, event, 'payment_cancelled'),
  };
  return {
    name: 'case-opening',
    types: Object.keys(acts),
    eventsMax,
    async apply(_tx, events) {
      for (const event of events)
        await acts[event.type]?.({ event, ...dataOf<PaymentTold>(event) });
    },
  };
}

/** Gathers what is known around the payment of a new case, and has it put into sentences. */
export function caseSummaries(parts: ReactorParts, prompter: Prompter | undefined): Consumer {
  return {
    name: 'case-summaries',
    types: ['case.opened'],
    eventsMax: summariesMax,
    async apply(_tx, events) {
      for (const event of events) await summarizeCase(parts, prompter, event);
    },
  };
}

/** A verdict on a payment that a model has scored says how it turned out: models learn from it. */
export function caseLabels(parts: ReactorParts): Consumer {
  return {
    name: 'case-labels',
    types: ['case.decided'],
    eventsMax,
    async apply(_tx, events) {
      for (const event of events) await label(parts, event);
    },
  };
}

// Opening and closing -----------------------------------------------------------------------------

type PaymentTold = Omit<CasePayment, 'transfer_id' | 'paid_at'> & {
  readonly approvals_required: number;
  readonly review_queue: string | null;
  readonly transfer_ids: readonly string[];
};
type Data<Payload> = {
  readonly payload: Payload;
  readonly occurred_at: string;
  readonly idempotency_key: string;
};
type Sourced = Data<PaymentTold> & { readonly event: SealedEvent };

const queueDefault = { release: 'payments', clearing: 'payments' } as const;

async function open(parts: ReactorParts, source: Sourced, kind: OpenBody['kind']): Promise<void> {
  const { payload, event } = source;
  const queue = payload.review_queue ?? (kind === 'denied' ? null : queueDefault[kind]);
  // What policy has denied for good needs nobody.
  if (queue === null) return;
  const idempotencyKey = `case ${externalId('event', event.id)}`;
  const body = await inTenant(parts, event.tenant, async (tx) => {
    if (await wasAsked(tx, idempotencyKey)) return undefined;
    return openBody(tx, source, kind, queue);
  });
  if (body)
    await sendBySystem(parts, event.tenant, { operation: 'case.open', idempotencyKey, body });
}

async function openBody(
  tx: Tx,
  { payload, occurred_at: paid_at, idempotency_key }: Sourced,
  kind: OpenBody['kind'],
  queue: string,
): Promise<OpenBody> {
  const { payment_id } = payload;
  const first = expected(await firstCommand(tx, payment_id));
  const own = expected(await findCommand(tx, idempotency_key));
  const payment = paymentOf(payload, paid_at);
  const reserved = own.body.reserves;
  const openedAt = own.received_at.getTime();
  return {
    ...{ kind, queue, payment },
    maker: first.principal,
    approvals_required: payload.approvals_required,
    due_at: instantToText(await promiseOf(tx, queue, openedAt)),
    expires_at:
      kind === 'release' && reserved ? instantToText(openedAt + reserved.review * 1_000) : null,
    subject: { payment_id, command_digest: first.digest },
    summary: titleOf({ kind, payment }),
  };
}

function paymentOf(told: PaymentTold, paid_at: string): CasePayment {
  const { payment_id, command_id, kind, channel, amount, currency, decision_id, code } = told;
  const { debtor_account_id, creditor_account_id, debtor, creditor } = told;
  const { device, card, merchant, reasons, fraud_score, score_status, transfer_ids } = told;
  return {
    ...{ payment_id, command_id, kind, channel, amount, currency, decision_id, code, paid_at },
    ...{ debtor_account_id, creditor_account_id, debtor, creditor, device, card, merchant },
    ...{ reasons, fraud_score, score_status, transfer_id: transfer_ids[0] ?? null },
  };
}

/** By the business hours, the holidays and the clock of the tenant. */
async function promiseOf(tx: Tx, queue: string, from: number): Promise<number> {
  const settings = await readSettings(tx);
  const holidays = await tx.query<{ date: string }>(
    `select date::text from money.holiday
      where tenant_id = core.current_tenant() and date >= $1::timestamptz::date - 1
      order by date limit 1000`,
    [instantToText(from)],
  );
  const tenant = await tx.query<{ time_zone: string }>(
    'select time_zone from core.tenant where tenant_id = core.current_tenant()',
  );
  return dueAt(from, promisedMinutes(settings, queue), {
    hours: settings.hours,
    timeZone: tenant.rows[0]?.time_zone ?? 'UTC',
    holidays: new Set(holidays.rows.map(({ date }) => date)),
  });
}

async function close(
  parts: ReactorParts,
  { event, payload }: Sourced,
  because: CloseBody['because'],
): Promise<void> {
  const { rows } = await inTenant(parts, event.tenant, (tx) =>
    tx.query<{ id: Uuid }>(
      `select id from reviews.case_file where tenant_id = core.current_tenant()
         and payment_id = $1 and ended_at is null and kind = 'release'`,
      [payload.payment_id],
    ),
  );
  for (const { id } of rows) {
    const case_id = externalId('case', id);
    const idempotencyKey = `close ${case_id} ${externalId('event', event.id)}`;
    const body: CloseBody = { case_id, because };
    await sendBySystem(parts, event.tenant, { operation: 'case.close', idempotencyKey, body });
  }
}

// Summaries and labels ----------------------------------------------------------------------------

async function summarizeCase(
  parts: ReactorParts,
  prompter: Prompter | undefined,
  event: SealedEvent,
): Promise<void> {
  const { case_id } = dataOf<{ case_id: string }>(event).payload;
  const idempotencyKey = `summarize ${case_id}`;
  const gathered = await inTenant(parts, event.tenant, async (tx) => {
    const row = await findCase(tx, case_id);
    if (row === undefined || (await wasAsked(tx, idempotencyKey))) return undefined;
    const evidence = await gatherEvidence(tx, row, parts.clock.now());
    return { evidence, told: await summaryEvidence(tx, row, evidence) };
  });
  if (gathered === undefined) return;
  const summary = await summarize(gathered.told, {
    ...{ tenant: event.tenant, about: case_id, askedBy: 'service:reviews' },
    ...(prompter === undefined ? {} : { prompter }),
  });
  const body = { case_id, summary, evidence: referencesOf(gathered.evidence) };
  await sendBySystem(parts, event.tenant, {
    ...{ operation: 'case.summarize', idempotencyKey },
    body: body as unknown as SummarizeBody,
  });
}

async function label(parts: ReactorParts, event: SealedEvent): Promise<void> {
  const told = dataOf<{ case_id: string; label: string | null; by: string }>(event).payload;
  if (told.label === null) return;
  const row = await inTenant(parts, event.tenant, (tx) => findCase(tx, told.case_id));
  if (row === undefined) return;
  const { payment } = row;
  const about =
    payment.transfer_id === null
      ? { transfer_id: null, decision_id: payment.decision_id }
      : { transfer_id: payment.transfer_id, decision_id: null };
  const body: LabelRecordBody = {
    labels: [
      {
        ...about,
        command_id: payment.command_id,
        account_id: payment.debtor_account_id,
        merchant: payment.merchant ?? payment.creditor_account_id,
        ...{ amount: payment.amount, currency: payment.currency, paid_at: payment.paid_at },
        ...{ label: told.label, source: 'review', occurred_at: null },
      },
    ],
  };
  // It is the reviewer's word: only a person reviews.
  await sendAs(parts, principalOf(told.by, event.tenant), {
    operation: 'label.record',
    idempotencyKey: `label ${told.case_id}`,
    body: body as unknown as Json,
  });
}

// What they share ---------------------------------------------------------------------------------

type Write = {
  readonly operation: string;
  readonly idempotencyKey: string;
  readonly body: Json | OpenBody | CloseBody | SummarizeBody;
};

/** What another process has done meanwhile, or what nobody needs any more, is done. */
const isDone: readonly FaultCode[] = ['idempotency_key_reused', 'conflict', 'not_found'];

/** Answers whether it is done; policy may say no. */
export function sendBySystem(parts: ReactorParts, tenant: string, write: Write): Promise<boolean> {
  return sendAs(parts, { kind: 'service', id: 'reviews', tenant }, write);
}

async function sendAs(
  { execute }: ReactorParts,
  principal: CommandInput<Json>['principal'],
  { body, ...write }: Write,
): Promise<boolean> {
  try {
    const { outcome } = await execute({ ...write, principal, body: body as Json });
    return outcome.status === 'accepted';
  } catch (error) {
    if (!(error instanceof Fault) || !isDone.includes(error.code)) throw error;
    return true;
  }
}

async function wasAsked(tx: Tx, key: string): Promise<boolean> {
  const sql = `select from core.command
    where tenant_id = core.current_tenant() and idempotency_key = $1`;
  return (await tx.query(sql, [key])).rowCount === 1;
}

async function findCase(tx: pg.ClientBase, id: string): Promise<CaseRow | undefined> {
  const { rows } = await tx.query<CaseRow>(
    `select ${caseColumns} from reviews.case_file
      where tenant_id = core.current_tenant() and id = $1`,
    [internalId('case', id) ?? null],
  );
  return rows[0];
}

function inTenant<Found>(
  { pool }: ReactorParts,
  tenant: string,
  look: (tx: Tx) => Promise<Found>,
): Promise<Found> {
  return withTx(pool, look, { tenant, readOnly: true });
}

function dataOf<Payload>({ body }: SealedEvent): Data<Payload> {
  return (JSON.parse(body) as { data: Data<Payload> }).data;
}
