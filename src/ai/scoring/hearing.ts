// Hearing: what one model says of one case in the time that is left, or why it says nothing.
import type { Clock } from '#core';
import type { FeatureValues } from '../features/read.ts';
import type { ReadFeatures } from '../features/reader.ts';
import type { ModelCard } from '../models/card.ts';
import type { Served, Unusable } from '../models/load.ts';
import { createGuard, isReason } from './guard.ts';
import { readInputs, type Reading, type ScoreQuestion, vectorOf } from './inputs.ts';
import type { FallbackReason, ModelRef, Reason, Score } from './score.ts';

export type Model = Served | Unusable;

/** One case, as all models have it that are asked about it. */
export type Hearing = {
  readonly question: ScoreQuestion;
  /** Its features, or why there are none. */
  readonly found: FeatureValues | FallbackReason;
  readonly leftMs: () => number;
};

export type Heard = Pick<Score, 'status' | 'value' | 'servedBy' | 'inputs' | 'reasons'>;

export type HearingOptions = {
  /** The features of one case, in one round trip. */
  readonly features: ReadFeatures;
  readonly clock: Clock;
};

const reasonsMax = 5;

export function createHearing({ features, clock }: HearingOptions) {
  const guarded = createGuard(clock);

  /** What a model says of a vector, or why it says nothing. */
  function ask(key: string, { evaluator }: Served, vector: Float32Array, leftMs: number) {
    return guarded<number>(key, leftMs, () => {
      const answer = evaluator.score(vector, leftMs);
      return typeof answer === 'number' ? finite(answer) : answer.then(finite);
    });
  }

  /** All that any of the models reads, at once. */
  async function look(
    { tenant, entities, asOf, amount }: ScoreQuestion,
    readers: readonly Model[],
    leftMs: number,
  ): Promise<FeatureValues | FallbackReason> {
    const wanted = featuresOf(readers);
    if (wanted.length === 0) return {};
    const question = { entities, at: asOf, amount, wanted };
    // By tenant: one whose models leave no time takes nothing from others.
    return guarded(`${tenant}/features`, leftMs, () => features(tenant, question));
  }

  async function hear(
    model: Model,
    { question, found, leftMs }: Hearing,
  ): Promise<Heard | FallbackReason> {
    if ('why' in model) return model.why;
    const { card, evaluator, digest } = model;
    if (isReason(found) && card.inputs.some(({ from }) => from === 'feature')) return found;
    const reading = readInputs(card, question, isReason(found) ? {} : found);
    if (reading.isRefused) return 'missing_input';
    if (isUnsure(card, reading)) return 'low_confidence';
    const vector = vectorOf(card, reading);
    const value = await ask(`${question.tenant}/${digest}`, model, vector, leftMs());
    if (isReason(value)) return value;
    const { explain } = evaluator;
    const reasons = explain ? reasonsOf(card, reading, explain(vector)) : [];
    return { status: 'scored', value, servedBy: refOf(model), inputs: reading.values, reasons };
  }

  /** What models on trial would have said: whatever they do, it changes nothing. */
  async function hearShadows(
    shadows: readonly Model[],
    { question, found, leftMs }: Hearing,
  ): Promise<Score['shadows']> {
    const heard = [];
    for (const model of shadows) {
      if ('why' in model) continue;
      const reading = readInputs(model.card, question, isReason(found) ? {} : found);
      // A breaker of its own: the same bytes may be heard elsewhere, and with more time.
      const key = `${question.tenant}/${model.digest}/shadow`;
      const value = await ask(key, model, vectorOf(model.card, reading), leftMs());
      heard.push({ ...refOf(model), value: isReason(value) ? null : value });
    }
    return heard;
  }

  return { look, hear, hearShadows };
}

function finite(answer: number): number | FallbackReason {
  return Number.isFinite(answer) ? answer : 'not_a_number';
}

function featuresOf(models: readonly Model[]): string[] {
  const inputs = models.flatMap((model) => ('card' in model ? model.card.inputs : []));
  return [...new Set(inputs.flatMap(({ from, name }) => (from === 'feature' ? [name] : [])))];
}

function isUnsure({ confidence }: ModelCard, { missing, outside }: Reading): boolean {
  return missing > confidence.missing_max || outside > confidence.outside_max;
}

/** The inputs that weighed most, those that speak for it and those that speak against. */
function reasonsOf(
  { inputs }: ModelCard,
  { values }: Reading,
  contributions: Float64Array,
): readonly Reason[] {
  const all = inputs.map(({ name }, index) => ({
    input: name,
    contribution: contributions[index] ?? 0,
    value: values[name] ?? null,
  }));
  const heaviest = all.sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  return heaviest.slice(0, reasonsMax).filter(({ contribution }) => contribution !== 0);
}

export function refOf({ name, version, digest }: ModelRef): ModelRef {
  return { name, version, digest };
}
