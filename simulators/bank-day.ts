// One day of a synthetic bank: who pays whom, when and how, in order of time, drawn from a seed.
import { Fault, type Instant, instantFromText, seededRandom, toMinorUnits } from '#core';
import { dayRhythm } from './activity.ts';
import { createAgenda } from './agenda.ts';
import { between, chance, type Dice } from './distributions.ts';
import { flows } from './flows.ts';
import { type Staged, stageDay } from './fraud.ts';
import type { Leg, Operation, OperationKind, Traffic } from './operation.ts';
import {
  bank,
  createPopulation,
  foreignCurrency,
  homeCurrency,
  type Population,
} from './population.ts';
import { openScene } from './scene.ts';

export type BankDay = {
  readonly seed: number;
  readonly customers: number;
  /** What people start on that day; most take more than one operation. */
  readonly transactions: number;
  /** A date, such as `2026-03-27`, in UTC. */
  readonly day: string;
  /** Of the transactions, how many are fraud. */
  readonly fraud?: number;
  /** Tells days apart that have the same date and the same people. */
  readonly run?: string;
};

const transactionsMax = 10_000_000;
/** One in 125: many times what real banks see, so that a single day has some of each kind. */
const [fraudUsual, fraudMax] = [0.008, 0.2];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** What counts as a larger sum, minor units of the home currency. */
const remoteFrom = 10_000n;
/** Of one journal: what fits a request with room to spare. */
const legsMax = 500;

/** Of the employers, how many have their pay day on any one day. */
const payDayShare = 0.3;
/** Own capital for what is lent and kept, and what lies in the machines, minor units. */
const capitalRatio = 0.08;
const cashPerCustomer = 5_000;

/** Equal arguments give equal traffic, however often its operations are walked through. */
export function bankDay(options: BankDay): Traffic {
  const { seed, customers, transactions, day, fraud = fraudUsual, run = day } = options;
  const start = instantFromText(`${day}T00:00:00Z`);
  if (start === undefined) throw new Fault('input_invalid', `"${day}" is not a date`);
  if (!Number.isSafeInteger(transactions) || transactions < 1 || transactions > transactionsMax) {
    throw new Fault('input_invalid', `transactions must be 1 to ${transactionsMax}`);
  }
  if (!(fraud >= 0 && fraud <= fraudMax)) {
    throw new Fault('input_invalid', `fraud must be a share from 0 to ${fraudMax}`);
  }
  const population = createPopulation({ seed, size: customers });
  const plan = { population, transactions, fraud, start, prefix: `${population.name}/${run}` };
  const daySeed = Math.imul(start / dayMs, 0x9e3779b1) ^ seed;
  let total: number | undefined;
  const walk = () => operations(plan, seededRandom(daySeed), seededRandom(daySeed + 1));
  return {
    accounts: population.accounts,
    payers: () => remotePayers(walk()),
    funding: [...funding(plan)],
    operations: { [Symbol.iterator]: walk },
    count() {
      total ??= lengthOf(walk());
      return total;
    },
  };
}

/** Who pays larger sums at a distance; the others prove themselves with a card in hand. */
function remotePayers(all: Iterable<Operation>): readonly string[] {
  const payers = new Set<string>();
  for (const operation of all) {
    if (!('debtor' in operation) || operation.metadata['device'] === undefined) continue;
    if (operation.leg.amount >= remoteFrom) payers.add(operation.debtor);
  }
  return [...payers];
}

/** Walking costs microseconds an operation: cheaper than to remember them all. */
function lengthOf(items: Iterable<unknown>): number {
  let length = 0;
  for (const _ of items) length += 1;
  return length;
}

type Plan = {
  readonly population: Population;
  readonly transactions: number;
  readonly fraud: number;
  readonly start: Instant;
  /** Begins every idempotency key of the day. */
  readonly prefix: string;
};

