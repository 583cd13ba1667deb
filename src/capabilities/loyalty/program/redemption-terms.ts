// What a programme says of redeeming: how many points at a time, in which steps, and what a
// point is worth at least and at most.
import { closed } from '#core';
import Type from 'typebox';

const points = Type.Integer({ minimum: 1, maximum: 1_000_000_000 });
const micros = Type.Integer({ minimum: 1, maximum: 1_000_000_000_000 });

export const redemptionTerms = Type.Object(
  {
    points_min: points,
    points_max: points,
    step: points,
    value: Type.Optional(
      Type.Object(
        { floor_micros: micros, ceiling_micros: micros },
        {
          ...closed,
          description:
            'What a point is worth in any reward, in millionths of a minor unit of the home ' +
            'currency: prices move between the two. Half and twice `point_value_micros` unless ' +
            'given.',
        },
      ),
    ),
    price_day_max_bps: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description:
          'By how much a price may move in a day, in hundredths of a percent of the last one. ' +
          '500 unless given.',
      }),
    ),
    quote_minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_440,
        description: 'For how long a quoted price holds. 15 unless given.',
      }),
    ),
  },
  { ...closed, description: 'Bounds of one redemption, in points, and of what a point is worth.' },
);
