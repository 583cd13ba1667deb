// Business hours: when something is due that was promised within minutes of work.
import { dateIn, type Instant, instantOn, nextDay } from '#core';

export type BusinessHours = {
  /** ISO weekdays: 1 is Monday. */
  readonly days: readonly number[];
  /** Local times, `09:00`; the second is exclusive. */
  readonly from: string;
  readonly to: string;
};

export type Calendar = {
  readonly hours: BusinessHours;
  readonly timeZone: string;
  /** ISO dates on which nobody works. */
  readonly holidays: ReadonlySet<string>;
};

const minuteMs = 60_000;
/** More than any promise takes; where all of these days are free, the promise is kept by none. */
const daysMax = 1_000;

/** The instant at which `minutes` of business hours have passed since `from`. */
export function dueAt(from: Instant, minutes: number, calendar: Calendar): Instant {
  let left = minutes * minuteMs;
  let day = dateIn(from, calendar.timeZone);
  for (let days = 0; days < daysMax; days += 1, day = nextDay(day)) {
    const [opens, closes] = openingOf(day, calendar);
    const begins = Math.max(from, opens);
    const open = Math.max(0, closes - begins);
    if (open > 0 && left <= open) return begins + left;
    left -= open;
  }
  // A calendar without a day of work: time as it passes is better than never.
  return from + minutes * minuteMs;
}

/** From when to when a day is worked; from and to are one instant where it is free. */
function openingOf(date: string, { hours, timeZone, holidays }: Calendar): [Instant, Instant] {
  const opens = instantIn(date, hours.from, timeZone);
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  const isFree = holidays.has(date) || !hours.days.includes(weekday);
  return [opens, isFree ? opens : instantIn(date, hours.to, timeZone)];
}

/** A local time of a day as an instant; one that clocks skip is that much later. */
function instantIn(date: string, time: string, timeZone: string): Instant {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return instantOn(date, (hours * 60 + minutes) * minuteMs, timeZone);
}
