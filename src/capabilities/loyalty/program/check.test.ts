import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examineProgram } from './check.ts';
import { conditionTextMax } from './conditions.ts';
import type { EarnRule } from './earning-terms.ts';
import type { Program } from './program.ts';
import { everydayProgram } from './shipped.ts';

const at = Date.parse('2026-05-15T14:30:00Z');
const everyday = everydayProgram();
const bonus = { id: 'bonus', title: 'Bonus', points: 10 };

/** What is said of the programme with one rule more, which becomes the sixth. */
function ofRule(rule: Partial<EarnRule>, more: Partial<Program> = {}) {
  const rules = [...everyday.earn.rules, { ...bonus, ...rule }];
  const document = { ...everyday, ...more, earn: { ...everyday.earn, rules } };
  return examineProgram(document, { at }).flaws.map(({ pointer, detail }) => [
    pointer.replace('/earn/rules/5', ''),
    detail,
  ]);
}

const of = (more: object, before?: Program) =>
  examineProgram({ ...everyday, ...more }, { at, before }).flaws.map((flaw) => [
    flaw.pointer,
    flaw.detail,
  ]);

function ofRules(more: readonly EarnRule[]) {
  const rules = [...everyday.earn.rules, ...more];
  return of({ earn: { ...everyday.earn, rules } });
}

test('the programme that ships is sound, and each of its rules stands in an example', () => {
  const { flaws, untested, program } = examineProgram(everyday, { at });
  assert.deepEqual(flaws, []);
  assert.deepEqual(untested, []);
  assert.match(program?.version ?? '', /^everyday@[0-9a-f]{12}$/);
});

test('a mistake in a condition is told where it stands, with what may be said there', () => {
  assert.deepEqual(ofRule({ if: { mmc: "== '5812'" } }), [
    [
      '/if/mmc',
      'nothing is called "mmc": a condition may read kind, amount, currency, mcc, merchant, ' +
        'partner, channel, country, tier, customer, date, month, day, weekday, hour',
    ],
  ]);
  const [flaw] = ofRule({ if: { amount: "> '10'" } });
  assert.equal(flaw?.[0], '/if/amount');
  assert.match(flaw?.[1] ?? '', /integer and string/);
  // A cell cannot reach into what is looked at.
  assert.equal(ofRule({ if: { 'true || (mcc': "== '1')" } }).length, 1);
  assert.equal(ofRule({ if: { 'mcc/x': '== 1' } })[0]?.[0], '/if/mcc~1x');
});

test('a programme has no more conditions than can be looked at for each transaction', () => {
  const rules = Array.from({ length: 30 }, (_, rule) => ({
    ...bonus,
    id: `rule-${rule}`,
    if: Object.fromEntries(
      Array.from({ length: 20 }, (__, at) => [`amount + ${rule} - ${at}`, '> 0']),
    ),
  }));
  const [flaw] = of({ earn: { ...everyday.earn, rules } });
  assert.match(flaw?.[1] ?? '', /more than 500 conditions/);
});

test('different conditions have so many characters together, and no more is compiled', () => {
  const listed = (rule: number) =>
    Array.from({ length: 200 }, (_, each) => `'${1000 + rule * 7 + each}'`).join(', ');
  const found = (count: number, of: (rule: number) => number) =>
    ofRules(
      Array.from({ length: count }, (_, rule) => ({
        ...{ ...bonus, id: `rule-${rule}`, if: { mcc: `in [${listed(of(rule))}]` } },
      })),
    );
  const each = `(mcc) in [${listed(0)}]`.length;
  const most = Math.floor((conditionTextMax - each) / each);
  assert.deepEqual(
    found(most, (rule) => rule),
    [],
  );
  const [flaw, ...others] = found(195, (rule) => rule);
  assert.match(flaw?.[0] ?? '', /^\/earn\/rules\/\d+\/if\/mcc$/);
  assert.match(flaw?.[1] ?? '', /^goes past the 20000 characters that different conditions may/);
  assert.deepEqual(others, [], 'it is told once');
  assert.deepEqual(
    found(195, () => 0),
    [],
    'what is asked in the same words counts once',
  );
});

