// A loyalty programme as data: one document says what earns points, what they are worth, how they
// live and end. It is named by the digest of its canonical text.
import { canonicalJson, closed, type Json, plainText, sha256Hex } from '#core';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { earnKinds, earnTerms } from './earning-terms.ts';
import { expiryTerms, pendingTerms, returnTerms } from './life-terms.ts';
import { liabilityTerms } from './liability-terms.ts';
import { redemptionTerms } from './redemption-terms.ts';
import { tierTerms } from './tier-terms.ts';

const text = (maxLength: number) => Type.Optional(plainText({ minLength: 1, maxLength }));
const instant = Type.Optional(
  Type.String({ format: 'date-time', maxLength: 40, description: 'RFC 3339.' }),
);

export const programName = Type.String({
  pattern: '^[a-z][a-z0-9-]{1,39}$',
  examples: ['everyday'],
});

/** A transaction as a document or a caller writes it down. What is not given is not known. */
export const earnTransaction = Type.Object(
  {
    kind: Type.Enum([...earnKinds]),
    amount: Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description:
        'Minor units of the home currency: 14999 for 149.99. Of a balance milestone it is the ' +
        'balance.',
      examples: [14999],
    }),
    currency: Type.Optional(
      Type.String({ pattern: '^[A-Z]{3}$', description: 'The home currency unless given.' }),
    ),
    mcc: Type.Optional(
      Type.String({ pattern: '^[0-9]{4}$', description: 'ISO 18245.', examples: ['5812'] }),
    ),
    merchant: text(120),
    partner: text(80),
    channel: text(40),
    country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1.' })),
    tier: Type.Optional(
      plainText({ minLength: 1, maxLength: 60, description: 'The id of a tier of the programme.' }),
    ),
    customer: text(80),
    occurred_at: instant,
    authorized_at: instant,
  },
  closed,
);
export type EarnTransaction = Type.Static<typeof earnTransaction>;

const example = Type.Object(
  {
    name: plainText({ minLength: 1, maxLength: 200 }),
    transaction: earnTransaction,
    expect: Type.Object(
      {
        points: Type.Integer({ minimum: 0 }),
        excluded: Type.Optional(Type.String({ description: 'The id of the exclusion.' })),
        campaigns: Type.Optional(
          Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
            description: 'Of those points, what each campaign gives.',
          }),
        ),
      },
      closed,
    ),
  },
  closed,
);

export const programSchema = Type.Object(
  {
    format: Type.Literal(1),
    name: programName,
    title: plainText({ minLength: 1, maxLength: 120 }),
    description: plainText({ minLength: 1, maxLength: 1_000 }),
    unit: Type.String({
      pattern: '^[A-Z][A-Z0-9_]{3,11}$',
      description: 'The unit of its points, registered with exponent 0. It never changes.',
      examples: ['POINTS'],
    }),
    currency: Type.String({
      pattern: '^[A-Z]{3}$',
      description: 'The home currency, ISO 4217. It never changes.',
      examples: ['USD'],
    }),
    point_value_micros: Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000_000,
      description:
        'What a point is worth, in millionths of a minor unit of the home currency: 500000 is ' +
        'half a cent.',
    }),
    time_zone: Type.String({
      maxLength: 60,
      description: 'IANA: in it days, months and years begin.',
      examples: ['Europe/Vienna'],
    }),
    rules_as_of: Type.Enum(['authorization', 'posting'], {
      description:
        'Whose rules count when they change in between: those in force when the card was ' +
        'authorized, or when the transaction was posted.',
    }),
    earn: earnTerms,
    pending: pendingTerms,
    expiry: expiryTerms,
    returns: returnTerms,
    tiers: Type.Optional(tierTerms),
    redemption: Type.Optional(redemptionTerms),
    liability: Type.Optional(liabilityTerms),
    examples: Type.Array(example, {
      minItems: 1,
      maxItems: 100,
      description:
        'What must come out, worked out before anybody relies on the document: at `occurred_at`, ' +
        'or else at the instant from which the version is to count.',
    }),
  },
  { ...closed, title: 'Loyalty programme' },
);
export type Program = Type.Static<typeof programSchema>;

/** What is wrong with a document, and where (RFC 6901). */
export type Flaw = { readonly pointer: string; readonly detail: string };

const validator = Compile(programSchema);

/** The document, or what it lacks to be one. */
export function parseProgram(value: unknown): Program | readonly Flaw[] {
  if (validator.Check(value)) return value as Program;
  return validator
    .Errors(value)
    .filter(({ keyword }) => keyword !== 'additionalProperties')
    .map(({ keyword, instancePath, message }) => ({
      pointer: instancePath,
      detail: keyword === 'boolean' ? 'is no member that a programme has here' : message,
    }));
}

/** SHA-256 of the RFC 8785 text, in hex: equal documents have equal names. */
export function programDigest(document: Program): string {
  return sha256Hex(canonicalJson(document as Json));
}

/** As events, lots and answers call it: `everyday@3f1c09ab52de`. */
export function programVersion(name: string, digest: string): string {
  return `${name}@${digest.slice(0, 12)}`;
}

export function pointer(...parts: readonly (string | number)[]): string {
  return parts.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
