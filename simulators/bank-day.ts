// One day of a synthetic bank: who pays whom, when and how, in order of time, drawn from a seed.
import { assert, Fault, type Instant, instantFromText, type MinorUnits, seededRandom, toMinorUnits } from '#core';
import { type Activity, dayRhythm, type Flow } from './activity.ts';
import { createAgenda } from './agenda.ts';
import { between, chance, type Dice, integerBelow, logNormal } from './distributions.ts';
import type { Action, Leg, Metadata, Operation, OperationKind, Traffic } from './operation.ts';
import {
  bank,
  createPopulation,
  type Customer,
  foreignCurrency,
  homeCurrency,
  type Merchant,
  type Population,
} from './population.ts';

export type BankDay = {
  readonly seed: number;
  readonly customers: number;
  /** What people start on that day; most take more than one operation. */
  readonly transactions: number;
  /** A date, such as `2026-03-27`, in UTC. */
  readonly day: string;
};

const transactionsMax = 10_000_000;
const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** How long an authorization lives (Visa and Mastercard: seven days for most purchases). */
const authorizationMs = 7 * dayMs;
/** An abandoned one lives for seconds, so that whoever watches the bank sees it expire. */
const abandonedMs = 5 * secondMs;
const legsPerJournal = 500;

/** Equal arguments give equal traffic, however often its operations are walked through. */
export function bankDay({ seed, customers, transactions, day }: BankDay): Traffic {
  const start = instantFromText(`${day}T00:00:00Z`);
  if (start === undefined) throw new Fault('input_invalid', `"${day}" is not a date`);
  if (!Number.isSafeInteger(transactions) || transactions < 1 || transactions > transactionsMax) {
    throw new Fault('input_invalid', `transactions must be 1 to ${transactionsMax}`);
  }
  const population = createPopulation({ seed, size: customers });
  const plan = { population, transactions, start, prefix: `${population.name}/${day}` };
  const daySeed = Math.imul(start / dayMs, 0x9e3779b1) ^ seed;
  return {
    accounts: population.accounts,
    funding: [...funding(plan)],
    operations: { [Symbol.iterator]: () => operations(plan, seededRandom(daySeed)) },
  };
}

type Plan = {
  readonly population: Population;
  readonly transactions: number;
  readonly start: Instant;
  /** Begins every idempotency key of the day. */
  readonly prefix: string;
};

function* operations(plan: Plan, dice: Dice): Generator<Operation> {
  const { transactions, start } = plan;
  const weekday = new Date(start).getUTCDay();
  const rhythm = dayRhythm({ isWeekend: weekday === 0 || weekday === 6 });
  const agenda = createAgenda<Operation>();
  const add = (all: Iterable<Operation>) => {
    for (const operation of all) agenda.add(operation.effectiveAt, operation);
  };
  function* due(until: Instant): Generator<Operation> {
    for (let next = agenda.takeDue(until); next; next = agenda.takeDue(until)) yield next;
  }
  add(payroll(plan, dice));
  // Stratified: transaction n falls into the n-th slice of the day, so time only moves forward.
  const rate = Math.round(between(dice, 1.04, 1.16) * 1e6);
  for (let index = 0; index < transactions; index += 1) {
    const hour = rhythm.hourAt((index + between(dice, 0, 0.999)) / transactions);
    const at = start + Math.floor(hour * hourMs);
    yield* due(at);
    const activity = rhythm.activityAt(dice, hour);
    const key = `${plan.prefix}/${transactions}/${index}`;
    add(flows[activity.flow](scene(plan, dice, { activity, at, key, rate })));
  }
  yield* due(start + dayMs);
}

/** One transaction in the making: who, what, how much, and a pen to write its operations with. */
type Scene = {
  readonly population: Population;
  readonly dice: Dice;
  readonly activity: Activity;
  readonly customer: Customer;
  readonly customerIndex: number;
  readonly amount: number;
  /** Micro-units of the foreign currency for one of the home currency. */
  readonly rate: number;
  readonly merchant: () => Merchant;
  readonly metadata: (kind: OperationKind, more?: Metadata) => Metadata;
  readonly write: (part: Part) => Operation;
};

type Part = {
  readonly kind: OperationKind;
  readonly action: Action;
  /** Ends the idempotency key; the first operation of a transaction has none. */
  readonly suffix?: string;
  readonly afterMs?: number;
  readonly chains?: readonly string[];
  /** The suffix of the operation that this one continues. */
  readonly continues?: string;
  readonly continuations?: number;
};

type Occasion = { activity: Activity; at: Instant; key: string; rate: number };

function scene(plan: Plan, dice: Dice, { activity, at, key, rate }: Occasion): Scene {
  const { population, start } = plan;
  const customerIndex =
    activity.flow === 'fx_purchase'
      ? population.drawForeignCustomer(dice)
      : population.drawCustomer(dice);
  const customer = population.customers[customerIndex] as Customer;
  const merchant = population.drawMerchant(dice, customerIndex, activity.mcc);
  const level = customer.incomeClass.spending * (merchant?.priceLevel ?? 1);
  const amount = Math.max(50, Math.round(logNormal(dice, activity) * level));
  const lastAt = start + dayMs - 1;
  return {
    ...{ population, dice, activity, customer, customerIndex, amount, rate },
    merchant() {
      assert(merchant, `somebody sells what category ${activity.mcc} is`);
      return merchant;
    },
    metadata: (kind, more) => ({
      kind,
      channel: activity.channel,
      mcc: activity.mcc,
      category: activity.category,
      ...(merchant ? { merchant: merchant.account } : {}),
      ...more,
    }),
    write: ({ kind, action, suffix, afterMs = 0, chains, continues, continuations }) => ({
      ...action,
      kind,
      key: suffix === undefined ? key : `${key}/${suffix}`,
      // What would settle tomorrow settles in the day's last clearing run.
      effectiveAt: Math.min(lastAt, at + Math.floor(afterMs)),
      chains: chains ?? [customer.account],
      ...(continues === undefined ? {} : { after: continues === '' ? key : `${key}/${continues}` }),
      ...(continuations === undefined ? {} : { continuations }),
    }),
  };
}
