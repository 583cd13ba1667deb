import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBook } from '../../../simulators/cores/book.ts';
import { move, openBank, openServer, tenantOf } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const openCustomer = customersAtCore({ bank, book, adapter });
const alone = openServer({ after }, bank, { name: 'alone', seed: 7 });

test('who is not connected to the core of a bank moves nothing of it', async () => {
  const customer = await openCustomer(1_000);
  const { tenant, debtor, creditor } = customer;
  const there = tenantOf(alone, bank.time, tenant.id);
  const legs = [move(debtor, creditor, 100, eur)];
  await assert.rejects(there.execute('journal.post', { legs } as never, 'one'), (error: Error) => {
    assert.equal((error as { code?: string }).code, 'core_unavailable');
    assert.match(error.message, /keeps accounts of bank-1, .* start it with --core/);
    return true;
  });
  assert.deepEqual(await customer.both(), [1_000, 0], 'nothing has happened, in neither book');
  assert.equal((await customer.pay(100, 'one')).outcome.status, 'accepted', 'the same key does it');
  assert.deepEqual(await customer.both(), [900, 100]);
});

test('a bank without a core of its own is not held up', async () => {
  const tenant = await bank.tenant();
  const there = tenantOf(alone, bank.time, tenant.id);
  const [from, to] = [await tenant.open(), await tenant.open()];
  const { outcome } = await there.post(move(from, to, 5));
  assert.equal(outcome.status, 'accepted');
});
