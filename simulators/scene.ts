// A scene: one transaction in the making, with all that chance decides before it is written down.
import type { Instant } from '#core';
import type { Activity } from './activity.ts';
import { chance, type Dice, integerBelow, logNormal } from './distributions.ts';
import type { Scenario } from './fraud.ts';
import type { Action, Circumstances, Confirmation, Operation, OperationKind } from './operation.ts';
import type { Customer, Merchant, Population } from './population.ts';

/** Who, what, how much, how it comes about, and a pen to write its operations with. */
export type Scene = Cast & {
  readonly population: Population;
  readonly dice: Dice;
  readonly activity: Activity;
  readonly customer: Customer;
  /** Micro-units of the foreign currency for one of the home currency. */
  readonly rate: number;
  readonly write: (part: Part) => Operation;
};

/** What a transaction is about; of a staged one, all of it was settled before. */
export type Cast = {
  readonly customerIndex: number;
  readonly merchant: Merchant | undefined;
  /** The customer who is sent money. */
  readonly payee: number | undefined;
  /** Minor units of the home currency. */
  readonly amount: number;
  /** A token of what it is asked for with, where that is done at a distance. */
  readonly device: string;
  readonly circumstances: Circumstances;
  readonly scenario: Scenario | undefined;
};

type Part = {
  readonly kind: OperationKind;
  readonly action: Action;
  /** Ends the idempotency key of what continues a payment; the payment itself has none. */
  readonly suffix?: string;
  /** How many operations continue this one. */
  readonly continuations?: number;
  readonly afterMs?: number;
  /** Whose order it keeps; that of the customer unless said otherwise. */
  readonly chains?: readonly string[];
};

export type Occasion = {
  readonly population: Population;
  readonly dice: Dice;
  readonly activity: Activity;
  readonly at: Instant;
  /** The last instant of the day. */
  readonly lastAt: Instant;
  readonly key: string;
  readonly rate: number;
};

/** Of transfers between people, how many go to somebody for the first time. */
const newPayeeShare = 0.08;
/** Of those who are asked to confirm, how many do not, and how many slip at first. */
const [silentShare, slipShare] = [0.07, 0.08];
/** What is not for sale has no place; friends live near. */
const homeCountry = 'DE';

export function openScene(occasion: Occasion, cast = drawCast(occasion)): Scene {
  const { population, dice, activity, at, lastAt, key, rate } = occasion;
  const customer = population.customers[cast.customerIndex] as Customer;
  const { circumstances, scenario } = cast;
  return {
    ...cast,
    population,
    dice,
    activity,
    customer,
    rate,
    write: ({ kind, action, suffix, continuations, afterMs = 0, chains }) => ({
      ...action,
      kind,
      key: suffix === undefined ? key : `${key}/${suffix}`,
      // What would settle tomorrow settles in the day's last clearing run.
      effectiveAt: Math.min(lastAt, at + Math.floor(afterMs)),
      circumstances,
      // What follows is done by the merchant, in good faith.
      ...(scenario === undefined || suffix !== undefined ? {} : { scenario }),
      chains: chains ?? [customer.account],
      ...(suffix === undefined ? {} : { after: key }),
      ...(continuations ? { continuations } : {}),
    }),
  };
}

function drawCast({ population, dice, activity, at }: Occasion): Cast {
  const customerIndex =
    activity.flow === 'fx_purchase'
      ? population.drawForeignCustomer(dice)
      : population.drawCustomer(dice);
  const merchant = population.drawMerchant(dice, customerIndex, activity.mcc);
  const amount = drawAmount(population, dice, { customerIndex, merchant, activity });
  const { token: device, isNew } = population.deviceAt(customerIndex, at);
  const isPeer = activity.flow === 'peer_transfer';
  const isNewPayee = isPeer && chance(dice, newPayeeShare);
  return {
    customerIndex,
    merchant,
    payee: isPeer ? drawPayee(population, dice, { customerIndex, isNewPayee }) : undefined,
    amount,
    device,
    circumstances: {
      country: merchant?.country ?? homeCountry,
      isNewDevice: isNew && isRemote(activity),
      isNewPayee,
      confirmation: drawConfirmation(dice),
    },
    scenario: undefined,
  };
}

/** What an honest customer does who is asked to confirm a payment. */
export function drawConfirmation(dice: Dice): Confirmation {
  if (chance(dice, silentShare)) return 'none';
  return chance(dice, slipShare) ? 'second_try' : 'right';
}

type Purchase = {
  readonly customerIndex: number;
  readonly merchant: Merchant | undefined;
  readonly activity: Activity;
};

/** What this customer may well pay there for that, minor units of the home currency. */
export function drawAmount(
  { customers }: Population,
  dice: Dice,
  { customerIndex, merchant, activity }: Purchase,
): number {
  const { incomeClass } = customers[customerIndex] as Customer;
  const level = incomeClass.spending * (merchant?.priceLevel ?? 1);
  return Math.max(50, Math.round(logNormal(dice, activity) * level));
}

type Payer = { readonly customerIndex: number; readonly isNewPayee: boolean };

export function drawPayee(
  population: Population,
  dice: Dice,
  { customerIndex, isNewPayee }: Payer,
): number {
  if (!isNewPayee) return population.drawContact(dice, customerIndex);
  const other = integerBelow(dice, population.customers.length - 1);
  return other < customerIndex ? other : other + 1;
}

/** Asked for by a device of the customer's own. */
export function isRemote({ channel }: Activity): boolean {
  return channel === 'ecommerce' || channel === 'mobile';
}

export function isByCard({ channel }: Activity): boolean {
  return channel === 'ecommerce' || channel === 'pos' || channel === 'atm';
}
