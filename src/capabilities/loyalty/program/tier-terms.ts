// What a programme says of tiers: by what they are reached, kept and lost, and what they give.
import { closed, plainText } from '#core';
import Type from 'typebox';
import { decimal } from './earning-terms.ts';

const slug = Type.String({ pattern: '^[a-z][a-z0-9-]{0,59}$' });
const sentence = plainText({ minLength: 1, maxLength: 500 });

export const tierTerms = Type.Object(
  {
    basis: Type.Enum(['earned_points', 'spend'], {
      description: 'What counts: points that were earned, or spending. Never a balance.',
    }),
    period: Type.Union([
      Type.Object({ kind: Type.Literal('calendar_year') }, closed),
      Type.Object(
        {
          kind: Type.Literal('rolling'),
          months: Type.Integer({ minimum: 1, maximum: 36 }),
        },
        closed,
      ),
    ]),
    soft_landing: Type.Boolean({
      description: 'Whoever does not qualify again falls by one tier, not to where they qualify.',
    }),
    grace_months: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 24,
        description:
          'Calendar months after a period in which its tier is still held. None unless given.',
      }),
    ),
    levels: Type.Array(
      Type.Object(
        {
          id: slug,
          title: sentence,
          threshold: Type.Integer({
            minimum: 0,
            maximum: Number.MAX_SAFE_INTEGER,
            description: 'Points, or minor units of spending, in the period.',
          }),
          multiplier: Type.Optional(decimal),
          benefits: Type.Array(
            Type.Object(
              {
                id: slug,
                title: sentence,
                product: Type.Optional(
                  plainText({
                    minLength: 1,
                    maxLength: 80,
                    description: 'Provisioned through the core where it is given.',
                  }),
                ),
              },
              closed,
            ),
            { maxItems: 20 },
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: 10, description: 'From the lowest, whose threshold is 0.' },
    ),
  },
  closed,
);
