import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '#core';
import fc from 'fast-check';
import type { Bundle } from './bundle/bundle.ts';
import { compileBundle } from './bundle/compile.ts';
import { evaluate } from './bundle/evaluate.ts';
import type { DecisionRecord } from './decision-log.ts';
import { createDrift } from './replay.ts';
import { repeat } from './explanation.ts';

function gifts(limit: number, more: Partial<Bundle> = {}) {
  const fact = (type: 'integer' | 'string') => ({ type, description: 'A fact.' });
  return compileBundle({
    format: 1,
    name: 'gifts',
    title: 'Gifts',
    description: 'Gifts.',
    facts: { amount: fact('integer'), currency: fact('string'), channel: fact('string') },
    reasons: { small: 'Small.', large: 'Large.' },
    rules: [
      { id: 'small', if: { amount: `<= ${limit}` }, outcome: 'allow', reason: 'small' },
      { id: 'large', if: { amount: `> ${limit}` }, outcome: 'review', reason: 'large' },
    ],
    tests: [{ name: 'small', facts: { amount: 1 }, expect: { outcome: 'allow' } }],
    ...more,
  });
}

const program = gifts(1_000);
let made = 0;

function recorded(facts: Record<string, Json>, by = program): DecisionRecord {
  const { facts: given, ...verdict } = evaluate(by, facts);
  made += 1;
  return {
    ...{ ...verdict, facts: given, bundle: by.digest, engine: by.engine, point: 'gifts' },
    ...{ canary: false, command_digest: '', command_id: '', decision_id: `dec_${made}` },
    ...{ model_score_ref: null, operation: 'decision.make', purpose: null },
    ...{ requester: 'service:till', shadows: [] },
  } as DecisionRecord;
}

const anyFacts = fc.record(
  {
    amount: fc.oneof(fc.nat(2_000), fc.constant('much')),
    currency: fc.constantFrom('EUR', 'USD'),
    channel: fc.constantFrom('web', 'app'),
  },
  { requiredKeys: [] },
);

test('a decision made again by its own bundle is the same, byte for byte', () => {
  fc.assert(
    fc.property(anyFacts, fc.nat(2_000), (facts, limit) => {
      const own = gifts(limit);
      const record = JSON.parse(JSON.stringify(recorded(facts, own))) as DecisionRecord;
      assert.deepEqual(repeat(own, record), []);
    }),
  );
});

test('the same bundle drifts nowhere; every change of another one is counted once', () => {
  fc.assert(
    fc.property(fc.array(anyFacts, { maxLength: 30 }), fc.nat(2_000), (all, limit) => {
      const records = all.map((facts) => recorded(facts));
      const [same, other] = [createDrift(), createDrift()];
      for (const record of records) {
        same.add(record, program);
        other.add(record, gifts(limit));
      }
      const none = same.report();
      assert.deepEqual([none.changed, none.altered, none.examples], [0, 0, []]);
      const report = other.report();
      const changed = records.filter(
        ({ facts, outcome }) => evaluate(gifts(limit), facts).outcome !== outcome,
      );
      assert.equal(report.changed, changed.length);
      const sum = (rows: readonly { decisions: number }[]) =>
        rows.reduce((total, { decisions }) => total + decisions, 0);
      assert.equal(sum(report.changes), changed.length);
      assert.equal(sum(Object.values(report.passing)), changed.length);
      assert.equal(report.decisions, records.length);
    }),
  );
});

test('a report tells by outcome, reason, segment and currency, with examples', () => {
  const drift = createDrift();
  for (const amount of [50, 500, 600, 5_000]) {
    const facts = { amount, currency: 'EUR', channel: amount === 600 ? 'app' : 'web' };
    drift.add(recorded(facts), gifts(100));
  }
  const report = drift.report();
  assert.deepEqual([report.decisions, report.changed, report.drift_rate], [4, 2, 0.5]);
  const both = { decisions: 2, amounts: [{ currency: 'EUR', amount: 1_100 }] };
  assert.deepEqual(report.changes, [{ from: 'allow', to: 'review', ...both }]);
  const none = { decisions: 0, amounts: [] };
  assert.deepEqual(report.passing, { new: none, lost: both, moved: none });
  assert.deepEqual(report.reasons, [
    { reason: 'large', before: 1, after: 3 },
    { reason: 'small', before: 3, after: 1 },
  ]);
  assert.deepEqual(
    report.segments.filter(({ by }) => by === 'channel' || by === 'amount'),
    [
      { by: 'amount', value: '100-999', decisions: 2, changed: 2 },
      { by: 'amount', value: '10-99', decisions: 1, changed: 0 },
      { by: 'amount', value: '1000-9999', decisions: 1, changed: 0 },
      { by: 'channel', value: 'app', decisions: 1, changed: 1 },
      { by: 'channel', value: 'web', decisions: 3, changed: 1 },
    ],
  );
  assert.deepEqual(report.amounts, [
    { currency: 'EUR', decisions: 4, changed: 2, amount: 6_150, changed_amount: 1_100 },
  ]);
  assert.deepEqual(report.examples[0]?.to, { outcome: 'review', reasons: ['large'] });
  assert.equal(report.examples.length, 2);
});

test('a fact that history has not is counted, and the answer is a review', () => {
  const facts = {
    ...program.bundle.facts,
    age: { type: 'integer', description: 'Years.' },
  } as const;
  const rules = [
    ...program.bundle.rules,
    { id: 'young', if: { age: '< 18' }, outcome: 'deny', reason: 'large' } as const,
  ];
  const drift = createDrift();
  const given = { amount: 5, currency: 'EUR', channel: 'web' };
  drift.add(recorded(given), gifts(1_000, { facts, rules }));
  const { facts_missing, changes } = drift.report();
  assert.deepEqual(facts_missing, [{ fact: 'age', decisions: 1 }]);
  const amounts = [{ currency: 'EUR', amount: 5 }];
  assert.deepEqual(changes, [{ from: 'allow', to: 'review', decisions: 1, amounts }]);
});

test('personal facts are no segments, and the report stays small whatever there is', () => {
  const personal = { type: 'string', description: 'Who.', personal: 'name' } as const;
  const drift = createDrift();
  const other = gifts(0, { facts: { ...program.bundle.facts, kind: personal } });
  for (let each = 1; each <= 200; each += 1) {
    const facts = { amount: each, currency: `C${each}`, channel: `channel-${each}`, kind: 'tok' };
    drift.add(recorded(facts), other);
  }
  const { segments, examples, passing } = drift.report();
  assert.ok(passing.lost.amounts.length <= 31);
  assert.ok(!segments.some(({ by }) => by === 'kind'));
  assert.ok(segments.filter(({ by }) => by === 'channel').length <= 31);
  assert.ok(examples.length <= 20);
});
