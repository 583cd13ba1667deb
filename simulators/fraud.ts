// What is staged on a bank day: what thieves do, and what looks like it and is honest.
import { assert, type Instant } from '#core';
import { type Activity, activities } from './activity.ts';
import { anyOf, between, chance, type Dice, drawToken, integerBelow } from './distributions.ts';
import type { Circumstances, Confirmation } from './operation.ts';
import type { Customer, Merchant, Population } from './population.ts';
import { type Cast, drawAmount, drawConfirmation, drawPayee } from './scene.ts';

export const fraudScenarios = [
  'stolen_card',
  'compromised_merchant',
  'account_takeover',
  'card_testing',
] as const;
export type FraudScenario = (typeof fraudScenarios)[number];

/** Honest people for whom no rule and no model may be too simple. */
export const lookAlikes = ['holiday_spender', 'new_phone', 'large_transfer'] as const;
export type LookAlike = (typeof lookAlikes)[number];

export type Scenario = FraudScenario | LookAlike;

export function isFraud(scenario: Scenario | undefined): scenario is FraudScenario {
  return (fraudScenarios as readonly (string | undefined)[]).includes(scenario);
}

/** A transaction that is settled before the day begins. */
export type Staged = { readonly at: Instant; readonly activity: Activity; readonly cast: Cast };

export type Stage = {
  readonly population: Population;
  readonly dice: Dice;
  readonly start: Instant;
  /** The day's transactions, the staged ones included. */
  readonly transactions: number;
  /** Of these, how many thieves start. */
  readonly fraud: number;
};

/** Of all transactions, how many honest ones are staged. */
const lookAlikeShare = 0.008;

/** How much of what is staged is of each scenario, and one episode of it. */
type Play = { readonly share: number; readonly episode: (stage: Stage) => Staged[] };

