// Fits BG/NBD and Gamma-Gamma to purchases, and writes models/customer-churn and
// models/customer-lifetime-value: node training/lifetime.ts --data cdnow.txt.gz
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '../src/core/random.ts';
import { loadParameters, type Parameters } from '../src/ai/lifetime/parameters.ts';
import { aliveOf, fitPurchases, purchasesWithin } from '../src/ai/lifetime/purchases.ts';
import { fitSpending, spendOf } from '../src/ai/lifetime/spending.ts';
import { aucOf, fileDigest, histogram, linesDigest, measured, middleOf, rangeOf, writeModel } from './card.ts';

const seed = 7;
const [calibratedUntil, observedUntil] = ['1997-09-30', '1998-06-30'].map(dayOf) as [number, number];
const weeksAhead = (observedUntil - calibratedUntil) / 7;
/** One customer in so many is not learnt from. */
const heldOutOf = 5;
const data = process.argv[process.argv.indexOf('--data') + 1] ?? '';
const { uint32 } = seededRandom(seed);

const described: Readonly<Record<string, string>> = {
  repeated_purchases: 'On how many days he has bought after the first.',
  weeks_since_last: 'Weeks since the last purchase.',
  weeks_since_first: 'Weeks since the first purchase.',
  mean_spend: 'What he has spent on a day of repeated purchases, on average, in whole units of the home currency; 0 without any.',
};

type Customer = ReturnType<typeof customers>[number];
const all = customers(data);
const [learnt, held] = [true, false].map((isLearnt) =>
  all.filter((_, at) => (at % heldOutOf !== 0) === isLearnt),
) as [Customer[], Customer[]];
const { logLikelihood: _, ...purchases } = rounded(fitPurchases(learnt));
const { logLikelihood: __, ...spend } = rounded(fitSpending(learnt.filter((each) => each.frequency > 0)));
const inputsOf = ({ frequency, recency, age, mean }: Customer) => [frequency, age - recency, age, mean];
const ordinary = [0, 1, 2, 3].map((at) => middleOf(learnt.map((each) => inputsOf(each)[at] as number)));

const format = 'countersign-parameters/1';
const churn: Parameters = { format, kind: 'churn', baseline: ordinary.slice(0, 3), purchases, within: 26 };
const value: Parameters = {
  ...{ format, kind: 'lifetime_value', baseline: ordinary, purchases, spend, months: 12 },
  ...{ time_of_month: 4.345, discount_of_month: 0.01 },
};
write('customer-churn', churn, churnCard());
write('customer-lifetime-value', value, valueCard());

// Data --------------------------------------------------------------------------------------------

/** By customer: what he had bought until the end of September 1997, and what he bought after. */
function customers(path: string) {
  const days = new Map<string, Map<number, number>>();
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n').slice(1)) {
    const [id, date, , dollars] = line.trim().split(/\s+/);
    if (!id || !date || !dollars) continue;
    const own = days.get(id) ?? new Map<number, number>();
    const day = dayOf(`${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`);
    own.set(day, (own.get(day) ?? 0) + Number(dollars));
    days.set(id, own);
  }
  return [...days.values()].map((own) => {
    const sorted = [...own.keys()].sort((one, other) => one - other);
    const before = sorted.filter((day) => day <= calibratedUntil);
    const after = sorted.filter((day) => day > calibratedUntil && day <= observedUntil);
    const first = before[0] as number;
    const repeated = before.slice(1);
    const sum = (of: readonly number[]) => of.reduce((total, day) => total + (own.get(day) ?? 0), 0);
    return {
      frequency: repeated.length,
      recency: ((before.at(-1) as number) - first) / 7,
      age: (calibratedUntil - first) / 7,
      mean: repeated.length > 0 ? sum(repeated) / repeated.length : 0,
      later: after.length,
      laterSpend: sum(after),
    };
  });
}

function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

function rounded<Of extends Record<string, number>>(model: Of): Of {
  return Object.fromEntries(Object.entries(model).map(([name, each]) => [name, Number(each.toPrecision(9))])) as Of;
}

