import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBook } from '../../../simulators/cores/book.ts';
import { move, openBank } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book, { holds: false });
const bank = await openBank({ after }, { adapter });
const openCustomer = customersAtCore({ bank, book, adapter });

test('over a core without holds, ours are kept: nothing else spends them', async () => {
  const { tenant, debtor, creditor, pay, both } = await openCustomer();
  const holding = (amount: number) => move(debtor, creditor, amount, { ...eur, kind: 'hold' });
  const calls = adapter.called.length;
  const placed = await tenant.ok(holding(400));
  assert.equal(adapter.called.length, calls, 'the core has nothing to do with it');
  const core = bank.planes.core.operations;
  const balances = await core.readBalances({ tenant: tenant.id, id: debtor });
  assert.deepEqual(
    balances?.map(({ type, amount }) => [type, amount]),
    [
      ['ITBD', 1_000],
      ['ITAV', 600],
    ],
  );
  const refusedOf = ({ outcome }: Awaited<ReturnType<typeof pay>>) =>
    outcome.status === 'rejected' ? outcome.code : outcome.status;
  assert.equal(refusedOf(await pay(601, 'too much')), 'insufficient_funds');
  const second = await tenant.post(holding(601));
  assert.ok(second.outcome.status === 'rejected');
  assert.equal(refusedOf(await pay(600, 'the rest')), 'accepted');
  const capture = { kind: 'capture', hold_id: placed.hold, amount: 300 };
  const taken = await tenant.execute('journal.post', { legs: [capture] });
  assert.equal(refusedOf(taken), 'accepted');
  assert.deepEqual(await both(), [100, 900]);
  assert.equal(refusedOf(await pay(100, 'what was left of the hold')), 'accepted');
});