test('a rule that could never apply, or gives nothing, is refused', () => {
  const first = (rule: Partial<EarnRule>) => ofRule(rule)[0]?.join(' ') ?? '';
  assert.match(first({ if: { kind: "== 'purchases'" } }), /^\/if could never apply: kinds are/);
  assert.match(first({ if: { tier: "== 'platinum'" } }), /tiers blue, silver, gold$/);
  assert.match(first({ if: { '1': '> 2' } }), /^\/if could never apply/);
  assert.match(
    first({ from: '2026-07-01T00:00:00Z', until: '2026-06-01T00:00:00Z' }),
    /^\/until is not after from/,
  );
  assert.match(first({ until: '2026-05-15T14:30:00Z' }), /^\/until has passed/);
  assert.match(first({ from: '2026-02-30T00:00:00Z' }), /^\/from must match format "date-time"/);
  const { points: _, ...empty } = bonus;
  const rules = [{ ...empty, multiplier: '1.0' }];
  const found = of({ earn: { ...everyday.earn, rules } });
  assert.match(found[0]?.join(' ') ?? '', /^\/earn\/rules\/0 gives nothing/);
  const deposits = [{ ...empty, multiplier: '2', if: { kind: "== 'deposit'" } }];
  assert.match(
    of({ earn: { ...everyday.earn, rules: deposits } })[0]?.join(' ') ?? '',
    /^\/earn\/rules\/0\/multiplier multiplies nothing: there is no rate for deposit/,
  );
});

test('twins are told, and names that mean something else', () => {
  assert.deepEqual(ofRule({ id: 'dining' }), [['/id', '"dining" is there twice']]);
  assert.match(ofRule({ id: 'rate' })[0]?.[1] ?? '', /name the rule otherwise/);
  const day = { per: 'day', points: 5 } as const;
  assert.deepEqual(ofRule({ caps: [day, day] }), [['/caps/1/per', '"day" is there twice']]);
  assert.match(
    ofRule({ campaign: 'spring', multiplier: '0.5' })[0]?.join(' ') ?? '',
    /^\/multiplier takes away/,
  );
});

test('more of the amount than the programme allows is refused at the rule that gives it', () => {
  // 2.5 % with gold, where half a cent a point at one point for 1.00 is half a percent.
  const [flaw, ...others] = ofRule({ multiplier: '21' });
  assert.deepEqual(others, []);
  assert.equal(flaw?.[0], '/multiplier');
  assert.match(flaw?.[1] ?? '', /^is worth 1075 hundredths of a percent .* is 1000/);
  assert.match(
    of({ point_value_micros: 100_000_000 })[0]?.join(' ') ?? '',
    /^\/earn\/rates\/purchase is worth 10000 hundredths/,
  );
});

test('currency, time zone, tiers and examples are looked at', () => {
  assert.match(of({ currency: 'ABC' })[0]?.[1] ?? '', /no currency of ISO 4217/);
  assert.match(of({ time_zone: 'Europe/Nowhere' })[0]?.[1] ?? '', /no IANA time zone/);
  const [blue, silver, gold] = everyday.tiers?.levels ?? [];
  const tiers = { ...everyday.tiers, levels: [{ ...blue, threshold: 5 }, gold, silver] };
  assert.deepEqual(
    of({ tiers }).map(([pointer]) => pointer),
    ['/tiers/levels/0/threshold', '/tiers/levels/2/threshold'],
  );
  assert.deepEqual(of({ redemption: { points_min: 5, points_max: 4, step: 1 } }), [
    ['/redemption/points_max', 'is below points_min'],
  ]);
  const [dinner] = everyday.examples;
  assert.deepEqual(of({ examples: [{ ...dinner, expect: { points: 299 } }] }), [
    ['/examples/0/expect', '"a dinner for 149.99" expects the points 299, and it is 300'],
  ]);
  assert.deepEqual(of({ unit: 'MILES', currency: 'EUR' }, everyday), [
    ['/unit', 'is POINTS, in which points are held already: start another programme'],
    ['/currency', 'is USD, in which points are held already: start another programme'],
  ]);
});

test('what is no programme is told member by member', () => {
  const { name: _, ...nameless } = everyday;
  const told = (value: unknown) =>
    examineProgram(value, { at }).flaws.map(({ pointer, detail }) => `${pointer} ${detail}`);
  assert.match(told(nameless).join(), /name/);
  assert.deepEqual(told({ ...everyday, colour: 'red' }), [
    '/colour is no member that a programme has here',
  ]);
  assert.equal(told(null).length > 0, true);
  assert.match(told({ ...everyday, point_value_micros: 0.5 })[0] ?? '', /must be integer/);
});

test('a rule that no example makes hold is named', () => {
  const rules = [...everyday.earn.rules, { ...bonus, if: { partner: "== 'acme'" } }];
  const { flaws, untested } = examineProgram(
    { ...everyday, earn: { ...everyday.earn, rules } },
    { at },
  );
  assert.deepEqual([flaws, untested], [[], ['bonus']]);
});
