// Propensity: how likely a customer accepts an action, by a model that serves in time, by what
// others have answered, or by what was expected of the action when it was published.
import {
  type ModelInputs,
  type Score,
  type Scorer,
  smoothPropensity,
  createScorer,
  featureReader,
  openModels,
} from '#ai';
import { type Clock, type Database, type Instant, inTime, type Uuid } from '#core';
import type { PublishedAction } from '../action.ts';
import { type Evidence, evidenceReader } from './evidence.ts';

/** Where the number is from: a model, the answers of others, or nothing but the expectation. */
export const propensitySources = ['model', 'answers', 'starting'] as const;

export type Propensity = {
  /** In millionths. */
  readonly ppm: number;
  readonly source: (typeof propensitySources)[number];
  /** How many answers of the action it rests on. */
  readonly evidence: number;
  readonly model: { readonly name: string; readonly version: number } | null;
  /** What weighed most in the model; in log odds, above zero speaks for it. */
  readonly reasons: readonly { readonly input: string; readonly contribution: number }[];
  /** Why the model that should have been heard was not. */
  readonly fallback: string | null;
  /** What the AI plane has said, to be recorded; nothing where it was not asked, or late. */
  readonly score?: Score;
};

export type PropensityQuestion = {
  readonly tenant: string;
  /** Of the rights: one set of models for the whole of a question. */
  readonly epoch: bigint | undefined;
  readonly commandId: Uuid;
  readonly at: Instant;
  readonly customer: string;
  readonly published: PublishedAction;
  /** Without it no model reads anything of the customer. */
  readonly hasDataConsent: boolean;
  readonly inputs: ModelInputs;
};

export type Propensities = {
  /** Never throws, and answers in time. */
  readonly of: (question: PropensityQuestion) => Promise<Propensity>;
};

export type PropensityParts = {
  readonly database: Database;
  readonly keyring: { readonly checkpointPublicKeys: readonly Buffer[] };
  readonly clock: Clock;
  readonly onError?: (error: unknown) => void;
  /** For tests: who answers in the place of the models that are registered. */
  readonly scorer?: Scorer;
};

/** The decision point of the models that say it: see models/offer-propensity. */
export const propensityPoint = 'offer-propensity';
/** What is late is not heard: the model's own budget lies below. */
const deadlineMs = 15;
const million = 1_000_000;
const reasonsMax = 5;

export function openPropensities(parts: PropensityParts): Propensities {
  const { database, keyring, clock, onError = () => undefined } = parts;
  const scorer =
    parts.scorer ??
    createScorer({
      models: openModels({
        pool: database.pool('ai'),
        publicKeys: [...keyring.checkpointPublicKeys],
      }),
      features: featureReader(database.pipeline('ai', 2)),
      clock,
      elapsedMs: () => performance.now(),
      onError,
    });
  const evidenceOf = evidenceReader(database.pool('read'), clock);
  return {
    async of(question) {
      const { tenant, published } = question;
      const [score, evidence] = await Promise.all([
        isModelled(question) ? inTime(heard(scorer, question), deadlineMs) : undefined,
        inTime(evidenceOf(tenant), deadlineMs),
      ]);
      return propensityOf(published, evidence?.get(published.code), score);
    },
  };
}

/** The model that ships has learnt from savings alone, and needs consent to read anything. */
function isModelled({ published: { action }, hasDataConsent }: PropensityQuestion): boolean {
  return hasDataConsent && action.uses_model !== false && action.product.kind === 'savings';
}

function heard(scorer: Scorer, question: PropensityQuestion): Promise<Score | undefined> {
  const { tenant, epoch, commandId, at, customer, inputs } = question;
  return scorer.score({
    ...{ tenant, epoch, commandId, inputs, point: propensityPoint, operation: 'offer.present' },
    ...{ receivedAt: at, asOf: at, facts: { data_consent: true } },
    ...{ accountId: null, entities: { customer }, amount: null, key: customer },
  });
}

/** What is expected of the action, and what is known of it, by how much there is of each. */
export function propensityOf(
  { action }: PublishedAction,
  { answers, accepted }: Evidence = { answers: 0, accepted: 0 },
  score?: Score,
): Propensity {
  const { starting_ppm, evidence } = action.propensity;
  const expected = { propensity: starting_ppm / million, evidence };
  const isHeard = score?.value !== null && score?.value !== undefined;
  // A model learnt from other customers counts as much as this action was answered.
  const rate = answers === 0 ? 0 : accepted / answers;
  const said = { propensity: isHeard ? (score?.value ?? 0) : rate, evidence: answers };
  return {
    ppm: clamp(Math.round(smoothPropensity(expected, said) * million)),
    source: answers === 0 ? 'starting' : isHeard ? 'model' : 'answers',
    evidence: answers,
    model: isHeard && score ? modelOf(score) : null,
    reasons: (isHeard ? (score?.reasons ?? []) : [])
      .slice(0, reasonsMax)
      .map(({ input, contribution }) => ({ input, contribution })),
    fallback: score?.fallbackReason ?? null,
    ...(score ? { score } : {}),
  };
}

export type ActionScore = { readonly action: string; readonly score: Score };

/** Of one look: more than a customer could be offered. */
const scoresMax = 100;

/** What models have said, to be recorded. */
export function scoresIn(of: ReadonlyMap<string, Propensity>): readonly ActionScore[] {
  const scores = [...of].flatMap(([action, { score }]) => (score ? [{ action, score }] : []));
  return scores.slice(0, scoresMax);
}

function modelOf({ model, servedBy }: Score): Propensity['model'] {
  const { name, version } = servedBy ?? model;
  return { name, version };
}

function clamp(ppm: number): number {
  return Math.min(million, Math.max(0, ppm));
}

/** What the bank has said to a customer before, as the model reads it. */
export type ContactHistory = {
  readonly channel: string;
  readonly holdsHomeLoan: boolean | null;
  readonly holdsPersonalLoan: boolean | null;
  /** For this action, with the time that is about to be. */
  readonly contactsForAction: number;
  readonly contactsBefore: number;
  readonly daysSinceContact: number | null;
  readonly lastOutcome: 'accepted' | 'declined' | null;
};

export function modelInputsOf(history: ContactHistory): ModelInputs {
  const { channel, holdsHomeLoan, holdsPersonalLoan, lastOutcome } = history;
  const flag = (value: boolean | null) => (value === null ? null : Number(value));
  return {
    housing_loan: flag(holdsHomeLoan),
    personal_loan: flag(holdsPersonalLoan),
    channel: channel === 'phone' ? 'telephone' : 'cellular',
    contacts_in_campaign: history.contactsForAction,
    days_since_contact: history.daysSinceContact,
    contacts_before: history.contactsBefore,
    last_outcome: lastOutcome === null ? null : Number(lastOutcome === 'accepted'),
  };
}
