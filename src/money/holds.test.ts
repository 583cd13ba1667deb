import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { figures, hold, openBank, openShop, rejected, uuidOf } from '../../test/bank.ts';
import type { Leg } from './journal.ts';

const bank = await openBank({ after });
const minute = 60_000;

const capture = (id: string, amount?: number, more: object = {}): Leg => ({
  kind: 'capture',
  hold_id: id,
  ...(amount === undefined ? {} : { amount }),
  ...more,
});
const partial = (id: string, amount: number) => capture(id, amount, { final: false });
const release = (id: string): Leg => ({ kind: 'void', hold_id: id });
const expire = (id: string): Leg => ({ kind: 'expire', hold_id: id });
const increase = (id: string, amount: number): Leg => ({ kind: 'increase', hold_id: id, amount });

test('a hold reserves on both accounts and moves nothing', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  assert.deepEqual(await figures(tenant, customer), [1000, -300, 700]);
  assert.deepEqual(await figures(tenant, merchant), [0, 300, 0]);
  const { created_at: _, ...view } = (await tenant.hold(id)) ?? {};
  assert.deepEqual(view, {
    id,
    debit_account_id: customer,
    credit_account_id: merchant,
    currency: 'USD',
    amount: 300,
    captured: 0,
    released: 0,
    status: 'open',
    expires_at: null,
  });
});

test('five holds of 1,000 fit on 5,000, and a sixth does not', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 5000);
  for (let count = 0; count < 5; count += 1) await tenant.ok(hold(customer, merchant, 1000));
  const sixth = await tenant.post(hold(customer, merchant, 1000));
  assert.deepEqual(sixth.outcome, rejected('insufficient_funds'));
});

test('a hold is increased as long as funds are there', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  await tenant.ok(increase(id, 700));
  assert.deepEqual(await figures(tenant, customer), [1000, -1000, 0]);
  assert.deepEqual((await tenant.post(increase(id, 1))).outcome, rejected('insufficient_funds'));
  await tenant.ok(capture(id));
  assert.deepEqual(await figures(tenant, merchant), [1000, 0, 1000]);
});

test('a final capture of a part releases the rest', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  await tenant.ok(capture(id, 120));
  assert.deepEqual(await figures(tenant, customer), [880, 0, 880]);
  const view = await tenant.hold(id);
  assert.deepEqual([view?.status, view?.captured, view?.released], ['captured', 120, 180]);
  assert.deepEqual((await tenant.post(capture(id, 1))).outcome, rejected('hold_captured'));
  assert.deepEqual((await tenant.post(release(id))).outcome, rejected('hold_captured'));
});

test('a hold is captured many times, and never for more than is left', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  await tenant.ok(partial(id, 100));
  await tenant.ok(partial(id, 150));
  assert.deepEqual((await tenant.post(partial(id, 51))).outcome, rejected('amount_exceeds_hold'));
  assert.deepEqual(await figures(tenant, customer), [750, -50, 700]);
  await tenant.ok(partial(id, 50));
  assert.equal((await tenant.hold(id))?.status, 'captured');
  assert.deepEqual(await figures(tenant, merchant), [300, 0, 300]);
});

test('voiding gives back what is not captured', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  await tenant.ok(partial(id, 100));
  await tenant.ok(release(id));
  assert.deepEqual(await figures(tenant, customer), [900, 0, 900]);
  const view = await tenant.hold(id);
  assert.deepEqual([view?.status, view?.captured, view?.released], ['voided', 100, 200]);
  assert.deepEqual((await tenant.post(release(id))).outcome, rejected('hold_voided'));
  assert.deepEqual((await tenant.post(capture(id))).outcome, rejected('hold_voided'));
});

test('a hold ends exactly at its expiry, whenever that is recorded', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const due = bank.time.now + minute;
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300, due));
  const read = async () => ({
    before: await figures(tenant, customer, { asOf: due - 1 }),
    at: await figures(tenant, customer, { asOf: due }),
  });
  const exact = { before: [1000, -300, 700], at: [1000, 0, 1000] };

  bank.time.now = due + 5 * minute;
  assert.deepEqual(await read(), exact, 'nothing has recorded the expiry yet');
  assert.equal((await tenant.hold(id))?.status, 'expired');
  assert.equal((await tenant.hold(id))?.released, 300);

  await tenant.ok(expire(id));
  assert.deepEqual(await read(), exact, 'the record changes no answer about the past');
  assert.deepEqual(await figures(tenant, merchant), [0, 0, 0]);
  assert.deepEqual((await tenant.post(expire(id))).outcome, rejected('hold_expired'));
});

