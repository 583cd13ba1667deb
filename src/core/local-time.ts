// Days and clocks of a time zone. Offsets are remembered: many ask for those of one moment.
import { assert } from './assert.ts';
import type { Instant } from './clock.ts';

export type LocalTime = {
  /** ISO date. */
  readonly date: string;
  readonly hour: number;
  readonly minute: number;
  /** Monday is 1. */
  readonly weekday: number;
};

/** A day of 24 hours, which a calendar day need not have. */
export const dayMs = 86_400_000;

export function localTime(instant: Instant, timeZone: string): LocalTime {
  const local = new Date(instant + offsetMs(instant, timeZone));
  return {
    date: local.toISOString().slice(0, 10),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    weekday: local.getUTCDay() || 7,
  };
}

/** The ISO date of an instant in an IANA time zone. */
export function dateIn(instant: Instant, timeZone: string): string {
  return localTime(instant, timeZone).date;
}

/** The first instant that has an ISO date: where clocks skip midnight, the hour after it. */
export function startOfDay(date: string, timeZone: string): Instant {
  const utc = Date.parse(`${date}T00:00:00Z`);
  // By the offset of the day before and of the day after: they differ where clocks change.
  const midnights = [utc - dayMs, utc + dayMs].map((near) => utc - offsetMs(near, timeZone));
  const reached = midnights.filter((each) => dateIn(each, timeZone) >= date);
  return Math.min(...reached);
}

/** So long after midnight by the clock of the wall; a time that clocks skip is that much later. */
export function instantOn(date: string, sinceMidnightMs: number, timeZone: string): Instant {
  const utc = Date.parse(`${date}T00:00:00Z`) + sinceMidnightMs;
  const before = utc - offsetMs(utc - dayMs, timeZone);
  const exact = utc - offsetMs(before, timeZone);
  return offsetMs(exact, timeZone) === offsetMs(before, timeZone) ? exact : before;
}

/** The day after an ISO date. */
export function nextDay(date: string): string {
  return addDays(date, 1);
}

/** The date so many days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** The date so many months later; of a month that is too short, its last day. */
export function addMonths(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const index = year * 12 + month - 1 + months;
  const [wantedYear, wantedMonth] = [Math.floor(index / 12), (index % 12) + 1];
  const lastDay = new Date(Date.UTC(wantedYear, wantedMonth, 0)).getUTCDate();
  return isoDate(wantedYear, wantedMonth, Math.min(day, lastDay));
}

/** The first day after the span of so many months, counted from January, in which the date lies. */
export function afterSpanOf(date: string, months: number): string {
  const [year = 0, month = 1] = date.split('-').map(Number);
  const index = year * 12 + Math.ceil(month / months) * months;
  return isoDate(Math.floor(index / 12), (index % 12) + 1, 1);
}

function isoDate(year: number, month: number, day: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

// Offsets -----------------------------------------------------------------------------------------

const offsetsKept = 10_000;
const clocks = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

function offsetMs(instant: Instant, timeZone: string): number {
  // Clocks have changed at odd minutes, but never within a second.
  const second = Math.floor(instant / 1000);
  let known = offsets.get(timeZone);
  const remembered = known?.get(second);
  if (remembered !== undefined) return remembered;
  const found = readOffsetMs(second * 1000, timeZone);
  // Only now, so that names of no zone are not kept.
  if (known === undefined || known.size >= offsetsKept) {
    known = new Map();
    offsets.set(timeZone, known);
  }
  known.set(second, found);
  return found;
}

function readOffsetMs(instant: Instant, timeZone: string): number {
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
