import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileProgram } from './compile.ts';
import { countersOf } from './counters.ts';
import type { EarnTerms } from './earning-terms.ts';
import { earnFacts, type EarnState } from './earning.ts';
import { evaluateEarning } from './evaluate.ts';
import type { EarnTransaction, Program } from './program.ts';
import { everydayProgram } from './shipped.ts';

/** A Friday. */
const now = Date.parse('2026-05-15T14:30:00Z');
const dinner: EarnTransaction = { kind: 'purchase', amount: 14_999, mcc: '5812' };
const dining = {
  id: 'dining',
  title: 'Dining',
  if: { mcc: "in ['5812', '5813']" },
  multiplier: '2',
};

function program(earn: Partial<EarnTerms>, more: Partial<Program> = {}): Program {
  const { tiers: _, ...everyday } = everydayProgram();
  const own = { ...everyday.earn, exclusions: [], rules: [], reward_of_spend_bps_max: 10_000 };
  const { caps: __, ...terms } = own;
  return { ...everyday, ...more, earn: { ...terms, ...earn } };
}

function earn(document: Program, transaction: EarnTransaction, used: EarnState['used'] = {}) {
  const compiled = compileProgram(document);
  const facts = earnFacts(transaction, { currency: document.currency, now });
  return evaluateEarning(compiled, facts, { used });
}

const points = (...args: Parameters<typeof earn>) => earn(...args).points;
const lines = (...args: Parameters<typeof earn>) =>
  earn(...args).trace.map(({ rule, why, worth, points: given }) => [rule, why, worth, given]);

test('a dinner for 149.99 earns 300 points: twice 149.99, rounded once', () => {
  const found = earn(everydayProgram(), dinner);
  assert.equal(found.points, 300);
  assert.deepEqual(found.parts, [
    { points: 300, campaign: null, rules: ['rate', 'dining'], reason: 'purchase' },
  ]);
  assert.equal(found.spend, 14_999);
  assert.equal(found.maturesAt, null);
  assert.equal(new Date(found.expiresAt ?? 0).toISOString(), '2028-07-01T00:00:00.000Z');
  const rules = { rules: [dining] };
  assert.equal(points(program({ ...rules, rounding: 'half_up' }), dinner), 300);
  assert.equal(points(program({ ...rules, rounding: 'down' }), dinner), 299);
  assert.equal(points(program({ ...rules, rounding: 'up' }), { ...dinner, amount: 15_001 }), 301);
});

test('the trace says of every line what it saw, what it was worth and what it gave', () => {
  assert.deepEqual(lines(program({ rules: [dining] }), dinner), [
    ['rate', 'gives', '149.99', 150],
    ['dining', 'gives', '149.99', 150],
  ]);
  const [rate, rule] = earn(program({ rules: [dining] }), dinner).trace;
  assert.deepEqual(rate?.saw, { kind: 'purchase', amount: 14_999 });
  assert.deepEqual(rule?.saw, { mcc: '5812' });
  const { mcc: _, ...unknown } = dinner;
  const missing = earn(program({ rules: [dining] }), unknown);
  assert.equal(missing.points, 150);
  assert.deepEqual(missing.trace[1], {
    ...{ rule: 'dining', campaign: null, held: false, why: 'fact_missing' },
    ...{ saw: { mcc: null }, worth: '0', points: 0, cuts: [] },
  });
  const other = earn(program({ rules: [dining] }), { ...dinner, mcc: '5411' });
  assert.equal(other.trace[1]?.why, 'condition_does_not_hold');
});

test('points are rounded once: what lines are worth adds up before', () => {
  const half = { ...dining, id: 'half', multiplier: '1.5' };
  // 0.49 + 0.49 + 0.245 is 1.225; each rounded by itself would give nothing.
  const tiny = { ...dinner, amount: 49 };
  assert.equal(points(program({ rules: [dining, half], stacking: 'add' }), tiny), 1);
  const thirds = program({ rates: { purchase: { points: 1, per: 300 } }, rules: [dining] });
  assert.deepEqual(lines(thirds, { ...dinner, amount: 100 }), [
    ['rate', 'gives', '1/3', 0],
    ['dining', 'gives', '1/3', 1],
  ]);
});

