// What may become of a payment once it has begun: a command for each of its steps.
import { type CommandInput, Fault, type Principal, refuseField, type Tx } from '#core';
import type { Leg } from '#money';
import { resumptionKey } from '#policy';
import { type Chain, expectState, readChargeback } from './chain.ts';
import type {
  ClearingBody,
  IncrementBody,
  PaymentBody,
  ReturnBody,
  ReturnKind,
} from './payment.ts';

/** Everything of a write but who asks and under which key. */
export type Step = { readonly operation: string; readonly body: PaymentBody };

/** The bank itself, where nobody else takes the step. */
export function paymentService(tenant: string): Principal {
  return { kind: 'service', id: 'payments', tenant };
}

/**
 * Takes a payment that waits to policy once more, on the facts of its first decision and what has
 * come to be known since: a step-up, or approvals. `cause` names what has brought it about.
 * Undefined where it waits no longer.
 */
export function resumption(chain: Chain, cause: string): CommandInput<PaymentBody> | undefined {
  if (chain.state !== 'waiting') return undefined;
  const { id, tenant, first, resumptions, holds } = chain;
  return {
    principal: paymentService(tenant),
    operation: 'payment.resume',
    idempotencyKey: resumptionKey(id, resumptions.length + 1),
    body: { ...first.body, held: holds, payment_id: id, cause },
  };
}

/** Gives back what is held: of a payment that waits, or of an authorization. */
export function cancellation(chain: Chain, reason?: string): Step {
  const { holds, state } = chain;
  if (holds.length === 0) {
    if (state === 'denied') expectState(chain, 'done', 'cancelled');
    throw new Fault('conflict', `the payment ${chain.id} is posted: return it instead`, {
      detail: { reason: 'posted' },
    });
  }
  const legs = holds.map((hold_id): Leg => ({ kind: 'void', hold_id }));
  const why = reason === undefined ? {} : { reason };
  return { operation: 'payment.cancel', body: { ...about(chain), ...why, legs } };
}

/** A hold of the payment whose time is over. */
export function expiry(chain: Chain, hold_id: string): Step {
  return {
    operation: 'payment.expire',
    body: { ...about(chain), legs: [{ kind: 'expire', hold_id }] },
  };
}

/** Adds to a card authorization; policy looks at it as at a payment of that amount. */
export function increment(chain: Chain, { amount, facts = {} }: IncrementBody): Step {
  const [hold_id] = authorized(chain, 'increased');
  const { order, payment = {} } = chain.first.body;
  // What the first amount was worth says nothing of this one.
  const { amount_home: _, ...kept } = payment;
  const legs: Leg[] = [{ kind: 'increase', hold_id, amount }];
  const of = { ...kept, ...facts };
  const body = { ...about(chain), order: { ...order, amount }, payment: of, legs };
  return { operation: 'payment.increase', body };
}

/** A clearing message of the card network: takes all or a part of what is held. */
export function clearing(chain: Chain, message: ClearingBody): Step {
  const [hold_id] = authorized(chain, 'captured');
  const { amount, final = true, clearing_id, effective_at } = message;
  const legs: Leg[] = [{ kind: 'capture', hold_id, amount, final }];
  const when = effective_at === undefined ? {} : { effective_at };
  return {
    operation: 'payment.capture',
    body: { ...about(chain), ...when, clearing_id, legs },
  };
}

const returnOperations: Readonly<Record<ReturnKind, string>> = {
  refund: 'payment.refund',
  return: 'payment.return',
  chargeback: 'payment.charge_back',
};

/** Sends all or a part of it back. Never more than there was: policy's limit counts by payment. */
export function sendBack(chain: Chain, kind: ReturnKind, asked: ReturnBody): Step {
  expectState(chain, 'done', 'sent back');
  const { order } = chain.first.body;
  const { amount, reason, effective_at } = asked;
  const when = effective_at === undefined ? {} : { effective_at };
  const leg: Leg = {
    kind: 'post',
    debit_account_id: order.creditor_account_id,
    credit_account_id: order.debtor_account_id,
    amount,
    currency: order.currency,
  };
  const body = { ...about(chain), ...when, reason, payment: { kind }, legs: [leg] };
  return { operation: returnOperations[kind], body };
}

/** Contests a chargeback of the payment: what it has moved is moved again. */
export async function representation(tx: Tx, chain: Chain, transfer_id: string): Promise<Step> {
  expectState(chain, 'done', 'represented');
  const amount = await readChargeback(tx, { payment: chain.id, transfer: transfer_id });
  if (amount === undefined) refuseField('/transfer_id', 'names no chargeback of this payment');
  const { order } = chain.first.body;
  const legs: Leg[] = [{ kind: 'reverse', transfer_id }];
  const body = { ...about(chain), order: { ...order, amount }, legs };
  return { operation: 'payment.represent', body };
}

function about({ id, first }: Chain): Pick<PaymentBody, 'order' | 'metadata' | 'payment_id'> {
  const { order, metadata } = first.body;
  return { order, payment_id: id, ...(metadata === undefined ? {} : { metadata }) };
}

function authorized(chain: Chain, toDo: string): readonly [string] {
  expectState(chain, 'done', toDo);
  const [hold] = chain.holds;
  if (hold === undefined) {
    throw new Fault('conflict', `the payment ${chain.id} is no authorization: it is posted`, {
      detail: { reason: 'posted' },
    });
  }
  return [hold];
}
