// How a payment begins: the body of its first command, made of what the caller has asked for.
import type { AuthorizationBody, Order, OrderBody, PaymentBody } from './payment.ts';

/** What a customer has to confirm a payment, and the bank to look at one, in seconds. */
export const reserves = { hold: 600, review: 7 * 86_400 } as const;

export function initiation(body: OrderBody): PaymentBody {
  const { facts = {}, effective_at, metadata = {}, creditor_country, ...rest } = body;
  const order: Order = { ...rest, kind: rest.kind ?? 'transfer' };
  const { kind, channel, mcc } = order;
  const country = creditor_country === undefined ? {} : { counterparty_country: creditor_country };
  return said({
    order,
    legs: [{ kind: 'post', ...movementOf(order) }],
    payment: said({ ...facts, ...country, kind, channel, mcc }),
    reserves,
    metadata: { ...metadata, ...toldOf(order) },
    effective_at,
  });
}

export function authorization(body: AuthorizationBody): PaymentBody {
  const { facts = {}, effective_at, metadata = {}, merchant, expires_at, ...rest } = body;
  const { network_reference: end_to_end_id, ...card } = rest;
  const channel = isRemote(body.entry_mode) ? 'card_not_present' : 'card_present';
  const { id, mcc, country } = merchant;
  const order: Order = said({
    ...card,
    kind: mcc === cashDispensers ? 'cash' : 'card',
    channel: mcc === cashDispensers ? 'atm' : channel,
    merchant: id,
    mcc,
    end_to_end_id,
  });
  const given = country === undefined ? {} : { counterparty_country: country };
  return said({
    order,
    legs: [said({ kind: 'hold', ...movementOf(order), expires_at })],
    payment: { ...facts, ...given, kind: order.kind, channel: order.channel, mcc },
    reserves,
    metadata: { ...metadata, ...toldOf(order) },
    effective_at,
  });
}

/** Automated cash disbursements. */
const cashDispensers = '6011';

function isRemote(mode: AuthorizationBody['entry_mode']): boolean {
  return mode === 'ecommerce' || mode === 'credential_on_file' || mode === 'manual';
}

function movementOf({ debtor_account_id, creditor_account_id, amount, currency }: Order) {
  return {
    debit_account_id: debtor_account_id,
    credit_account_id: creditor_account_id,
    amount,
    currency,
  };
}

/** What the events of the ledger tell of it, for the histories of those involved. */
function toldOf({ kind, channel, mcc, merchant, card, device, debtor }: Order) {
  return said<Record<string, string>>({
    kind,
    channel,
    mcc,
    merchant,
    card,
    device,
    customer: debtor,
  });
}

/** Without the members that nothing is said of. */
function said<Told extends object>(members: Readonly<Record<string, unknown>>): Told {
  const told = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told) as Told;
}
