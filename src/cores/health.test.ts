import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, seededRandom } from '#core';
import { coreFault } from './failures.ts';
import { guardCore } from './guarded.ts';
import type { Core } from './port.ts';

function coreOf(readAccount: Core['operations']['readAccount']): Core {
  const missing = () => Promise.reject(new Error('not asked for here'));
  const operations = { readAccount, readBalances: missing, transfer: missing, lookUp: missing };
  return { name: 'tested', operations };
}

test('failures are counted by class, a refusal among them, and the latest is told', async () => {
  const answers = [
    () => coreFault('tested', { class: 'limited', code: 'RATE', text: '' }),
    () => coreFault('tested', { class: 'stale', code: 'MODNO', text: '' }),
    () => new Fault('deadline_exceeded', 'late'),
    () => new Error('a bug'),
  ];
  for (const answer of answers) {
    const core = guardCore(
      { endpoints: [coreOf(() => Promise.reject(answer()))], terms: { failuresMax: 100 } },
      { random: seededRandom(1) },
    );
    await assert.rejects(core.operations.readAccount({ tenant: 't', id: 'a' }));
    const state = core.states().find(({ operation }) => operation === 'readAccount');
    const [[of, count] = []] = Object.entries(state?.failures ?? {});
    const expected = { RATE: 'limited', MODNO: 'stale' }[state?.last?.coreCode ?? ''];
    assert.equal(of, expected ?? state?.last?.class);
    // What may pass is asked three times in all, a refusal once.
    assert.equal(count, of === 'stale' ? 1 : 3);
    assert.equal(state?.p50Ms !== null, of !== 'stale', 'a refusal is thrown, not timed');
  }
});

test('percentiles are of the latest calls', async () => {
  const core = guardCore(
    { endpoints: [coreOf(() => Promise.resolve(undefined))] },
    { random: seededRandom(1) },
  );
  for (let call = 0; call < 300; call += 1) {
    await core.operations.readAccount({ tenant: 't', id: 'a' });
  }
  const state = core.states().find(({ operation }) => operation === 'readAccount');
  assert.ok(state && state.p50Ms !== null && state.p95Ms !== null);
  assert.ok(state.p50Ms <= state.p95Ms && state.p95Ms < 1_000);
  assert.deepEqual([state.calls, state.failed, state.last], [300, 0, null]);
});
