import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Calendar, dueAt } from './business-hours.ts';

const hours = { days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' };
const berlin: Calendar = { hours, timeZone: 'Europe/Berlin', holidays: new Set(['2026-05-01']) };
const newYork: Calendar = { hours, timeZone: 'America/New_York', holidays: new Set() };

/** When it was opened, what was promised in minutes, and when that is due. */
const promises: readonly (readonly [string, Calendar, string, number, string])[] = [
  ['on a Monday morning', berlin, '2026-01-05T09:00+01:00', 240, '2026-01-05T13:00+01:00'],
  ['before the bank opens', berlin, '2026-01-05T03:00+01:00', 60, '2026-01-05T10:00+01:00'],
  ['that the day is just enough for', berlin, '2026-01-05T09:00Z', 420, '2026-01-05T16:00Z'],
  ['after it has closed', berlin, '2026-01-05T20:00+01:00', 60, '2026-01-06T10:00+01:00'],
  ['over the night', berlin, '2026-01-05T16:00+01:00', 120, '2026-01-06T10:00+01:00'],
  ['over a weekend', berlin, '2026-01-09T16:30+01:00', 60, '2026-01-12T09:30+01:00'],
  ['over a holiday and a weekend', berlin, '2026-04-30T16:00+02:00', 120, '2026-05-04T10:00+02:00'],
  ['while clocks go forward', berlin, '2026-03-27T16:00+01:00', 120, '2026-03-30T10:00+02:00'],
  ['while clocks go back', berlin, '2026-10-23T16:00+02:00', 120, '2026-10-26T10:00+01:00'],
  ['on another continent', newYork, '2026-03-06T16:00-05:00', 120, '2026-03-09T10:00-04:00'],
  ['of more than a week', berlin, '2026-01-05T09:00+01:00', 6 * 480, '2026-01-12T17:00+01:00'],
];
for (const [when, calendar, from, minutes, due] of promises) {
  test(`${minutes} minutes promised ${when} are due at ${due}`, () => {
    const found = dueAt(Date.parse(from), minutes, calendar);
    assert.equal(new Date(found).toISOString(), new Date(due).toISOString());
  });
}

test('exactly the minutes promised are worked until it is due, whenever it was opened', () => {
  const minute = 60_000;
  const first = Date.parse('2026-01-01') / minute;
  const opened = fc.integer({ min: first, max: first + 366 * 1_440 });
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
  // Also hours in which clocks change.
  const day = fc.constantFrom(hours, { days: [1, 6, 7], from: '00:00', to: '04:30' });
  fc.assert(
    fc.property(opened, fc.integer({ min: 1, max: 700 }), zone, day, (at, m, timeZone, worked) => {
      const calendar = { ...berlin, timeZone, hours: worked };
      const due = dueAt(at * minute, m, calendar);
      let count = 0;
      for (let now = at * minute; now < due; now += minute) if (isOpen(now, calendar)) count += 1;
      assert.equal(count, m);
      assert.ok(isOpen(due - minute, calendar), 'not a minute later than that');
    }),
    { numRuns: 40 },
  );
});

const clocks = new Map<string, Intl.DateTimeFormat>();

/** By the clock on the wall alone. */
function isOpen(at: number, { hours: { days, from, to }, timeZone, holidays }: Calendar): boolean {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  clocks.set(timeZone, clock);
  const [date = '', time = ''] = clock.format(at).split(' ');
  const isFree = holidays.has(date) || !days.includes(new Date(date).getUTCDay() || 7);
  return !isFree && time >= from && time < to;
}

test('a calendar without a day of work keeps its promises by the clock', () => {
  const free = { ...berlin, holidays: new Set(everyDay('2026-01-01', 1_200)) };
  const from = Date.parse('2026-01-05T09:00Z');
  assert.equal(dueAt(from, 60, free), from + 3_600_000);
});

function everyDay(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, day) =>
    new Date(Date.parse(from) + day * 86_400_000).toISOString().slice(0, 10),
  );
}
