// Scoring many at a time, in process and without waiting: for work at night, whose scores are no
// evidence of a single decision.
import type { Models } from '../models/load.ts';
import { type ModelInputs, readInputs, vectorOf } from '../scoring/inputs.ts';

export type BatchScorer = {
  readonly name: string;
  readonly version: number;
  /**
   * Null where the model cannot, or is too unsure to be heard. Every call names the same inputs in
   * the same order.
   */
  readonly score: (inputs: ModelInputs) => number | null;
};

export type BatchQuestion = {
  readonly tenant: string;
  readonly epoch: bigint;
  readonly point: string;
};

/** What is in production, unless it was stopped, or is evaluated elsewhere. */
export async function openBatchScorer(
  models: Models,
  { tenant, epoch, point }: BatchQuestion,
): Promise<BatchScorer | undefined> {
  const [serving] = await models.at(tenant, epoch, point);
  const model = serving?.production;
  if (!serving || serving.isSuspended || !model || 'why' in model) return undefined;
  const { card, evaluator, name, version } = model;
  if (card.runtime !== undefined) return undefined;
  const { missing_max: missingMax, outside_max: outsideMax } = card.confidence;
  return {
    ...{ name, version },
    score: remembered((inputs) => {
      const reading = readInputs(card, { facts: {}, inputs }, {});
      if (reading.isRefused || reading.missing > missingMax) return null;
      if (reading.outside > outsideMax) return null;
      const answer = evaluator.score(vectorOf(card, reading), card.budget_ms);
      return typeof answer === 'number' && Number.isFinite(answer) ? answer : null;
    }),
  };
}

/** Customers with the same history are many: each history is scored once. */
const rememberedMax = 50_000;

function remembered(score: BatchScorer['score']): BatchScorer['score'] {
  const known = new Map<string, number | null>();
  return (inputs) => {
    const key = Object.values(inputs).join();
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= rememberedMax) known.clear();
    const said = score(inputs);
    known.set(key, said);
    return said;
  };
}
