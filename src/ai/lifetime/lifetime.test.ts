import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  aliveOf,
  chanceOf,
  fitPurchases,
  type History,
  logLikelihood,
  type PurchaseModel,
  purchasesOfNew,
  purchasesWithin,
  silenceOf,
} from './purchases.ts';
import { fitSpending, lifetimeValue, type Spending, spendOf } from './spending.ts';

/** As published by Fader, Hardie and Lee (2005). */
const published: PurchaseModel = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

const customers = readFileSync(new URL('cdnow.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .flatMap((line): (History & Spending)[] => {
    const [frequency = 0, recency = 0, age = 0, mean = 0, count = 0] = line.split(' ').map(Number);
    return Array.from({ length: count }, () => ({ frequency, recency, age, mean }));
  });
const purchases = fitPurchases(customers);
const repeaters = customers.filter(({ frequency }) => frequency > 0);
const spend = fitSpending(repeaters);

function near(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
}

test('the CDNOW parameters are those that were published', () => {
  assert.equal(customers.length, 2_357);
  near(purchases.r, 0.243, 0.001);
  near(purchases.alpha, 4.414, 0.005);
  near(purchases.a, 0.793, 0.005);
  near(purchases.b, 2.426, 0.02);
  near(purchases.logLikelihood, -9_582.43, 0.01);
  assert.ok(customers.every((each) => Number.isFinite(logLikelihood(published, each))));
});

test('fitted twice they are the same to the last bit', () => {
  assert.deepEqual(fitPurchases(customers), purchases);
  assert.deepEqual(fitSpending(repeaters), spend);
});

test('2 purchases, the last in week 30.43 of 38.86: 1.226 more in 39 weeks', () => {
  near(purchasesWithin(published, { frequency: 2, recency: 30.43, age: 38.86 }, 39), 1.226, 0.001);
  assert.equal(purchasesWithin(published, { frequency: 2, recency: 3, age: 9 }, 0), 0);
});

test('who is still a customer', () => {
  near(aliveOf(purchases, { frequency: 2, recency: 30.43, age: 38.86 }), 0.7266, 0.0005);
  near(aliveOf(purchases, { frequency: 1, recency: 1.71, age: 38.86 }), 0.2122, 0.0005);
  assert.equal(aliveOf(purchases, { frequency: 0, recency: 0, age: 38.86 }), 1);
});

test('who does not come back has left the likelier, the longer one waits', () => {
  const history = { frequency: 2, recency: 30.43, age: 38.86 };
  const left = 1 - aliveOf(purchases, history);
  const times = [0, 4, 26, 200, 1e9].map((time) => silenceOf(purchases, history, time));
  assert.equal(times[0], 1);
  assert.deepEqual(
    times,
    times.toSorted((one, other) => other - one),
  );
  near(times.at(-1) ?? 0, left, 1e-6);
});

test('purchases of somebody new, after days and after weeks', () => {
  const expected = [
    [0.1429, 0.0078],
    [1, 0.0532],
    [3, 0.1506],
    [31.8571, 1.0405],
    [32, 1.0437],
  ] as const;
  for (const [time, count] of expected) near(purchasesOfNew(purchases, time), count, 0.0001);
  near(purchasesOfNew(purchases, 78), 1.8576, 0.0005);
});

test('how likely exactly so many purchases are', () => {
  near(chanceOf(published, 10, 2), 1.07869e-7, 1e-12);
  near(chanceOf(published, 0, 39), 0.5737864, 1e-7);
  const of30 = [
    ...[0.0019995214, 0.0015170236, 0.001163315, 0.0009003148, 0.0007023638],
    ...[0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.000222226],
  ];
  for (const [at, chance] of of30.entries()) near(chanceOf(published, 11 + at, 30), chance, 1e-8);
  const all = Array.from({ length: 300 }, (_, count) => chanceOf(published, count, 30));
  near(
    all.reduce((sum, each) => sum + each, 0),
    1,
    1e-6,
  );
});

test('what repeated purchases are worth: Gamma-Gamma', () => {
  assert.equal(repeaters.length, 946);
  near(spend.p, 6.25, 0.01);
  near(spend.q, 3.74, 0.01);
  near(spend.v, 15.44, 0.02);
  const first = firstTen.map((each) => spendOf(spend, each));
  const expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17];
  for (const [at, value] of expected.entries()) near(first[at] ?? 0, value, 0.1);
});

test('what the first six customers are worth in twelve months, at one percent a month', () => {
  // The source takes the weeks of the sample for days: its month has 30 of them.
  const worth = { months: 12, timeOfMonth: 30, discountOfMonth: 0.01 };
  const values = firstTen
    .slice(0, 6)
    .map((each) => lifetimeValue({ purchases, spend }, each, worth));
  const expected = [140.096, 18.943, 38.181, 38.181, 38.181, 1_003.868];
  for (const [at, value] of expected.entries()) near(values[at] ?? 0, value, value * 0.002);
});

/** Customers 1 to 10 of the sample, in their order. */
const firstTen: readonly (History & Spending)[] = [
  { frequency: 2, recency: 30.43, age: 38.86, mean: 22.35 },
  { frequency: 1, recency: 1.71, age: 38.86, mean: 11.77 },
  { frequency: 0, recency: 0, age: 38.86, mean: 0 },
  { frequency: 0, recency: 0, age: 38.86, mean: 0 },
  { frequency: 0, recency: 0, age: 38.86, mean: 0 },
  { frequency: 7, recency: 29.43, age: 38.86, mean: 73.74 },
  { frequency: 1, recency: 5, age: 38.86, mean: 11.77 },
  { frequency: 0, recency: 0, age: 38.86, mean: 0 },
  { frequency: 2, recency: 35.71, age: 38.86, mean: 25.55 },
  { frequency: 0, recency: 0, age: 38.86, mean: 0 },
];
