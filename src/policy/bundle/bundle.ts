// A policy bundle: facts, tables and rules as data, named by the digest of its canonical text.
import { canonicalJson, Fault, type Json, sha256Hex, closed } from '#core';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What evaluates a bundle. It is recorded with every decision: another engine, or another version
 * of CEL, may only take this name over if it gives equal answers.
 */
export const engineVersion = 'tables-1/cel-0.6';

const name = (maxLength = 60) => Type.String({ pattern: '^[a-z][a-z0-9_]*$', maxLength });
const slug = Type.String({ pattern: '^[a-z][a-z0-9-]*$', maxLength: 60 });
/** CEL: a boolean condition, or a value. */
const expression = Type.String({ minLength: 1, maxLength: 2_000 });
const sentence = Type.String({ minLength: 1, maxLength: 1_000 });
const named = <Value extends Type.TSchema>(value: Value, maxProperties: number) =>
  Type.Record(name(), value, { ...closed, maxProperties });

export const factTypes = [
  'integer',
  'number',
  'string',
  'boolean',
  'integer[]',
  'number[]',
  'string[]',
] as const;
export type FactType = (typeof factTypes)[number];

const fact = Type.Object(
  {
    type: Type.Enum([...factTypes]),
    description: sentence,
    /** Taken where the fact is not given; without one, a missing fact means `review`. */
    default: Type.Optional(Type.Unknown()),
    /** The class of a personal value: such a fact is given, stored and read as a token. */
    personal: Type.Optional(Type.String({ maxLength: 40 })),
    /** What a model says, or whether one has: it comes from the AI plane, never from a caller. */
    score: Type.Optional(Type.Enum(['value', 'status'])),
  },
  closed,
);

/**
 * Conditions that must all hold. A key is what is looked at, mostly the name of a fact; its cell
 * goes on from there: `{ "amount": "> 100000", "country": "in ['IR', 'KP']" }`.
 */
const conditions = Type.Record(Type.String({ minLength: 1, maxLength: 300 }), expression, {
  maxProperties: 20,
});

export const hitPolicies = [
  'unique',
  'any',
  'first',
  'rule_order',
  'collect',
  'sum',
  'min',
  'max',
] as const;

const tableRule = Type.Object(
  { id: slug, if: Type.Optional(conditions), value: expression, note: Type.Optional(sentence) },
  closed,
);
const table = Type.Object(
  {
    kind: Type.Literal('table'),
    type: Type.Enum([...factTypes]),
    description: Type.Optional(sentence),
    hit: Type.Enum([...hitPolicies]),
    rules: Type.Array(tableRule, { minItems: 1, maxItems: 1_000 }),
  },
  closed,
);
const formula = Type.Object(
  {
    kind: Type.Literal('formula'),
    type: Type.Enum([...factTypes]),
    description: Type.Optional(sentence),
    value: expression,
  },
  closed,
);

export const outcomes = ['allow', 'hold', 'review', 'deny'] as const;

const obligations = Type.Object(
  {
    /** How the caller must prove who they are before the command is tried again. */
    step_up: Type.Optional(Type.Array(slug, { minItems: 1, maxItems: 5 })),
    /** Where a person looks at it. */
    review_queue: Type.Optional(slug),
    /** How many people must approve. */
    approvals: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
  },
  closed,
);
export type Obligations = Static<typeof obligations>;

const rule = Type.Object(
  {
    id: slug,
    if: Type.Optional(conditions),
    outcome: Type.Enum([...outcomes]),
    reason: name(),
    obligations: Type.Optional(obligations),
    note: Type.Optional(sentence),
  },
  closed,
);

const slidingWindow = Type.Object(
  {
    kind: Type.Literal('sliding'),
    seconds: Type.Integer({ minimum: 60, maximum: 366 * 86_400 }),
  },
  closed,
);
const calendarWindow = Type.Object(
  {
    kind: Type.Literal('calendar'),
    unit: Type.Enum(['day', 'week', 'month']),
    time_zone: Type.String({ maxLength: 60 }),
  },
  closed,
);
const limit = Type.Object(
  {
    id: slug,
    if: Type.Optional(conditions),
    /** Whose limit, as text: `'account:' + debit_account`. */
    key: expression,
    window: Type.Union([slidingWindow, calendarWindow]),
    measure: Type.Enum(['amount', 'count']),
    /** What it takes: minor units or a count. */
    amount: expression,
    cap: expression,
    note: Type.Optional(sentence),
  },
  closed,
);

