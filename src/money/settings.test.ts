import assert from 'node:assert/strict';
import { test } from 'node:test';
import { businessDayFrom } from './settings.ts';

test('business days skip weekends and holidays', () => {
  const holidays = new Set(['2026-12-25', '2026-12-28']);
  assert.equal(businessDayFrom('2026-12-24', holidays), '2026-12-24');
  assert.equal(businessDayFrom('2026-12-25', holidays), '2026-12-29');
  assert.equal(businessDayFrom('2026-12-26', new Set()), '2026-12-28');
});
