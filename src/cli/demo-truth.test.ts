import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WhatItWas } from '../../simulators/truth.ts';
import type { Client } from './client.ts';
import { tellTruth } from './demo-truth.ts';

test('what was paid is charged back, what was stopped is reviewed, each told once', async () => {
  const chargebacks: Label[][] = [];
  const reviews: Label[][] = [];
  const meant: Record<number, WhatItWas> = {
    0: 'stolen_card',
    1: 'card_testing',
    2: 'holiday_spender',
  };
  const payments = Array.from({ length: 1_201 }, (_, number) => ({
    decisionId: `dec_${number}`,
    // What was only held stands in the ledger, and was stopped all the same.
    transferId: number % 5 === 3 ? undefined : `trf_${number}`,
    isAllowed: number % 3 !== 0,
    what: meant[number] ?? 'ordinary',
  }));
  const tellers = { chargebacks: hearing(chargebacks), reviewer: hearing(reviews) };
  await tellTruth(tellers, payments, () => undefined);
  assert.ok([...chargebacks, ...reviews].every((labels) => labels.length <= 500));
  const [paid, stopped] = [chargebacks.flat(), reviews.flat()];
  assert.equal(paid.length + stopped.length, payments.length);
  assert.deepEqual(stopped[0], { decision_id: 'dec_0', label: 'fraud', source: 'review' });
  assert.deepEqual(paid[0], { transfer_id: 'trf_1', label: 'fraud', source: 'chargeback' });
  const frauds = [...paid, ...stopped].filter(({ label }) => label === 'fraud');
  assert.equal(frauds.length, 2, 'what only looks like fraud is genuine');
});

type Label = Readonly<Record<string, string>>;

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
