import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instantFromText, instantToText, systemClock } from './clock.ts';

test('an instant survives its text', () => {
  const [min, max] = [Date.parse('1900-01-01T00:00:00Z'), Date.parse('9999-12-30T23:59:59.999Z')];
  fc.assert(
    fc.property(fc.integer({ min, max }), (instant) => {
      assert.equal(instantFromText(instantToText(instant)), instant);
    }),
  );
});

test('offsets are understood, and what is finer than a millisecond is cut', () => {
  const noon = Date.parse('2026-04-30T12:00:00Z');
  assert.equal(instantFromText('2026-04-30T12:00:00Z'), noon);
  assert.equal(instantFromText('2026-04-30T14:00:00+02:00'), noon);
  assert.equal(instantFromText('2026-05-01T01:45:00+13:45'), noon);
  assert.equal(instantFromText('2026-04-30T12:00:00.123999999Z'), noon + 123);
});

test('a date that does not exist is no instant', () => {
  for (const text of [
    '2026-02-29T00:00:00Z',
    '2026-04-31T12:00:00+02:00',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01 12:00:00Z',
    '2026-01-01T12:00:00',
    '2026-01-01',
    'Thu, 01 Jan 2026 12:00:00 GMT',
    '+002026-01-01T12:00:00Z',
    '',
  ]) {
    assert.equal(instantFromText(text), undefined, text);
  }
  assert.notEqual(instantFromText('2028-02-29T00:00:00Z'), undefined);
});

test('an instant out of all books is refused: PostgreSQL could not read some of them', () => {
  for (const text of [
    '1899-12-31T23:59:59.999Z',
    '9999-12-31T00:00:00Z',
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
  ]) {
    assert.equal(instantFromText(text), undefined, text);
  }
});

test('the wall clock never goes back', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 5000 });
  const clock = systemClock();
  assert.equal(clock.now(), 5000);
  t.mock.timers.setTime(4000);
  assert.equal(clock.now(), 5000);
  t.mock.timers.setTime(6000);
  assert.equal(clock.now(), 6000);
});
