// Models that are a few parameters and a formula: whether customers have left, what they are worth,
// and a logistic regression. Their artefact is a JSON text in the place of a graph.
import { assert, closed, Fault, type Json } from '#core';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Evaluator } from '../onnx/model.ts';
import { aliveOf, type History, silenceOf } from './purchases.ts';
import { lifetimeValue } from './spending.ts';

const positive = Type.Number({ exclusiveMinimum: 0, maximum: 1e12 });
const number = Type.Number({ minimum: -1e12, maximum: 1e12 });
const numbers = Type.Array(number, { minItems: 1, maxItems: 64 });
const purchases = Type.Object({ r: positive, alpha: positive, a: positive, b: positive }, closed);
const format = Type.Literal('countersign-parameters/1');
const baseline = Type.Array(number, {
  ...{ minItems: 1, maxItems: 64 },
  description: 'The inputs of an ordinary customer: explanations are of what differs from them.',
});

const churn = Type.Object(
  {
    format,
    kind: Type.Literal('churn'),
    baseline,
    purchases,
    within: Type.Optional({
      ...positive,
      description: 'Who does not come back within so long; without it, who has left for good.',
    }),
  },
  closed,
);
const value = Type.Object(
  {
    format,
    kind: Type.Literal('lifetime_value'),
    baseline,
    purchases,
    spend: Type.Object({ p: positive, q: positive, v: positive }, closed),
    months: Type.Integer({ minimum: 1, maximum: 120 }),
    time_of_month: positive,
    discount_of_month: Type.Number({ minimum: 0, maximum: 1 }),
  },
  closed,
);
const logistic = Type.Object(
  {
    format,
    kind: Type.Literal('logistic'),
    baseline,
    intercept: number,
    weights: numbers,
    transforms: Type.Array(Type.Enum(['identity', 'log1p']), { minItems: 1, maxItems: 64 }),
  },
  closed,
);
const parameters = Type.Union([churn, value, logistic]);
export type Parameters = Type.Static<typeof parameters>;

const validator = Compile(parameters);
const bytesMax = 100_000;

/** Whether an artefact is such a text: no graph begins with a brace. */
export function isParameters(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7b;
}

/** Throws the fault `model_invalid`, which says what and where. */
export function loadParameters(bytes: Uint8Array): Evaluator {
  const model = parse(bytes);
  const evaluator = model.kind === 'logistic' ? regression(model) : formula(model);
  if (!Number.isFinite(evaluator.base)) refuse('/baseline: an ordinary customer has no score');
  return evaluator;
}

function parse(bytes: Uint8Array): Parameters {
  if (bytes.length > bytesMax) refuse(`has ${bytes.length} bytes, more than ${bytesMax}`);
  let found: Json;
  try {
    found = JSON.parse(Buffer.from(bytes).toString('utf8')) as Json;
  } catch (cause) {
    throw new Fault('model_invalid', 'the parameters are no JSON', { cause });
  }
  if (!validator.Check(found)) {
    const [first] = validator.Errors(found);
    refuse(`${first?.instancePath || 'as a whole'}: ${first?.message ?? 'do not fit'}`);
  }
  const width = widthOf(found);
  if (found.baseline.length !== width) refuse(`/baseline: must have ${width} numbers`);
  if (found.kind === 'logistic' && found.transforms.length !== width) {
    refuse(`/transforms: must have ${width} words`);
  }
  if (found.kind !== 'logistic' && found.purchases.a + found.purchases.b <= 1) {
    refuse('/purchases: a and b must be more than 1 together');
  }
  // What all customers spend on average is (p × v) ÷ (q − 1).
  if (found.kind === 'lifetime_value' && found.spend.q <= 1) {
    refuse('/spend/q: must be more than 1');
  }
  return found;
}

function refuse(what: string): never {
  throw new Fault('model_invalid', `the parameters ${what}`);
}

function widthOf(model: Parameters): number {
  if (model.kind === 'logistic') return model.weights.length;
  return model.kind === 'churn' ? 3 : 4;
}

type Formula = Exclude<Parameters, { kind: 'logistic' }>;

/** Repeated purchases, the time since the last and since the first one; and the mean spend. */
function formula(model: Formula): Evaluator {
  const width = widthOf(model);
  const score = (vector: ArrayLike<number>) => {
    const [frequency = 0, since = 0, age = 0, mean = 0] = Array.from(vector, atLeastNought);
    const history = { frequency, recency: Math.max(0, age - since), age, mean };
    if (model.kind === 'churn') return churnOf(model, history);
    const { months, time_of_month: timeOfMonth, discount_of_month: discountOfMonth } = model;
    return lifetimeValue(model, history, { months, timeOfMonth, discountOfMonth });
  };
  const base = score(model.baseline);
  return {
    width,
    base,
    score(vector) {
      assert(vector.length === width, `a vector of ${vector.length} for ${width} inputs`);
      return score(vector);
    },
    explain: (vector) => shares(score, vector, model.baseline),
  };
}

function churnOf({ purchases: of, within }: Type.Static<typeof churn>, history: History): number {
  return within === undefined ? 1 - aliveOf(of, history) : silenceOf(of, history, within);
}

/** What is missing, or cannot be, counts as nought. */
function atLeastNought(given: number): number {
  return Number.isNaN(given) ? 0 : Math.max(given, 0);
}

/** Shapley's: each input's change of the score, averaged over all orders in which they may come. */
function shares(
  score: (vector: ArrayLike<number>) => number,
  vector: Float32Array,
  from: readonly number[],
): Float64Array {
  const { length } = vector;
  const scores = Array.from({ length: 2 ** length }, (_, subset) =>
    score(from.map((each, at) => ((subset >> at) & 1 ? (vector[at] ?? each) : each))),
  );
  const weights = Array.from({ length }, (_, size) => 1 / (length * choose(length - 1, size)));
  return Float64Array.from({ length }, (_, at) =>
    scores.reduce((sum, without, subset) => {
      if ((subset >> at) & 1) return sum;
      const added = (scores[subset | (1 << at)] ?? without) - without;
      return sum + (weights[bitsOf(subset)] ?? 0) * added;
    }, 0),
  );
}

function choose(from: number, count: number): number {
  let ways = 1;
  for (let at = 1; at <= count; at += 1) ways = (ways * (from - count + at)) / at;
  return ways;
}

function bitsOf(subset: number): number {
  let count = 0;
  for (let left = subset; left > 0; left >>= 1) count += left & 1;
  return count;
}

type Regression = Extract<Parameters, { kind: 'logistic' }>;

/** What is missing is as ordinary. */
function regression({ weights, intercept, transforms, baseline: from }: Regression): Evaluator {
  const width = weights.length;
  const term = (at: number, given: number) => {
    const number = Number.isNaN(given) ? (from[at] ?? 0) : given;
    const told = transforms[at] === 'log1p' ? Math.log1p(atLeastNought(number)) : number;
    return (weights[at] ?? 0) * told;
  };
  const base = from.reduce((sum, each, at) => sum + term(at, each), intercept);
  return {
    width,
    base,
    score(vector) {
      assert(vector.length === width, `a vector of ${vector.length} for ${width} inputs`);
      const margin = vector.reduce((sum, each, at) => sum + term(at, each), intercept);
      return 1 / (1 + Math.exp(-margin));
    },
    explain: (vector) =>
      Float64Array.from(vector, (each, at) => term(at, each) - term(at, from[at] ?? 0)),
  };
}
