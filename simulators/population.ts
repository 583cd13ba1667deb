// The population of a synthetic bank: customers, merchants, employers and the bank's own accounts.
import { Fault, type Instant, type MinorUnits, seededRandom, toMinorUnits } from '#core';
import { activities } from './activity.ts';
import {
  anyOf,
  between,
  chance,
  cumulate,
  type Dice,
  draw,
  drawToken,
  integerBelow,
  logNormal,
  zipf,
} from './distributions.ts';
import type { AccountSpec } from './operation.ts';

export const homeCurrency = 'EUR';
export const foreignCurrency = 'USD';

/** The bank's own accounts. */
export const bank = {
  reserves: 'bank-reserves',
  foreignReserves: 'bank-reserves-usd',
  capital: 'bank-capital',
  fees: 'bank-fee-income',
  atmCash: 'bank-atm-cash',
  homePosition: 'bank-position-eur',
  foreignPosition: 'bank-position-usd',
} as const;

export type IncomeClass = {
  readonly name: string;
  readonly share: number;
  /** Monthly median, minor units of the home currency. */
  readonly income: number;
  /** How much dearer, and how much more often, than the middle class this one buys. */
  readonly spending: number;
  readonly activity: number;
};

export const incomeClasses: readonly IncomeClass[] = [
  { name: 'student', share: 12, income: 85_000, spending: 0.55, activity: 0.9 },
  { name: 'modest', share: 28, income: 170_000, spending: 0.75, activity: 0.8 },
  { name: 'middle', share: 38, income: 290_000, spending: 1, activity: 1 },
  { name: 'upper', share: 17, income: 480_000, spending: 1.4, activity: 1.3 },
  { name: 'wealthy', share: 5, income: 950_000, spending: 2.3, activity: 1.5 },
];

/** An opaque reference and what it needs to behave; there is nothing personal to know. */
export type Customer = {
  readonly account: string;
  /** What stands for the person. */
  readonly token: string;
  readonly foreignAccount: string | undefined;
  /** What stands for the number of the card, which is told to nobody. */
  readonly card: string;
  readonly incomeClass: IncomeClass;
  /** Monthly income, minor units of the home currency. */
  readonly income: number;
  readonly employer: number | undefined;
  /** What lies in the account on a quiet morning, minor units of the home currency. */
  readonly savings: number;
  readonly creditLimit: MinorUnits | undefined;
};

export type Merchant = {
  readonly account: string;
  readonly mcc: string;
  readonly category: string;
  /** Relative to the median of its category. */
  readonly priceLevel: number;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
};

/** What a customer pays with at a distance. */
export type Device = { readonly token: string; readonly isNew: boolean };

export type Employer = { readonly account: string; readonly employees: readonly number[] };

export type Population = {
  /** Names this population in idempotency keys: equal names are equal populations. */
  readonly name: string;
  readonly customers: readonly Customer[];
  readonly merchants: readonly Merchant[];
  readonly employers: readonly Employer[];
  readonly accounts: readonly AccountSpec[];
  /** A customer of the day: the better off, the more often. */
  readonly drawCustomer: (dice: Dice) => number;
  /** Where this customer buys that: mostly one of a few merchants; none where nobody sells it. */
  readonly drawMerchant: (dice: Dice, customer: number, mcc: string) => Merchant | undefined;
  /** Where this customer never buys that; it may be abroad. */
  readonly drawStrangeMerchant: (dice: Dice, customer: number, mcc: string) => Merchant;
  /** The customer's device at that time: some begin to use another one that day. */
  readonly deviceAt: (customer: number, at: Instant) => Device;
  /** One of the few people to whom this customer sends money. */
  readonly drawContact: (dice: Dice, customer: number) => number;
  /** A customer who has an account in the foreign currency. */
  readonly drawForeignCustomer: (dice: Dice) => number;
};

