// A limit's counter: what was used of it within its window, in buckets of time.
//
// A sliding window is sixty buckets and the one that is just leaving it, so what it counts may be
// up to two buckets too old, and nothing is left out; a calendar window is one bucket. Time only
// advances: what a slower clock takes is counted in the newest bucket.
import { type Consume, dateIn, type Instant, type LimitWindow, nextDay, startOfDay } from '#core';

/**
 * The number of the newest bucket, what that holds, and what those before it hold, back to the
 * first that holds anything. Never changed in place.
 */
export type Counter = readonly number[];

export const unused: Counter = [];

/** Where an instant lies in a window: the number of its bucket, and how many buckets count. */
export type Place = { readonly bucket: number; readonly buckets: number };

export const bucketsPerWindow = 60;

export function placeOf(window: LimitWindow, instant: Instant): Place {
  if (window.kind === 'calendar') return { bucket: startOfPeriod(window, instant), buckets: 1 };
  const { seconds } = window;
  const bucketSeconds = Math.max(1, Math.ceil(seconds / bucketsPerWindow));
  return {
    bucket: Math.floor(instant / (bucketSeconds * 1000)),
    buckets: Math.ceil(seconds / bucketSeconds) + 1,
  };
}

/** What counts at a place: all but what has left the window by then. */
export function usedAt(counter: Counter, place: Place): number {
  const counted = place.buckets - Math.max(0, place.bucket - headOf(counter));
  const end = Math.min(counted + 1, counter.length);
  let used = 0;
  for (let at = 1; at < end; at += 1) used += counter[at] as number;
  return used;
}

/** With the place's bucket as the newest one, and without those that have left the window. */
export function advance(counter: Counter, { bucket, buckets }: Place): Counter {
  const passed = bucket - headOf(counter);
  if (passed <= 0 && counter.length > 0) return counter;
  let end = Math.min(counter.length, 1 + Math.max(0, buckets - passed));
  while (end > 1 && counter[end - 1] === 0) end -= 1;
  if (end <= 1) return [bucket, 0];
  return [bucket, ...Array<number>(passed).fill(0), ...counter.slice(1, end)];
}

/** Adds to a bucket, or takes from it; a bucket that was forgotten counts no more. */
export function addTo(counter: Counter, bucket: number, amount: number): Counter {
  const at = 1 + headOf(counter) - bucket;
  const before = at === 0 ? undefined : counter[at];
  return before === undefined ? counter : counter.with(at, Math.max(0, before + amount));
}

export function headOf(counter: Counter): number {
  return counter[0] ?? 0;
}

/**
 * What tells a counter from the others of its key: `86400s amount card-daily`. A limit that is
 * given another measure or window is another counter.
 */
export function counterName({ limit, measure, window }: Counted): string {
  const time =
    window.kind === 'sliding' ? `${window.seconds}s` : `${window.unit}/${window.time_zone}`;
  return `${time} ${measure} ${limit}`;
}

type Counted = Pick<Consume, 'limit' | 'measure' | 'window'>;

/** The inverse: neither a zone nor a measure has a blank in it. */
export function countedBy(name: string): Counted {
  const [time = '', measure] = name.split(' ', 2);
  const limit = name.slice(time.length + String(measure).length + 2);
  const slash = time.indexOf('/');
  const window =
    slash < 0
      ? { kind: 'sliding' as const, seconds: Number.parseInt(time, 10) }
      : {
          kind: 'calendar' as const,
          unit: time.slice(0, slash) as Calendar['unit'],
          time_zone: time.slice(slash + 1),
        };
  return { limit, measure: measure as Counted['measure'], window };
}

// Calendar periods --------------------------------------------------------------------------------

type Calendar = LimitWindow & { readonly kind: 'calendar' };
type Period = { readonly start: Instant; readonly end: Instant };

/** By unit and zone, the period that was asked for last: asking the calendar takes long. */
const lastPeriods = new Map<string, Period>();

function startOfPeriod(window: Calendar, instant: Instant): Instant {
  const name = `${window.unit} ${window.time_zone}`;
  let period = lastPeriods.get(name);
  if (period === undefined || instant < period.start || instant >= period.end) {
    period = periodOf(window, instant);
    lastPeriods.set(name, period);
  }
  return period.start;
}

function periodOf({ unit, time_zone: timeZone }: Calendar, instant: Instant): Period {
  const first = firstDay(unit, dateIn(instant, timeZone));
  let next = nextDay(first);
  while (firstDay(unit, next) === first) next = nextDay(next);
  return { start: startOfDay(first, timeZone), end: startOfDay(next, timeZone) };
}

/** ISO 8601: a week begins on its Monday. */
function firstDay(unit: Calendar['unit'], date: string): string {
  if (unit === 'day') return date;
  if (unit === 'month') return `${date.slice(0, 8)}01`;
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}
