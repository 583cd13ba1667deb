import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiresAt, type Life, maturesAt } from './expiry.ts';

type Expiry = Life['expiry'];
const iso = (instant: number | null) => (instant === null ? null : new Date(instant).toISOString());
const calendar = (
  months: number,
  round_up_to: 'day' | 'month' | 'quarter' | 'half_year' | 'year' = 'day',
): Expiry => ({ kind: 'calendar', months, round_up_to, from: 'earning' });
const ends = (expiry: Expiry, earned: string, time_zone = 'UTC', active?: string) =>
  iso(
    expiresAt(
      { expiry, time_zone },
      Date.parse(earned),
      active === undefined ? undefined : Date.parse(active),
    ),
  );

test('31 January and one month is the end of 28 February, in a leap year of the 29th', () => {
  assert.equal(ends(calendar(1), '2026-01-31T10:00:00Z'), '2026-03-01T00:00:00.000Z');
  assert.equal(ends(calendar(1), '2028-01-31T10:00:00Z'), '2028-03-01T00:00:00.000Z');
  assert.equal(ends(calendar(1), '2028-01-30T10:00:00Z'), '2028-03-01T00:00:00.000Z');
  assert.equal(ends(calendar(12), '2028-02-29T10:00:00Z'), '2029-03-01T00:00:00.000Z');
  assert.equal(ends(calendar(1, 'month'), '2026-01-31T10:00:00Z'), '2026-03-01T00:00:00.000Z');
});

test('no month at all is the midnight that ends the day', () => {
  assert.equal(ends(calendar(0), '2026-01-31T10:00:00Z'), '2026-02-01T00:00:00.000Z');
  assert.equal(ends(calendar(0), '2026-01-31T00:00:00Z'), '2026-02-01T00:00:00.000Z');
  assert.equal(ends(calendar(0), '2026-01-31T23:59:59.999Z'), '2026-02-01T00:00:00.000Z');
});

test('months are rounded up to the end of a month, quarter, half-year or year', () => {
  const earned = '2026-05-15T14:30:00Z';
  assert.equal(ends(calendar(6), earned), '2026-11-16T00:00:00.000Z');
  assert.equal(ends(calendar(6, 'month'), earned), '2026-12-01T00:00:00.000Z');
  assert.equal(ends(calendar(6, 'quarter'), earned), '2027-01-01T00:00:00.000Z');
  assert.equal(ends(calendar(3, 'quarter'), earned), '2026-10-01T00:00:00.000Z');
  assert.equal(ends(calendar(0, 'half_year'), earned), '2026-07-01T00:00:00.000Z');
  assert.equal(ends(calendar(2, 'half_year'), earned), '2027-01-01T00:00:00.000Z');
  assert.equal(ends(calendar(24, 'year'), earned), '2029-01-01T00:00:00.000Z');
  assert.equal(ends(calendar(24, 'year'), '2026-12-31T23:00:00Z'), '2029-01-01T00:00:00.000Z');
});

test('a rolling expiry is to the minute, by the clock on the wall', () => {
  const rolling = (months: number): Expiry => ({ kind: 'rolling', months, from: 'earning' });
  assert.equal(ends(rolling(1), '2026-01-31T10:20:30.400Z'), '2026-02-28T10:20:30.400Z');
  // Noon in winter is an hour before noon in summer.
  assert.equal(
    ends(rolling(5), '2026-01-15T11:00:00Z', 'Europe/Vienna'),
    '2026-06-15T10:00:00.000Z',
  );
  // 02:30 on the night when clocks go forward is 03:30.
  assert.equal(
    ends(rolling(1), '2026-02-28T01:30:00Z', 'Europe/Vienna'),
    '2026-03-28T01:30:00.000Z',
  );
  assert.equal(
    ends({ kind: 'rolling', months: 2, from: 'earning' }, '2026-01-29T01:30:00Z', 'Europe/Vienna'),
    '2026-03-29T01:30:00.000Z',
  );
  assert.equal(ends({ kind: 'never' }, '2026-01-31T10:20:30Z'), null);
});

test('days and months are those of the programme, not of UTC', () => {
  // 31 January 23:30 in New York is 1 February in UTC.
  assert.equal(
    ends(calendar(1), '2026-02-01T04:30:00Z', 'America/New_York'),
    '2026-03-01T05:00:00.000Z',
  );
  // The end of March in Vienna, which has summer time by then.
  assert.equal(
    ends(calendar(1, 'month'), '2026-02-10T12:00:00Z', 'Europe/Vienna'),
    '2026-03-31T22:00:00.000Z',
  );
  // In Beirut clocks skip midnight of 29 March 2026: the day begins at one.
  assert.equal(
    ends(calendar(1), '2026-02-28T12:00:00Z', 'Asia/Beirut'),
    '2026-03-28T22:00:00.000Z',
  );
  assert.equal(
    ends(calendar(1), '2026-01-31T18:20:00Z', 'Asia/Kathmandu'),
    '2026-03-01T18:15:00.000Z',
  );
});

test('counted from the last activity, an older one does not bring the end forward', () => {
  const expiry: Expiry = { kind: 'rolling', months: 12, from: 'last_activity' };
  const earned = '2026-01-10T00:00:00Z';
  assert.equal(ends(expiry, earned), '2027-01-10T00:00:00.000Z');
  assert.equal(ends(expiry, earned, 'UTC', '2026-07-01T00:00:00Z'), '2027-07-01T00:00:00.000Z');
  assert.equal(ends(expiry, earned, 'UTC', '2025-07-01T00:00:00Z'), '2027-01-10T00:00:00.000Z');
  const other: Expiry = { ...expiry, from: 'earning' };
  assert.equal(ends(other, earned, 'UTC', '2026-07-01T00:00:00Z'), '2027-01-10T00:00:00.000Z');
});

test('points wait for whole days of the calendar, whatever days they are', () => {
  const matures = (pending: Life['pending'], earned: string, time_zone = 'UTC') =>
    iso(maturesAt({ pending, time_zone }, Date.parse(earned)));
  assert.equal(matures('immediate', '2026-05-15T14:30:00Z'), null);
  // A Friday: Saturday and Sunday count.
  assert.equal(matures({ days: 5 }, '2026-05-15T14:30:00Z'), '2026-05-20T00:00:00.000Z');
  assert.equal(
    matures({ days: 1 }, '2026-03-28T12:00:00Z', 'Europe/Vienna'),
    '2026-03-28T23:00:00.000Z',
  );
  assert.equal(
    matures({ days: 2 }, '2026-03-28T12:00:00Z', 'Europe/Vienna'),
    '2026-03-29T22:00:00.000Z',
  );
});
