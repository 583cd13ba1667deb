import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dateIn, nextDay, startOfDay } from './local-time.ts';

const zone = fc.constantFrom(
  'UTC',
  'Europe/Paris',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
  // These change their clocks at midnight: a day may begin at one o'clock.
  'Asia/Beirut',
  'Africa/Cairo',
  'America/Santiago',
  'America/Havana',
);
const date = fc
  .date({ min: new Date('2020-01-02'), max: new Date('2035-12-30'), noInvalidDate: true })
  .map((each) => each.toISOString().slice(0, 10));

test('a day begins at the first instant that has its date', () => {
  fc.assert(
    fc.property(date, zone, (day, timeZone) => {
      const start = startOfDay(day, timeZone);
      assert.equal(dateIn(start, timeZone), day);
      assert.ok(dateIn(start - 1, timeZone) < day);
    }),
    { numRuns: 300 },
  );
});

test('a day begins as its zone says on the days when clocks change', () => {
  const starts: [string, string, string][] = [
    ['2026-03-29', 'Europe/Paris', '2026-03-28T23:00:00.000Z'],
    ['2026-03-30', 'Europe/Paris', '2026-03-29T22:00:00.000Z'],
    ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z'],
    ['2026-11-02', 'America/New_York', '2026-11-02T05:00:00.000Z'],
    ['2026-03-29', 'Asia/Beirut', '2026-03-28T22:00:00.000Z'],
    ['2026-10-25', 'Asia/Beirut', '2026-10-24T22:00:00.000Z'],
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
    ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'],
    // Samoa went to the other side of the date line: it had no 30 December.
    ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2011-12-31', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ];
  for (const [day, timeZone, start] of starts) {
    assert.equal(new Date(startOfDay(day, timeZone)).toISOString(), start, `${day} ${timeZone}`);
  }
});

test('days follow one another over months and years', () => {
  assert.equal(nextDay('2028-02-28'), '2028-02-29');
  assert.equal(nextDay('2026-02-28'), '2026-03-01');
  assert.equal(nextDay('2026-12-31'), '2027-01-01');
});
