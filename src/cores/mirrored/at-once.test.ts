// Two processes that want the same of a core at the same time: one of them gets it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { externalId, Fault, seededRandom } from '#core';
import { openPlanes } from '#main';
import { createBook } from '../../../simulators/cores/book.ts';
import { move, openBank, type Tenant, tenantOf } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const other = openPlanes({ ...bank.planes, adapter, random: seededRandom(11) });
after(() => other.close());
const openCustomer = customersAtCore({ bank, book, adapter });

/** What came of a journal of one leg: `accepted`, or why not. */
async function come(tenant: Tenant, leg: object, key: string): Promise<string> {
  try {
    const { outcome } = await tenant.execute('journal.post', { legs: [leg] } as never, key);
    return outcome.status === 'accepted' ? outcome.status : outcome.code;
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error.code;
  }
}

test('a capture and a void at once: one is done, on both sides', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { tenant, debtor, creditor, both, first } = await openCustomer();
    const far = tenantOf(other, bank.time, tenant.id);
    const placed = await tenant.ok(move(debtor, creditor, 400, { ...eur, kind: 'hold' }));
    const hold_id = placed.hold;
    const [taken, voided] = await Promise.all([
      come(tenant, { kind: 'capture', hold_id }, 'take'),
      come(far, { kind: 'void', hold_id }, 'void'),
    ]);
    const done = [taken, voided].filter((each) => each === 'accepted');
    assert.equal(done.length, 1, `${taken}, ${voided}`);
    assert.equal(book.accounts.get(first)?.held, 0);
    assert.deepEqual(await both(), taken === 'accepted' ? [600, 400] : [1_000, 0]);
  }
});

test('a transfer is sent back once, whoever asks and under whichever key', async () => {
  const { tenant, pay, both } = await openCustomer();
  const far = tenantOf(other, bank.time, tenant.id);
  const paid = await pay(300, 'to send back');
  const transfer_id = externalId('transfer', paid.effects?.transfers[0]?.id ?? '');
  const of = { kind: 'reverse', transfer_id };
  const told = await Promise.all([come(tenant, of, 'one'), come(far, of, 'two')]);
  assert.equal(told.filter((each) => each === 'accepted').length, 1, told.join());
  assert.equal(await come(tenant, of, 'three'), 'already_reversed');
  assert.deepEqual(await both(), [1_000, 0]);
});

test('one key, sent by two processes at once, moves once', async () => {
  const { tenant, debtor, creditor, both } = await openCustomer();
  const far = tenantOf(other, bank.time, tenant.id);
  const leg = move(debtor, creditor, 100, eur);
  const told = await Promise.all([come(tenant, leg, 'same'), come(far, leg, 'same')]);
  const ways = ['accepted', 'outcome_unknown'];
  assert.deepEqual(
    told.filter((each) => !ways.includes(each)),
    [],
  );
  assert.equal(await come(far, leg, 'same'), 'accepted');
  assert.equal(await come(far, { ...leg, amount: 101 }, 'same'), 'idempotency_key_reused');
  assert.deepEqual(await both(), [900, 100]);
});
