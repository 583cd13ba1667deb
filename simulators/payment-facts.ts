// What a channel would tell policy of a payment, drawn from what the traffic says of it.
import { type Instant, toJsonNumber } from '#core';
import type { Circumstances, Leg, Metadata } from './operation.ts';
import { homeCurrency } from './population.ts';

/** In the words of the policy payment-authorization; by the traffic's kinds. */
const kinds: Readonly<Record<string, string>> = {
  payroll: 'payroll',
  card_authorization: 'card',
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
  confirmation: 'none',
};

type Told = {
  readonly legs: readonly Leg[];
  readonly metadata: Metadata;
  readonly effectiveAt: Instant;
  readonly circumstances?: Circumstances | undefined;
};

/** What kind of payment it is and where it comes from; undefined for what is none. */
export function orderWords({ kind = '', channel = '' }: Metadata) {
  const word = kinds[kind];
  return word === undefined ? undefined : { kind: word, channel: channels[channel] ?? channel };
}

/** What a channel knows beside the order. */
export function channelFacts(payment: Told): PaymentFacts {
  const { legs, metadata, effectiveAt, circumstances = usual } = payment;
  const { mcc } = metadata;
  const home = legs.filter(({ currency }) => currency === homeCurrency);
  const worth = home.map(({ amount }) => toJsonNumber(amount));
  return {
    ...(mcc === undefined ? {} : { mcc }),
    amount_home: Math.max(0, ...worth),
    // Its customers are screened whenever a list changes.
    screening_status: 'known',
    local_hour: new Date(effectiveAt).getUTCHours(),
    account_age_days: accountAgeDays,
    new_payee: circumstances.isNewPayee,
    new_device: circumstances.isNewDevice,
  };
}

/** Of a journal; undefined for what is no payment: funding, rows of a file that tell nothing. */
export function journalFacts(payment: Told): PaymentFacts | undefined {
  const words = orderWords(payment.metadata);
  if (words === undefined) return undefined;
  const { country, confirmation } = payment.circumstances ?? usual;
  const known = { counterparty_country: country, step_up_done: confirmation === 'right' };
  return { ...words, ...channelFacts(payment), ...known };
}
