import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toMinorUnits } from '#core';
import type { LoadClient } from '../../simulators/load-client.ts';
import type { Operation } from '../../simulators/operation.ts';
import type { WhatItWas } from '../../simulators/truth.ts';
import { readBankLog } from './bank-log.ts';
import { dayReport } from './demo-day.ts';
import { createDiary } from './demo-diary.ts';

const model = { name: 'payment-fraud', version: 2 };
const told = { model, status: 'scored', value: 0.7, fallback_reason: null, latency_us: 900 };
const opened = { case_id: 'cas_1', payment_id: 'pay_b', queue: 'fraud', ai_proposed: true };
const at = { opened_at: '2026-01-05T09:00:00Z' };
const events = [
  event('decision.made', 'other', { point: 'ledger-operations' }),
  event('score.produced', 'a', told),
  event('decision.made', 'a', decided('a', 'allow')),
  event('hold.created', 'a', { transfer_id: 'trf_a' }),
  event('payment.authorized', 'a', { payment_id: 'pay_a', code: null }),
  event('payment.captured', 'a/capture', { payment_id: 'pay_a', code: null }),
  event('decision.made', 'b', decided('b', 'review')),
  event('payment.review_required', 'b', { payment_id: 'pay_b', code: null }),
  event('case.opened', 'open b', { ...opened, ...at }),
  event('case.decided', 'decide b', { ...opened, ...at, verdict: 'reject' }),
  event('payment.cancelled', 'release b', { payment_id: 'pay_b', code: null }),
  ...Array.from({ length: 300 }, () => event('label.recorded', 'c', {})),
  event('decision.made', 'c', decided('c', 'hold')),
  event('payment.held', 'c', { payment_id: 'pay_c', code: null }),
  event('step_up.failed', 'c1', { payment_id: 'pay_c' }),
  event('step_up.succeeded', 'c2', { payment_id: 'pay_c' }),
  event('payment.posted', 'resume c', { payment_id: 'pay_c', code: null }),
  event('decision.made', 'd', decided('d', 'allow')),
  event('payment.denied', 'd', { payment_id: 'pay_d', code: 'insufficient_funds' }),
  event('decision.made', 'e', decided('e', 'hold')),
  event('payment.held', 'e', { payment_id: 'pay_e', code: null }),
];
const truth = new Map<string, WhatItWas>([
  ['a', 'ordinary'],
  ['b', 'stolen_card'],
  ['c', 'new_phone'],
  ['d', 'ordinary'],
  ['e', 'stolen_card'],
]);

test('each payment is counted once, by what became of it and what it was', async () => {
  const log = await readBankLog(logOf(events), () => undefined);
  const diary = createDiary(truth, 0, 'EUR');
  for (const key of truth.keys()) diary.write(answered(key));
  const report = dayReport({
    title: { tenant: 't', day: '2026-01-05', seed: 1 },
    currency: 'EUR',
    traffic: {} as never,
    policyChange: undefined,
    modelChange: undefined,
    model: { ...model, threshold: 0.5 },
    ...{ diary, log, truth },
  });
  const counted = Object.entries(report.byFate)
    .filter(([, { payments }]) => payments > 0)
    .map(([fate, { payments, amount }]) => [fate, payments, amount]);
  assert.deepEqual(counted, [
    ['allowed', 1, 100],
    ['confirmed', 1, 100],
    ['unconfirmed', 1, 100],
    ['rejected', 1, 100],
    ['refused', 1, 100],
  ]);
  const stolen = report.scenarios.find(({ scenario }) => scenario === 'stolen_card');
  assert.deepEqual(stolen?.stopped, { payments: 2, amount: 200 });
  assert.deepEqual(stolen?.by, { policy: 0, stepUp: 1, review: 1 });
  assert.deepEqual(stolen?.passed, { payments: 0, amount: 0 });
  assert.deepEqual(report.stepUps, { asked: 2, confirmed: 1, silent: 1, failed: 0 });
  const { opened: cases, rejected, waiting, overruled } = report.cases;
  assert.deepEqual([cases, rejected, waiting, overruled], [1, 1, 0, 0]);
  assert.equal(report.hours[2]?.fates.allowed, 1);
  assert.equal(report.hours[2]?.latency.count, 5);
  assert.equal(diary.whatIs('pay_b'), 'stolen_card');
  assert.deepEqual(report.scores.answers, { scored: 1, 'not asked for': 4 });
  assert.equal(report.scores.genuine[14], 1, '0.7 lies in the bin from 0.70 on');
});

function event(event_type: string, idempotency_key: string, payload: object) {
  const occurred_at = '2026-01-05T09:00:01Z';
  return { event: { data: { event_type, idempotency_key, occurred_at, payload } } };
}

function decided(key: string, outcome: string) {
  return { point: 'payment-authorization', decision_id: `dec_${key}`, outcome };
}

/** At half past two, of one unit. */
function answered(key: string) {
  const leg = { debit: 'a', credit: 'b', amount: toMinorUnits(100), currency: 'EUR' };
  const effectiveAt = 2.5 * 3_600_000;
  const payment = { action: 'pay', leg, debtor: 'cus_a', metadata: {}, kind: 'bill' } as const;
  const operation: Operation = { ...payment, key, effectiveAt, chains: [] };
  const reply = { status: 'done', id: `pay_${key}`, replayed: false } as const;
  return { operation, reply, durationMs: 12 };
}

function logOf(all: readonly object[]): LoadClient {
  return {
    retries: {},
    close: async () => undefined,
    async send({ path }) {
      const query = new URL(path, 'http://bank').searchParams;
      const after = Number(query.get('after'));
      const items = all.slice(after, after + Number(query.get('limit')));
      const text = JSON.stringify({ items, next: after + items.length });
      return { status: 200, replayed: false, text };
    },
  };
}