test('a partly captured hold that expires frees the rest alone', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const due = bank.time.now + minute;
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300, due));
  await tenant.ok(increase(id, 100));
  await tenant.ok(partial(id, 150));
  bank.time.now = due;
  assert.deepEqual(await figures(tenant, customer), [850, 0, 850]);
  assert.deepEqual(await figures(tenant, merchant), [150, 0, 150]);
  await tenant.ok(expire(id));
  assert.deepEqual(await figures(tenant, customer), [850, 0, 850]);
  const view = await tenant.hold(id);
  assert.deepEqual([view?.status, view?.captured, view?.released], ['expired', 150, 250]);
});

test('funds of a hold that is due can be spent before its expiry is recorded', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const due = bank.time.now + minute;
  const { hold: id } = await tenant.ok(hold(customer, merchant, 900, due));
  bank.time.now = due - 1;
  const early = await tenant.post(hold(customer, merchant, 900, due + minute));
  assert.deepEqual(early.outcome, rejected('insufficient_funds'));
  bank.time.now = due;
  await tenant.ok(hold(customer, merchant, 900, due + minute));
  assert.deepEqual(await figures(tenant, customer), [1000, -900, 100]);
  await tenant.ok(expire(id));
  assert.deepEqual(await figures(tenant, customer), [1000, -900, 100]);
});

test('a hold that is due can only expire, and not a millisecond earlier', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const due = bank.time.now + minute;
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300, due));
  bank.time.now = due - 1;
  assert.deepEqual((await tenant.post(expire(id))).outcome, rejected('hold_not_due'));
  bank.time.now = due;
  for (const late of [capture(id), partial(id, 1), increase(id, 1), release(id)]) {
    assert.deepEqual((await tenant.post(late)).outcome, rejected('hold_expired'), late.kind);
  }
  const past = await tenant.post(hold(customer, merchant, 1, due));
  assert.deepEqual(past.outcome, rejected('expiry_in_the_past'));
});

test('a freeze stops new promises, not the capture of an old one', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1000);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
  await tenant.change(customer, { status: 'frozen' });
  assert.deepEqual((await tenant.post(increase(id, 1))).outcome, rejected('debit_account_frozen'));
  await tenant.ok(capture(id));
  assert.deepEqual(await figures(tenant, merchant), [300, 0, 300]);
});

test('what is posted and what is released add up to what was held', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('increase'), amount: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('capture'), amount: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ kind: fc.constant('partial'), amount: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ kind: fc.constant('void'), amount: fc.constant(0) }),
  );
  const { tenant, customer, merchant } = await openShop(bank, 1_000_000);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const before = await tenant.balances(merchant);
      const { hold: id } = await tenant.ok(hold(customer, merchant, 300));
      for (const { kind, amount } of steps) await tenant.post(legOf(kind, id, amount));
      await tenant.post(release(id));
      const view = await tenant.hold(id);
      const now = await tenant.balances(merchant);
      assert.ok(view && before && now);
      assert.equal(view.captured + view.released, view.amount);
      assert.equal(now.booked - before.booked, view.captured);
      assert.equal(now.pending, 0);
      const { rows } = await tenant.read((tx) =>
        tx.query(
          `select sum(amount) filter (where kind in ('hold', 'increase')) as held,
                  sum(case kind when 'capture' then amount + released
                                when 'void' then amount else 0 end) as settled
             from money.transfer where hold_id = $1`,
          [uuidOf('hold', id)],
        ),
      );
      assert.equal(rows[0].held, rows[0].settled);
    }),
    { numRuns: 25 },
  );
});

function legOf(kind: string, id: string, amount: number): Leg {
  if (kind === 'increase') return increase(id, amount);
  if (kind === 'void') return release(id);
  return kind === 'capture' ? capture(id, amount) : partial(id, amount);
}