const example = Type.Object(
  {
    name: sentence,
    facts: Type.Record(Type.String(), Type.Unknown()),
    expect: Type.Object(
      {
        outcome: Type.Enum([...outcomes]),
        reasons: Type.Optional(Type.Array(Type.String())),
        limits: Type.Optional(Type.Array(slug)),
        answers: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      },
      closed,
    ),
  },
  closed,
);

export const bundleSchema = Type.Object(
  {
    format: Type.Literal(1),
    name: slug,
    title: sentence,
    description: sentence,
    facts: named(fact, 200),
    /** Every reason that a rule gives, in words. */
    reasons: named(sentence, 300),
    /** What is worked out from the facts first; a node reads facts and other nodes by name. */
    nodes: Type.Optional(named(Type.Union([table, formula]), 64)),
    /** All rules that hold are heard, and the strictest outcome is the answer. */
    rules: Type.Array(rule, { minItems: 1, maxItems: 500 }),
    limits: Type.Optional(Type.Array(limit, { maxItems: 20 })),
    /** Nodes whose values belong to the answer: the rail that was chosen, the rate. */
    answers: Type.Optional(Type.Array(name(), { maxItems: 20, uniqueItems: true })),
    tests: Type.Array(example, { minItems: 1, maxItems: 500 }),
  },
  { ...closed, title: 'Policy bundle' },
);

export type Bundle = Static<typeof bundleSchema>;
export type Table = Static<typeof table>;
export type Formula = Static<typeof formula>;
export type Rule = Static<typeof rule>;
export type Limit = Static<typeof limit>;
export type Conditions = Static<typeof conditions>;

/** What is wrong with a bundle, and where (RFC 6901). */
export type Flaw = { readonly pointer: string; readonly detail: string };

const bytesMax = 512 * 1024;
const depthMax = 12;
const flawsShown = 50;
const validator = Compile(bundleSchema);

/** A JSON value as a bundle; refuses one that is too large or does not fit the schema. */
export function parseBundle(value: Json): Bundle {
  if (!isWithin(value, depthMax)) {
    refuseBundle([{ pointer: '', detail: `is nested more than ${depthMax} deep` }]);
  }
  const bytes = Buffer.byteLength(canonicalJson(value));
  if (bytes > bytesMax) {
    refuseBundle([{ pointer: '', detail: `has ${bytes} bytes; ${bytesMax} are the most` }]);
  }
  if (!validator.Check(value)) {
    refuseBundle(
      validator
        .Errors(value)
        // Each member too many is told at its own place.
        .filter(({ keyword }) => keyword !== 'additionalProperties')
        .map(({ keyword, instancePath, message }) => ({
          pointer: instancePath,
          detail: keyword === 'boolean' ? 'is no member that a bundle has here' : message,
        })),
    );
  }
  return value as Bundle;
}

/** Before anything follows the nesting down: hostile JSON would exhaust the stack. */
function isWithin(value: Json | undefined, depth: number): boolean {
  if (value === null || typeof value !== 'object') return true;
  return depth > 0 && Object.values(value).every((each) => isWithin(each, depth - 1));
}

export function refuseBundle(flaws: readonly Flaw[]): never {
  const [first] = flaws;
  throw new Fault('bundle_invalid', `${first?.pointer || 'the bundle'}: ${first?.detail}`, {
    detail: { errors: flaws.slice(0, flawsShown) },
  });
}

/** SHA-256 of the RFC 8785 text, in hex: equal bundles have equal names. */
export function bundleDigest(bundle: Bundle): string {
  return sha256Hex(canonicalJson(bundle as Json));
}

/** As events and answers call it: `payment-authorization@3f1c09ab52de`. */
export function policyVersion(bundleName: string, digest: string): string {
  return `${bundleName}@${digest.slice(0, 12)}`;
}

export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
