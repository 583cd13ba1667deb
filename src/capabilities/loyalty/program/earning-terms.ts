// What a programme says of earning: rates, rules that multiply or add, caps, exclusions.
import { closed, plainText } from '#core';
import Type from 'typebox';

/** Points and amounts stay far below 2^53, so that sums of them stay below it, too. */
const pointsMax = 1_000_000_000;
const minorUnitsMax = 1_000_000_000_000;

const slug = Type.String({ pattern: '^[a-z][a-z0-9-]{0,59}$' });
const sentence = plainText({ minLength: 1, maxLength: 500 });
const instant = Type.String({ format: 'date-time', maxLength: 40, description: 'RFC 3339.' });
const points = Type.Integer({ minimum: 1, maximum: pointsMax });

/**
 * Exact: `1.5` is three halves. A body that has it as a number is read by its text, which is as
 * exact: what is nearly that never comes to be. A whole one is text all the same.
 */
export const decimal = Type.String({
  pattern: '^(0|[1-9][0-9]{0,2})(\\.[0-9]{1,4})?$',
  description:
    'A decimal as text, at most 999.9999: it is computed with exactly. Written as a number, 1.5 ' +
    'is taken for the text "1.5".',
  examples: ['2', '1.25'],
});

export const earnKinds = [
  'purchase',
  'deposit',
  'international_payment',
  'balance_milestone',
] as const;
export type EarnKind = (typeof earnKinds)[number];

const conditions = Type.Record(
  Type.String({ minLength: 1, maxLength: 300 }),
  Type.String({ minLength: 1, maxLength: 2_000 }),
  {
    minProperties: 1,
    maxProperties: 20,
    description:
      'All must hold. A key is what is looked at, mostly the name of a fact; its cell goes on ' +
      'from there, in CEL: `{"mcc": "in [\'5811\', \'5812\']"}`. A fact that is missing holds ' +
      'for nothing. Different ones of a programme have 20,000 characters together at most.',
  },
);
export type Conditions = Type.Static<typeof conditions>;

const rate = Type.Object(
  {
    points: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    per: Type.Integer({
      minimum: 1,
      maximum: minorUnitsMax,
      description: 'Minor units of the home currency that earn them: 100 is 1.00 of USD.',
    }),
  },
  closed,
);

export const capPeriods = [
  'transaction',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'ever',
] as const;
export type CapPeriod = (typeof capPeriods)[number];
const cap = Type.Object(
  {
    per: Type.Enum([...capPeriods], {
      description: 'Calendar periods in the time zone of the programme; weeks begin on Monday.',
    }),
    points: Type.Integer({ minimum: 0, maximum: pointsMax }),
  },
  { ...closed, description: 'What is above is not given. Counted for each member.' },
);
export type Cap = Type.Static<typeof cap>;

const caps = Type.Array(cap, { minItems: 1, maxItems: capPeriods.length });

const rule = Type.Object(
  {
    id: slug,
    title: sentence,
    if: Type.Optional(conditions),
    from: Type.Optional(instant),
    until: Type.Optional({ ...instant, description: 'RFC 3339; from then on it does not apply.' }),
    multiplier: Type.Optional(decimal),
    points: Type.Optional({
      ...points,
      description: 'A bonus, added once and multiplied by nothing.',
    }),
    times: Type.Optional(
      Type.Object(
        {
          per: Type.Enum([...capPeriods].slice(1)),
          count: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
        },
        { ...closed, description: 'How often a member may have its bonus.' },
      ),
    ),
    caps: Type.Optional(caps),
    campaign: Type.Optional({
      ...slug,
      description: 'What it gives is an award of this campaign and taken from its budget.',
    }),
  },
  { ...closed, description: 'Multiplies what the rate gives, adds a bonus, or both.' },
);
export type EarnRule = Type.Static<typeof rule>;

const exclusion = Type.Object({ id: slug, title: sentence, if: conditions }, closed);

export const stackings = ['best', 'add', 'multiply'] as const;
export type Stacking = (typeof stackings)[number];
export const roundings = ['half_up', 'down', 'up'] as const;
export type RoundingMode = (typeof roundings)[number];

export const earnTerms = Type.Object(
  {
    rates: Type.Partial(
      Type.Object(
        {
          purchase: rate,
          deposit: rate,
          international_payment: rate,
          balance_milestone: rate,
        },
        closed,
      ),
      { ...closed, description: 'A kind without a rate earns by bonuses alone.' },
    ),
    rounding: Type.Enum([...roundings], {
      description: 'Applied once, to the sum of all that a transaction earns.',
    }),
    stacking: Type.Enum([...stackings], {
      description:
        'When several multipliers hold: `best` takes the highest, `add` adds what each has above ' +
        'one (2 and 3 make 4), `multiply` multiplies them (2 and 3 make 6).',
    }),
    exclusions: Type.Array(exclusion, {
      maxItems: 50,
      description: 'The first that holds leaves the transaction without any points.',
    }),
    rules: Type.Array(rule, { maxItems: 200 }),
    caps: Type.Optional({
      ...caps,
      description: 'Of all that a member earns. What campaigns give is cut first.',
    }),
    reward_of_spend_bps_max: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description:
        'What a rate and its multipliers may be worth of the amount, in hundredths of a percent. ' +
        'A bonus is bounded by its caps instead. What a campaign gives is bounded besides by the ' +
        'policy of the bank when it is given, by a tenth as shipped.',
    }),
  },
  closed,
);
export type EarnTerms = Type.Static<typeof earnTerms>;
