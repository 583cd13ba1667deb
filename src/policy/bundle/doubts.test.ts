// Doubts that people have answered for: each counts in favour, and nothing else changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settledUnder } from '../decide.ts';
import type { DecisionRecord } from '../decision-log.ts';
import { type Bundle, parseBundle } from './bundle.ts';
import { compileBundle } from './compile.ts';
import { evaluate, type Facts } from './evaluate.ts';

const rules: Bundle['rules'] = [
  { id: 'blocked', if: { country: "in ['IR', 'KP']" }, outcome: 'deny', reason: 'blocked' },
  { id: 'large', if: { amount: '> 1000' }, outcome: 'review', reason: 'large' },
  { id: 'middling', if: { amount: '> 100' }, outcome: 'hold', reason: 'middling' },
  { id: 'others', if: { country: "!= 'XX'" }, outcome: 'allow', reason: 'fine' },
];
const program = compileBundle(
  parseBundle({
    ...{ format: 1, name: 'a-test', title: 'A test', description: 'A test', rules },
    facts: {
      amount: { type: 'integer', description: 'Minor units' },
      country: { type: 'string', description: 'ISO 3166' },
    },
    reasons: Object.fromEntries(rules.map(({ reason }) => [reason, reason])),
    limits: [
      {
        ...{ id: 'daily', key: "'of ' + country", amount: 'amount', cap: '5000' },
        ...{ measure: 'amount', window: { kind: 'sliding', seconds: 3_600 } },
      },
    ],
    tests: [{ name: 'any', facts: {}, expect: { outcome: 'review' } }],
  }),
);

/** What was decided on some facts, as people were shown it. */
function shown(facts: Facts): DecisionRecord {
  const record = { ...evaluate(program, facts), bundle: program.digest, point: 'a-test' };
  return record as unknown as DecisionRecord;
}

/** The same once people have answered for what they were shown, on these facts or others. */
function afterwards(seen: Facts, facts = seen) {
  const verdict = evaluate(program, facts, settledUnder(program, [shown(seen)]));
  const { outcome, reasons, consume } = verdict;
  return [outcome, ...reasons, ...consume.map(({ limit }) => limit)];
}

test('what people have answered for counts in favour, and a limit then takes nothing', () => {
  // The rule that would deny, the one that would allow, and the limit: all are in doubt.
  assert.equal(shown({ amount: 50 }).trace.doubts.length, 3);
  assert.deepEqual(afterwards({ amount: 50 }), ['allow', 'fine', 'doubts_settled']);
  assert.deepEqual(afterwards({ amount: 500 }), ['hold', 'middling']);
  const unruled = { amount: 50, country: 'XX' };
  assert.deepEqual(shown(unruled).reasons, ['no_rule_held']);
  assert.deepEqual(afterwards(unruled), ['allow', 'doubts_settled', 'daily']);
});

test('what a rule says without a doubt stands, whatever people have answered for', () => {
  assert.deepEqual(afterwards({ amount: 5_000 }), ['review', 'large']);
  assert.deepEqual(afterwards({ country: 'KP' }), ['deny', 'blocked']);
  assert.deepEqual(afterwards({ amount: 50 }, { amount: 50, country: 'KP' }), ['deny', 'blocked']);
  assert.deepEqual(afterwards({ amount: 50 }, { amount: 50, country: 'US' }), [
    ...['allow', 'fine', 'daily'],
  ]);
});

test('a doubt that nobody was shown, or under another bundle, is a doubt', () => {
  assert.deepEqual(afterwards({ amount: 50 }, {}), ['review', 'fact_missing']);
  assert.deepEqual(settledUnder(program, [{ ...shown({}), bundle: 'another' }]), []);
});
