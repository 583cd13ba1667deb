import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadClient } from '../../simulators/load-client.ts';
import type { Truth } from '../../simulators/truth.ts';
import { type LoggedPayment, readPayments } from './bank-log.ts';
import type { Client } from './client.ts';
import { tellTruth } from './demo-truth.ts';

test('what was paid is charged back, what was refused is reviewed, each told once', async () => {
  const chargebacks: Label[][] = [];
  const reviews: Label[][] = [];
  const payments = Array.from({ length: 1_201 }, (_, number) =>
    payment(`k${number}`, number % 3 === 0 ? {} : { transferId: `trf_${number}` }),
  );
  const truth: Truth = new Map([
    ...payments.map(({ key }) => [key, 'ordinary'] as const),
    ['k0', 'stolen_card'],
    ['k1', 'card_testing'],
    ['k2', 'holiday_spender'],
  ]);
  const tellers = { chargebacks: hearing(chargebacks), reviewer: hearing(reviews) };
  const untold = payment('payroll', { transferId: 'trf_payroll' });
  await tellTruth(tellers, { payments: [...payments, untold], truth }, () => undefined);
  assert.deepEqual([chargebacks.length, reviews.length], [2, 1]);
  assert.ok([...chargebacks, ...reviews].every((labels) => labels.length <= 500));
  const [paid, refused] = [chargebacks.flat(), reviews.flat()];
  assert.equal(paid.length + refused.length, payments.length);
  assert.deepEqual(refused[0], { decision_id: 'dec_k0', label: 'fraud', source: 'review' });
  assert.deepEqual(paid[0], { transfer_id: 'trf_1', label: 'fraud', source: 'chargeback' });
  const frauds = [...paid, ...refused].filter(({ label }) => label === 'fraud');
  assert.equal(frauds.length, 2, 'what only looks like fraud is genuine');
});

test('a payment is read from the log with its score, and what came of it', async () => {
  const model = { name: 'payment-fraud', version: 2 };
  const score = { model, status: 'scored', value: 0.7, fallback_reason: null, latency_us: 900 };
  const events = [
    event('decision.made', 'other', { point: 'ledger-operations' }),
    event('score.produced', 'a', score),
    event('decision.made', 'a', { ...decided('a'), outcome: 'allow' }),
    event('hold.created', 'a', { transfer_id: 'trf_a' }),
    event('hold.captured', 'a/capture', { transfer_id: 'trf_later' }),
    event('decision.made', 'b', { ...decided('b'), outcome: 'deny' }),
    ...Array.from({ length: 300 }, () => event('label.recorded', 'c', {})),
    event('decision.made', 'd', { ...decided('d'), outcome: 'allow' }),
    event('transaction.posted', 'd', { transfer_id: 'trf_d' }),
    event('transaction.posted', 'd', { transfer_id: 'trf_d2' }),
  ];
  const payments = await readPayments(logOf(events), () => undefined);
  const { value, status, latencyUs } = payments[0]?.score ?? {};
  assert.deepEqual([value, status, latencyUs], [0.7, 'scored', 900]);
  assert.deepEqual(
    payments.map(({ key, outcome, transferId }) => [key, outcome, transferId]),
    [
      ['a', 'allow', 'trf_a'],
      ['b', 'deny', undefined],
      ['d', 'allow', 'trf_d'],
    ],
  );
});

type Label = Readonly<Record<string, string>>;

function payment(key: string, more: { transferId?: string }): LoggedPayment {
  const decision = { decisionId: `dec_${key}`, outcome: 'allow' } as const;
  return { key, ...decision, score: undefined, transferId: undefined, ...more };
}

/** A client that keeps the labels of each call. */
function hearing(calls: Label[][]): Client {
  return {
    get: () => assert.fail('nothing is read'),
    post: async (path, body) => {
      assert.equal(path, '/v1/labels');
      calls.push((body as { labels: Label[] }).labels);
      return undefined as never;
    },
  };
}

function event(event_type: string, idempotency_key: string, payload: object) {
  return { event: { data: { event_type, idempotency_key, payload } } };
}

function decided(key: string) {
  return { point: 'payment-authorization', decision_id: `dec_${key}` };
}

function logOf(events: readonly object[]): LoadClient {
  return {
    retries: {},
    close: async () => undefined,
    async send({ path }) {
      const query = new URL(path, 'http://bank').searchParams;
      const after = Number(query.get('after'));
      const items = events.slice(after, after + Number(query.get('limit')));
      const text = JSON.stringify({ items, next: after + items.length });
      return { status: 200, replayed: false, text };
    },
  };
}