// Cards -------------------------------------------------------------------------------------------

function write(name: string, parameters: Parameters, card: object): void {
  const folder = fileURLToPath(new URL(`../models/${name}`, import.meta.url));
  writeModel(folder, parameters, { format: 1, name, ...card });
}

function shared(parameters: Parameters, inputs: readonly string[]) {
  const { score } = loadParameters(Buffer.from(JSON.stringify(parameters)));
  const vectors = held.map((each) => inputsOf(each).slice(0, inputs.length));
  const columns = inputs.map((_, at) => vectors.map((each) => each[at] as number));
  return {
    scores: vectors.map((vector) => score(Float32Array.from(vector))),
    inputs: inputs.map((name, at) => ({
      ...{ name, from: 'input', range: rangeOf(columns[at] as number[]), missing: 'refuse' },
      description: described[name],
    })),
    reference: Object.fromEntries(inputs.map((name, at) => [name, histogram(columns[at] as number[])])),
  };
}

function training(parameters: Record<string, number | string>) {
  const code = ['training/lifetime.ts', 'training/card.ts', 'src/ai/lifetime/purchases.ts',
    'src/ai/lifetime/spending.ts', 'src/ai/lifetime/minimum.ts', 'src/ai/lifetime/special.ts'];
  return {
    command: 'node training/lifetime.ts --data cdnow.txt.gz',
    code: linesDigest(code.map((path) => fileURLToPath(new URL(`../${path}`, import.meta.url)))),
    seed,
    data: {
      source: 'CDNOW, purchases of 23,570 customers who first bought in the first quarter of 1997, as the Python package lifetimes has them',
      licence: 'MIT',
      digest: fileDigest(data),
      rows: all.length,
      split: 'Purchases until 30 September 1997 are learnt from; those of the 39 weeks after are what is foretold. Every fifth customer is not learnt from, and measured on.',
    },
    libraries: { node: process.versions.node },
    parameters,
  };
}

function churnCard() {
  const { scores, inputs, reference } = shared(churn, ['repeated_purchases', 'weeks_since_last', 'weeks_since_first']);
  const split = 'every fifth customer, 39 weeks ahead';
  const cases = held.map((each, at) => ({ each, score: scores[at] as number, label: each.later === 0 }));
  const repeaters = cases.filter(({ each }) => each.frequency > 0);
  const foretold = held.map((each) => ({ each, count: purchasesWithin(purchases, each, weeksAhead) }));
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  return {
    title: 'Whether a customer comes back',
    purpose: 'How likely it is that a customer does not come back within 26 weeks, by how often and how lately he has bought: BG/NBD. He has left for good, one minus P(alive), or has not come yet. For the policy member-retention, which decides whom somebody should talk to.',
    owner: 'The Countersign project',
    limits: [
      'Learnt from customers of a shop for music of 1997, not from those of a bank: fit it to your own before you rely on it.',
      'Who has bought once alone cannot have left for good: by BG/NBD people leave only after a purchase. That he does not come back is likely all the same.',
      'Of customers who have bought repeatedly it knows little more than how long ago that was: see its baseline.',
      'It knows of purchases, and of no reason: neither complaints, nor fees, nor a move.',
      'Having left is never observed; it is measured by who does not buy within 39 weeks.',
    ],
    decides: { point: 'member-retention', value_fact: 'churn_probability', status_fact: 'churn_score_status', needs: ['data_consent'] },
    confidence: { missing_max: 0, outside_max: 1 },
    budget_ms: 10,
    fallback: {
      previous: true,
      rule: { base: 0.1, terms: [
        { input: 'weeks_since_last', at_least: 13, add: 0.3 },
        { input: 'weeks_since_last', at_least: 26, add: 0.3 },
      ] },
    },
    inputs,
    output: { threshold: 0.7, positive: 'does not come back' },
    training: training({ ...purchases, model: 'BG/NBD' }),
    metrics: [
      measured('AUC, repeated customers', split, repeaters, aucOf, uint32),
      measured('AUC, all customers', split, cases, aucOf, uint32),
      measured('AUC of 1 - P(alive), repeated customers', split,
        repeaters.map((one) => ({ ...one, score: 1 - aliveOf(purchases, one.each) })), aucOf, uint32),
      measured('purchases foretold less made, a customer', split, foretold,
        (of) => mean(of.map(({ count, each }) => count - each.later)), uint32),
    ],
    baselines: ([['AUC, repeated customers', repeaters], ['AUC, all customers', cases]] as const).map(([metric, of]) => ({
      name: 'Weeks since the last purchase alone', metric,
      value: Math.round(1e4 * aucOf(of.map(({ each, label }) => ({ score: each.age - each.recency, label })))) / 1e4,
    })),
    fairness: { note: 'The data says nothing of who the customers are, so nothing was measured. Neither age, sex, origin nor place of living is an input; measure by group before it is used.', rows: [] },
    reference: { score: histogram(scores), inputs: reference },
  };
}

