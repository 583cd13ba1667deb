// A limit's counter: what was used of it within its window, in buckets of time.
//
// A sliding window is sixty buckets and the one that is just leaving it, so what it counts may be
// up to two buckets too old, and nothing is left out; a calendar window is one bucket. Time only
// advances: what a slower clock takes is counted in the newest bucket.
import {
  canonicalJson,
  type Consume,
  type Instant,
  type LimitWindow,
  namedUuid,
  type Uuid,
} from '#core';
import { dateIn, nextDay, startOfDay } from './settings.ts';
import type { CounterState } from './state.ts';

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
export function usedAt({ head, buckets }: Pick<CounterState, 'head' | 'buckets'>, place: Place) {
  const counted = place.buckets - Math.max(0, place.bucket - head);
  let used = 0;
  for (let age = 0; age < counted && age < buckets.length; age += 1) used += buckets[age] as number;
  return used;
}

/** Makes the place's bucket the newest, and forgets those that have left the window. */
export function advance(counter: CounterState, { bucket, buckets }: Place): void {
  const passed = bucket - counter.head;
  if (passed <= 0 && counter.buckets.length > 0) return;
  const kept = passed < buckets ? counter.buckets.slice(0, buckets - passed) : [];
  const empty = kept.length === 0 ? 1 : passed;
  counter.buckets = [...Array<number>(empty).fill(0), ...kept];
  counter.head = bucket;
}

/** Adds to a bucket, or takes from it; a bucket that was forgotten counts no more. */
export function addTo(counter: CounterState, bucket: number, amount: number): void {
  const age = counter.head - bucket;
  const before = counter.buckets[age];
  if (before === undefined) return;
  counter.buckets = counter.buckets.with(age, Math.max(0, before + amount));
}

/** A limit that is given another measure or window is another counter. */
export function counterId({ limit, key, measure, window }: Consume): Uuid {
  return namedUuid(canonicalJson([limit, key, measure, window]));
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
