import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soon, turns } from './turns.ts';

test('work under one name is done in its order, and what fails holds up nothing', async () => {
  const inTurn = turns();
  const done: number[] = [];
  const first = Promise.withResolvers<void>();
  const all = [
    inTurn('a', () => first.promise.then(() => done.push(1))),
    inTurn('a', async () => {
      done.push(2);
      throw new Error('broken');
    }).catch(() => undefined),
    inTurn('a', async () => done.push(3)),
    inTurn('b', async () => done.push(0)),
  ];
  setImmediate(first.resolve);
  await Promise.all(all);
  assert.deepEqual(done, [0, 1, 2, 3]);
});

test('whose turn comes too late is told that nothing has happened', async () => {
  const inTurn = turns();
  let now = 0;
  const clock = { now: () => now };
  const slow = inTurn(
    'a',
    soon(clock, async () => {
      now += 10_001;
    }),
  );
  const late = inTurn(
    'a',
    soon(clock, async () => assert.fail('it is not done')),
  );
  await slow;
  await assert.rejects(late, { code: 'overloaded' });
  assert.equal(
    await inTurn(
      'a',
      soon(clock, async () => 'in time'),
    ),
    'in time',
  );
});
