// What customers spend at a time: Gamma-Gamma. P. Fader and B. Hardie, The Gamma-Gamma Model of
// Monetary Value (2013). And what they are worth: purchases to come by spend, discounted.
import { minimumOf } from './minimum.ts';
import { type History, type PurchaseModel, purchasesWithin } from './purchases.ts';
import { logGamma } from './special.ts';

export type Spending = {
  /** Purchases that the mean is of. */
  readonly frequency: number;
  /** In one unit of money, above nought. */
  readonly mean: number;
};

export type SpendModel = { readonly p: number; readonly q: number; readonly v: number };

/** Only of those who have bought more than once: their mean says something. */
export function fitSpending(spending: readonly Spending[]): SpendModel & {
  readonly logLikelihood: number;
} {
  const counted = spending.filter(({ frequency, mean }) => frequency > 0 && mean > 0);
  const { at, value } = minimumOf(
    (logs) => {
      const [p, q, v] = logs.map(Math.exp) as [number, number, number];
      return -counted.reduce((sum, each) => sum + spendLikelihood({ p, q, v }, each), 0);
    },
    [1, 1, 1],
  );
  const [p, q, v] = at.map(Math.exp) as [number, number, number];
  return { p, q, v, logLikelihood: -value };
}

function spendLikelihood({ p, q, v }: SpendModel, { frequency: x, mean }: Spending): number {
  return (
    logGamma(p * x + q) -
    logGamma(p * x) -
    logGamma(q) +
    q * Math.log(v) +
    (p * x - 1) * Math.log(mean) +
    p * x * Math.log(x) -
    (p * x + q) * Math.log(x * mean + v)
  );
}

/** What a customer will spend at a time: his own mean, drawn to that of all by how few it is of. */
export function spendOf({ p, q, v }: SpendModel, { frequency: x, mean }: Spending): number {
  return (p * (v + x * mean)) / (p * x + q - 1);
}

export type Worth = {
  readonly months: number;
  /** Of the purchases' unit of time, in one month. */
  readonly timeOfMonth: number;
  readonly discountOfMonth: number;
};

/** The present value of what is spent in the months to come, each counted at its end. */
export function lifetimeValue(
  models: { readonly purchases: PurchaseModel; readonly spend: SpendModel },
  history: History & Spending,
  { months, timeOfMonth, discountOfMonth }: Worth,
): number {
  const spend = spendOf(models.spend, history);
  let [before, sum] = [0, 0];
  for (let month = 1; month <= months; month += 1) {
    const bought = purchasesWithin(models.purchases, history, month * timeOfMonth);
    sum += (spend * (bought - before)) / (1 + discountOfMonth) ** month;
    before = bought;
  }
  return sum;
}
