// What a channel would tell policy of a payment, drawn from what the traffic says of it.
import { type Instant, toJsonNumber } from '#core';
import type { Circumstances, Leg, Metadata } from './operation.ts';
import { homeCurrency } from './population.ts';

/** In the words of the policy payment-authorization; by the traffic's kinds. */
const kinds: Readonly<Record<string, string>> = {
  payroll: 'payroll',
  card_authorization: 'card',
  card_refund: 'refund',
  purchase: 'card',
  fx_purchase: 'card',
  bill: 'bill',
  standing_order: 'standing_order',
  peer_transfer: 'transfer',
  atm_withdrawal: 'cash',
};

const channels: Readonly<Record<string, string>> = {
  pos: 'card_present',
  ecommerce: 'card_not_present',
  direct_debit: 'batch',
};

/** How long the accounts of this bank are open already. */
const accountAgeDays = 700;

export type PaymentFacts = Readonly<Record<string, string | number | boolean>>;

/** Of a payment of which nothing in particular is known. */
const usual: Circumstances = {
  country: 'DE',
  isNewDevice: false,
  isNewPayee: false,
  isConfirmed: false,
};

type Payment = {
  readonly legs: readonly Leg[];
  readonly metadata: Metadata;
  readonly effectiveAt: Instant;
  readonly circumstances?: Circumstances | undefined;
};

/** Undefined for what is no payment: funding, and rows of a file that tell nothing. */
export function paymentFacts(payment: Payment): PaymentFacts | undefined {
  const { legs, metadata, effectiveAt, circumstances = usual } = payment;
  const kind = kinds[metadata['kind'] ?? ''];
  if (kind === undefined) return undefined;
  const { channel = '', mcc } = metadata;
  const home = legs.filter(({ currency }) => currency === homeCurrency);
  const worth = home.map(({ amount }) => toJsonNumber(amount));
  return {
    kind,
    channel: channels[channel] ?? channel,
    ...(mcc === undefined ? {} : { mcc }),
    amount_home: Math.max(0, ...worth),
    counterparty_country: circumstances.country,
    // Its customers are screened whenever a list changes.
    screening_status: 'known',
    local_hour: new Date(effectiveAt).getUTCHours(),
    account_age_days: accountAgeDays,
    new_payee: circumstances.isNewPayee,
    new_device: circumstances.isNewDevice,
    step_up_done: circumstances.isConfirmed,
  };
}

/** Whether a customer starts it: salaries and refunds come from others. */
export function isByCustomer({ kind }: PaymentFacts): boolean {
  return kind !== 'payroll' && kind !== 'refund';
}