test('multipliers stack as the programme says', () => {
  const triple = { ...dining, id: 'friday', if: { weekday: '== 5' }, multiplier: '3' };
  const rules = [dining, triple];
  const hundred = { ...dinner, amount: 10_000 };
  assert.equal(points(program({ rules, stacking: 'best' }), hundred), 300);
  assert.equal(points(program({ rules, stacking: 'add' }), hundred), 400);
  assert.equal(points(program({ rules, stacking: 'multiply' }), hundred), 600);
  assert.deepEqual(lines(program({ rules, stacking: 'best' }), hundred), [
    ['rate', 'gives', '100', 100],
    ['dining', 'another_multiplies_more', '0', 0],
    ['friday', 'gives', '200', 200],
  ]);
  const half = { ...dining, id: 'half', multiplier: '0.5' };
  assert.equal(points(program({ rules: [half], stacking: 'best' }), hundred), 50);
  assert.equal(points(program({ rules: [half, dining], stacking: 'best' }), hundred), 200);
  assert.equal(points(program({ rules: [half, dining], stacking: 'add' }), hundred), 150);
  assert.equal(points(program({ rules: [half, dining], stacking: 'multiply' }), hundred), 100);
  const nothing = { ...dining, id: 'nothing', multiplier: '0' };
  assert.equal(points(program({ rules: [half, nothing], stacking: 'add' }), hundred), 0);
});

test('a tier multiplies like a rule', () => {
  const { tiers } = everydayProgram();
  const tiered = (stacking: EarnTerms['stacking']) =>
    program({ rules: [dining], stacking }, tiers ? { tiers } : {});
  const gold = { ...dinner, amount: 10_000, tier: 'gold' };
  assert.equal(points(tiered('add'), gold), 250);
  assert.equal(points(tiered('best'), gold), 200);
  assert.equal(points(tiered('multiply'), gold), 300);
  assert.equal(points(tiered('add'), { ...gold, mcc: '5999' }), 150);
  assert.deepEqual(lines(tiered('best'), gold)[1], [
    'tier:gold',
    'another_multiplies_more',
    '0',
    0,
  ]);
  assert.equal(points(tiered('add'), { ...gold, tier: 'platinum' }), 200);
});

test('a campaign gives its own part, from its budget and on top of what holds without it', () => {
  const partner = {
    ...{ id: 'partner', title: 'Partner', if: { partner: "== 'acme'" } },
    ...{ multiplier: '3', points: 50, campaign: 'spring' },
  };
  const hundred = { ...dinner, amount: 10_001, partner: 'acme' };
  const parts = (stacking: EarnTerms['stacking']) =>
    earn(program({ rules: [partner, dining], stacking }), hundred).parts.map((part) => [
      part.campaign,
      part.points,
    ]);
  assert.deepEqual(parts('add'), [
    [null, 200],
    ['spring', 250],
  ]);
  assert.deepEqual(parts('best'), [
    [null, 200],
    ['spring', 150],
  ]);
  assert.deepEqual(parts('multiply'), [
    [null, 200],
    ['spring', 450],
  ]);
  const found = earn(program({ rules: [partner, dining], stacking: 'add' }), hundred);
  assert.equal(found.points, 450);
  assert.deepEqual(found.parts[1]?.rules, ['partner']);
  const { partner: _, ...alone } = hundred;
  assert.equal(earn(program({ rules: [partner, dining] }), alone).parts.length, 1);
});

test('a campaign counts within its window, by the instant whose rules count', () => {
  const rule = {
    ...{ ...dining, from: '2026-05-15T00:00:00Z', until: '2026-05-16T00:00:00Z' },
    campaign: 'day',
  };
  const at = (occurred_at: string, authorized_at?: string) => ({
    ...dinner,
    occurred_at,
    ...(authorized_at === undefined ? {} : { authorized_at }),
  });
  const byAuthorization = program({ rules: [rule] }, { rules_as_of: 'authorization' });
  const byPosting = program({ rules: [rule] }, { rules_as_of: 'posting' });
  const late = at('2026-05-17T08:00:00Z', '2026-05-15T20:00:00Z');
  assert.equal(points(byAuthorization, late), 300);
  assert.equal(points(byPosting, late), 150);
  assert.equal(earn(byPosting, late).trace[1]?.why, 'over');
  assert.equal(points(byAuthorization, at('2026-05-15T23:59:59.999Z')), 300);
  assert.equal(points(byAuthorization, at('2026-05-16T00:00:00Z')), 150);
  assert.equal(points(byAuthorization, at('2026-05-15T00:00:00Z')), 300);
  assert.equal(earn(byAuthorization, at('2026-05-14T23:59:59Z')).trace[1]?.why, 'not_yet');
});

test('what is excluded earns nothing and counts as no spending', () => {
  const everyday = everydayProgram();
  for (const [mcc, id] of [
    ['6011', 'cash'],
    ['4829', 'own-transfers'],
    ['7995', 'gambling'],
    ['9222', 'fees'],
  ] as const) {
    const found = earn(everyday, { ...dinner, mcc });
    assert.deepEqual([found.points, found.spend, found.excluded, found.parts], [0, 0, id, []]);
    assert.deepEqual(found.trace.at(-1)?.saw, { mcc });
    assert.equal(found.trace.at(-1)?.why, 'excludes');
  }
  // Without a category nobody can tell whether it was cash: the trace says so.
  const { mcc: _, ...unknown } = dinner;
  const untold = earn(everyday, unknown).trace.filter(({ rule }) => rule.startsWith('exclusion'));
  assert.ok(untold.some(({ rule, why }) => rule === 'exclusion:cash' && why === 'fact_missing'));
  const foreign = earn(everyday, { ...dinner, currency: 'JPY' });
  assert.deepEqual([foreign.points, foreign.excluded], [0, 'other_currency']);
});

