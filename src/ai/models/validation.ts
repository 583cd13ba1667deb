// Validation: what is found out about a model before it comes on record.
//
// What cannot serve is refused, with each place. The rest is a report: those who approve a model
// see what it does with cases like those of its training, how long it takes, and how it explains.
import { canonicalJson, type Json, seededRandom, sha256Hex } from '#core';
import { hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { countValue, counterOf } from '../monitoring/drift.ts';
import { type Flaw, type Histogram, type ModelCard, parseCard, refuseModel } from './card.ts';
import { type ModelEvaluator, type OpenEvaluator, openEvaluator } from './evaluator.ts';

export type ModelCheck = {
  readonly check: 'explanations' | 'latency' | 'range';
  readonly passed: boolean;
  /** In words. */
  readonly found: string;
};

export type ValidationReport = {
  readonly samples: number;
  readonly latency_us: { readonly p50: number; readonly p99: number };
  readonly score: { readonly low: number; readonly median: number; readonly high: number };
  readonly checks: readonly ModelCheck[];
};

export type Validated = {
  readonly card: ModelCard;
  /** RFC 8785, and its SHA-256. */
  readonly cardText: string;
  readonly cardDigest: string;
  readonly report: ValidationReport;
};

export type ValidationOptions = {
  readonly features: { readonly has: (feature: string) => boolean };
  readonly open?: OpenEvaluator;
};

type Metric = ModelCard['metrics'][number];

/** Cases drawn from the reference of the card. */
const samplesMax = 256;
const sampleSeed = 1;
/** How far explanations may be from the margins that they explain, of the largest. */
const explanationErrorMax = 1e-3;
/** Nearer to 0 or 1 a probability, which is a float32, does not tell its log odds. */
const logOddsMax = 9;
/** Inputs are drawn one by one, so some cases are stranger than any in the training data. */
const strangeShareMax = 0.1;
/** Bins of scores that training has filled, and cases in them. */
const binsMin = 3;
const casesMin = 100;
/** Figures that are parts of one, by their names. */
const shares = /\b(auc|auroc|accuracy|precision|recall|brier|f1)\b/i;
/** For all cases together. */
const tryOutMs = 10_000;
/** Others have their turn in between. */
const casesPerTurn = 8;
const roundsHere = 3;
/** What is evaluated here may take so long, in 99 of 100 cases. */
const scoreUsMax = 1_000;
const explainUsMax = 5_000;

export async function validateModel(
  value: Json,
  artefact: Uint8Array,
  { features, open = openEvaluator }: ValidationOptions,
): Promise<Validated> {
  const card = parseCard(value);
  const flaws = [...flawsOf(card, features), ...digestFlaws(card, artefact)];
  if (flaws.length > 0) refuseModel(flaws);
  const evaluator = await open(card, artefact);
  try {
    if (evaluator.width !== card.inputs.length) {
      const detail = `${card.inputs.length} are named, and the artefact reads ${evaluator.width}`;
      refuseModel([{ pointer: '/card/inputs', detail }]);
    }
    const report = await tryOut(card, evaluator);
    const cardText = canonicalJson(card);
    return { card, cardText, cardDigest: sha256Hex(cardText), report };
  } finally {
    await evaluator.close?.();
  }
}

// The card ----------------------------------------------------------------------------------------

function digestFlaws(card: ModelCard, artefact: Uint8Array): Flaw[] {
  const digest = hash('sha256', artefact, 'hex');
  if (digest === card.artefact) return [];
  return [{ pointer: '/card/artefact', detail: `is another artefact: this one is ${digest}` }];
}

function flawsOf(card: ModelCard, features: ValidationOptions['features']): Flaw[] {
  const { inputs, reference, fallback, metrics } = card;
  const names = new Set(inputs.map(({ name }) => name));
  const flaws = inputs.flatMap(({ name, from }, at): Flaw[] => {
    const pointer = `/card/inputs/${at}/name`;
    const isDouble = inputs.findIndex((each) => each.name === name) !== at;
    if (isDouble) return [{ pointer, detail: `${name} is named twice` }];
    if (from !== 'feature' || features.has(name)) return [];
    return [{ pointer, detail: `there is no feature ${name}` }];
  });
  const rules = (fallback.rule?.terms ?? []).flatMap(({ input }, at): Flaw[] => {
    const pointer = `/card/fallback/rule/terms/${at}/input`;
    return names.has(input) ? [] : [{ pointer, detail: `${input} is no input of the model` }];
  });
  const histograms = [...names].flatMap((name): Flaw[] => {
    const pointer = `/card/reference/inputs/${name}`;
    const histogram = reference.inputs[name];
    if (!histogram) return [{ pointer, detail: 'is missing: drift is measured against it' }];
    return histogramFlaws(histogram, pointer);
  });
  const strangers = Object.keys(reference.inputs).filter((name) => !names.has(name));
  return [
    ...flaws,
    ...rules,
    ...histograms,
    ...histogramFlaws(reference.score, '/card/reference/score'),
    ...alarmFlaws(reference.score),
    ...metrics.flatMap(metricFlaws),
    ...strangers.map((name) => ({
      pointer: `/card/reference/inputs/${name}`,
      detail: 'is no input of the model',
    })),
  ];
}

function histogramFlaws({ edges, counts, missing }: Histogram, pointer: string): Flaw[] {
  if (counts.length !== edges.length + 1) {
    return [{ pointer: `${pointer}/counts`, detail: 'must be one more than there are edges' }];
  }
  if (edges.some((edge, at) => at > 0 && edge <= (edges[at - 1] ?? edge))) {
    return [{ pointer: `${pointer}/edges`, detail: 'must ascend' }];
  }
  const isEmpty = counts.every((count) => count === 0) && missing === 0;
  return isEmpty ? [{ pointer: `${pointer}/counts`, detail: 'has seen nothing' }] : [];
}

/** A card sets the marks of its own alarms: with too little in them, none would ever be raised. */
function alarmFlaws({ counts, missing }: Histogram): Flaw[] {
  const pointer = '/card/reference/score/counts';
  const filled = counts.filter((count) => count > 0).length;
  const total = counts.reduce((sum, count) => sum + count, missing);
  const flaws = [
    filled < binsMin && `fills ${filled} bins; drift is told by at least ${binsMin}`,
    total < casesMin && `has seen ${total} cases; drift is told by at least ${casesMin}`,
  ];
  return flaws.flatMap((detail) => (detail ? [{ pointer, detail }] : []));
}

function metricFlaws({ name, value, low, high }: Metric, at: number): Flaw[] {
  const pointer = `/card/metrics/${at}`;
  if (low > value || value > high) {
    return [{ pointer, detail: `${name} lies outside of its own interval` }];
  }
  const isShare = shares.test(name);
  if (!isShare || (low >= 0 && high <= 1)) return [];
  return [{ pointer, detail: `${name} with its interval must be from 0 to 1` }];
}

/** Whether all that the card says of its scores lies where probabilities do. */
function tellsProbability({ reference, output }: ModelCard): boolean {
  return [...reference.score.edges, output.threshold].every(isProbability);
}

function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** Scores that are no answer, to cases like those of its training. */
function scoreFlaws(card: ModelCard, scores: readonly number[]): Flaw[] {
  const [low, high] = [Math.min(...scores), Math.max(...scores)];
  const { threshold } = card.output;
  const pointer = '/artefact';
  const wrong = scores.find((score) => !Number.isFinite(score));
  if (wrong !== undefined) {
    return [{ pointer, detail: `scores ${wrong} for a case like those of its training` }];
  }
  if (low === high) return [{ pointer, detail: `scores ${low}, whatever it reads` }];
  if (tellsProbability(card) && !(isProbability(low) && isProbability(high))) {
    const detail = `scores from ${low} to ${high}, and its card tells of probabilities`;
    return [{ pointer, detail }];
  }
  if (threshold >= low && threshold <= high) return [];
  const detail = `is reached by all cases or by none: they score from ${low} to ${high}`;
  return [{ pointer: '/card/output/threshold', detail }];
}

// Trying it out -----------------------------------------------------------------------------------

async function tryOut(card: ModelCard, evaluator: ModelEvaluator): Promise<ValidationReport> {
  const { uint32 } = seededRandom(sampleSeed);
  const vectors = Array.from({ length: samplesMax }, () =>
    Float32Array.from(card.inputs, ({ name, missing }) => {
      const drawn = drawFrom(card.reference.inputs[name] as Histogram, uint32() / 2 ** 32);
      return drawn ?? (typeof missing === 'number' ? missing : Number.NaN);
    }),
  );
  const endsAt = performance.now() + tryOutMs;
  const scores: number[] = [];
  await measure(vectors, endsAt, async (vector, leftMs) => {
    scores.push(await evaluator.score(vector, leftMs));
  });
  const flaws = scoreFlaws(card, scores);
  if (flaws.length > 0) refuseModel(flaws);
  const latency = await latencyOf(card, evaluator, { vectors, scores, endsAt });
  const isInBudget = latency.p99 <= card.budget_ms * 1_000;
  return {
    samples: vectors.length,
    latency_us: latency,
    score: { low: quantile(scores, 0), median: quantile(scores, 0.5), high: quantile(scores, 1) },
    checks: [
      {
        check: 'latency',
        passed: isInBudget,
        found: `99 of 100 cases take at most ${latency.p99} µs, of ${card.budget_ms} ms`,
      },
      checkRange(card, scores),
      checkExplanations(evaluator, vectors, scores),
    ],
  };
}

type Tried = {
  readonly vectors: readonly Float32Array[];
  readonly scores: readonly number[];
  readonly endsAt: number;
};

/**
 * The first round has warmed it up; these are timed, and must say the same. What is evaluated here
 * holds up all who wait, so it is refused when it is slow; a runtime has a thread of its own.
 */
async function latencyOf(
  { runtime }: ModelCard,
  { score, explain }: ModelEvaluator,
  { vectors, scores, endsAt }: Tried,
): Promise<ValidationReport['latency_us']> {
  const rounds = runtime === undefined ? roundsHere : 1;
  const times = await measure(
    vectors,
    endsAt,
    async (vector, leftMs, at) => {
      if (!Object.is(await score(vector, leftMs), scores[at])) {
        refuseModel([{ pointer: '/artefact', detail: 'scores one case in two ways' }]);
      }
    },
    rounds,
  );
  const latency = { p50: Math.round(quantile(times, 0.5)), p99: Math.round(quantile(times, 0.99)) };
  if (runtime !== undefined) return latency;
  refuseSlow('a score', latency.p99, scoreUsMax);
  if (explain) {
    const explained = await measure(vectors, endsAt, (vector) => void explain(vector), rounds);
    refuseSlow('an explanation', quantile(explained, 0.99), explainUsMax);
  }
  return latency;
}

function refuseSlow(what: string, us: number, usMax: number): void {
  if (us <= usMax) return;
  const detail = `${what} takes ${Math.round(us)} µs in 1 of 100 cases; ${usMax} are the most`;
  refuseModel([{ pointer: '/artefact', detail }]);
}

/** Microseconds by case: the least of the rounds, for what else the machine did is left out. */
async function measure(
  vectors: readonly Float32Array[],
  endsAt: number,
  run: (vector: Float32Array, leftMs: number, at: number) => void | Promise<void>,
  rounds = 1,
): Promise<readonly number[]> {
  const times = vectors.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, vector] of vectors.entries()) {
      const startedAt = performance.now();
      if (startedAt > endsAt) {
        const detail = `has not scored ${vectors.length} cases within ${tryOutMs} ms`;
        refuseModel([{ pointer: '/artefact', detail }]);
      }
      await run(vector, endsAt - startedAt, at);
      times[at] = Math.min(times[at] as number, (performance.now() - startedAt) * 1_000);
      if (at % casesPerTurn === 0) await breathe();
    }
  }
  return times;
}

