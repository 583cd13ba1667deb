// When points become active and when they end, in the time zone of their programme.
import {
  type Instant,
  addDays,
  addMonths,
  afterSpanOf,
  instantOn,
  localTime,
  startOfDay,
} from '#core';
import type { RoundUp } from './life-terms.ts';
import type { Program } from './program.ts';

/** What of a programme says how points live. */
export type Life = Pick<Program, 'expiry' | 'pending' | 'time_zone'>;

/**
 * The first instant at which points that were earned then are no longer there; null for never.
 * Where the programme counts from the last activity, give that instead, if there was any.
 */
export function expiresAt(
  { expiry, time_zone }: Pick<Life, 'expiry' | 'time_zone'>,
  earnedAt: Instant,
  lastActivityAt: Instant = earnedAt,
): Instant | null {
  if (expiry.kind === 'never') return null;
  const from = expiry.from === 'earning' ? earnedAt : Math.max(earnedAt, lastActivityAt);
  const { date } = localTime(from, time_zone);
  const later = addMonths(date, expiry.months);
  if (expiry.kind === 'calendar') return startOfDay(dayAfter(later, expiry.round_up_to), time_zone);
  // The clock of the wall counts: what was earned at noon ends at noon, in summer and in winter.
  const sinceMidnightMs = wallClockMs(from, time_zone);
  return instantOn(later, sinceMidnightMs, time_zone);
}

/**
 * Until when all points of a member live on by what he did last, where the programme counts from
 * that; null where it does not, or nothing was done.
 */
export function keptUntil(
  life: Pick<Life, 'expiry' | 'time_zone'>,
  activities: readonly (Instant | null)[],
): Instant | null {
  const { expiry } = life;
  if (expiry.kind === 'never' || expiry.from === 'earning') return null;
  const last = activities.reduce<Instant>((latest, at) => Math.max(latest, at ?? 0), 0);
  return last === 0 ? null : expiresAt(life, last);
}

/** When what was earned then becomes active; null for at once. */
export function maturesAt(
  { pending, time_zone }: Pick<Life, 'pending' | 'time_zone'>,
  earnedAt: Instant,
): Instant | null {
  if (pending === 'immediate') return null;
  return startOfDay(addDays(localTime(earnedAt, time_zone).date, pending.days), time_zone);
}

const monthsOf: Readonly<Record<Exclude<RoundUp, 'day'>, number>> = {
  month: 1,
  quarter: 3,
  half_year: 6,
  year: 12,
};

function dayAfter(date: string, roundUp: RoundUp): string {
  return roundUp === 'day' ? addDays(date, 1) : afterSpanOf(date, monthsOf[roundUp]);
}

function wallClockMs(instant: Instant, timeZone: string): number {
  const { hour, minute } = localTime(instant, timeZone);
  // Offsets are whole minutes: what is below a minute reads the same everywhere.
  const belowMinuteMs = ((instant % 60_000) + 60_000) % 60_000;
  return (hour * 60 + minute) * 60_000 + belowMinuteMs;
}