function valueCard() {
  const { scores, inputs, reference } = shared(value, ['repeated_purchases', 'weeks_since_last', 'weeks_since_first', 'mean_spend']);
  const split = 'every fifth customer, 39 weeks ahead';
  const foretold = held.map((each) => ({
    each, spent: purchasesWithin(purchases, each, weeksAhead) * spendOf(spend, each),
  }));
  const total = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0);
  const topShare = (of: typeof foretold) => {
    const best = of.toSorted((one, other) => other.spent - one.spent).slice(0, Math.ceil(of.length / 10));
    return total(best.map(({ each }) => each.laterSpend)) / total(of.map(({ each }) => each.laterSpend));
  };
  const perfect = held.map((each) => each.laterSpend).toSorted((one, other) => other - one).slice(0, Math.ceil(held.length / 10));
  const byPast = held.toSorted((one, other) => other.mean * other.frequency - one.mean * one.frequency).slice(0, Math.ceil(held.length / 10));
  const spentLater = total(held.map((each) => each.laterSpend));
  const share = (part: readonly number[]) => Math.round((1e4 * total(part)) / spentLater) / 1e4;
  return {
    title: 'What a customer is worth in the next twelve months',
    purpose: 'The present value of what a customer will spend within twelve months: purchases by BG/NBD, spend by Gamma-Gamma, discounted by 1 % a month. For the policy customer-value, which says how much may be done for whom.',
    owner: 'The Countersign project',
    limits: [
      'Learnt from customers of a shop for music of 1997, in dollars: fit it to your own before you rely on it.',
      'It is spend, not margin: what the bank earns of it is for its policy to say.',
      'It takes how often and how much somebody spends to have nothing to do with each other.',
      'Of who has bought once alone it knows no spend, and takes that of all.',
    ],
    decides: { point: 'customer-value', value_fact: 'lifetime_value', status_fact: 'lifetime_value_status', needs: ['data_consent'] },
    confidence: { missing_max: 0, outside_max: 1 },
    budget_ms: 20,
    fallback: { previous: true },
    inputs,
    output: { threshold: rangeOf(scores)[1] > 100 ? 100 : middleOf(scores), positive: 'valuable' },
    training: training({ ...purchases, ...spend, model: 'BG/NBD, Gamma-Gamma', months: 12, discount_of_month: 0.01 }),
    metrics: [
      measured('spend foretold by spend made', split, foretold,
        (of) => total(of.map(({ spent }) => spent)) / total(of.map(({ each }) => each.laterSpend)), uint32),
      measured('share of later spend of the best tenth', split, foretold, topShare, uint32),
    ],
    baselines: [
      { name: 'The tenth that has spent most until then', metric: 'share of later spend of the best tenth', value: share(byPast.map((each) => each.laterSpend)) },
      { name: 'Who knows what comes', metric: 'share of later spend of the best tenth', value: share(perfect) },
    ],
    fairness: { note: 'The data says nothing of who the customers are, so nothing was measured. Worth follows spend, and spend follows income: measure by group before it is used.', rows: [] },
    reference: { score: histogram(scores), inputs: reference },
  };
}
