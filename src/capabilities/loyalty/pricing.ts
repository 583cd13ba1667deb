// What a reward costs in points: its base price, moved by demand and stock within the guardrails of
// the programme, and for a member by the tier. Whole points, and every movement says why.
import type { Program } from './program/program.ts';
import type { Reward } from './catalogue.ts';

/** What is known of a reward on a day. */
export type Market = {
  /** How many were redeemed in the seven days before. */
  readonly redeemed: number;
  /** How many are left; null where there is no end of it. */
  readonly stockLeft: number | null;
  /** The last listed price, and how many days ago that was. */
  readonly before: { readonly points: number; readonly days: number } | null;
};

export const priceReasons = {
  demand: 'More or fewer people than expected have redeemed it in the last week.',
  stock: 'Little of it is left.',
  day_limit: 'The price may move only so far in a day.',
  value_ceiling: 'A point may not be worth more than the programme allows.',
  value_floor: 'A point may not be worth less than the programme promises.',
  tier: 'The tier of the member has a better price.',
  step: 'Points are redeemed in whole steps.',
} as const;

/** A step on the way from the base price, with the points after it. */
export type PriceStep = { readonly reason: keyof typeof priceReasons; readonly points: number };
export type Price = { readonly points: number; readonly steps: readonly PriceStep[] };

/** What the programme lets a price do. */
export type Guardrails = {
  /** What a point may be worth, in millionths of a minor unit. */
  readonly floorMicros: number;
  readonly ceilingMicros: number;
  readonly dayMaxBps: number;
  readonly step: number;
  readonly pointsMin: number;
  readonly pointsMax: number;
};

const wholeBps = 10_000n;
const micros = 1_000_000n;
/** Below this part of the stock it counts as little. */
const scarceBps = 2_000n;
const demandDays = 7n;
const dayMaxBpsDefault = 500;

/** The price of the day, the same for everybody. */
export function listedPrice(reward: Reward, rails: Guardrails, market: Market): Price {
  const { moves } = reward;
  const base = BigInt(reward.points);
  const path = pathFrom(reward.points);
  if (moves) {
    path.to('demand', base + part(base, demandBps(moves, market.redeemed)));
    path.to('stock', path.points() + part(base, scarcityBps(reward, market.stockLeft)));
    if (market.before) path.to('day_limit', limited(path.points(), market.before, rails));
  }
  return guarded(path, reward, rails);
}

/** For a member of a tier; no guardrail gives way to it. */
export function memberPrice(
  reward: Reward,
  rails: Guardrails,
  { listed, tier }: { readonly listed: Price; readonly tier: string | null },
): Price {
  const discount = reward.tiers?.find((each) => each.tier === tier)?.discount_bps ?? 0;
  if (discount === 0) return listed;
  const path = pathFrom(listed.points, listed.steps);
  path.to('tier', path.points() - part(path.points(), BigInt(discount)));
  return guarded(path, reward, rails);
}

/** The fewest and the most points that a reward of this worth may cost; none where they cross. */
export function priceBounds(
  worth: number,
  { floorMicros, ceilingMicros, pointsMin, pointsMax }: Guardrails,
): { readonly least: bigint; readonly most: bigint } {
  const whole = BigInt(worth) * micros;
  const ceiling = BigInt(ceilingMicros);
  const least = (whole + ceiling - 1n) / ceiling;
  const most = whole / BigInt(floorMicros);
  return { least: larger(least, BigInt(pointsMin)), most: smaller(most, BigInt(pointsMax)) };
}

/** Undefined where the programme says nothing of redeeming. */
export function guardrailsOf(program: Program): Guardrails | undefined {
  const { redemption: terms, point_value_micros: value } = program;
  if (!terms) return undefined;
  return {
    floorMicros: terms.value?.floor_micros ?? Math.max(1, Math.floor(value / 2)),
    ceilingMicros: terms.value?.ceiling_micros ?? value * 2,
    dayMaxBps: terms.price_day_max_bps ?? dayMaxBpsDefault,
    step: terms.step,
    pointsMin: terms.points_min,
    pointsMax: terms.points_max,
  };
}

type Path = ReturnType<typeof pathFrom>;

function pathFrom(start: number, before: readonly PriceStep[] = []) {
  const steps = [...before];
  let points = BigInt(start);
  return {
    points: () => points,
    to(reason: PriceStep['reason'], next: bigint) {
      const whole = larger(next, 1n);
      if (whole !== points) steps.push({ reason, points: Number(whole) });
      points = whole;
    },
    done: (): Price => ({ points: Number(points), steps }),
  };
}

/** What the programme promises of a point stands above all that moves a price. */
function guarded(path: Path, { worth }: Reward, rails: Guardrails): Price {
  const { least, most } = priceBounds(worth, rails);
  const step = BigInt(rails.step);
  const up = ((path.points() + step - 1n) / step) * step;
  path.to('step', up);
  const [first, last] = [((least + step - 1n) / step) * step, (most / step) * step];
  if (path.points() < first) path.to('value_ceiling', first);
  if (path.points() > last) path.to('value_floor', last);
  return path.done();
}

type Moves = NonNullable<Reward['moves']>;

/** By how much redemptions of the week were above what is expected, or below, up to the most. */
function demandBps({ expected_per_day, demand_max_bps }: Moves, redeemed: number): bigint {
  const expected = BigInt(expected_per_day) * demandDays;
  const most = BigInt(demand_max_bps);
  const over = ((BigInt(redeemed) - expected) * most) / expected;
  return larger(-most, smaller(most, over));
}

function scarcityBps({ stock, moves }: Reward, left: number | null): bigint {
  if (stock === null || left === null || stock === 0 || !moves) return 0n;
  const leftBps = (BigInt(left) * wholeBps) / BigInt(stock);
  if (leftBps >= scarceBps) return 0n;
  return (BigInt(moves.scarcity_max_bps) * (scarceBps - leftBps)) / scarceBps;
}

function limited(
  points: bigint,
  before: NonNullable<Market['before']>,
  { dayMaxBps, step }: Guardrails,
): bigint {
  const last = BigInt(before.points);
  const most = part(last, BigInt(dayMaxBps)) * BigInt(Math.max(1, before.days));
  const within = smaller(last + most, larger(last - most, points));
  // Whole steps, on the side of the price before: rounded away from it, it would move too far.
  const whole = BigInt(step);
  if (within >= last) return larger(last, (within / whole) * whole);
  return smaller(last, ((within + whole - 1n) / whole) * whole);
}

/** Towards zero: a movement is never larger than it says. */
function part(of: bigint, bps: bigint): bigint {
  return (of * bps) / wholeBps;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
