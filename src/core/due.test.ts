import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Due, dueRounds } from './due.ts';
import { Fault } from './fault.ts';

const minute = 60_000;

/** A queue of what is due, the perform of which fails for whom `fails` says so. */
function open(due: readonly Due[], fails: (item: Due) => boolean | Error) {
  const state = { now: 0, left: [...due], tried: [] as string[], errors: [] as unknown[] };
  const round = dueRounds<Due>({
    now: () => state.now,
    onError: (error) => state.errors.push(error),
    pageSize: 3,
    readPage: async (after) => state.left.filter(({ id }) => id > (after?.id ?? '')).slice(0, 3),
    perform: async (item, isAgain) => {
      state.tried.push(`${item.id}${isAgain ? ' again' : ''}`);
      const failure = fails(item);
      if (failure instanceof Error) throw failure;
      if (!failure) state.left = state.left.filter((each) => each !== item);
      return !failure;
    },
  });
  return { state, round };
}

const items = (tenant: string, ids: string): Due[] => ids.split('').map((id) => ({ tenant, id }));

test('what cannot be done holds up nothing behind it, and is left alone for a while', async () => {
  const due = [...items('evil', 'abcdefg'), ...items('good', 'xyz')];
  const { state, round } = open(due, ({ tenant }) => tenant === 'evil');
  assert.equal(await round(), 3);
  assert.deepEqual(state.tried, ['a', 'b', 'c', 'x', 'y', 'z']);
  state.tried = [];
  await round();
  await round();
  assert.deepEqual(state.tried, ['d', 'e', 'f', 'g']);
  state.tried = [];
  state.now += 9 * minute;
  await round();
  assert.deepEqual(state.tried, []);
  state.now += minute;
  await round();
  assert.deepEqual(state.tried, ['a again', 'b again', 'c again']);
});

test('a tenant’s own that can be done is done behind what cannot', async () => {
  const { state, round } = open(items('one', 'abcdef'), ({ id }) => id < 'd');
  await round();
  await round();
  assert.deepEqual(state.left, items('one', 'abc'));
});

test('what fails by chance is tried in the next round, what fails for good is not', async () => {
  let failure: Error = new Fault('database_unavailable', 'the database is away');
  const { state, round } = open(items('one', 'ab'), () => failure);
  await round();
  assert.equal(state.errors.length, 1, 'both have said the same');
  failure = new Error('a bug');
  await round();
  await round();
  assert.deepEqual(state.tried, ['a', 'b', 'a', 'b']);
  assert.equal(state.errors.length, 3);
});
