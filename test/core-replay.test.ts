// A bank whose book is a core's, lived again without that core: what it has answered stands in the
// outcomes, and what was interrupted is there once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishRound } from '#cores';
import { initiation } from '#payments';
import { reliveLog } from '#replay';
import { createBook, seedBook } from '../simulators/cores/book.ts';
import { move, openBank, seal } from './bank.ts';
import { testDatabase, testPassword } from './database.ts';
import { mirroredBank } from './mirrored.ts';
import { movingAdapter } from './moving-adapter.ts';

const eur = { currency: 'EUR' };

test('payments over a core live again without it, also those that were interrupted', async (t) => {
  const time = { now: Date.parse('2026-01-05T09:00:00Z') };
  const book = createBook({ now: () => time.now });
  seedBook(book, {
    parties: [{ id: 'P1', name: 'Ann' }],
    accounts: [
      { id: 'A1', party: 'P1', currency: 'EUR', balance: 10_000 },
      { id: 'B1', party: 'P1', currency: 'EUR' },
    ],
  });
  const adapter = movingAdapter(book);
  const bank = await openBank(t, { adapter });
  const { tenant, import: bring, own, told } = await mirroredBank(bank, adapter);
  await bring();
  const [debtor, creditor] = [await own('A1'), await own('B1')];
  const pay = (amount: number, more: object = {}) => {
    const order = {
      ...{ kind: 'transfer', channel: 'mobile', amount, currency: 'EUR', debtor: 'cus_1' },
      ...{ debtor_account_id: debtor, creditor_account_id: creditor, creditor_country: 'DE' },
      ...more,
    };
    const known = { screening_status: 'known', local_hour: 14, account_age_days: 700 };
    const facts = { ...known, new_payee: false, new_device: false };
    const body = initiation({ ...order, facts } as never);
    return tenant.execute('payment.initiate', body as never);
  };
  const post = (amount: number, more: object = {}) =>
    tenant.execute('journal.post', { legs: [move(debtor, creditor, amount, more)] } as never);
  assert.equal((await pay(1_000)).outcome.status, 'accepted');
  assert.equal((await pay(500, { creditor_country: 'RU' })).outcome.status, 'accepted');
  assert.equal((await post(50_000, eur)).outcome.status, 'rejected');
  await tenant.change(debtor, { bound: 'no_overdraft' });
  adapter.trouble.push('vanished');
  await assert.rejects(pay(8_000), { code: 'outcome_unknown' });
  // Refused for what is under way, of which the ledger itself knows nothing yet.
  assert.equal((await pay(700)).outcome.status, 'rejected');
  bank.time.now += 61_000;
  const { planes } = bank;
  assert.ok(planes.mirrored);
  const pool = planes.database.pool('money');
  const onError = (error: unknown) => assert.fail(String(error));
  const round = finishRound({ ...planes.mirrored, pool, clock: planes.clock, onError });
  assert.deepEqual([await round(), await round()], [1, 0]);
  const posted = await told('payment.posted');
  assert.deepEqual(
    posted.map(({ amount }) => amount),
    [1_000, 8_000],
  );
  assert.equal(book.accounts.get('B1')?.booked, 9_000);
  await seal(bank);
  const scratch = await testDatabase(t);
  const calls = adapter.called.length;
  const { keyring } = planes;
  const urls = { url: bank.url, scratchUrl: scratch.url };
  const relived = await reliveLog({ ...urls, password: testPassword, keyring });
  assert.deepEqual(
    relived.rows?.filter(({ isSame }) => !isSame),
    [],
  );
  assert.deepEqual(
    relived.tenants.map(({ differing, added }) => [differing, added]),
    relived.tenants.map(() => [0, 0]),
  );
  assert.deepEqual([relived.score, relived.isSame], [1, true]);
  assert.equal(adapter.called.length, calls, 'no core is asked');
});
