// What the bank itself knows of a payment: its parties from the register, its worth at home.
import { type Command, inTime, type Instant, internalId, dayMs } from '#core';
import type { ReadRegister, RegisterFacts } from '#cores';
import { isPayment } from '#money';
import { type Bench, type Facts, homeCurrencyOf } from '#policy';
import type { PaymentBody } from './payment.ts';

/** How long the register may take, in milliseconds: what is late is missing. */
const registerDeadlineMs = 100;

/**
 * The facts of a payment with what the bank itself knows of its parties. Its own services know what
 * they say, and are only added to; nobody else says what the bank knows better.
 */
export async function registeredFacts(
  readRegister: ReadRegister,
  { tenant, operation, principal, receivedAt, body }: Command,
  { facts, given }: { readonly facts: Facts; readonly given: Facts },
): Promise<Facts> {
  if (!beginnings.has(operation)) return {};
  const { order } = body as PaymentBody;
  const debtorAccountId = internalId('account', order.debtor_account_id);
  const creditorAccountId = internalId('account', order.creditor_account_id);
  if (!debtorAccountId || !creditorAccountId) return {};
  const known = await inTime(
    readRegister(tenant, { debtorAccountId, creditorAccountId, at: receivedAt }),
    registerDeadlineMs,
  );
  const isService = principal.kind === 'service';
  // A claim that the register could contradict does not stand because the register is late.
  if (!known) return isService ? {} : { counterparty_country: null };
  const told = toldByRegister(known, receivedAt);
  if (!isService) return told;
  const isSaid = (name: string) => Object.hasOwn(given, name) || Object.hasOwn(facts, name);
  return Object.fromEntries(Object.entries(told).filter(([name]) => !isSaid(name))) as Facts;
}

const beginnings: ReadonlySet<string> = new Set([
  'payment.initiate',
  'payment.authorize',
  'payment.resume',
]);

/** The amount in the currency in which the policy counts, where that is the payment's own. */
export function worthAtHome({ operation }: Command, facts: Facts, { deciding }: Bench): Facts {
  if (!isPayment(operation)) return {};
  const { amount, currency } = facts;
  const isHome = currency === homeCurrencyOf(deciding.bundle);
  return isHome ? { amount_home: amount ?? null } : {};
}

function toldByRegister(known: RegisterFacts, at: Instant): Facts {
  const { debtor, creditor, debtorOpenedAt, isKnownPayee } = known;
  const since = debtor ? Date.parse(debtor.since) : debtorOpenedAt;
  const age = since === null ? undefined : Math.max(0, Math.floor((at - since) / dayMs));
  return {
    ...(age === undefined ? {} : { account_age_days: age }),
    ...(debtor ? { customer_kind: debtor.kind } : {}),
    ...(creditor ? { counterparty_country: creditor.country } : {}),
    ...(creditor?.isRescreened ? { screening_status: 'known' } : {}),
    new_payee: !isKnownPayee,
  };
}
