// What a channel would tell policy of a payment, drawn from what the traffic says of it.
import { type Instant, toJsonNumber } from '#core';
import type { Leg, Metadata } from './operation.ts';
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

/** Undefined for what is no payment: funding, and rows of a file that tell nothing. */
export function paymentFacts(
  legs: readonly Leg[],
  metadata: Metadata,
  effectiveAt: Instant,
): PaymentFacts | undefined {
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
    counterparty_country: 'DE',
    // No model looks at this bank yet, and its customers are screened whenever a list changes.
    score_status: 'fallback',
    screening_status: 'known',
    local_hour: new Date(effectiveAt).getUTCHours(),
    account_age_days: accountAgeDays,
    new_payee: false,
    new_device: false,
  };
}
