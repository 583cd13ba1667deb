import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import { type Leisure, workQueue } from './analyst.ts';
import type { Answer, LoadClient } from './load-client.ts';
import type { WhatItWas } from './truth.ts';

const truth: Record<string, WhatItWas> = {
  pay_1: 'account_takeover',
  pay_2: 'new_phone',
  pay_3: 'ordinary',
};

test('an analyst finds out the truth, says why, and leaves nothing in the queue', async () => {
  const bank = queueOf(Object.keys(truth));
  const work = await analyse(bank.client, 0);
  assert.deepEqual(work, { decided: 3, mistaken: 0 });
  assert.deepEqual(bank.verdicts, ['reject account_takeover', ...approvals(2)]);
  assert.equal(bank.looked, 3, 'the evidence was read before each verdict');
});

test('one who is always mistaken decides the opposite of all', async () => {
  const bank = queueOf(Object.keys(truth));
  assert.deepEqual(await analyse(bank.client, 1), { decided: 3, mistaken: 3 });
  assert.deepEqual(bank.verdicts, [...approvals(1), 'reject scam', 'reject scam']);
});

test('what has ended meanwhile is nobody’s verdict', async () => {
  const bank = queueOf(['pay_1', 'pay_2'], { isGone: true });
  assert.deepEqual(await analyse(bank.client, 0), { decided: 0, mistaken: 0 });
});

test('one at leisure takes only what others have left for a while', async () => {
  const bank = queueOf(['pay_3']);
  const clock = { now: () => Date.parse('2026-03-27T12:10:00Z') };
  await analyse(bank.client, 0, { waitedMs: 600_000, idleMs: 1, clock });
  const wish = JSON.stringify({ opened_before: '2026-03-27T12:00:00.000Z' });
  assert.deepEqual(bank.wishes, [wish, wish]);
});

function approvals(count: number): string[] {
  return Array.from({ length: count }, () => 'approve customer_confirmed');
}

/** The day is over: what waits is done. */
function analyse(client: LoadClient, mistakes: number, leisure?: Leisure) {
  const truthOf = (paymentId: string) => truth[paymentId];
  const signal = AbortSignal.abort();
  const random = seededRandom(1);
  return workQueue({ client, truthOf, mistakes, random, name: 'a', signal, leisure });
}

function queueOf(payments: string[], { isGone = false } = {}) {
  const bank = { verdicts: [] as string[], looked: 0, wishes: [] as string[] };
  const client: LoadClient = {
    retries: {},
    close: async () => undefined,
    async send({ method, path, body = '{}' }) {
      if (method === 'GET') {
        bank.looked += 1;
        return answer(200, {});
      }
      if (path === '/v1/cases/next') {
        bank.wishes.push(body);
        const payment_id = payments.shift();
        if (payment_id === undefined) return answer(404, { code: 'not_found' });
        return answer(201, { id: `cas_${payment_id}`, payment_id });
      }
      if (isGone) return answer(409, { code: 'conflict' });
      const { verdict, reason_code } = JSON.parse(body) as Record<string, string>;
      bank.verdicts.push(`${verdict} ${reason_code}`);
      return answer(201, {});
    },
  };
  return Object.assign(bank, { client });
}

function answer(status: number, body: object): Answer {
  return { status, replayed: false, text: JSON.stringify(body) };
}