const frauds: Readonly<Record<FraudScenario, Play>> = {
  stolen_card: { share: 0.4, episode: stolenCard },
  compromised_merchant: { share: 0.2, episode: compromisedMerchant },
  account_takeover: { share: 0.15, episode: accountTakeover },
  card_testing: { share: 0.25, episode: cardTesting },
};
const honest: Readonly<Record<LookAlike, Play>> = {
  holiday_spender: { share: 0.45, episode: holidaySpender },
  new_phone: { share: 0.4, episode: newPhone },
  large_transfer: { share: 0.15, episode: largeTransfer },
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const homeCountry = 'DE';

const remoteGoods = ['5732', '5691', '4511', '5942'];
const holidayGoods = ['5812', '5311', '5814', '5411', '4121', '5912'];
const digital = '5815';
const electronics = '5732';
const transfers = '4829';

/** As many transactions as asked for, in no order. */
export function stageDay(stage: Stage): Staged[] {
  const { transactions, fraud } = stage;
  return [
    ...perform(stage, frauds, Math.round(fraud * transactions)),
    ...perform(stage, honest, Math.round(lookAlikeShare * transactions)),
  ];
}

/** Episode after episode, until each play has its share; the last one is cut short. */
function perform(stage: Stage, plays: Readonly<Record<string, Play>>, total: number): Staged[] {
  const all: Staged[] = [];
  let due = 0;
  for (const { share, episode } of Object.values(plays)) {
    due += share * total;
    while (all.length < Math.round(due)) {
      all.push(...episode(stage).slice(0, Math.round(due) - all.length));
    }
  }
  return all;
}

// Fraud -------------------------------------------------------------------------------------------

/** The number of a card is sold: it buys what sells well, where its owner never was, and fast. */
function stolenCard(stage: Stage): Staged[] {
  const { dice } = stage;
  const customerIndex = drawVictim(stage);
  const device = deviceOf(stage, customerIndex, chance(dice, 0.75));
  const times = burst(stage, { count: 4 + integerBelow(dice, 5), hours: 2, from: 0, to: 22 });
  return times.map((at) => {
    const activity = activityOf(anyOf(dice, remoteGoods));
    const factor = between(dice, 0.8, 3.5);
    const confirmation = drawTheft(dice, 0.08);
    const base = { at, activity, customerIndex, scenario: 'stolen_card' } as const;
    return charge(stage, { ...base, factor, ...device(at), confirmation });
  });
}

/** Cards that were used there are charged there once more, as if their owners had come again. */
function compromisedMerchant(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const isCard = ({ flow }: Activity) => flow === 'card';
  const activity = anyOf(dice, activities.filter(isCard));
  const merchant = anyOf(
    dice,
    population.merchants.filter(({ mcc }) => mcc === activity.mcc),
  );
  const count = 12 + integerBelow(dice, 14);
  return burst(stage, { count, hours: between(dice, 1, 3), from: 8, to: 20 }).map((at) => {
    const customerIndex = drawVictim(stage);
    const device = deviceOf(stage, customerIndex, chance(dice, 0.5));
    const base = { at, activity, customerIndex, merchant } as const;
    return charge(stage, { ...base, ...device(at), scenario: 'compromised_merchant' });
  });
}

/** At night somebody else is the customer: what is in the account goes to somebody new. */
function accountTakeover(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const customerIndex = drawVictim(stage);
  const { savings } = population.customers[customerIndex] as Customer;
  const device = deviceOf(stage, customerIndex, chance(dice, 0.9));
  const payee = drawPayee(population, dice, { customerIndex, isNewPayee: true });
  const confirmation = drawTheft(dice, 0.25);
  const isNight = chance(dice, 0.75);
  const window = isNight ? { from: 0, to: 5 } : { from: 6, to: 22 };
  const times = burst(stage, { count: 1 + integerBelow(dice, 3), hours: 0.5, ...window });
  return times.map((at) => {
    const amount = Math.max(5_000, Math.round(savings * between(dice, 0.15, 0.45)));
    const circumstances = { confirmation, isNewPayee: true };
    const base = { at, customerIndex, payee, amount, ...device(at), ...circumstances };
    return transfer(stage, { ...base, scenario: 'account_takeover' });
  });
}

/** Tiny sums tell which of the stolen numbers live; with those something dear is bought. */
function cardTesting(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const shop = population.merchants.filter(({ mcc }) => mcc === digital);
  const merchant = anyOf(dice, shop);
  const robot = drawToken(dice, 'dev');
  const [began = stage.start] = burst(stage, { count: 1, hours: 0, from: 0, to: 20 });
  const cards = Array.from({ length: 3 + integerBelow(dice, 4) }, () => drawVictim(stage));
  return cards.flatMap((customerIndex) => {
    const isNewDevice = chance(dice, 0.8);
    const base = { customerIndex, device: robot, isNewDevice, scenario: 'card_testing' } as const;
    const tests = Array.from({ length: 2 + integerBelow(dice, 3) }, () => {
      const at = began + Math.floor(between(dice, 0, 40) * minuteMs);
      const amount = 50 + integerBelow(dice, 150);
      return charge(stage, { ...base, at, activity: activityOf(digital), merchant, amount });
    });
    const at = began + Math.floor(between(dice, 1, 3) * hourMs);
    const factor = between(dice, 1.5, 4);
    return [...tests, charge(stage, { ...base, at, activity: activityOf(electronics), factor })];
  });
}

/** Who has stolen the second factor as well, confirms; nobody else can. */
function drawTheft(dice: Dice, share: number): Confirmation {
  return chance(dice, share) ? 'right' : 'wrong';
}

/** The richer, the better: but a card is lost by anybody. */
function drawVictim({ population, dice }: Stage): number {
  return population.drawCustomer(dice);
}

// What looks like it ------------------------------------------------------------------------------

/** Abroad, with the own card in hand: much within hours, and more than at home. */
function holidaySpender(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const customerIndex = population.drawCustomer(dice);
  const abroad = population.merchants.filter(({ country }) => country !== homeCountry);
  const { country = homeCountry } = abroad.length > 0 ? anyOf(dice, abroad) : {};
  const times = burst(stage, { count: 4 + integerBelow(dice, 5), hours: 4, from: 9, to: 19 });
  return times.map((at) => {
    const activity = activityOf(anyOf(dice, holidayGoods));
    const near = abroad.filter((each) => each.mcc === activity.mcc && each.country === country);
    const there = near.length > 0 ? near : abroad.filter(({ mcc }) => mcc === activity.mcc);
    const merchant = there.length > 0 ? { merchant: anyOf(dice, there) } : {};
    const factor = between(dice, 1.5, 4);
    const base = { at, activity, customerIndex, ...merchant, factor } as const;
    return charge(stage, { ...base, scenario: 'holiday_spender' });
  });
}

/** A new phone, and an evening of shopping for it and with it. */
function newPhone(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const customerIndex = population.drawCustomer(dice);
  const device = drawToken(dice, 'dev');
  const times = burst(stage, { count: 3 + integerBelow(dice, 4), hours: 2, from: 8, to: 22 });
  return times.map((at) => {
    const activity = activityOf(anyOf(dice, remoteGoods));
    const factor = between(dice, 0.8, 3);
    const base = { at, activity, customerIndex, factor, device, isNewDevice: true } as const;
    return charge(stage, { ...base, scenario: 'new_phone' });
  });
}

/** A deposit, a used car: a large sum for somebody new, now and then late in the night. */
function largeTransfer(stage: Stage): Staged[] {
  const { population, dice } = stage;
  const customerIndex = population.drawCustomer(dice);
  const { savings } = population.customers[customerIndex] as Customer;
  const payee = drawPayee(population, dice, { customerIndex, isNewPayee: true });
  const window = chance(dice, 0.3) ? { from: 0, to: 5 } : { from: 6, to: 23 };
  const times = burst(stage, { count: 1 + integerBelow(dice, 2), hours: 1, ...window });
  return times.map((at) => {
    const amount = Math.max(5_000, Math.round(savings * between(dice, 0.15, 0.45)));
    const isNewDevice = chance(dice, 0.2);
    const base = { at, customerIndex, payee, amount, isNewPayee: true };
    return transfer(stage, { ...base, isNewDevice, scenario: 'large_transfer' });
  });
}

// Staging -----------------------------------------------------------------------------------------

type Window = {
  readonly count: number;
  /** How long it lasts. */
  readonly hours: number;
  /** Between which hours of the day it begins. */
  readonly from: number;
  readonly to: number;
};

/** Instants in order, all of them within the day. */
function burst({ dice, start }: Stage, { count, hours, from, to }: Window): Instant[] {
  const began = between(dice, from, to);
  const times = Array.from({ length: count }, () => began + between(dice, 0, hours));
  return times.sort((a, b) => a - b).map((hour) => start + Math.floor(hour * hourMs));
}

/** The customer's own device, or one that nobody of this bank has seen. */
function deviceOf({ population, dice }: Stage, customerIndex: number, isStrange: boolean) {
  const strange = { device: drawToken(dice, 'dev'), isNewDevice: true };
  return (at: Instant) => {
    if (isStrange) return strange;
    const { token: device, isNew: isNewDevice } = population.deviceAt(customerIndex, at);
    return { device, isNewDevice };
  };
}

type Deed = Partial<Omit<Circumstances, 'country'>> & {
  readonly at: Instant;
  readonly customerIndex: number;
  readonly scenario: Scenario;
  readonly device?: string;
};

type Charge = Deed & {
  readonly activity: Activity;
  /** One that the customer does not go to, unless said. */
  readonly merchant?: Merchant;
  /** What the customer may well pay there, times the factor, unless said. */
  readonly amount?: number;
  readonly factor?: number;
};

function charge(stage: Stage, deed: Charge): Staged {
  const { population, dice } = stage;
  const { at, activity, customerIndex, factor = 1 } = deed;
  const merchant =
    deed.merchant ?? population.drawStrangeMerchant(dice, customerIndex, activity.mcc);
  const usual = drawAmount(population, dice, { customerIndex, merchant, activity });
  const amount = deed.amount ?? Math.max(50, Math.round(usual * factor));
  const isNewDevice = deed.isNewDevice === true && activity.channel === 'ecommerce';
  const more = { merchant, payee: undefined, amount, country: merchant.country, isNewDevice };
  return { at, activity, cast: castOf(stage, { ...deed, ...more }) };
}

type Sending = Deed & { readonly payee: number; readonly amount: number };

function transfer(stage: Stage, deed: Sending): Staged {
  const more = { merchant: undefined, country: homeCountry };
  const activity = activityOf(transfers);
  return { at: deed.at, activity, cast: castOf(stage, { ...deed, ...more }) };
}

type Whole = Deed & Pick<Cast, 'merchant' | 'payee' | 'amount'> & { readonly country: string };

function castOf({ population, dice }: Stage, deed: Whole): Cast {
  const { at, customerIndex, merchant, payee, amount, scenario } = deed;
  const { country, isNewDevice = false, isNewPayee = false } = deed;
  const device = deed.device ?? population.deviceAt(customerIndex, at).token;
  const usual = isFraud(scenario) ? 'wrong' : drawConfirmation(dice);
  const confirmation = deed.confirmation ?? usual;
  const circumstances = { country, isNewDevice, isNewPayee, confirmation };
  return { customerIndex, merchant, payee, amount, device, circumstances, scenario };
}

function activityOf(wanted: string): Activity {
  const found = activities.find(({ mcc }) => mcc === wanted);
  assert(found, `somebody pays for what category ${wanted} is`);
  return found;
}
