// Decisions: a program's verdict on the facts of one command, countersigned, and told as an event.
import {
  assert,
  canonicalJson,
  type Command,
  type Consume,
  type Countersignature,
  type Decision,
  derivedUuid,
  type EventRow,
  eventRow,
  externalId,
  instantToText,
  type Json,
  type Mint,
  principalText,
  nullable,
  plainText,
} from '#core';
import Type from 'typebox';
import { outcomes } from './bundle/bundle.ts';
import type { Program } from './bundle/compile.ts';
import { type Doubted, doubtsIn } from './bundle/doubts.ts';
import type { DecisionRecord } from './decision-log.ts';
import type { About } from './subject-facts.ts';
import { evaluate, type Facts, type Verdict } from './bundle/evaluate.ts';

const scalar = Type.Union([plainText({ maxLength: 4_000 }), Type.Number(), Type.Boolean()]);

/** Facts as a caller gives them. */
export const factsSchema = (maxProperties: number, description: string) =>
  Type.Record(
    Type.String({ pattern: '^[a-z][a-z0-9_]{0,59}$' }),
    Type.Union([scalar, Type.Array(scalar, { maxItems: 1_000 }), Type.Null()]),
    { additionalProperties: false, maxProperties, description },
  );

const opaque = Type.String({ pattern: '^[A-Za-z0-9._:-]{1,120}$' });
const aboutSchema = Type.Object(
  {
    subject: Type.Optional(
      Type.String({
        ...opaque,
        description: 'The person, by a token: consents and screenings are looked up, never told.',
        examples: ['cus_01j9zk3v8w2q'],
      }),
    ),
    use_case: Type.Optional(opaque),
    product: Type.Optional(opaque),
    cohort: Type.Optional(opaque),
  },
  { additionalProperties: false },
);

