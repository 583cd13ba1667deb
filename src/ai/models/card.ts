// The model card: what a model is for, what it reads and answers, and what was found out about it.
import { closed, Fault, type Json, plainText } from '#core';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

const name = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$', examples: ['payment-fraud'] });
const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });
const factName = Type.String({ pattern: '^[a-z][a-z0-9_]{0,59}$' });
const inputName = Type.String({ pattern: '^[a-z][a-z0-9_.]{0,79}$' });
const text = (maxLength: number) => plainText({ minLength: 1, maxLength });

/** One number that the model reads, in the order of its tensor. */
const input = Type.Object(
  {
    name: inputName,
    from: Type.Enum(['feature', 'fact', 'input'], {
      description:
        'The feature store; a fact of the decision; or what the caller sends for the model alone.',
    }),
    codes: Type.Optional(
      Type.Record(Type.String({ maxLength: 60 }), Type.Number(), {
        description: 'Of a category: the number for each value. What is not listed is missing.',
      }),
    ),
    range: Type.Optional(
      Type.Tuple([Type.Number(), Type.Number()], {
        description: 'Where nearly all of the training data lies; outside of it the model guesses.',
      }),
    ),
    missing: Type.Union([Type.Enum(['nan', 'refuse']), Type.Number()], {
      description: 'What stands in for a missing value: not a number, another number, or no score.',
    }),
    description: text(300),
  },
  closed,
);

/** Points for what a simple rule can see: the score when the model gives none. */
const ruleScore = Type.Object(
  {
    base: Type.Number({ minimum: 0, maximum: 1 }),
    terms: Type.Array(
      Type.Object(
        {
          input: inputName,
          at_least: Type.Number(),
          add: Type.Number({ minimum: -1, maximum: 1 }),
        },
        closed,
      ),
      { maxItems: 50 },
    ),
  },
  closed,
);

/** Tried in this order, when the model fails, is late, or is too unsure to be heard. */
const fallback = Type.Object(
  {
    previous: Type.Boolean({ description: 'The version that served before it.' }),
    rule: Type.Optional(ruleScore),
  },
  closed,
);

const histogram = Type.Object(
  {
    edges: Type.Array(Type.Number(), {
      maxItems: 50,
      description: 'Ascending: a value is in the bin behind the last edge not above it.',
    }),
    counts: Type.Array(Type.Integer({ minimum: 0 }), {
      maxItems: 51,
      description: 'One more than edges: below the first, between them, from the last on.',
    }),
    missing: Type.Integer({ minimum: 0 }),
  },
  closed,
);
export type Histogram = Type.Static<typeof histogram>;

const metric = Type.Object(
  {
    name: text(60),
    split: text(120),
    n: Type.Integer({ minimum: 1 }),
    value: Type.Number(),
    low: Type.Number({ description: 'Of the 95 % interval.' }),
    high: Type.Number(),
  },
  closed,
);

const fairnessRow = Type.Object(
  {
    attribute: text(60),
    group: text(60),
    n: Type.Integer({ minimum: 0 }),
    favourable_rate: Type.Number({ description: 'Share that the threshold lets through.' }),
    impact_ratio: Type.Union([Type.Number(), Type.Null()], {
      description: 'To the group with the highest rate; null where the group is the reference.',
    }),
    true_positive_rate: Type.Union([Type.Number(), Type.Null()]),
  },
  closed,
);

const training = Type.Object(
  {
    command: text(300),
    code: digest,
    seed: Type.Integer(),
    data: Type.Object(
      {
        source: text(300),
        licence: text(120),
        digest,
        rows: Type.Integer({ minimum: 1 }),
        split: text(300),
      },
      closed,
    ),
    libraries: Type.Record(Type.String(), Type.String()),
    parameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  },
  closed,
);

export const modelCard = Type.Object(
  {
    format: Type.Literal(1),
    name,
    title: text(120),
    purpose: text(1_000),
    owner: text(120),
    limits: Type.Array(text(500), { minItems: 1, maxItems: 20 }),
    decides: Type.Object(
      {
        point: name,
        value_fact: factName,
        status_fact: factName,
        needs: Type.Optional(
          Type.Array(factName, {
            maxItems: 5,
            description: 'Facts that must be true before anything is read, such as a consent.',
          }),
        ),
      },
      { ...closed, description: 'The decision point that reads its score, and under what names.' },
    ),
    artefact: digest,
    runtime: Type.Optional(
      Type.Literal('onnxruntime', {
        description:
          'For a graph that is not evaluated here: it then needs onnxruntime-node, installed ' +
          'beside the server, and its scores come without reasons.',
      }),
    ),
    inputs: Type.Array(input, { minItems: 1, maxItems: 200 }),
    output: Type.Object(
      {
        threshold: Type.Number({
          description: 'From which on the score speaks against what it judges.',
        }),
        positive: text(60),
      },
      closed,
    ),
    confidence: Type.Object(
      {
        missing_max: Type.Integer({ minimum: 0 }),
        outside_max: Type.Integer({ minimum: 0 }),
      },
      {
        ...closed,
        description: 'With more inputs missing, or outside of their range, it is unsure.',
      },
    ),
    budget_ms: Type.Integer({ minimum: 1, maximum: 100 }),
    fallback,
    training,
    metrics: Type.Array(metric, { minItems: 1, maxItems: 100 }),
    baselines: Type.Array(
      Type.Object({ name: text(120), metric: text(60), value: Type.Number() }, closed),
      { maxItems: 20 },
    ),
    fairness: Type.Object(
      { note: text(1_000), rows: Type.Array(fairnessRow, { maxItems: 100 }) },
      closed,
    ),
    reference: Type.Object(
      {
        score: histogram,
        inputs: Type.Record(inputName, histogram),
      },
      { ...closed, description: 'Of the training data: what drift is measured against.' },
    ),
  },
  closed,
);
export type ModelCard = Type.Static<typeof modelCard>;
export type ModelInput = ModelCard['inputs'][number];

/** What is wrong with a card, and where (RFC 6901). */
export type Flaw = { readonly pointer: string; readonly detail: string };

const flawsShown = 50;
const validator = Compile(modelCard);

/** A JSON value as a card; throws `model_invalid` with each place where it does not fit. */
export function parseCard(value: Json): ModelCard {
  if (validator.Check(value)) return value;
  const flaws = validator
    .Errors(value)
    // Each member too many is told at its own place.
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ keyword, instancePath, message }) => ({
      pointer: `/card${instancePath}`,
      detail: keyword === 'boolean' ? 'is no member that a card has here' : message,
    }));
  return refuseModel(flaws);
}

export function refuseModel(flaws: readonly Flaw[]): never {
  const [first] = flaws;
  throw new Fault('model_invalid', `${first?.pointer || 'the model'}: ${first?.detail}`, {
    detail: { errors: flaws.slice(0, flawsShown) },
  });
}