const customersMin = 10;
const customersMax = 1_000_000;
const customersPerEmployer = 120;
const customersPerMerchant = 12;
const merchantsMax = 20_000;
const homeMerchants = 3;
/** Of the merchants of a category that customers seldom come to, one in so many is abroad. */
const foreignMerchantEvery = 6;
const homeCountry = 'DE';
const otherCountries = ['AT', 'ES', 'FR', 'GB', 'IT', 'NL', 'PL', 'US'] as const;
/** Of all customers, how many begin to use another device within a day; for so long it is new. */
const newDeviceShare = 0.06;
const newDeviceHours = 8;
/** Begins the numbers of those habits that are about devices: above all category codes. */
const deviceSalt = 100_000;
const [hourMs, dayMs] = [3_600_000, 86_400_000];
const contacts = 4;

/** The same seed and size give the same population, whatever day it then lives. */
export function createPopulation({ seed, size }: { seed: number; size: number }): Population {
  if (!Number.isSafeInteger(size) || size < customersMin || size > customersMax) {
    throw new Fault('input_invalid', `customers must be ${customersMin} to ${customersMax}`);
  }
  const name = `bank-${seed}-${size}`;
  const dice = seededRandom(seed);
  const merchants = createMerchants(dice, size);
  const employerCount = Math.ceil(size / customersPerEmployer);
  const customers = createCustomers(dice, { size, employerCount });
  const employers = Array.from({ length: employerCount }, (_, index) => ({
    account: `employer-${String(index).padStart(4, '0')}`,
    employees: [] as number[],
  }));
  for (const [index, { employer }] of customers.entries()) {
    if (employer !== undefined) employers[employer]?.employees.push(index);
  }
  const population = { name, customers, merchants, employers };
  return { ...population, accounts: openings(population), ...habits(population, seed) };
}

function createMerchants(dice: Dice, size: number): Merchant[] {
  const wanted = Math.min(merchantsMax, Math.ceil(size / customersPerMerchant));
  const merchants: Merchant[] = [];
  for (const { flow, mcc, category, share } of activities) {
    // Friends and cash machines sell nothing.
    if (flow === 'peer_transfer' || flow === 'atm_withdrawal') continue;
    const count = Math.max(2, Math.round((wanted * share) / 100));
    for (let index = 0; index < count; index += 1) {
      const account = `mrc-${String(merchants.length).padStart(4, '0')}`;
      const priceLevel = logNormal(dice, { median: 1, sigma: 0.2 });
      // The last one is the least popular. Bills and rents are paid at home.
      const isLate = (count - 1 - index) % foreignMerchantEvery === 0;
      const isAbroad = isLate && flow !== 'bill' && flow !== 'standing_order';
      const country = isAbroad ? anyOf(dice, otherCountries) : homeCountry;
      merchants.push({ account, mcc, category, priceLevel, country });
    }
  }
  return merchants;
}

type CustomerSizes = { readonly size: number; readonly employerCount: number };

function createCustomers(dice: Dice, { size, employerCount }: CustomerSizes): Customer[] {
  const classes = cumulate(incomeClasses.map(({ share }) => share));
  const employerSizes = zipf(employerCount);
  return Array.from({ length: size }, (_, index) => {
    const incomeClass = incomeClasses[draw(dice, classes)] as IncomeClass;
    const income = Math.round(logNormal(dice, { median: incomeClass.income, sigma: 0.2 }));
    // One in thirty lives from hand to mouth: these are the cards that are declined.
    const isShort = chance(dice, 1 / 30);
    const savings = logNormal(dice, { median: isShort ? 1_500 : income * 1.2, sigma: 0.5 });
    const hasLimit = !isShort && incomeClass.name !== 'student' && chance(dice, 0.3);
    return {
      account: `customer-${index}`,
      token: drawToken(dice, 'cus'),
      card: drawToken(dice, 'crd'),
      // The first always has one, so that no population is without.
      foreignAccount: chance(dice, 0.05) || index === 0 ? `customer-${index}-usd` : undefined,
      incomeClass,
      income,
      employer: chance(dice, 0.7) ? draw(dice, employerSizes) : undefined,
      savings: Math.round(savings),
      creditLimit: hasLimit ? toMinorUnits(Math.ceil(income / 20_000) * 10_000) : undefined,
    };
  });
}

type People = Pick<Population, 'name' | 'customers' | 'merchants' | 'employers'>;