/** What is asked of policy alone: a point, and the facts in hand. */
export const decisionBody = Type.Object(
  {
    point: Type.String({
      pattern: '^[a-z][a-z0-9-]{1,59}$',
      description: 'Where a decision is due: the name of a bundle.',
      examples: ['rail-routing'],
    }),
    facts: factsSchema(200, 'Facts that the bundle declares. One that it needs is never guessed.'),
    about: Type.Optional(aboutSchema),
    model_inputs: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[a-z][a-z0-9_.]{0,79}$' }),
        Type.Union([Type.Number(), plainText({ maxLength: 60 }), Type.Null()]),
        {
          additionalProperties: false,
          maxProperties: 200,
          description: 'What a model reads and no rule does, by the names in its card.',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type DecisionBody = {
  readonly point: string;
  readonly facts: Facts;
  readonly about?: About;
  readonly model_inputs?: Readonly<Record<string, number | string | null>>;
};

const free = Type.Record(Type.String(), Type.Unknown());

export const decisionPayloads = {
  'decision.made': Type.Object({
    answers: free,
    bundle: Type.String({ description: 'SHA-256 of the bundle that has decided.' }),
    canary: Type.Boolean(),
    command_digest: Type.String(),
    command_id: Type.String(),
    consume: Type.Array(free),
    decision_id: Type.String(),
    engine: Type.String(),
    facts: free,
    model_score_ref: nullable(Type.String()),
    obligations: free,
    operation: Type.String(),
    outcome: Type.Enum([...outcomes]),
    point: Type.String(),
    purpose: nullable(Type.String()),
    reasons: Type.Array(Type.String()),
    requester: Type.String(),
    settled: Type.Optional(
      Type.Array(Type.Object({ at: Type.String(), detail: Type.String(), kind: Type.String() }), {
        description: 'Doubts of earlier decisions on it that people were shown and have approved.',
      }),
    ),
    shadows: Type.Array(
      Type.Object({
        bundle: Type.String(),
        outcome: Type.Enum([...outcomes]),
        reasons: Type.Array(Type.String()),
      }),
    ),
    trace: free,
  }),
};

/** How long after its receipt a decided command may be posted, in milliseconds. */
const countersignatureLifeMs = 60_000;

/** The programs that have a say on a command: one decides, the others are only recorded. */
export type Bench = {
  readonly deciding: Program;
  /** Whether the deciding program is one on trial, for a share of the commands. */
  readonly isCanary: boolean;
  readonly shadows: readonly Program[];
};

export type Decided = {
  readonly decision: Decision;
  readonly verdict: Verdict;
  readonly countersignature: Countersignature;
  /** `decision.made`: all that it takes to decide once more, and to tell why. */
  readonly event: EventRow;
};

export type DecideOptions = {
  readonly command: Command;
  readonly bench: Bench;
  readonly facts: Facts;
  /** The model score among the facts, if any. */
  readonly modelScoreRef: string | null;
  /**
   * Whether the command takes what the verdict says from the limits: it does when it moves money,
   * and not when it only asks.
   */
  readonly consumes: boolean;
  /** Earlier decisions on the same that people were shown, and after which they said: go on. */
  readonly approved?: readonly DecisionRecord[];
};

/** The decision's id derives from the command's, and is the id of its event as well. */
export function decide(mint: Mint, options: DecideOptions): Decided {
  const { command, bench, facts, modelScoreRef, consumes, approved = [] } = options;
  assert(command.tenant === command.principal.tenant, 'a principal acts in its own tenant');
  const { deciding } = bench;
  const settled = settledUnder(deciding, approved);
  const verdict = evaluate(deciding, facts, settled);
  const decision: Decision = {
    id: derivedUuid(command.id, 'decision', 0),
    outcome: verdict.outcome,
    policyVersion: deciding.version,
    reasons: verdict.reasons,
    modelScoreRef,
    consume: consumes ? ofLeg(verdict.consume, facts['leg']) : [],
  };
  const expiresAt = command.receivedAt + countersignatureLifeMs;
  return {
    decision,
    verdict,
    countersignature: mint(command, decision, expiresAt),
    event: decisionEvent(options, decision, verdict, settled),
  };
}

/** The leg that the facts are about takes from the limits, and what it gives back they get. */
function ofLeg(consume: readonly Consume[], leg: unknown): readonly Consume[] {
  return typeof leg === 'number' && leg > 0 ? consume.map((each) => ({ ...each, leg })) : consume;
}

/**
 * What people have answered for. By another bundle the same words may mean something else: what
 * they were shown under that one they are shown again.
 */
export function settledUnder(
  { digest }: Program,
  approved: readonly DecisionRecord[],
): readonly Doubted[] {
  const all = approved.filter(({ bundle }) => bundle === digest).flatMap(doubtsIn);
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** What would be said of the same, were it decided now: nothing is, and nothing is recorded. */
export function foresee(
  deciding: Program,
  facts: Facts,
  approved: readonly DecisionRecord[],
): Pick<Verdict, 'outcome' | 'reasons'> & { readonly settled: readonly Doubted[] } {
  const settled = settledUnder(deciding, approved);
  const { outcome, reasons } = evaluate(deciding, facts, settled);
  return { outcome, reasons, settled };
}

function decisionEvent(
  { command, bench, facts, modelScoreRef }: DecideOptions,
  decision: Decision,
  verdict: Verdict,
  settled: readonly Doubted[],
): EventRow {
  const { deciding, isCanary, shadows } = bench;
  const { account_id, amount, currency } = facts;
  return eventRow(command, decision, decision.id, {
    type: 'decision.made',
    occurredAt: instantToText(command.receivedAt),
    accountId: typeof account_id === 'string' ? account_id : null,
    amount: typeof amount === 'number' && amount > 0 ? amount : null,
    currency: typeof currency === 'string' && currency !== '' ? currency : null,
    // Members in order: the text is canonical as it stands (RFC 8785).
    payload: {
      answers: verdict.answers,
      bundle: deciding.digest,
      canary: isCanary,
      command_digest: command.digest,
      command_id: externalId('command', command.id),
      consume: verdict.consume as readonly Json[],
      decision_id: externalId('decision', decision.id),
      engine: deciding.engine,
      facts: verdict.facts,
      model_score_ref: modelScoreRef,
      obligations: verdict.obligations as Json,
      operation: command.operation,
      outcome: verdict.outcome,
      point: deciding.bundle.name,
      purpose: command.purpose ?? null,
      reasons: verdict.reasons,
      requester: principalText(command.principal),
      ...(settled.length > 0 ? { settled } : {}),
      // On what is recorded, so that it can be heard again.
      shadows: shadows.map((program) => {
        const { outcome, reasons } = evaluate(program, verdict.facts, settled);
        return { bundle: program.digest, outcome, reasons };
      }),
      trace: verdict.trace as Json,
    },
  });
}

/** The record that a command keeps of its decision. */
export function decisionRecord(decision: Decision): string {
  return canonicalJson({
    decision_id: externalId('decision', decision.id),
    model_score_ref: decision.modelScoreRef,
    outcome: decision.outcome,
    policy_version: decision.policyVersion,
  });
}