/** A value as likely as in the training data, without what lies beyond the outermost edges. */
function drawFrom({ edges, counts, missing }: Histogram, part: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, missing);
  let left = part * total;
  for (const [bin, count] of counts.entries()) {
    left -= count;
    if (left >= 0 || count === 0) continue;
    const [low, high] = [edges[bin - 1] ?? edges[bin] ?? 0, edges[bin] ?? edges[bin - 1] ?? 0];
    // How far into the bin the draw has fallen.
    return low + (high - low) * (1 + left / count);
  }
  return undefined;
}

/** Whether cases that are likely in the training data have scores that were seen there. */
function checkRange({ reference }: ModelCard, scores: readonly number[]): ModelCheck {
  const found = counterOf(reference.score);
  for (const score of scores) countValue(found, score);
  const strange = found.counts.reduce(
    (sum, count, bin) => (reference.score.counts[bin] === 0 ? sum + count : sum),
    0,
  );
  return {
    check: 'range',
    passed: strange <= scores.length * strangeShareMax,
    found: `${strange} of ${scores.length} scores lie where training has seen none`,
  };
}

/** Contributions and base add up to the margin: the score itself, or a probability's log odds. */
function checkExplanations(
  { explain, base }: ModelEvaluator,
  vectors: readonly Float32Array[],
  scores: readonly number[],
): ModelCheck {
  const check = 'explanations';
  if (!explain) return { check, passed: false, found: 'its runtime explains nothing' };
  const sums = vectors.map((vector) => explain(vector).reduce((sum, each) => sum + each, base));
  const logOdds = scores.map((score) => {
    const margin = Math.log(score / (1 - score));
    return Math.abs(margin) <= logOddsMax ? margin : Number.NaN;
  });
  const error = Math.min(...[scores, logOdds].map((margins) => errorOf(sums, margins)));
  return {
    check,
    passed: error <= explanationErrorMax,
    found: Number.isFinite(error)
      ? `contributions miss the margin by at most ${error.toPrecision(2)} of the largest`
      : 'contributions do not add up to the margin',
  };
}

/** Of the largest margin, or of one. What cannot be told is left out. */
function errorOf(sums: readonly number[], margins: readonly number[]): number {
  const told = margins.flatMap((margin, at) => (Number.isNaN(margin) ? [] : [{ margin, at }]));
  const errors = told.map(({ margin, at }) => Math.abs(margin - (sums[at] ?? Infinity)));
  const largest = Math.max(1, ...told.map(({ margin }) => Math.abs(margin)));
  return errors.length === 0 ? Infinity : Math.max(...errors) / largest;
}

/** Of at least one number. */
function quantile(numbers: readonly number[], part: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.round(part * (sorted.length - 1))] as number;
}
