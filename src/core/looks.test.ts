import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from './fault.ts';
import { sharedLooks } from './looks.ts';

/** Looks that end when the test says so, and what each was asked. */
function opened(limits: { looksMax?: number; questionsMax?: number; waitingMax?: number } = {}) {
  const looks: { tenant: string; questions: readonly number[]; end: () => void }[] = [];
  const ask = sharedLooks<number, string>({
    ...{ name: 'figures', looksMax: 1, questionsMax: 3, waitingMax: 10, ...limits },
    look: (tenant, questions) =>
      new Promise((resolve, reject) => {
        const found = questions.map((question) => `${tenant} ${question}`);
        const end = () => (questions.includes(13) ? reject(new Error('13')) : resolve(found));
        looks.push({ tenant, questions, end });
      }),
  });
  return { looks, ask };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('questions that come together share a look, and each hears its own answer', async () => {
  const { looks, ask } = opened();
  const answers = Promise.all([ask('a', 1), ask('b', 2), ask('a', 3)]);
  await turn();
  looks[0]?.end();
  await turn();
  looks[1]?.end();
  assert.deepEqual(await answers, ['a 1', 'b 2', 'a 3']);
  const asked = looks.map(({ tenant, questions }) => [tenant, ...questions]);
  assert.deepEqual(asked, [
    ['a', 1, 3],
    ['b', 2],
  ]);
});

test('what is asked during a look waits for the next, which has at most its number', async () => {
  const { looks, ask } = opened();
  const answers = Promise.all([1, 2, 3, 4, 5].map((question) => ask('a', question)));
  for (const count of [1, 2]) {
    await turn();
    assert.equal(looks.length, count);
    looks.at(-1)?.end();
    await turn();
  }
  assert.equal((await answers).length, 5);
  assert.deepEqual(
    looks.map(({ questions }) => questions),
    [
      [1, 2, 3],
      [4, 5],
    ],
  );
});

test('a look that fails fails its own questions alone', async () => {
  const { looks, ask } = opened();
  const failed = ask('a', 13);
  const fine = ask('b', 1);
  await turn();
  looks[0]?.end();
  await assert.rejects(failed, /13/);
  await turn();
  looks[1]?.end();
  assert.equal(await fine, 'b 1');
});

test('more questions than can wait are refused', async () => {
  const { looks, ask } = opened({ waitingMax: 2 });
  const answers = Promise.all([ask('a', 1), ask('a', 2)]);
  await assert.rejects(
    ask('a', 3),
    (error) => error instanceof Fault && error.code === 'overloaded',
  );
  await turn();
  looks[0]?.end();
  await answers;
});
