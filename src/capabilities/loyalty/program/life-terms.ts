// What a programme says of the life of a point: when it counts, when it ends, how it is taken back.
import { closed } from '#core';
import Type from 'typebox';

const months = (minimum: number) =>
  Type.Integer({ minimum, maximum: 240, description: 'Calendar months.' });

export const pendingTerms = Type.Union(
  [
    Type.Literal('immediate'),
    Type.Object({ days: Type.Integer({ minimum: 1, maximum: 366 }) }, closed),
  ],
  {
    description:
      'When points become active: at once, or as the day begins that is so many calendar days ' +
      'after, in the time zone of the programme. Weekends and holidays count as days.',
  },
);

const countedFrom = Type.Enum(['earning', 'last_activity'], {
  description: 'With `last_activity` whoever earns or redeems keeps all points alive.',
});

export const roundUps = ['day', 'month', 'quarter', 'half_year', 'year'] as const;
export type RoundUp = (typeof roundUps)[number];

export const expiryTerms = Type.Union(
  [
    Type.Object({ kind: Type.Literal('never') }, closed),
    Type.Object(
      { kind: Type.Literal('rolling'), months: months(1), from: countedFrom },
      { ...closed, description: 'To the minute: the same local time so many months later.' },
    ),
    Type.Object(
      {
        kind: Type.Literal('calendar'),
        months: months(0),
        round_up_to: Type.Enum([...roundUps], {
          description: 'Through the end of the day, month, quarter, half-year or year.',
        }),
        from: countedFrom,
      },
      {
        ...closed,
        description:
          'So many months later, rounded up: 31 January and one month is the end of 28 February. ' +
          'No month and `day` is the midnight that ends the day itself.',
      },
    ),
  ],
  { description: 'In the time zone of the programme. Points end, but are never deleted.' },
);

export const returnPolicies = ['only_pending', 'within_balance', 'unlimited'] as const;
export const returnTerms = Type.Enum([...returnPolicies], {
  description:
    'What a refund or a chargeback takes: pending points alone, at most the balance, or all of ' +
    'it, so that the member owes points.',
});
