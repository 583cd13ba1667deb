// What is told of a payment: one event for each step, in the commit that makes it so.
import {
  type Command,
  type Decision,
  type EventDraft,
  externalId,
  instantToText,
  type Json,
  nullable,
  principalText,
} from '#core';
import { type Done, moneySchemas as s, type Outcome } from '#money';
import type { Facts, Obligations } from '#policy';
import Type from 'typebox';
import { isOver, movementIds } from './chain.ts';
import {
  type PaymentBody,
  type PaymentOutcome,
  paymentOutcomes,
  type PaymentStatus,
  paymentStatuses,
} from './payment.ts';

const text = Type.String();
const payload = Type.Object({
  amount: Type.Integer({ description: 'Minor units: of this step.' }),
  approvals_required: Type.Integer({ description: 'Of people, where it is reviewed.' }),
  card: nullable(text),
  channel: text,
  clearing_id: nullable(text),
  code: nullable(
    Type.String({ description: "Why the ledger has refused it: a rejection's code." }),
  ),
  command_id: text,
  creditor: nullable(text),
  creditor_account_id: s.accountId,
  currency: s.currency,
  debtor: nullable(text),
  debtor_account_id: s.accountId,
  decision_id: text,
  device: nullable(text),
  end_to_end_id: nullable(text),
  final: nullable(Type.Boolean({ description: 'Of a capture: what was left is released.' })),
  fraud_score: nullable(Type.Number()),
  hold_ids: Type.Array(text),
  kind: text,
  limit: nullable(Type.String({ description: 'The limit that it would have exceeded.' })),
  merchant: nullable(text),
  outcome: nullable(Type.Enum([...paymentOutcomes])),
  payment_id: text,
  reason: nullable(text),
  reasons: Type.Array(text),
  requested_by: Type.String({ description: 'Who has taken this step: a principal.' }),
  review_queue: nullable(text),
  score_status: nullable(text),
  status: Type.Enum([...paymentStatuses]),
  step_up: Type.Boolean({ description: 'Whether the debtor has to confirm it.' }),
  transfer_ids: Type.Array(text),
});

export type PaymentPayload = Type.Static<typeof payload>;

export const paymentEventTypes = [
  'payment.authorized',
  'payment.cancelled',
  'payment.captured',
  'payment.charged_back',
  'payment.clearing_rejected',
  'payment.denied',
  'payment.expired',
  'payment.held',
  'payment.increased',
  'payment.posted',
  'payment.refunded',
  'payment.represented',
  'payment.returned',
  'payment.review_required',
] as const;
export type PaymentEventType = (typeof paymentEventTypes)[number];

export const paymentPayloads = Object.fromEntries(
  paymentEventTypes.map((type) => [type, payload]),
) as Readonly<Record<PaymentEventType, typeof payload>>;

/** A step with what was decided on it. */
export type Stepped = {
  readonly command: Command;
  readonly decision: Decision;
  readonly obligations: Obligations;
  readonly facts: Facts;
};

type Telling = {
  readonly type: PaymentEventType;
  readonly status: PaymentStatus;
  readonly outcome?: PaymentOutcome;
};

/** None for a step that is refused and leaves the payment as it is. */
export function paymentEvents(stepped: Stepped, done: Done): EventDraft[] {
  const telling = tellingOf(stepped, done.outcome);
  return telling ? [draft(stepped, done, telling)] : [];
}

function tellingOf(stepped: Stepped, outcome: Outcome): Telling | undefined {
  const { operation } = stepped.command;
  switch (operation) {
    case 'payment.initiate':
    case 'payment.authorize':
    case 'payment.resume':
      return begun(stepped, outcome);
    case 'payment.capture':
      if (outcome.status === 'accepted') return { type: 'payment.captured', status: 'captured' };
      return { type: 'payment.clearing_rejected', status: 'authorized' };
    default:
      return outcome.status === 'accepted' ? further[operation] : undefined;
  }
}

const further: Readonly<Record<string, Telling>> = {
  'payment.increase': { type: 'payment.increased', status: 'authorized' },
  'payment.cancel': { type: 'payment.cancelled', status: 'cancelled' },
  'payment.expire': { type: 'payment.expired', status: 'expired' },
  'payment.refund': { type: 'payment.refunded', status: 'refunded' },
  'payment.return': { type: 'payment.returned', status: 'returned' },
  'payment.charge_back': { type: 'payment.charged_back', status: 'charged_back' },
  'payment.represent': { type: 'payment.represented', status: 'represented' },
};

