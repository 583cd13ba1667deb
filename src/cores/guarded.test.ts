import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type FaultCode, seededRandom } from '#core';
import type { PostingItem } from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardCore, type GuardTerms, type OperationState } from './guarded.ts';
import type { Account, Core, MoveKey, Operations } from './port.ts';

const own = { tenant: 'bank', id: 'acc-1' };
const key: MoveKey = { tenant: 'bank', idempotencyKey: 'K', digest: 'ab'.repeat(32) };
const item = { command: { ...key, id: 'cmd' } } as unknown as PostingItem;
const account = { account_id: 'acc-1' } as Account;
const moved = { status: 'completed', reference: 'r', replayed: false, effects: null } as const;
const openMs = 60;

/** An endpoint that does what `does` says, read or move, and counts how often it is asked. */
function endpoint(does: () => Promise<unknown>, more: Partial<Operations> = {}) {
  let asked = 0;
  const work = async () => {
    asked += 1;
    return does();
  };
  const operations = {
    ...{ readAccount: work, readBalances: work, transfer: work, lookUp: work },
    ...more,
  } as unknown as Operations;
  return { core: { name: 'theirs', operations } satisfies Core, asked: () => asked };
}

function guarded(endpoints: readonly { readonly core: Core }[], terms: Partial<GuardTerms> = {}) {
  const [first, ...others] = endpoints.map(({ core }) => core) as [Core, ...Core[]];
  const few = { readTimeoutMs: 40, moveTimeoutMs: 40, failuresMax: 3, openMs, ...terms };
  return guardCore({ endpoints: [first, ...others], terms: few }, { random: seededRandom(1) });
}

function throwing(code: FaultCode) {
  return async () => Promise.reject(new Fault(code, 'said so'));
}

function stateOf(states: readonly OperationState[], operation: string, at = 1) {
  const found = states.find((each) => each.operation === operation && each.endpoint === at);
  assert.ok(found);
  return found;
}

const never = async () => new Promise<never>(() => undefined);

test('what only reads is asked twice more, and what the core refuses is no failure', async () => {
  let left = 2;
  const shaky = endpoint(async () => {
    left -= 1;
    return left < 0 ? account : throwing('database_unavailable')();
  });
  const { operations, states } = guarded([shaky]);
  assert.deepEqual(await operations.readAccount(own), account);
  assert.deepEqual([shaky.asked(), stateOf(states(), 'readAccount').failed], [3, 2]);

  const refusing = endpoint(throwing('not_found'));
  const refused = guarded([refusing]);
  for (let tries = 0; tries < 9; tries += 1) {
    await assert.rejects(refused.operations.readAccount(own), { code: 'not_found' });
  }
  const { circuit, failed, calls } = stateOf(refused.states(), 'readAccount');
  assert.deepEqual([circuit, failed, calls, refusing.asked()], ['closed', 0, 9, 9]);
});

test('a circuit opens by failures, lets one call try after a pause, and closes by it', async () => {
  let isWell = false;
  const core = endpoint(async () => (isWell ? account : throwing('internal')()));
  const { operations, states } = guarded([core]);
  await assert.rejects(operations.readAccount(own), { code: 'internal' });
  assert.equal(stateOf(states(), 'readAccount').circuit, 'open');
  const away = { code: 'core_unavailable', retryable: true, detail: { retry_after_ms: openMs } };
  await assert.rejects(operations.readAccount(own), away);
  assert.equal(core.asked(), 3, 'nobody asks while it is open');
  assert.equal(stateOf(states(), 'readBalances').circuit, 'closed', 'each operation has its own');
  isWell = true;
  await sleep(openMs + 10);
  assert.deepEqual(await operations.readAccount(own), account);
  const { circuit, turnedAway } = stateOf(states(), 'readAccount');
  assert.deepEqual([circuit, turnedAway, core.asked()], ['closed', 1, 4]);
});

test('no more than so many are under way, no more than so many wait', async () => {
  const done = Promise.withResolvers<typeof account>();
  const core = endpoint(async () => done.promise);
  const { operations, states } = guarded([core], {
    readsMax: 2,
    waitingMax: 1,
    readTimeoutMs: 500,
  });
  const some = [1, 2, 3].map(async () => operations.readAccount(own));
  await assert.rejects(operations.readAccount(own), { code: 'overloaded' });
  const { underWay, waiting, turnedAway } = stateOf(states(), 'readAccount');
  assert.deepEqual([underWay, waiting, turnedAway, core.asked()], [2, 1, 1, 2]);
  done.resolve(account);
  assert.deepEqual(await Promise.all(some), [account, account, account]);
});

test('a caller who does not wait any longer is no failure of the core', async () => {
  const heard: (AbortSignal | undefined)[] = [];
  const core = endpoint(never, {
    readAccount: async ({ signal }) => {
      heard.push(signal);
      return never();
    },
  });
  const { until, states } = guarded([core], { readTimeoutMs: 2_000 });
  for (let tries = 0; tries < 5; tries += 1) {
    const asked = until(AbortSignal.timeout(5)).operations.readAccount(own);
    await assert.rejects(asked, { code: 'deadline_exceeded' });
  }
  const { circuit, failed, underWay } = stateOf(states(), 'readAccount');
  assert.deepEqual([circuit, failed, underWay, heard.length], ['closed', 0, 0, 5]);
  assert.ok(
    heard.every((signal) => signal?.aborted),
    'the adapter hears of it',
  );
});

test('money is moved once: what may have happened is unknown, and nobody tries again', async () => {
  const lost = guarded([endpoint(never), endpoint(async () => moved)]);
  const { transfer } = lost.operations;
  assert.deepEqual(await transfer(item), { status: 'unknown', lookUp: key });
  const bug = guarded([endpoint(async () => assert.fail('a bug')), endpoint(async () => moved)]);
  assert.deepEqual(await bug.operations.transfer(item), { status: 'unknown', lookUp: key });
  const second = stateOf(lost.states(), 'transfer', 2);
  assert.deepEqual([stateOf(lost.states(), 'transfer').failed, second.calls], [1, 0]);
});

test('another endpoint reads what one cannot, and moves what nobody can have moved', async () => {
  const first = endpoint(throwing('database_unavailable'));
  const second = endpoint(async () => moved);
  const { operations, states } = guarded([first, second]);
  for (let calls = 0; calls < 4; calls += 1) {
    assert.deepEqual(await operations.readAccount(own), moved);
    // The port: what throws a fault has moved nothing.
    assert.deepEqual(await operations.transfer(item), moved);
  }
  assert.deepEqual([first.asked(), second.asked()], [6, 8], 'open: the first is not asked');
  const circuits = [1, 2].map((at) => stateOf(states(), 'transfer', at).circuit);
  assert.deepEqual(circuits, ['open', 'closed']);

  // Both circuits are open: nothing has happened, and the caller hears when to come again.
  const none = guarded([endpoint(throwing('internal')), endpoint(throwing('internal'))]);
  for (let calls = 0; calls < 3; calls += 1) {
    await assert.rejects(none.operations.transfer(item), { code: 'internal' });
  }
  await assert.rejects(none.operations.transfer(item), { code: 'core_unavailable' });
});
