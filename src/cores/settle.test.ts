import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import type { PostingItem } from '#money';
import type { Core, MoveKey, MoveResult, Operations } from './port.ts';
import { settle } from './settle.ts';

type Legs = readonly Readonly<Record<string, string>>[];
type Decided = 'allow' | 'hold' | 'review' | 'deny';

/** As much of a countersigned item as a core is told of. */
function itemOf(legs: Legs, outcome: Decided = 'allow', more: object = {}): PostingItem {
  const command = {
    ...{ tenant: 'bank', idempotencyKey: 'K', digest: 'ab'.repeat(32) },
    ...{ operation: 'payment.initiate', receivedAt: 0, body: { legs, ...more } },
  };
  return { command, countersignature: { decision: { outcome } } } as unknown as PostingItem;
}

const done: MoveResult = {
  ...{ status: 'completed', reference: 'theirs', replayed: false, effects: null },
};

/** A core that gives this answer to every move, and notes which of its operations was called. */
function coreOf(answer: MoveResult, more: Partial<Operations> = {}) {
  const called: string[] = [];
  const move = (name: string) => async () => {
    called.push(name);
    return answer;
  };
  const operations: Operations = {
    readAccount: async () => undefined,
    readBalances: async () => undefined,
    lookUp: async () => ({ status: 'not_found' }),
    transfer: move('transfer'),
    placeHold: move('placeHold'),
    increaseHold: move('increaseHold'),
    captureHold: move('captureHold'),
    releaseHold: move('releaseHold'),
    reverse: move('reverse'),
    ...more,
  };
  const core: Core = { name: 'theirs', operations };
  return { core, called };
}

test('a core is asked for the operation that the legs are', async () => {
  const { core, called } = coreOf(done);
  for (const kind of ['post', 'hold', 'increase', 'capture', 'void', 'expire', 'reverse']) {
    await settle(core, itemOf([{ kind }]));
  }
  assert.deepEqual(called, [
    ...['transfer', 'placeHold', 'increaseHold', 'captureHold'],
    ...['releaseHold', 'releaseHold', 'reverse'],
  ]);
});

test('what policy keeps waiting is held, and what it denies afterwards is given back', async () => {
  const { core, called } = coreOf(done);
  const post = [{ kind: 'post' }];
  const reserves = { hold: 600, review: 600 };
  const held = ['hld_1'];
  await settle(core, itemOf(post, 'review', { reserves }));
  await settle(core, itemOf(post, 'hold', { reserves, held }));
  await settle(core, itemOf(post, 'allow', { reserves, held }));
  await settle(core, itemOf(post, 'deny', { reserves, held }));
  assert.deepEqual(called, ['placeHold', 'placeHold', 'transfer', 'releaseHold']);
});

test('of a core without holds, none is asked for', async () => {
  const { core, called } = coreOf(done);
  const { placeHold: _, ...operations } = core.operations;
  const asked = settle({ ...core, operations }, itemOf([{ kind: 'hold' }]));
  await assert.rejects(asked, { code: 'core_operation_missing' });
  assert.deepEqual(called, []);
});

test('a core that wants a checker of its own says so, now or when it is looked up', async () => {
  const pending: MoveResult = { status: 'pending_approval', reference: 'theirs-7' };
  const wanted = { code: 'core_approval_pending', detail: { reference: 'theirs-7' } };
  await assert.rejects(settle(coreOf(pending).core, itemOf([{ kind: 'post' }])), wanted);
  const { core } = coreOf(unknown, { lookUp: async () => pending });
  await assert.rejects(settle(core, itemOf([{ kind: 'post' }])), wanted);
});

test('a core that warns names its warnings, and no text of its own goes out', async () => {
  const override = { id: 'o1', code: 'DORMANT', text: 'of somebody' };
  const { core } = coreOf({ status: 'needs_override', overrides: [override] });
  await assert.rejects(settle(core, itemOf([{ kind: 'post' }])), {
    code: 'core_override_needed',
    detail: { overrides: [{ id: 'o1', code: 'DORMANT' }] },
  });
});

const key: MoveKey = { tenant: 'bank', idempotencyKey: 'K', digest: 'ab'.repeat(32) };
const unknown: MoveResult = { status: 'unknown', lookUp: key };

test('a key that was used for another command answers with no outcome, at once', async () => {
  let looks = 0;
  const { core } = coreOf(unknown, {
    lookUp: async (asked) => {
      looks += 1;
      assert.deepEqual(asked, key);
      throw new Fault('idempotency_key_reused', 'of another');
    },
  });
  await assert.rejects(settle(core, itemOf([{ kind: 'post' }])), {
    code: 'idempotency_key_reused',
  });
  assert.equal(looks, 1);
});

test('what cannot be looked up is unknown', async () => {
  const lookUp = async () => assert.fail('away');
  const { core } = coreOf(unknown, { lookUp });
  await assert.rejects(settle(core, itemOf([{ kind: 'post' }])), { code: 'outcome_unknown' });
});
