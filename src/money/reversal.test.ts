import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { figures, hold, move, openBank, openShop, rejected } from '../../test/bank.ts';
import type { Leg } from './journal.ts';

const bank = await openBank({ after });

const reverse = (transfer: string | undefined): Leg => ({
  kind: 'reverse',
  transfer_id: transfer as string,
});

test('a reversal mirrors the transfer, whole and once', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { transfers } = await tenant.ok(move(customer, merchant, 60));
  await tenant.ok(reverse(transfers[0]));
  assert.deepEqual(await figures(tenant, customer), [100, 0, 100]);
  assert.deepEqual(await figures(tenant, merchant), [0, 0, 0]);
  const again = await tenant.post(reverse(transfers[0]));
  assert.deepEqual(again.outcome, rejected('already_reversed'));
});

test('a transfer is reversed once, by two legs of one journal or by many at a time', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { transfers } = await tenant.ok(move(customer, merchant, 60));
  const leg = reverse(transfers[0]);
  const twice = await tenant.post([leg, leg]);
  assert.deepEqual(twice.outcome, rejected('already_reversed', 1));
  const race = await Promise.all(Array.from({ length: 5 }, () => tenant.post(leg)));
  const accepted = race.filter(({ outcome }) => outcome.status === 'accepted');
  assert.equal(accepted.length, 1);
  assert.deepEqual(await figures(tenant, customer), [100, 0, 100]);
});

test('a reversal is no transfer to reverse', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { transfers } = await tenant.ok(move(customer, merchant, 60));
  const reversal = await tenant.ok(reverse(transfers[0]));
  const back = await tenant.post(reverse(reversal.transfers[0]));
  assert.deepEqual(back.outcome, rejected('not_reversible'));
});

test('a reversal needs the funds that it takes back', async () => {
  const { tenant, cash, customer, merchant } = await openShop(bank, 0);
  const { transfers } = await tenant.ok(move(cash, customer, 60));
  await tenant.ok(move(customer, merchant, 10));
  const short = await tenant.post(reverse(transfers[0]));
  assert.deepEqual(short.outcome, rejected('insufficient_funds'));
});

test('a reversed hold gives back what was not captured', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { hold: id, transfers } = await tenant.ok(hold(customer, merchant, 60));
  await tenant.ok({ kind: 'capture', hold_id: id, amount: 20, final: false });
  await tenant.ok(reverse(transfers[0]));
  assert.deepEqual(await figures(tenant, customer), [80, 0, 80]);
  assert.equal((await tenant.hold(id))?.status, 'voided');
  const again = await tenant.post(reverse(transfers[0]));
  assert.deepEqual(again.outcome, rejected('hold_voided'));
});

test('a capture is reversed by itself, and the hold stays captured', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 60));
  const first = await tenant.ok({ kind: 'capture', hold_id: id, amount: 20, final: false });
  const second = await tenant.ok({ kind: 'capture', hold_id: id });
  await tenant.ok(reverse(first.transfers[0]));
  assert.deepEqual(await figures(tenant, customer), [60, 0, 60]);
  await tenant.ok(reverse(second.transfers[0]));
  assert.deepEqual(await figures(tenant, customer), [100, 0, 100]);
  assert.equal((await tenant.hold(id))?.status, 'captured');
});

test('an increase or a release is nothing to reverse', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 60));
  const increase = await tenant.ok({ kind: 'increase', hold_id: id, amount: 10 });
  const release = await tenant.ok({ kind: 'void', hold_id: id });
  for (const { transfers } of [increase, release]) {
    const back = await tenant.post(reverse(transfers[0]));
    assert.deepEqual(back.outcome, rejected('not_reversible'));
  }
});

test('a reversal of a leg leaves the rest of its journal', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const legs = [move(customer, merchant, 50), move(customer, merchant, 5)];
  const { transfers } = await tenant.ok(legs);
  await tenant.ok(reverse(transfers[1]));
  assert.deepEqual(await figures(tenant, merchant), [50, 0, 50]);
});
