// What a programme says of what its points owe: the accounting policy, and what is known besides.
import { closed } from '#core';
import Type from 'typebox';

const burn = Type.Object(
  {
    expiring_days: Type.Integer({
      ...{ minimum: 1, maximum: 366 },
      description: 'What runs out within so many days is looked at.',
    }),
    points_min: Type.Integer({
      ...{ minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
      description: 'Members who would lose at least so many points.',
    }),
    members_max: Type.Integer({
      ...{ minimum: 1, maximum: 1_000 },
      description: 'Of them so many at a time, those who would lose most.',
    }),
  },
  closed,
);

export const liabilityTerms = Type.Object(
  {
    policy: Type.Enum(['ifrs15', 'ias37'], {
      description: 'Revenue deferred until points are used, or a provision for their cost.',
    }),
    price_bps: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 10_000 },
        description:
          'IFRS 15: which part of what customers spend is the revenue of the bank that points ' +
          'are a part of, such as 150 for an interchange of 1.5 %. 10000 unless given.',
      }),
    ),
    cost_micros: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 1_000_000_000_000 },
        description:
          'What a point that is redeemed costs, in millionths of a minor unit: of the provision ' +
          'and of the cash forecast. The value of a point unless given.',
      }),
    ),
    redemption_rate_ppm: Type.Optional(
      Type.Integer({
        ...{ minimum: 0, maximum: 1_000_000 },
        description:
          'How many of a million points are expected to be redeemed, until the programme’s own ' +
          'history tells. 800000 unless given.',
      }),
    ),
    life_months: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: 120 },
        description: 'After so many months no point is redeemed any more. 60 unless given.',
      }),
    ),
    discount_bps: Type.Optional(
      Type.Integer({
        ...{ minimum: 0, maximum: 5_000 },
        description: 'IAS 37: by how much a year a provision is discounted. 0 unless given.',
      }),
    ),
    posted: Type.Optional(
      Type.Enum(['daily', 'monthly'], {
        description: 'How often it is worked out and posted by itself. Daily unless given.',
      }),
    ),
    burn: Type.Optional(burn),
  },
  closed,
);

export type LiabilityTerms = Required<Omit<Type.Static<typeof liabilityTerms>, 'burn'>> &
  Pick<Type.Static<typeof liabilityTerms>, 'burn'>;

/** With what counts where nothing is said; `value` is that of a point. */
export function liabilityTermsOf(
  given: Type.Static<typeof liabilityTerms>,
  value: number,
): LiabilityTerms {
  return {
    price_bps: 10_000,
    cost_micros: value,
    redemption_rate_ppm: 800_000,
    life_months: 60,
    discount_bps: 0,
    posted: 'daily',
    ...given,
  };
}
