// Reserved funds of the model bank of the United States.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#core';
import { availableOf, seedBook } from '../../../simulators/cores/book.ts';
import { startSimulator } from '../../../simulators/cores/simulator.ts';
import { temenosUs } from '../../../simulators/cores/temenos/temenos.ts';
import { referenceOf } from '../adapter-contract.ts';
import { openTemenos } from './core.ts';

const clock = systemClock();
const account = '10000001';

async function usBank(t: TestContext) {
  const simulator = await startSimulator(temenosUs, { clock });
  const of = { id: account, party: '100210', currency: 'USD', balance: 10_000 };
  seedBook(simulator.book, { parties: [{ id: '100210', name: 'Ann Sample' }], accounts: [of] });
  const { url, credentials, settings } = simulator;
  const adapter = openTemenos({ url, credentials, settings, now: () => clock.now() });
  const { placeHold, increaseHold, releaseHold, readHold, lookUp } = adapter.operations;
  assert.ok(placeHold && increaseHold && releaseHold && readHold);
  const free = () => {
    const found = simulator.book.accounts.get(account);
    assert.ok(found);
    return availableOf(found);
  };
  t.after(async () => {
    await adapter.close();
    await simulator.close();
  });
  return { simulator, placeHold, increaseHold, releaseHold, readHold, lookUp, free };
}

const hold = referenceOf('hold');
const place = { reference: hold, mark: 'cafe0000', account, amount: 1_250, currency: 'USD' };
const change = (name: string) => {
  return { hold, account, currency: 'USD', reference: referenceOf(name), mark: 'cafe0001' };
};

void test('a lock is placed, raised and released, each once', async (t) => {
  const bank = await usBank(t);
  const expiresAt = '2030-01-31T00:00:00.000Z';
  assert.equal((await bank.placeHold({ ...place, expiresAt })).status, 'completed');
  assert.equal(bank.free(), 8_750);
  const raise = { ...change('raise'), amount: 250 };
  assert.equal((await bank.increaseHold(raise)).status, 'completed');
  const again = await bank.increaseHold(raise);
  assert.ok(again.status === 'completed' && again.replayed);
  const read = await bank.readHold({ id: hold, account });
  assert.deepEqual([read?.amount, read?.status, read?.expires_at], [1_500, 'open', expiresAt]);
  assert.equal((await bank.releaseHold(change('release'))).status, 'completed');
  assert.equal(bank.free(), 10_000);
  assert.equal((await bank.readHold({ id: hold, account }))?.status, 'voided');
  const late = await bank.increaseHold({ ...change('late'), amount: 1 });
  assert.ok(late.status === 'rejected' && late.code === 'hold_voided');
});

void test('a change whose answer is lost is found by its reference', async (t) => {
  const bank = await usBank(t);
  await bank.placeHold(place);
  bank.simulator.inject({ kind: 'lost', match: '^PUT' });
  const release = change('release');
  assert.equal((await bank.releaseHold(release)).status, 'unknown');
  const of = { reference: release.reference, kind: 'release', account, hold } as const;
  const found = await bank.lookUp(of);
  assert.deepEqual([found?.answer.status, found?.mark], ['completed', 'cafe0001']);
  assert.equal(await bank.lookUp({ ...of, reference: referenceOf('other') }), undefined);
  const placed = await bank.lookUp({ reference: hold, kind: 'hold', account });
  assert.deepEqual([placed?.answer.status, placed?.mark], ['completed', null]);
});

void test('what cannot be locked is refused with a reason', async (t) => {
  const bank = await usBank(t);
  const poor = await bank.placeHold({ ...place, amount: 99_999_999 });
  assert.ok(poor.status === 'rejected' && poor.code === 'insufficient_funds');
  const none = await bank.releaseHold(change('nothing'));
  assert.ok(none.status === 'rejected' && none.code === 'hold_not_found');
});
