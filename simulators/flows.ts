// How each activity settles: one function per flow, from a scene to the operations it is made of.
import { assert, type MinorUnits, toMinorUnits } from '#core';
import type { Flow } from './activity.ts';
import { between, chance, integerBelow } from './distributions.ts';
import type { Action, Leg, Metadata, Operation, OperationKind } from './operation.ts';
import { bank, type Customer, foreignCurrency, homeCurrency } from './population.ts';
import { isByCard, isRemote, type Scene } from './scene.ts';

/** The operations of one transaction, each after those that it continues. */
export const flows: Readonly<Record<Flow, (scene: Scene) => Operation[]>> = {
  card,
  card_with_tip: cardWithTip,
  card_at_pump: cardAtPump,
  card_for_stay: cardForStay,
  purchase,
  bill,
  standing_order: standingOrder,
  peer_transfer: peerTransfer,
  atm_withdrawal: atmWithdrawal,
  fx_purchase: fxPurchase,
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** How long an authorization lives: a week, as card schemes have it for most purchases. */
const authorizationMs = 7 * 24 * hourMs;
/** An abandoned one lives for seconds, so that whoever watches the bank sees it expire. */
const abandonedMs = 5_000;

function metadata(scene: Scene, kind: OperationKind, more?: Metadata): Metadata {
  const { activity, customer, merchant } = scene;
  const { channel, mcc, category } = activity;
  const seller = merchant ? { merchant: merchant.account } : {};
  const card = isByCard(activity) ? { card: customer.card } : {};
  const device = isRemote(activity) ? { device: scene.device } : {};
  return { kind, channel, mcc, category, ...seller, ...card, ...device, ...more };
}

/** From the customer to the merchant. */
function price(scene: Scene, amount = scene.amount): Leg {
  assert(scene.merchant, `somebody sells what category ${scene.activity.mcc} is`);
  const [debit, credit] = [scene.customer.account, scene.merchant.account];
  return { debit, credit, amount: toMinorUnits(amount), currency: homeCurrency };
}

function bill(scene: Scene): Operation[] {
  return [scene.write({ kind: 'bill', action: pay(scene, 'bill', price(scene)) })];
}

function standingOrder(scene: Scene): Operation[] {
  const kind = 'standing_order';
  return [scene.write({ kind, action: pay(scene, kind, price(scene)) })];
}

function pay(scene: Scene, kind: OperationKind, leg: Leg, more?: Metadata): Action {
  const { token: debtor } = scene.customer;
  return { action: 'pay', leg, debtor, metadata: metadata(scene, kind, more) };
}

type Authorization = { amount?: number; continuations: number; expiresInMs?: number };

function authorize(scene: Scene, authorization: Authorization): Operation {
  const { amount, continuations, expiresInMs = authorizationMs } = authorization;
  const kind = 'card_authorization';
  const { token: debtor } = scene.customer;
  const about = { leg: price(scene, amount), debtor, metadata: metadata(scene, kind) };
  return scene.write({
    kind,
    action: { action: 'authorize', expiresInMs, ...about },
    continuations,
  });
}

type Capture = {
  /** All that is still held, unless said. */
  readonly amount?: number;
  readonly final?: boolean;
  readonly afterMs: number;
  readonly suffix?: string;
};

function capture({ write }: Scene, options: Capture): Operation {
  const { amount, final = true, afterMs, suffix = 'capture' } = options;
  const part = amount === undefined ? {} : { amount: toMinorUnits(amount) };
  const action = { action: 'capture', final, ...part } as const;
  return write({ kind: 'card_capture', action, suffix, afterMs });
}

function increase({ write }: Scene, amount: MinorUnits, afterMs: number): Operation {
  const action = { action: 'increase', amount } as const;
  return write({ kind: 'card_increment', action, suffix: 'increment', afterMs });
}

function refund({ write }: Scene, afterMs: number): Operation {
  return write({ kind: 'card_refund', action: { action: 'refund' }, suffix: 'refund', afterMs });
}

/** Most are captured in full; the others are cancelled, abandoned, captured in part or refunded. */
function card(scene: Scene): Operation[] {
  const { dice, write } = scene;
  const fate = dice.uint32() / 2 ** 32;
  if (fate < 0.03) {
    const afterMs = between(dice, 1, 30) * minuteMs;
    const action = { action: 'cancel' } as const;
    return [
      authorize(scene, { continuations: 1 }),
      write({ kind: 'card_cancellation', action, suffix: 'cancel', afterMs }),
    ];
  }
  if (fate < 0.045) return [authorize(scene, { continuations: 0, expiresInMs: abandonedMs })];
  const afterMs = between(dice, 0.5, 6) * hourMs;
  if (fate < 0.075) {
    // An article was out of stock: the rest is released.
    const amount = Math.ceil(scene.amount * between(dice, 0.4, 0.95));
    return [authorize(scene, { continuations: 1 }), capture(scene, { amount, afterMs })];
  }
  if (fate < 0.1) {
    return [
      authorize(scene, { continuations: 2 }),
      capture(scene, { afterMs }),
      refund(scene, afterMs + between(dice, 0.2, 5) * hourMs),
    ];
  }
  return [authorize(scene, { continuations: 1 }), capture(scene, { afterMs })];
}

/** The tip is known when the bill is signed: the authorization grows, then all of it is taken. */
function cardWithTip(scene: Scene): Operation[] {
  const { dice, amount } = scene;
  if (!chance(dice, 0.4)) return card(scene);
  const tip = toMinorUnits(Math.ceil(amount * between(dice, 0.05, 0.18)));
  return [
    authorize(scene, { continuations: 2 }),
    increase(scene, tip, between(dice, 20, 90) * minuteMs),
    capture(scene, { afterMs: between(dice, 2, 6) * hourMs }),
  ];
}

/** Before the hose is lifted nobody knows how much it will be: a round sum is held. */
function cardAtPump(scene: Scene): Operation[] {
  const { dice, amount } = scene;
  const held = Math.max(10_000, Math.ceil(amount / 5_000) * 5_000);
  return [
    authorize(scene, { amount: held, continuations: 1 }),
    capture(scene, { amount, afterMs: between(dice, 2, 10) * minuteMs }),
  ];
}

/** A night in a hotel: the deposit is taken at once, extras add up, the rest at departure. */
function cardForStay(scene: Scene): Operation[] {
  const { dice, amount } = scene;
  const deposit = Math.ceil(amount * 0.3);
  const extras = chance(dice, 0.5) ? toMinorUnits(Math.ceil(amount * 0.1)) : undefined;
  const first = { amount: deposit, final: false, suffix: 'deposit', afterMs: 5 * minuteMs };
  return [
    authorize(scene, { continuations: extras ? 3 : 2 }),
    capture(scene, first),
    ...(extras ? [increase(scene, extras, between(dice, 1, 6) * hourMs)] : []),
    capture(scene, { afterMs: between(dice, 7, 14) * hourMs }),
  ];
}

/** Cleared at once; one in fifty was charged by mistake and goes back. */
function purchase(scene: Scene): Operation[] {
  const { dice } = scene;
  const isMistake = chance(dice, 0.02);
  const afterMs = between(dice, 0.05, 1) * minuteMs;
  return [
    authorize(scene, { continuations: isMistake ? 2 : 1 }),
    capture(scene, { afterMs }),
    ...(isMistake ? [refund(scene, afterMs + between(dice, 2, 120) * minuteMs)] : []),
  ];
}

function peerTransfer(scene: Scene): Operation[] {
  const { population, customer, payee, amount, write } = scene;
  assert(payee !== undefined, 'somebody is sent what is sent');
  const { account: credit, token: creditor } = population.customers[payee] as Customer;
  const debit = customer.account;
  const kind = 'peer_transfer';
  const leg = { debit, credit, amount: toMinorUnits(amount), currency: homeCurrency };
  const action = { ...pay(scene, kind, leg), creditor } as Action;
  return [write({ kind, action, chains: [debit, credit] })];
}

/** Notes of ten at least; what leaves the machine leaves the bank's cash. */
function atmWithdrawal(scene: Scene): Operation[] {
  const { population, dice, customer, amount, write } = scene;
  const notes = toMinorUnits(Math.max(1, Math.min(40, Math.round(amount / 1_000))) * 1_000);
  const machine = integerBelow(dice, Math.ceil(population.customers.length / 500));
  const merchant = `atm-${String(machine).padStart(4, '0')}`;
  const kind = 'atm_withdrawal';
  const [debit, credit] = [customer.account, bank.atmCash];
  const leg = { debit, credit, amount: notes, currency: homeCurrency };
  return [write({ kind, action: pay(scene, kind, leg, { merchant }) })];
}

const fxFeeBps = 150;

/**
 * Pays a merchant's home-currency price out of a foreign-currency account: the bank takes one
 * currency into its position and gives the other out of it, and charges a fee, all or nothing.
 */
function fxPurchase(scene: Scene): Operation[] {
  const { customer, amount, rate, write } = scene;
  assert(customer.foreignAccount, 'only customers with a foreign account pay out of one');
  const sold = toMinorUnits(Math.ceil((amount * rate) / 1e6));
  const fee = toMinorUnits(Math.max(1, Math.round((amount * fxFeeBps) / 10_000)));
  const { account, foreignAccount: debit } = customer;
  const sale = price(scene);
  const kind = 'fx_purchase';
  const legs: Leg[] = [
    { debit, credit: bank.foreignPosition, amount: sold, currency: foreignCurrency },
    { ...sale, debit: bank.homePosition },
    { debit: account, credit: bank.fees, amount: fee, currency: homeCurrency },
  ];
  const rateText = { rate: `${homeCurrency}/${foreignCurrency} ${(rate / 1e6).toFixed(6)}` };
  const action = { action: 'post', legs, metadata: metadata(scene, kind, rateText) } as const;
  return [write({ kind, action, chains: [account, debit] })];
}
