import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitWindow } from '#core';
import fc from 'fast-check';
import {
  addTo,
  advance,
  bucketsPerWindow,
  type Counter,
  countedBy,
  counterName,
  headOf,
  placeOf,
  unused,
  usedAt,
} from './counter.ts';

function take(counter: Counter, window: LimitWindow, instant: number, amount: number): Counter {
  const now = advance(counter, placeOf(window, instant));
  return addTo(now, headOf(now), amount);
}

const calendar = (unit: 'day' | 'week' | 'month', time_zone: string): LimitWindow => ({
  kind: 'calendar',
  unit,
  time_zone,
});

const takes = fc.array(
  fc.record({ waitMs: fc.integer({ min: -5_000, max: 90_000 }), amount: fc.nat(1_000) }),
  { minLength: 1, maxLength: 80 },
);

test('a sliding window counts all that it holds, and at most two buckets more', () => {
  const window = fc.integer({ min: 1, max: 7_200 });
  fc.assert(
    fc.property(window, takes, (seconds, steps) => {
      let counter = unused;
      const sliding = { kind: 'sliding', seconds } as const;
      const bucketMs = Math.max(1, Math.ceil(seconds / bucketsPerWindow)) * 1000;
      const taken: { at: number; amount: number }[] = [];
      let clock = 1_800_000_000_000;
      let latest = 0;
      for (const { waitMs, amount } of steps) {
        clock += waitMs;
        // A clock that goes backwards stands still for the counter.
        latest = Math.max(latest, clock);
        counter = take(counter, sliding, clock, amount);
        taken.push({ at: latest, amount });
        const within = (ms: number) =>
          taken.reduce((sum, one) => sum + (one.at > latest - ms ? one.amount : 0), 0);
        const used = usedAt(counter, placeOf(sliding, clock));
        assert.ok(used >= within(seconds * 1000), 'never too little');
        assert.ok(used <= within(seconds * 1000 + 2 * bucketMs), 'two buckets too much at most');
      }
      const after = latest + seconds * 1000 + 2 * bucketMs;
      assert.equal(usedAt(counter, placeOf(sliding, after)), 0);
    }),
    { numRuns: 300 },
  );
});

test('a calendar day is as long as its zone says', () => {
  const cases: [string, string, string, string][] = [
    // Clocks go forward: 23 hours. Back: 25 hours. At midnight: the day begins at one.
    ['Europe/Paris', '2026-03-28T23:00:00Z', '2026-03-29T21:59:59.999Z', '2026-03-29T22:00:00Z'],
    ['Europe/Paris', '2026-10-24T22:00:00Z', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00Z'],
    ['America/Santiago', '2026-09-06T04:00:00Z', '2026-09-07T02:59:59Z', '2026-09-07T03:00:00Z'],
    ['Asia/Kolkata', '2026-01-04T18:30:00Z', '2026-01-05T18:29:59.999Z', '2026-01-05T18:30:00Z'],
  ];
  for (const [zone, first, last, next] of cases) {
    const bucketOf = (text: string) => placeOf(calendar('day', zone), Date.parse(text)).bucket;
    assert.equal(bucketOf(first), Date.parse(first), `${zone} ${first}`);
    assert.equal(bucketOf(last), Date.parse(first), `${zone} ${last}`);
    assert.equal(bucketOf(next), Date.parse(next), `${zone} ${next}`);
    assert.ok(bucketOf(new Date(Date.parse(first) - 1).toISOString()) < Date.parse(first));
  }
});

test('a week begins on its Monday, a month on its first', () => {
  const startOf = (unit: 'week' | 'month', text: string) =>
    new Date(placeOf(calendar(unit, 'Europe/Berlin'), Date.parse(text)).bucket).toISOString();
  assert.equal(startOf('week', '2026-01-04T22:59:59Z'), '2025-12-28T23:00:00.000Z');
  assert.equal(startOf('week', '2026-01-04T23:00:00Z'), '2026-01-04T23:00:00.000Z');
  assert.equal(startOf('week', '2026-03-29T12:00:00Z'), '2026-03-22T23:00:00.000Z');
  assert.equal(startOf('month', '2026-03-31T21:59:59Z'), '2026-02-28T23:00:00.000Z');
  assert.equal(startOf('month', '2026-03-31T22:00:00Z'), '2026-03-31T22:00:00.000Z');
});

test('a period that is over frees what was used, and a clock that goes back does not', () => {
  const window = calendar('day', 'Europe/Paris');
  let counter = unused;
  const [evening, midnight] = [Date.parse('2026-03-29T21:59:59Z'), Date.parse('2026-03-29T22:00Z')];
  counter = take(counter, window, evening, 70);
  assert.equal(usedAt(counter, placeOf(window, evening)), 70);
  assert.equal(usedAt(counter, placeOf(window, midnight)), 0);
  counter = take(counter, window, midnight, 5);
  counter = take(counter, window, evening, 6);
  assert.equal(usedAt(counter, placeOf(window, evening)), 11);
  assert.equal(usedAt(counter, placeOf(window, midnight)), 11);
});

test('what is given back leaves its own bucket, and never less than nothing', () => {
  const window = { kind: 'sliding', seconds: 60 } as const;
  let counter = unused;
  counter = take(counter, window, 100_000, 10);
  counter = take(counter, window, 110_000, 20);
  counter = addTo(counter, 100, -4);
  assert.equal(usedAt(counter, placeOf(window, 110_000)), 26);
  counter = addTo(counter, 100, -9);
  assert.equal(usedAt(counter, placeOf(window, 110_000)), 20);
  assert.equal(addTo(counter, 30, -20), counter, 'it had left the window');
  assert.equal(addTo(counter, 111, -20), counter, 'it is yet to come');
});

test('a limit of another window or measure is another counter, and its name tells all', () => {
  const base = {
    limit: 'daily',
    key: 'tenant',
    window: { kind: 'sliding', seconds: 60 },
    measure: 'amount',
    amount: 1,
    cap: 2,
    leg: 0,
  } as const;
  const others = [
    { ...base, limit: 'weekly' },
    { ...base, measure: 'count' as const },
    { ...base, window: { kind: 'sliding', seconds: 61 } as const },
    { ...base, window: calendar('month', 'America/Argentina/Buenos_Aires') },
    { ...base, limit: 'with blanks 60s amount' },
  ];
  const all = [base, ...others];
  assert.equal(new Set(all.map(counterName)).size, all.length);
  for (const each of all) {
    const { limit, measure, window } = each;
    assert.deepEqual(countedBy(counterName(each)), { limit, measure, window });
  }
});
