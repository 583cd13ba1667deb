import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reliveLog } from '#replay';
import { createBook, seedBook, transfer } from '../../../simulators/cores/book.ts';
import { openBank, seal } from '../../../test/bank.ts';
import { bookAdapter } from '../../../test/book-adapter.ts';
import { testDatabase, testPassword } from '../../../test/database.ts';
import { mirroredBank } from '../../../test/mirrored.ts';

test('a mirror lives again from the log alone: links, postings, differences', async (t) => {
  const bank = await openBank(t);
  const book = createBook({ now: () => bank.time.now });
  seedBook(book, {
    parties: [{ id: 'P1', name: 'Anna Example' }],
    accounts: [
      { id: 'A', party: 'P1', currency: 'EUR', balance: 1_000 },
      { id: 'B', party: 'P1', currency: 'EUR', status: 'blocked', balance: -50 },
    ],
  });
  const of = await mirroredBank(bank, bookAdapter(book));
  await of.import();
  bank.time.now += 1_000;
  const order = { debtor: 'A', creditor: 'B', amount: 40, currency: 'EUR' };
  const account = book.accounts.get('B');
  assert.ok(account);
  account.status = 'open';
  transfer(book, { ...order, reference: 'R1', valueDate: '2026-01-05' });
  await of.follow();
  account.booked += 1;
  assert.equal((await of.compare()).differing, 1);
  account.booked -= 1;
  assert.equal((await of.compare()).differing, 0);
  await seal(bank);
  const scratch = await testDatabase(t);
  const { url, planes } = bank;
  const relived = await reliveLog({
    ...{ url, scratchUrl: scratch.url, password: testPassword, keyring: planes.keyring },
  });
  assert.deepEqual(
    relived.rows?.filter(({ isSame }) => !isSame),
    [],
  );
  const written = relived.rows?.filter(({ recorded }) => recorded > 0).map(({ table }) => table);
  const wanted = ['register.core_link', 'register.core_difference', 'register.party'];
  assert.deepEqual(
    wanted.filter((table) => !written?.includes(table)),
    [],
  );
  assert.deepEqual([relived.score, relived.isSame], [1, true]);
});
