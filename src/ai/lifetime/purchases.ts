// How often customers come back, and whether they are still customers: BG/NBD. P. Fader, B. Hardie
// and K. Lee, "Counting Your Customers" the Easy Way (Marketing Science 24/2, 2005).
//
// While alive a customer buys at a rate that is gamma distributed among customers (r, alpha); after
// each purchase he leaves for good with a probability that is beta distributed (a, b).
import { minimumOf } from './minimum.ts';
import { hypergeometric, logBeta, logGamma } from './special.ts';

/** In one unit of time, such as weeks or days. */
export type History = {
  /** Repeated purchases: the first one is not counted. */
  readonly frequency: number;
  /** From the first purchase to the last. */
  readonly recency: number;
  /** From the first purchase until now. */
  readonly age: number;
};

export type PurchaseModel = {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
};

/** The parameters under which the histories are likeliest, and how likely that is. */
export function fitPurchases(histories: readonly History[]): PurchaseModel & {
  readonly logLikelihood: number;
} {
  const counted = groupsOf(histories);
  // In a unit of time in which nobody is older than ten, so that each step is of a like size.
  const scale = 10 / histories.reduce((most, { age }) => Math.max(most, age), 1e-9);
  const { at, value } = minimumOf(
    (logs) => {
      const [r, alpha, a, b] = logs.map(Math.exp) as [number, number, number, number];
      const model = { r, alpha: alpha / scale, a, b };
      return -sumOf(counted, (history) => logLikelihood(model, history));
    },
    [0, 0, 0, 0],
  );
  const [r, alpha, a, b] = at.map(Math.exp) as [number, number, number, number];
  return { r, alpha: alpha / scale, a, b, logLikelihood: -value };
}

/** Many customers have equal histories: each kind is evaluated once. */
function groupsOf(histories: readonly History[]) {
  const groups = Map.groupBy(
    histories,
    ({ frequency, recency, age }) => `${frequency} ${recency} ${age}`,
  );
  return [...groups.values()].map((group) => ({
    history: group[0] as History,
    count: group.length,
  }));
}

type Counted = ReturnType<typeof groupsOf>;

function sumOf(counted: Counted, of: (history: History) => number): number {
  return counted.reduce((sum, { history, count }) => sum + count * of(history), 0);
}

export function logLikelihood(
  { r, alpha, a, b }: PurchaseModel,
  { frequency: x, recency, age }: History,
): number {
  const shared = logGamma(r + x) - logGamma(r) + r * Math.log(alpha);
  const alive = logBeta(a, b + x) - logBeta(a, b) - (r + x) * Math.log(alpha + age);
  if (x === 0) return shared + alive;
  const left = logBeta(a + 1, b + x - 1) - logBeta(a, b) - (r + x) * Math.log(alpha + recency);
  const most = Math.max(alive, left);
  return shared + most + Math.log(Math.exp(alive - most) + Math.exp(left - most));
}

/** How likely it is that a customer is one still. Who has bought once cannot have left since. */
export function aliveOf(
  { r, alpha, a, b }: PurchaseModel,
  { frequency: x, recency, age }: History,
): number {
  if (x === 0) return 1;
  const odds = (r + x) * (Math.log(alpha + age) - Math.log(alpha + recency));
  return 1 / (1 + (a / (b + x - 1)) * Math.exp(odds));
}

/**
 * How likely it is that a customer does not come back within the time to come: he has left, or he
 * has not come yet. The longer the time, the nearer it is to his having left.
 */
export function silenceOf(model: PurchaseModel, history: History, time: number): number {
  const known = model.alpha + history.age;
  const silent = (known / (known + time)) ** (model.r + history.frequency);
  return 1 - aliveOf(model, history) * (1 - silent);
}

/** How many purchases a customer of this history makes within the time to come. */
export function purchasesWithin(model: PurchaseModel, history: History, time: number): number {
  const { r, alpha, b } = model;
  const a = besideOne(model.a);
  const { frequency: x, age } = history;
  if (time <= 0) return 0;
  const z = belowOne(time / (alpha + age + time));
  const shape = [r + x, b + x, a + b + x - 1] as const;
  const ended = ((alpha + age) / (alpha + age + time)) ** (r + x) * hypergeometric(shape, z);
  return ((a + b + x - 1) / (a - 1)) * (1 - ended) * aliveOf(model, history);
}

/** At 1 the formula is nought by nought, and goes on smoothly beside it. */
function besideOne(a: number): number {
  return Math.abs(a - 1) < 1e-7 ? 1 + 1e-7 : a;
}

/** Of a time beside which all else is nothing, as near to 1 as there is a number. */
function belowOne(share: number): number {
  return Math.min(share, 1 - Number.EPSILON / 2);
}

/** How many repeated purchases somebody makes within so long after the first. */
export function purchasesOfNew({ r, alpha, b, ...model }: PurchaseModel, time: number): number {
  const a = besideOne(model.a);
  const ended = (alpha / (alpha + time)) ** r;
  const shape = [r, b, a + b - 1] as const;
  const z = belowOne(time / (alpha + time));
  return ((a + b - 1) / (a - 1)) * (1 - ended * hypergeometric(shape, z));
}

/** How likely it is that somebody makes exactly so many within so long after the first. */
export function chanceOf(model: PurchaseModel, count: number, time: number): number {
  const { r, alpha, a, b } = model;
  const of = (n: number) =>
    Math.exp(
      logGamma(r + n) -
        logGamma(r) -
        logGamma(n + 1) +
        r * Math.log(alpha / (alpha + time)) +
        n * Math.log(time / (alpha + time)),
    );
  const stayed = Math.exp(logBeta(a, b + count) - logBeta(a, b)) * of(count);
  if (count === 0) return stayed;
  const fewer = Array.from({ length: count }, (_, n) => of(n)).reduce((sum, p) => sum + p, 0);
  return stayed + Math.exp(logBeta(a + 1, b + count - 1) - logBeta(a, b)) * (1 - fewer);
}
