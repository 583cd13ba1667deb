import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Command, instantToText, type Json, sealCommand } from '#core';
import type { Leg } from './journal.ts';
import { legsUnder } from './reserve.ts';

const receivedAt = Date.parse('2026-01-05T09:00:00Z');

function command(body: Json, operation = 'payment.initiate'): Command {
  return sealCommand({
    id: '019b8d62-7a80-7615-9264-c17af896e492',
    tenant: 'bank',
    principal: { kind: 'service', id: 'till', tenant: 'bank' },
    receivedAt,
    idempotencyKey: 'one',
    operation,
    body,
    traceId: '0',
  });
}

const leg = fc.record({
  kind: fc.constantFrom('post' as const, 'hold' as const),
  debit_account_id: fc.constant('acc_1'),
  credit_account_id: fc.constant('acc_2'),
  amount: fc.integer({ min: 1, max: 1_000_000 }),
  currency: fc.constant('EUR'),
});
const holds = fc.array(
  fc.integer({ min: 0, max: 9 }).map((digit) => `hld_${digit}`),
  { maxLength: 3 },
);
const seconds = fc.integer({ min: 1, max: 86_400 });

test('what is held is given back first, and then the whole sum moves, is held, or is not', () => {
  const journals = fc.record({
    legs: fc.array(leg, { minLength: 1, maxLength: 4 }),
    held: holds,
    reserves: fc.record({ hold: seconds, review: seconds }),
  });
  const outcomes = fc.constantFrom('allow' as const, 'hold' as const, 'review' as const);
  fc.assert(
    fc.property(journals, outcomes, (journal, outcome) => {
      const done = legsUnder(command(journal), outcome) ?? [];
      const back = done.slice(0, journal.held.length);
      assert.deepEqual(
        back,
        journal.held.map((hold_id) => ({ kind: 'void', hold_id })),
      );
      const moved = done.slice(journal.held.length) as Extract<Leg, { amount: number }>[];
      assert.deepEqual(
        moved.map(({ amount }) => amount),
        journal.legs.map(({ amount }) => amount),
      );
      if (outcome === 'allow') assert.deepEqual(moved, journal.legs);
      else {
        const expires_at = instantToText(receivedAt + journal.reserves[outcome] * 1_000);
        assert.ok(moved.every((each) => each.kind === 'hold' && each.expires_at === expires_at));
      }
      const denied = legsUnder(command(journal), 'deny');
      assert.deepEqual(denied, back.length === 0 ? undefined : back);
    }),
  );
});

test('a journal that reserves nothing is rejected unless it is allowed', () => {
  const journal = { legs: [{ kind: 'expire', hold_id: 'hld_1' }] };
  for (const outcome of ['hold', 'review', 'deny'] as const) {
    assert.equal(legsUnder(command(journal, 'journal.post'), outcome), undefined);
  }
  assert.deepEqual(legsUnder(command(journal, 'journal.post'), 'allow'), journal.legs);
  assert.equal(legsUnder(command({}, 'account.open'), 'allow'), undefined, 'is no journal');
});
