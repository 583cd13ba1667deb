// What people do with money, as one table: how often, at which hours, how much, and how it settles.
import { assert } from '#core';
import { cumulate, type Dice, draw } from './distributions.ts';

/** How an activity moves money; each is a function of flows.ts. */
export type Flow =
  | 'card'
  | 'card_with_tip'
  | 'card_at_pump'
  | 'card_for_stay'
  | 'purchase'
  | 'bill'
  | 'standing_order'
  | 'peer_transfer'
  | 'atm_withdrawal'
  | 'fx_purchase';

export type Activity = {
  readonly flow: Flow;
  /** ISO 18245 merchant category code. */
  readonly mcc: string;
  readonly category: string;
  readonly channel: string;
  /** Of a hundred transactions of a weekday, how many are of this activity. */
  readonly share: number;
  /** What remains of the share at a weekend. */
  readonly weekend: number;
  /** Relative frequency by hour of day, 0 to 9, from midnight. */
  readonly hours: string;
  /** Minor units of the home currency. */
  readonly median: number;
  readonly sigma: number;
};

type Columns = [Flow, string, string, string, number, number, string, number, number];

// Medians are in the order of magnitude of European household budgets; the hours give two card
// peaks (lunch and evening) and a night in which automata still work: standing orders,
// subscriptions.
const table: readonly Columns[] = [
  ['card', '5411', 'groceries', 'pos', 17, 1.2, '000000013566665667986310', 2_400, 0.75],
  ['card_with_tip', '5812', 'restaurants', 'pos', 9, 1.4, '200000000001598322479985', 2_800, 0.6],
  ['card', '5814', 'fast_food', 'pos', 9, 1.1, '310000013434897544568764', 850, 0.5],
  ['card_at_pump', '5541', 'fuel', 'pos', 6, 0.8, '111113797655566789754322', 4_600, 0.4],
  ['purchase', '4111', 'transit', 'pos', 8, 0.4, '100014998433444578754332', 280, 0.4],
  ['card_with_tip', '4121', 'taxis', 'pos', 2, 1.5, '542113553433334445567998', 1_400, 0.5],
  ['card', '5912', 'pharmacies', 'pos', 4, 0.7, '000000015777666678874100', 1_400, 0.7],
  ['card', '5311', 'department_stores', 'pos', 4, 1.5, '000000000256777778764000', 3_800, 0.8],
  ['card', '5691', 'clothing', 'ecommerce', 4, 1.4, '321000012345554445678996', 4_500, 0.7],
  ['card', '5732', 'electronics', 'ecommerce', 2, 1.3, '321000012345554445678996', 11_000, 1],
  ['card', '5200', 'home_supply', 'pos', 2, 1.6, '000000126777666677653000', 4_000, 0.9],
  ['card', '5942', 'books', 'ecommerce', 1, 1.2, '210000012345554445678995', 1_600, 0.5],
  ['purchase', '5968', 'subscriptions', 'ecommerce', 3, 1, '888642222222222222222224', 999, 0.4],
  ['purchase', '5815', 'digital_media', 'ecommerce', 3, 1.3, '643211112233344445567899', 600, 0.7],
  ['card', '7832', 'cinemas', 'pos', 1, 2, '000000000001223345898720', 1_800, 0.4],
  ['card_for_stay', '7011', 'lodging', 'pos', 1, 1.4, '100000357853235678864321', 14_000, 0.6],
  ['card', '4511', 'airlines', 'ecommerce', 0.5, 1.1, '211111234555544444567764', 21_000, 0.7],
  ['card', '8011', 'doctors', 'pos', 1, 0.1, '000000016898667874100000', 5_500, 0.6],
  ['bill', '4900', 'utilities', 'direct_debit', 3, 0.3, '000009865433332221100000', 7_500, 0.5],
  ['bill', '4814', 'telecom', 'direct_debit', 2.5, 0.3, '000009865433332221100000', 3_200, 0.4],
  ['bill', '6300', 'insurance', 'direct_debit', 1.5, 0.3, '000009865433332221100000', 6_000, 0.6],
  ['standing_order', '6513', 'rent', 'batch', 2.5, 0.3, '269963000000000000000000', 72_000, 0.35],
  ['peer_transfer', '4829', 'peer', 'mobile', 7, 1.2, '221111124556665556678863', 2_500, 0.9],
  ['atm_withdrawal', '6011', 'cash', 'atm', 4, 1.1, '211000124566776667787543', 6_000, 0.6],
  [
    'fx_purchase',
    '5999',
    'foreign_online',
    'ecommerce',
    1,
    1.1,
    '321111112344444555678886',
    5_000,
    0.8,
  ],
];

export const activities: readonly Activity[] = table.map(
  ([flow, mcc, category, channel, share, weekend, hours, median, sigma]) => ({
    flow,
    mcc,
    category,
    channel,
    share,
    weekend,
    hours,
    median,
    sigma,
  }),
);

const hoursPerDay = 24;

/** The activities of one day: when the next transaction starts, and what it is. */
export type Rhythm = {
  /** The hour of day, with its fraction, by which `part` of the day's transactions have started. */
  readonly hourAt: (part: number) => number;
  readonly activityAt: (dice: Dice, hour: number) => Activity;
};

/** Times and kinds come from the same table, so a peak consists of what people do at that hour. */
export function dayRhythm({ isWeekend }: { isWeekend: boolean }): Rhythm {
  const byHour = Array.from({ length: hoursPerDay }, (_, hour) =>
    cumulate(activities.map((activity) => frequency(activity, hour, isWeekend))),
  );
  const day = cumulate(byHour.map((sums) => sums.at(-1) as number));
  const total = day.at(-1) as number;
  return {
    hourAt(part) {
      const target = part * total;
      let hour = 0;
      while ((day[hour] as number) <= target) hour += 1;
      assert(hour < hoursPerDay, 'a part of the day is below one');
      const before = hour === 0 ? 0 : (day[hour - 1] as number);
      return hour + (target - before) / ((day[hour] as number) - before);
    },
    activityAt: (dice, hour) =>
      activities[draw(dice, byHour[Math.floor(hour)] as Float64Array)] as Activity,
  };
}

function frequency({ hours, share, weekend }: Activity, hour: number, isWeekend: boolean): number {
  const sum = [...hours].reduce((digits, digit) => digits + Number(digit), 0);
  return ((isWeekend ? share * weekend : share) * Number(hours[hour])) / sum;
}
