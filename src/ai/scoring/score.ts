// A score: what a model, or what stands in for it, says of one case, and the event that tells so.
import {
  derivedUuid,
  type EventDraft,
  externalId,
  type Instant,
  instantFromText,
  instantToText,
  nullable,
  type Uuid,
} from '#core';
import type { Facts } from '#policy';
import Type from 'typebox';
import type { Segments } from './segments.ts';

/** Whose number it is: the model's own, an earlier version's, that of plain points, nobody's. */
export const scoreStages = ['production', 'canary', 'previous', 'rule', 'none'] as const;
export type ScoreStage = (typeof scoreStages)[number];

/** Why the model that should have been heard was not. */
export const fallbackReasons = [
  'artefact_changed',
  'breaker_open',
  'error',
  'low_confidence',
  'missing_input',
  'model_invalid',
  'needs_unmet',
  'not_a_number',
  'overloaded',
  'runtime_missing',
  'signature_wrong',
  'suspended',
  'timeout',
  'unsigned',
] as const;
export type FallbackReason = (typeof fallbackReasons)[number];

/** What the policy is told: see the facts of the bundles that declare a score. */
export type ScoreStatus = 'scored' | 'rule' | 'fallback';

export type ModelRef = { readonly name: string; readonly version: number; readonly digest: string };

export type Reason = {
  readonly input: string;
  /** In the units of the model's margin (log odds, for a classifier); above zero speaks for it. */
  readonly contribution: number;
  readonly value: number | null;
};

export type Score = {
  readonly id: Uuid;
  readonly commandId: Uuid;
  readonly operation: string;
  readonly point: string;
  readonly at: Instant;
  readonly accountId: string | null;
  /** The model that was to be heard. */
  readonly model: ModelRef;
  readonly stage: ScoreStage;
  /** Whose value it is, where an earlier version had to stand in. */
  readonly servedBy: ModelRef | null;
  readonly status: ScoreStatus;
  readonly value: number | null;
  /** The same in the words of the policy: the facts that the model's card names. */
  readonly facts: Facts;
  readonly fallbackReason: FallbackReason | null;
  /** What the model has read; codes of categories, and null for what was missing. */
  readonly inputs: Readonly<Record<string, number | null>>;
  /** SHA-256 of the inputs' canonical text. */
  readonly featureDigest: string;
  /** The inputs that weighed most, the heaviest first. */
  readonly reasons: readonly Reason[];
  /** The groups of the case, by which fairness is looked at. */
  readonly segments: Segments;
  /** What models on trial would have said. */
  readonly shadows: readonly (ModelRef & { readonly value: number | null })[];
  readonly latencyUs: number;
};

const modelRef = {
  name: Type.String(),
  version: Type.Integer({ minimum: 1 }),
  digest: Type.String({ description: 'SHA-256 of the artefact.' }),
};
const number = nullable(Type.Number());

export const scorePayloads = {
  'score.produced': Type.Object({
    score_id: Type.String(),
    command_id: Type.String(),
    operation: Type.String({ description: 'What was carried out, or `decision.make`.' }),
    point: Type.String({ description: 'The decision that it was made for.' }),
    at: Type.String({ description: 'RFC 3339: the receipt of the command.' }),
    model: Type.Object(modelRef),
    stage: Type.Enum([...scoreStages]),
    served_by: nullable(Type.Object(modelRef)),
    status: Type.Enum(['scored', 'rule', 'fallback']),
    value: number,
    facts: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]), {
      description: 'What the policy was told.',
    }),
    fallback_reason: nullable(Type.Enum([...fallbackReasons])),
    inputs: Type.Record(Type.String(), number),
    feature_digest: Type.String(),
    reasons: Type.Array(
      Type.Object({ input: Type.String(), contribution: Type.Number(), value: number }),
    ),
    segments: Type.Record(Type.String(), Type.String()),
    shadows: Type.Array(Type.Object({ ...modelRef, value: number })),
    latency_us: Type.Integer({ minimum: 0 }),
  }),
};

/** A command is scored once: whoever carries it out again finds the score under its id. */
export function scoreIdOf(command: Uuid): Uuid {
  return derivedUuid(command, 'score', 0);
}

export function scoreEvent(score: Score): EventDraft {
  const at = instantToText(score.at);
  return {
    type: 'score.produced',
    occurredAt: at,
    accountId: score.accountId,
    amount: null,
    currency: null,
    // Members in order: the text is canonical as it stands (RFC 8785).
    payload: {
      at,
      command_id: externalId('command', score.commandId),
      facts: score.facts,
      fallback_reason: score.fallbackReason,
      feature_digest: score.featureDigest,
      inputs: score.inputs,
      latency_us: score.latencyUs,
      model: score.model,
      operation: score.operation,
      point: score.point,
      reasons: score.reasons,
      score_id: externalId('score', score.id),
      segments: score.segments,
      served_by: score.servedBy,
      shadows: score.shadows,
      stage: score.stage,
      status: score.status,
      value: score.value,
    },
  };
}

type Payload = {
  readonly at: string;
  readonly fallback_reason: FallbackReason | null;
  readonly feature_digest: string;
  readonly latency_us: number;
  readonly served_by: ModelRef | null;
} & Pick<
  Score,
  | 'facts'
  | 'inputs'
  | 'model'
  | 'operation'
  | 'point'
  | 'reasons'
  | 'segments'
  | 'shadows'
  | 'stage'
  | 'status'
  | 'value'
>;

/** A score as its event tells it. */
export function recordedScore(commandId: Uuid, accountId: string | null, payload: Payload): Score {
  const { at, fallback_reason, feature_digest, latency_us, served_by, ...told } = payload;
  return {
    id: scoreIdOf(commandId),
    commandId,
    accountId,
    at: instantFromText(at) as Instant,
    facts: told.facts,
    featureDigest: feature_digest,
    fallbackReason: fallback_reason,
    inputs: told.inputs,
    latencyUs: latency_us,
    model: told.model,
    operation: told.operation,
    point: told.point,
    reasons: told.reasons,
    segments: told.segments,
    servedBy: served_by,
    shadows: told.shadows,
    stage: told.stage,
    status: told.status,
    value: told.value,
  };
}