function begun({ command, decision, obligations }: Stepped, outcome: Outcome): Telling | undefined {
  if (outcome.status === 'rejected') {
    if (isOver(outcome)) return undefined;
    return { type: 'payment.denied', status: 'denied', outcome: 'denied' };
  }
  switch (decision.outcome) {
    case 'allow': {
      const isPosted = (command.body as PaymentBody).legs[0]?.kind === 'post';
      return isPosted
        ? { type: 'payment.posted', status: 'posted', outcome: 'allowed' }
        : { type: 'payment.authorized', status: 'authorized', outcome: 'allowed' };
    }
    case 'hold': {
      const asked = asksForStepUp(obligations) ? 'step_up_required' : 'held';
      return { type: 'payment.held', status: asked, outcome: asked };
    }
    case 'review':
      return { type: 'payment.review_required', status: 'review', outcome: 'review' };
    case 'deny':
      return { type: 'payment.denied', status: 'denied', outcome: 'denied' };
  }
}

function asksForStepUp({ step_up = [] }: Obligations): boolean {
  return step_up.length > 0;
}

function draft(stepped: Stepped, done: Done, { type, status, ...told }: Telling): EventDraft {
  const { outcome, transfers } = done;
  const { command, decision, obligations, facts } = stepped;
  const body = command.body as PaymentBody;
  const { order, payment_id, clearing_id, reason, legs } = body;
  const refusal = outcome.status === 'rejected' ? outcome : undefined;
  const [leg] = legs;
  // What is given back says no amount of its own: the ledger knows it.
  const isBack = leg?.kind === 'void' || leg?.kind === 'expire' || leg?.kind === 'reverse';
  const moved = isBack ? transfers.reduce((sum, each) => sum + Number(each.amount), 0) : 0;
  const amount = moved || (leg && 'amount' in leg && leg.amount) || order.amount;
  const code = refusal && !refusal.code.startsWith('policy_') ? refusal.code : null;
  const { fraud_score: score, score_status: scored } = facts;
  // Members in order: the text is canonical as it stands (RFC 8785).
  const content: PaymentPayload = {
    amount,
    approvals_required: obligations.approvals ?? 0,
    card: order.card ?? null,
    channel: order.channel,
    clearing_id: clearing_id ?? null,
    code,
    command_id: externalId('command', command.id),
    creditor: order.creditor ?? null,
    creditor_account_id: order.creditor_account_id,
    currency: order.currency,
    debtor: order.debtor ?? null,
    debtor_account_id: order.debtor_account_id,
    decision_id: externalId('decision', decision.id),
    device: order.device ?? null,
    end_to_end_id: order.end_to_end_id ?? null,
    final: leg?.kind === 'capture' ? (leg.final ?? true) : null,
    fraud_score: typeof score === 'number' ? score : null,
    hold_ids: refusal ? [] : idsOf('hold', stepped),
    kind: order.kind,
    limit: refusal?.limit ?? null,
    merchant: order.merchant ?? null,
    outcome: told.outcome ?? null,
    payment_id: payment_id ?? externalId('payment', command.id),
    reason: reason ?? null,
    // Policy's, unless it was the ledger that has refused it.
    reasons: code === null ? [...decision.reasons] : [code],
    requested_by: principalText(command.principal),
    review_queue: obligations.review_queue ?? null,
    score_status: typeof scored === 'string' ? scored : null,
    status,
    step_up: decision.outcome === 'hold' && asksForStepUp(obligations),
    transfer_ids: refusal ? [] : idsOf('transfer', stepped),
  };
  return {
    type,
    occurredAt: instantToText(command.receivedAt),
    accountId: order.debtor_account_id,
    amount,
    currency: order.currency,
    payload: content as unknown as Json,
  };
}

/** Of what the step has placed or posted. */
function idsOf(kind: 'hold' | 'transfer', { command, decision }: Stepped): string[] {
  const body = command.body as PaymentBody;
  const { outcome } = decision;
  if (outcome === 'deny') return [];
  const isHeld = outcome !== 'allow' || body.legs[0]?.kind === 'hold';
  if (isHeld !== (kind === 'hold')) return [];
  return movementIds(command.id, body).map((id) => externalId(kind, id));
}
