// Scoring: the model of a decision point is heard within its budget, or what stands in for it.
//
// A score is an input of a decision and never its condition: whatever goes wrong here, the caller
// has an answer in time, which says what went wrong.
import { canonicalJson, sha256Hex } from '#core';
import type { Facts } from '#policy';
import type { ModelCard } from '../models/card.ts';
import { isInCanary, type Models, type Serving } from '../models/load.ts';
import { isReason } from './guard.ts';
import {
  createHearing,
  type Heard,
  type Hearing,
  type HearingOptions,
  type Model,
  refOf,
} from './hearing.ts';
import { mayRead, readInputs, ruleScore, type ScoreQuestion } from './inputs.ts';
import { type FallbackReason, type Score, scoreIdOf, type ScoreStage } from './score.ts';
import { segmentsOf } from './segments.ts';

export type Scorer = {
  /** Undefined where no model serves the point, or none may read this case. Never throws. */
  readonly score: (question: ScoreQuestion) => Promise<Score | undefined>;
};

export type ScorerOptions = HearingOptions & {
  readonly models: Models;
  /** Milliseconds of a clock that only goes forward: for what is measured. */
  readonly elapsedMs: () => number;
  /** Told of what should not happen: the registry cannot be read, or a score not explained. */
  readonly onError: (error: unknown) => void;
};

/** Scores under way of one tenant: one more would only be late, and make the others late. */
const underWayMax = 500;

export function createScorer(options: ScorerOptions): Scorer {
  const { models, elapsedMs } = options;
  const { look, hear, hearShadows } = createHearing(options);
  const underWay = new Map<string, number>();

  async function scoreBy(
    serving: Serving,
    question: ScoreQuestion,
    isFull: boolean,
  ): Promise<Score | undefined> {
    const startedAt = elapsedMs();
    const line = lineOf(serving, question);
    // Before the first is in production, those on trial are heard all the same.
    const everybody = [...line.map(({ model }) => model), ...serving.shadows];
    const [lead] = everybody;
    if (!lead) return;
    const [card] = everybody.flatMap(cardsOf);
    const leftMs = () => startedAt + (card?.budget_ms ?? 0) - elapsedMs();
    // Nobody is asked where anybody in line may not read the case.
    const isClosed = line.some(({ model }) => 'card' in model && !mayRead(model.card, question));
    let reason = refusalOf({ isClosed, isSuspended: serving.isSuspended, isFull });
    const asked = reason ? [] : line;
    const trials = serving.shadows.filter(
      (model) => !reason && 'card' in model && mayRead(model.card, question),
    );
    const readers = [...asked.map(({ model }) => model), ...trials];
    const hearing = { question, found: await look(question, readers, leftMs()), leftMs };
    let answer: Answer | undefined;
    for (const { model, stage } of asked) {
      const heard = await hear(model, hearing);
      if (!isReason(heard)) {
        answer = { ...heard, stage: reason ? 'previous' : stage };
        break;
      }
      reason ??= heard;
    }
    answer ??= standIn(isClosed || line.length === 0 ? undefined : card, hearing);
    const shadows = reason ? [] : await hearShadows(trials, hearing);
    const latencyUs = Math.round((elapsedMs() - startedAt) * 1000);
    return {
      id: scoreIdOf(question.commandId),
      commandId: question.commandId,
      operation: question.operation,
      point: question.point,
      at: question.receivedAt,
      accountId: question.accountId,
      model: refOf(lead),
      ...answer,
      facts: factsOf(card, answer),
      segments: segmentsOf(question.facts),
      fallbackReason: reason,
      featureDigest: sha256Hex(canonicalJson(answer.inputs)),
      shadows,
      latencyUs,
    };
  }

  return {
    async score(question) {
      const { tenant } = question;
      const others = underWay.get(tenant) ?? 0;
      const isFull = others >= underWayMax;
      underWay.set(tenant, others + 1);
      try {
        const { epoch, point } = question;
        const [serving] = await models.at(tenant, epoch, point);
        return serving && (await scoreBy(serving, question, isFull));
      } catch (error) {
        // As where no model serves, policy decides without a score.
        options.onError(error);
        return undefined;
      } finally {
        const left = (underWay.get(tenant) ?? 1) - 1;
        if (left === 0) underWay.delete(tenant);
        else underWay.set(tenant, left);
      }
    },
  };
}

type Answer = Heard & Pick<Score, 'stage'>;

type Refusal = Readonly<Record<'isClosed' | 'isSuspended' | 'isFull', boolean>>;

/** Why nobody is to be asked at all. */
function refusalOf({ isClosed, isSuspended, isFull }: Refusal): FallbackReason | null {
  if (isClosed) return 'needs_unmet';
  if (isSuspended) return 'suspended';
  return isFull ? 'overloaded' : null;
}

function cardsOf(model: Model): ModelCard[] {
  return 'card' in model ? [model.card] : [];
}

/** Those that may answer, in the order in which they are asked. */
function lineOf(
  { name, production, previous, canary }: Serving,
  { tenant, key }: ScoreQuestion,
): { readonly model: Model; readonly stage: ScoreStage }[] {
  const isTried = canary !== undefined && isInCanary(tenant, name, key, canary.share);
  const hasNext = production && (!('card' in production) || production.card.fallback.previous);
  return [
    ...(isTried ? [{ model: canary.model, stage: 'canary' as const }] : []),
    ...(production ? [{ model: production, stage: 'production' as const }] : []),
    ...(hasNext && previous ? [{ model: previous, stage: 'previous' as const }] : []),
  ];
}

/** What the card declares for when nobody is heard. */
function standIn(card: ModelCard | undefined, { question, found }: Hearing): Answer {
  const none = { stage: 'none', status: 'fallback', value: null, servedBy: null } as const;
  if (!card) return { ...none, inputs: {}, reasons: [] };
  const reading = readInputs(card, question, isReason(found) ? {} : found);
  const { rule } = card.fallback;
  const told = { inputs: reading.values, reasons: [], servedBy: null };
  if (!rule) return { ...none, ...told };
  return { ...told, stage: 'rule', status: 'rule', value: ruleScore(rule, reading) };
}

function factsOf(card: ModelCard | undefined, { status, value }: Answer): Facts {
  if (!card) return {};
  const { value_fact, status_fact } = card.decides;
  return { [status_fact]: status, ...(value === null ? {} : { [value_fact]: value }) };
}