function openings({ name, customers, merchants, employers }: People): AccountSpec[] {
  const accounts: AccountSpec[] = [];
  type Terms = Omit<AccountSpec, 'account' | 'idempotencyKey' | 'currency'>;
  function open(account: string, terms: Terms, currency = homeCurrency) {
    accounts.push({ account, idempotencyKey: `${name}/${account}`, currency, ...terms });
  }
  open(bank.reserves, { type: 'asset', bound: 'none' });
  open(bank.foreignReserves, { type: 'asset', bound: 'none' }, foreignCurrency);
  open(bank.capital, { type: 'equity', bound: 'none' });
  open(bank.fees, { type: 'income', bound: 'none' });
  open(bank.atmCash, { type: 'asset', bound: 'none' });
  open(bank.homePosition, { type: 'liability', bound: 'none' });
  open(bank.foreignPosition, { type: 'liability', bound: 'none' }, foreignCurrency);
  for (const { account, mcc, category } of merchants) {
    const metadata = { mcc, merchant: account, category };
    open(account, { type: 'liability', bound: 'none', holderId: account, metadata });
  }
  for (const { account } of employers) {
    open(account, { type: 'liability', bound: 'no_overdraft', holderId: account });
  }
  for (const { account, foreignAccount, incomeClass, creditLimit } of customers) {
    const metadata = { income_class: incomeClass.name };
    const own = { type: 'liability', holderId: account, metadata } as const;
    if (creditLimit === undefined) open(account, { ...own, bound: 'no_overdraft' });
    else open(account, { ...own, bound: 'credit_limit', creditLimit });
    if (foreignAccount !== undefined) {
      open(foreignAccount, { ...own, bound: 'no_overdraft' }, foreignCurrency);
    }
  }
  return accounts;
}

/** Who goes where is computed from the customer's number, so that habits take no memory. */
function habits({ customers, merchants }: People, seed: number) {
  const activity = cumulate(customers.map(({ incomeClass }) => incomeClass.activity));
  const foreign = customers.flatMap((customer, index) => (customer.foreignAccount ? [index] : []));
  const byMcc = Map.groupBy(merchants, ({ mcc }) => mcc);
  const popularity = new Map([...byMcc].map(([mcc, all]) => [mcc, zipf(all.length)]));

  function habit(customer: number, salt: number): Dice {
    return seededRandom(
      Math.imul(customer + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b) ^ seed,
    );
  }

  const home = (customer: number, mcc: string, number: number): Dice =>
    habit(customer, Number(mcc) * homeMerchants + number);
  const among = (all: readonly Merchant[], mcc: string, dice: Dice) =>
    all[draw(dice, popularity.get(mcc) as Float64Array)] as Merchant;

  return {
    drawCustomer: (dice: Dice) => draw(dice, activity),
    drawMerchant(dice: Dice, customer: number, mcc: string): Merchant | undefined {
      const all = byMcc.get(mcc);
      if (all === undefined) return undefined;
      const isHome = chance(dice, 0.85);
      return among(
        all,
        mcc,
        isHome ? home(customer, mcc, integerBelow(dice, homeMerchants)) : dice,
      );
    },
    drawStrangeMerchant(dice: Dice, customer: number, mcc: string): Merchant {
      const all = byMcc.get(mcc) ?? [];
      const numbers = Array.from({ length: homeMerchants }, (_, number) => number);
      const known = new Set(numbers.map((number) => among(all, mcc, home(customer, mcc, number))));
      const strange = all.filter((merchant) => !known.has(merchant));
      return anyOf(dice, strange.length > 0 ? strange : all);
    },
    deviceAt(customer: number, at: Instant): Device {
      const first = drawToken(habit(customer, deviceSalt), 'dev');
      const day = Math.floor(at / dayMs);
      const today = habit(customer, deviceSalt + day);
      if (!chance(today, newDeviceShare)) return { token: first, isNew: false };
      const hours = (at - day * dayMs) / hourMs - between(today, 0, 24);
      if (hours < 0) return { token: first, isNew: false };
      return { token: drawToken(today, 'dev'), isNew: hours < newDeviceHours };
    },
    drawContact(dice: Dice, customer: number): number {
      const other = integerBelow(
        habit(customer, integerBelow(dice, contacts)),
        customers.length - 1,
      );
      return other < customer ? other : other + 1;
    },
    drawForeignCustomer: (dice: Dice) => foreign[integerBelow(dice, foreign.length)] as number,
  };
}
