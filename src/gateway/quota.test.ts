// Quotas: what a call takes, from whom, and when there is more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { chargesOf, createQuota, type QuotaCall, weightOf } from './quota.ts';

const read = { name: 'accounts.list', effect: 'read', cost: 1 } as const;
const pay = { name: 'transfers.confirm', effect: 'financial', cost: 10 } as const;
const call = { tenant: 'bank', agent: 'coach', tool: read, perMinute: 10, weight: 1 };

function open() {
  const time = { now: 1_000_000 };
  const quota = createQuota({ now: () => time.now });
  const take = (more: Partial<QuotaCall> = {}): Fault | undefined => {
    try {
      quota.take(chargesOf({ ...call, ...more }));
      return undefined;
    } catch (error) {
      assert.ok(error instanceof Fault);
      return error;
    }
  };
  const fill = (more: Partial<QuotaCall> = {}): number => {
    for (let taken = 0; ; taken += 1) if (take(more)) return taken;
  };
  return { time, quota, take, fill };
}

test('an agent calls a tool as often as it may, and is told when it may again', () => {
  const { time, quota, take, fill } = open();
  assert.equal(fill(), 10);
  const refused = take();
  assert.deepEqual(refused?.detail, {
    ...{ quota: 'tool', cost: 1, per_minute: 10, retry_after_ms: 6_000 },
  });
  assert.ok(quota.isFlood(refused), 'told within the minute already');
  assert.equal(take({ tool: { ...read, name: 'another' } }), undefined, 'each tool has its own');
  time.now += 5_999;
  assert.equal(take()?.detail?.['retry_after_ms'], 1);
  time.now += 1;
  assert.equal(take(), undefined);
  // What costs more than there can be would never pass.
  time.now += 60_000;
  assert.equal(take({ tool: pay, perMinute: 3 }), undefined);
});

test('an agent writes less than it reads, and all agents together have a bound', () => {
  const { fill, take } = open();
  const perMinute = 60_000;
  assert.equal(fill({ tool: pay, perMinute }), 60);
  assert.equal(take({ tool: pay, perMinute })?.detail?.['quota'], 'agent');
  assert.equal(take({ tool: { ...pay, name: 'contact.update' } })?.detail?.['quota'], 'agent');
  assert.equal(take({ perMinute }), undefined, 'and reads on');
  const others = ['b', 'c', 'd'].map((agent) => fill({ agent, tool: pay, perMinute }));
  assert.deepEqual(others, [60, 60, 60]);
  assert.equal(take({ agent: 'e', tool: pay, perMinute })?.detail?.['quota'], 'bank');
  assert.equal(take({ tenant: 'other', agent: 'e', tool: pay, perMinute }), undefined);
  // Nothing was taken by what was refused.
  assert.equal(take({ agent: 'e', tool: read, perMinute }), undefined);
});

test('a call takes more for what was refused, for value and for risk', () => {
  const small = { amount: 5_000, isPayeeKnown: true, isNewAgent: false };
  const weights = [
    weightOf({ refusals: 0 }),
    weightOf({ refusals: 4 }),
    weightOf({ refusals: 5 }),
    weightOf({ refusals: 1_000 }),
    weightOf({ refusals: 0, transfer: small }),
    weightOf({ refusals: 0, transfer: { ...small, isPayeeKnown: false } }),
    weightOf({ refusals: 0, transfer: { ...small, isNewAgent: true } }),
    weightOf({ refusals: 0, transfer: { ...small, amount: 500_000 } }),
    weightOf({ refusals: 0, transfer: { ...small, amount: 90_000_000 } }),
    weightOf({
      refusals: 20,
      transfer: { amount: 1_000_000, isPayeeKnown: false, isNewAgent: true },
    }),
  ];
  assert.deepEqual(weights, [1, 1, 2, 5, 1, 2, 2, 3, 5, 11]);
});

test('refusals count for ten minutes, and only so many', () => {
  const { time, quota } = open();
  for (let refusal = 0; refusal < 30; refusal += 1) quota.noteRefusal('coach');
  assert.deepEqual([quota.refusalsOf('coach'), quota.refusalsOf('other')], [20, 0]);
  time.now += 599_999;
  assert.equal(quota.refusalsOf('coach'), 20);
  time.now += 1;
  assert.equal(quota.refusalsOf('coach'), 0);
});
