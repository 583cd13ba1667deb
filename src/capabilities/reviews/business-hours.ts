// Business hours: when something is due that was promised within minutes of work.
import { assert, type Instant } from '#core';
import { dateIn, nextDay } from '#money';

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
  const utc = Date.parse(`${date}T${time}:00Z`);
  // The offset before the change, tried first, is right but for the hours behind the change.
  const early = utc - offsetMs(utc - 86_400_000, timeZone);
  const exact = utc - offsetMs(early, timeZone);
  return offsetMs(exact, timeZone) === offsetMs(early, timeZone) ? exact : early;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function offsetMs(instant: Instant, timeZone: string): number {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    clocks.set(timeZone, clock);
  }
  const parts = clock.formatToParts(instant);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
  assert(match, `${timeZone} has an offset`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}