test('deposits, payments abroad and milestones earn as the programme says', () => {
  const everyday = everydayProgram();
  const deposit: EarnTransaction = { kind: 'deposit', amount: 100_000 };
  const first = earn(everyday, deposit);
  assert.deepEqual([first.points, first.spend], [100, 0]);
  assert.deepEqual(first.counted, {
    'member points month 2026-05': 100,
    'rule savings times month 2026-05': 1,
  });
  const second = earn(everyday, deposit, first.counted);
  assert.equal(second.points, 0);
  const step = second.trace.find(({ rule }) => rule === 'savings');
  assert.equal(step?.why, 'had_as_often_as_it_may');
  assert.equal(points(everyday, { ...deposit, amount: 99_999 }), 0);
  assert.equal(points(everyday, { kind: 'balance_milestone', amount: 1_000_000 }), 1_000);
  assert.equal(points(everyday, { kind: 'international_payment', amount: 30_000 }), 150);
});

test('caps clip, to the point, and the trace says what each took', () => {
  const capped = { ...dining, caps: [{ per: 'month' as const, points: 100 }] };
  const monthly = program({ rules: [capped] });
  const found = earn(monthly, dinner, { 'rule dining points month 2026-05': 40 });
  assert.equal(found.points, 210);
  assert.deepEqual(found.trace[1], {
    ...{ rule: 'dining', campaign: null, held: true, why: 'gives', saw: { mcc: '5812' } },
    ...{ worth: '149.99', points: 60 },
    cuts: [{ by: 'rule dining points month 2026-05', worth: '89.99' }],
  });
  assert.deepEqual(found.counted, { 'rule dining points month 2026-05': 60 });
  const used = { 'rule dining points month 2026-05': 100 };
  assert.equal(points(monthly, dinner, used), 150);
  // The cap of another month has nothing to do with it.
  assert.equal(points(monthly, { ...dinner, occurred_at: '2026-06-01T00:00:00Z' }, used), 250);
  const daily = program({
    rules: [{ ...dining, campaign: 'spring' }],
    caps: [{ per: 'day', points: 200 }],
  });
  const parts = earn(daily, dinner).parts.map((part) => [part.campaign, part.points]);
  assert.deepEqual(parts, [
    [null, 150],
    ['spring', 50],
  ]);
  const transaction = program({ caps: [{ per: 'transaction', points: 10 }] });
  assert.deepEqual([points(transaction, dinner), earn(transaction, dinner).counted], [10, {}]);
});

test('counters are named by the calendar of the programme', () => {
  const caps = ['day', 'week', 'month', 'quarter', 'year', 'ever'] as const;
  const document = program(
    { caps: caps.map((per) => ({ per, points: 1_000 })) },
    { time_zone: 'America/New_York' },
  );
  const occurredAt = Date.parse('2026-06-01T03:00:00Z');
  assert.deepEqual(countersOf(compileProgram(document), { occurredAt }), [
    'member points day 2026-05-31',
    'member points week 2026-05-25',
    'member points month 2026-05',
    'member points quarter 2026-Q2',
    'member points year 2026',
    'member points ever',
  ]);
});

test('no amount earns more of it than the programme allows', () => {
  // Four times 1.00 is four points of half a cent: 2 % of it.
  const document = program({
    rules: [{ ...dining, multiplier: '4' }],
    reward_of_spend_bps_max: 100,
  });
  const found = earn(document, { ...dinner, amount: 10_000 });
  assert.equal(found.points, 200);
  assert.deepEqual(found.trace[1]?.cuts, [{ by: 'reward of spend', worth: '200' }]);
  const up = program({ rounding: 'up', reward_of_spend_bps_max: 100 });
  assert.equal(points(up, { ...dinner, amount: 40 }), 0);
});

test('the largest amount earns what the ledger can still post', () => {
  const document = program({
    rates: { purchase: { points: 1_000_000, per: 1 } },
    rules: [dining],
  });
  const found = earn(
    { ...document, point_value_micros: 1 },
    {
      ...dinner,
      amount: Number.MAX_SAFE_INTEGER,
    },
  );
  assert.equal(found.points, Number.MAX_SAFE_INTEGER);
  assert.equal(found.trace[0]?.cuts[0]?.by, 'largest number');
});
