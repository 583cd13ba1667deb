// Tiers: by what was done in the period, up at once, down at its end alone and by one step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everydayProgram } from './program/shipped.ts';
import { currentSpan, endedSpan, nextTier, tierOf, type TierTerms } from './tiers.ts';

const everyday = everydayProgram();
const tiers = everyday.tiers as TierTerms;
const at = (text: string) => Date.parse(text);
const yearly = { time_zone: 'Europe/Vienna', tiers };
const rolling = {
  time_zone: 'Europe/Vienna',
  tiers: { ...tiers, period: { kind: 'rolling' as const, months: 12 } },
};
const march = at('2026-03-31T10:00:00Z');
const newYear = at('2026-12-31T23:00:00Z');

const held = (tier: string, until: number) => ({ tier, until });
const table: readonly [string, Parameters<typeof tierOf>, string, string][] = [
  ['nothing yet', [yearly, { current: 0, ended: 0 }, march, null], 'none', 'blue'],
  ['one below', [yearly, { current: 9_999, ended: 0 }, march, null], 'none', 'blue'],
  ['reached', [yearly, { current: 10_000, ended: 0 }, march, null], 'upgraded', 'silver'],
  ['two at once', [yearly, { current: 40_000, ended: 0 }, march, null], 'upgraded', 'gold'],
  [
    'points that were taken back cost no tier in the period',
    [yearly, { current: 100, ended: 0 }, march, held('gold', newYear)],
    'none',
    'gold',
  ],
  [
    'qualified again',
    [yearly, { current: 0, ended: 41_000 }, newYear, held('gold', newYear)],
    'kept',
    'gold',
  ],
  [
    'a soft landing: one step, not two',
    [yearly, { current: 0, ended: 0 }, newYear, held('gold', newYear)],
    'downgraded',
    'silver',
  ],
  [
    'where they qualify, without',
    [
      { ...yearly, tiers: { ...tiers, soft_landing: false } },
      { current: 0, ended: 0 },
      newYear,
      held('gold', newYear),
    ],
    'downgraded',
    'blue',
  ],
  [
    'qualified in the months of grace',
    [yearly, { current: 40_000, ended: 0 }, newYear, held('gold', newYear)],
    'kept',
    'gold',
  ],
  [
    'a tier that is gone counts as the lowest',
    [yearly, { current: 10_000, ended: 0 }, march, held('platinum', newYear)],
    'upgraded',
    'silver',
  ],
];

for (const [name, asked, change, tier] of table) {
  test(`a tier: ${name}`, () => {
    const found = tierOf(...asked);
    assert.deepEqual([found.change, found.tier], [change, tier]);
  });
}

test('a tier is held to the end of the year of the programme, or for so many months', () => {
  const done = { current: 10_000, ended: 0 };
  assert.equal(tierOf(yearly, done, march, null).until, newYear);
  // The first instant of the day, in summer time.
  assert.equal(tierOf(rolling, done, march, null).until, at('2027-03-30T22:00:00Z'));
  const graced = { ...yearly, tiers: { ...tiers, grace_months: 3 } };
  assert.equal(tierOf(graced, done, march, null).until, at('2027-03-31T22:00:00Z'));
});

test('what counts lies within the period', () => {
  assert.deepEqual(currentSpan(yearly, march), {
    from: at('2025-12-31T23:00:00Z'),
    until: march + 1,
  });
  assert.equal(currentSpan(rolling, march).from, at('2025-03-30T22:00:00Z'));
  assert.deepEqual(endedSpan(yearly, newYear), {
    from: at('2025-12-31T23:00:00Z'),
    until: newYear,
  });
  const graced = { ...yearly, tiers: { ...tiers, grace_months: 3 } };
  assert.deepEqual(endedSpan(graced, at('2027-03-31T22:00:00Z')), {
    from: at('2025-12-31T23:00:00Z'),
    until: newYear,
  });
});

test('the way to the next tier is what is missing of it', () => {
  assert.deepEqual(nextTier(tiers, { tier: 'blue', current: 2_500 }), {
    ...{ tier: 'silver', threshold: 10_000, missing: 7_500 },
  });
  assert.equal(nextTier(tiers, { tier: 'gold', current: 0 }), null);
});