function* operations(plan: Plan, dice: Dice, stageDice: Dice): Generator<Operation> {
  const { population, transactions, start } = plan;
  const lastAt = start + dayMs - 1;
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
  // Micro-units of the foreign currency for one of the home currency.
  const rate = Math.round(between(dice, 1.04, 1.16) * 1e6);
  let begun = 0;
  /** What is staged has a number like all else, so that its key gives nothing away. */
  function* begin({ at, activity, cast }: Beginning): Generator<Operation> {
    yield* due(at);
    const key = `${plan.prefix}/${transactions}/${begun}`;
    begun += 1;
    const scene = openScene({ population, dice, activity, at, lastAt, key, rate }, cast);
    add(flows[activity.flow](scene));
  }
  const staged = stageDay({ ...plan, dice: stageDice });
  const stage = createAgenda<Staged>();
  for (const each of staged) stage.add(Math.min(each.at, lastAt), each);
  function* beginStaged(until: Instant): Generator<Operation> {
    for (let next = stage.takeDue(until); next; next = stage.takeDue(until)) yield* begin(next);
  }
  const ordinary = transactions - staged.length;
  // Stratified: transaction n falls into the n-th slice of the day, so time only moves forward.
  for (let index = 0; index < ordinary; index += 1) {
    const hour = rhythm.hourAt((index + between(dice, 0, 0.999)) / ordinary);
    const at = start + Math.floor(hour * hourMs);
    yield* beginStaged(at);
    yield* begin({ at, activity: rhythm.activityAt(dice, hour) });
  }
  yield* beginStaged(lastAt);
  yield* due(lastAt);
}

type Beginning = Pick<Staged, 'at' | 'activity'> & Partial<Staged>;

/** At six, the employers whose pay day it is pay everybody in one go: all of a journal or none. */
function* payroll({ population, prefix, start }: Plan, dice: Dice): Generator<Operation> {
  const { customers, employers } = population;
  for (const [index, { account, employees }] of employers.entries()) {
    const at = start + Math.floor(between(dice, 6, 6.25) * hourMs);
    if (index > 0 && !chance(dice, payDayShare)) continue;
    const legs = employees.map((employee): Leg => {
      const { account: credit, income } = customers[employee] as (typeof customers)[number];
      return { debit: account, credit, amount: toMinorUnits(income), currency: homeCurrency };
    });
    yield* journals({ legs, key: `${prefix}/payroll/${account}`, kind: 'payroll', at });
  }
}

/** What must be there before the day begins: capital, cash, payrolls and savings. */
function* funding({ population, prefix, start: at }: Plan): Generator<Operation> {
  const { customers, employers } = population;
  const home: Leg[] = [];
  const foreign: Leg[] = [];
  const give = (to: Leg[], debit: string, credit: string, amount: number, currency: string) => {
    to.push({ debit, credit, amount: toMinorUnits(amount), currency });
  };
  const savings = customers.reduce((sum, customer) => sum + customer.savings, 0);
  give(home, bank.reserves, bank.capital, Math.ceil(savings * capitalRatio), homeCurrency);
  give(home, bank.atmCash, bank.reserves, customers.length * cashPerCustomer, homeCurrency);
  for (const { account, employees } of employers) {
    const wages = employees.reduce((sum, each) => sum + (customers[each]?.income ?? 0), 0);
    if (wages > 0) give(home, bank.reserves, account, wages, homeCurrency);
  }
  for (const { account, foreignAccount, savings: amount } of customers) {
    give(home, bank.reserves, account, amount, homeCurrency);
    if (foreignAccount === undefined) continue;
    give(foreign, bank.foreignReserves, foreignAccount, Math.ceil(amount / 2), foreignCurrency);
  }
  const kind = 'funding';
  yield* journals({ legs: home, key: `${prefix}/funding/${homeCurrency}`, kind, at });
  yield* journals({ legs: foreign, key: `${prefix}/funding/${foreignCurrency}`, kind, at });
}

type Journal = { legs: readonly Leg[]; key: string; kind: OperationKind; at: Instant };

/** Cuts many legs into journals; each waits for what its payees did before. */
function* journals({ legs, key, kind, at }: Journal): Generator<Operation> {
  for (let from = 0; from < legs.length; from += legsMax) {
    const part = legs.slice(from, from + legsMax);
    yield {
      action: 'post',
      legs: part,
      metadata: { kind, channel: 'batch' },
      kind,
      key: `${key}/${from / legsMax}`,
      effectiveAt: at,
      chains: kind === 'funding' ? [] : part.map(({ credit }) => credit),
    };
  }
}
