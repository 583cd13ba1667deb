// A hold that is added to over a core which cannot: what was added is held by our ledger alone.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault } from '#core';
import { createBook, transfer } from '../../../simulators/cores/book.ts';
import { move, openBank } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';
import type { Adapter } from '../adapter.ts';
import { finishRound } from './round.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
assert.equal(adapter.operations.increaseHold, undefined);
const bank = await openBank({ after }, { adapter });
const { clock, database, mirrored } = bank.planes;
assert.ok(mirrored);
const pool = database.pool('money');
const onError = (error: unknown) => assert.fail(String(error));
const round = finishRound({ ...mirrored, pool, clock, onError });
const openCustomer = customersAtCore({ bank, book, adapter });

/** A customer with 1,000, of which 400 are held at the core and 200 more by our ledger. */
async function held() {
  const customer = await openCustomer();
  const { tenant, debtor, creditor, first } = customer;
  const placed = await tenant.ok(move(debtor, creditor, 400, { ...eur, kind: 'hold' }));
  const leg = async (of: object) => {
    const legs = [{ hold_id: placed.hold, ...of }];
    return codeOf((await tenant.execute('journal.post', { legs } as never)).outcome);
  };
  const calls = adapter.called.length;
  assert.equal(await leg({ kind: 'increase', amount: 200 }), 'accepted');
  assert.equal(adapter.called.length, calls, 'the core keeps its first hold');
  const { readBalances } = bank.planes.core.operations;
  const available = async () => {
    const balances = await readBalances({ tenant: tenant.id, id: debtor });
    const found = balances?.find(({ type }) => type === 'ITAV');
    return found && (found.credit_debit_indicator === 'CRDT' ? found.amount : -found.amount);
  };
  const heldThere = () => book.accounts.get(first)?.held;
  assert.deepEqual([await available(), heldThere()], [400, 400]);
  return { ...customer, hold: placed.hold, leg, available, heldThere };
}

type Outcome = { readonly status: string; readonly code?: string };
function codeOf({ status, code }: Outcome): string {
  return code ?? status;
}

test('nothing else spends what was added, and no more is added than there is', async () => {
  const { pay, leg, both, available } = await held();
  assert.equal(codeOf((await pay(401, 'too much')).outcome), 'insufficient_funds');
  assert.equal(await leg({ kind: 'increase', amount: 401 }), 'insufficient_funds');
  assert.equal(codeOf((await pay(400, 'the rest')).outcome), 'accepted');
  assert.equal(await leg({ kind: 'capture' }), 'accepted');
  assert.deepEqual(await both(), [0, 1_000]);
  assert.equal(await available(), 0);
});

test('a capture within what the core holds is one capture there', async () => {
  const { leg, both, available, heldThere } = await held();
  const calls = adapter.called.length;
  assert.equal(await leg({ kind: 'capture', amount: 400 }), 'accepted');
  assert.equal(adapter.called.length, calls + 1);
  assert.deepEqual(await both(), [600, 400]);
  assert.deepEqual([await available(), heldThere()], [600, 0]);
});

test('a capture beyond that is given back there, and moved as a whole', async () => {
  const { tenant, leg, both, available, heldThere, hold } = await held();
  assert.equal(await leg({ kind: 'capture', amount: 601 }), 'amount_exceeds_hold');
  assert.equal(await leg({ kind: 'capture', amount: 550 }), 'accepted');
  assert.deepEqual(await both(), [450, 550]);
  assert.deepEqual([await available(), heldThere()], [450, 0]);
  assert.equal((await tenant.hold(hold))?.status, 'captured');
});

test('of a part that is taken, the rest is held by our ledger, and let go by it', async () => {
  const { tenant, leg, pay, both, available, heldThere, hold } = await held();
  assert.equal(await leg({ kind: 'capture', amount: 100, final: false }), 'accepted');
  assert.deepEqual([await available(), heldThere()], [400, 0]);
  assert.equal(codeOf((await pay(401, 'too much')).outcome), 'insufficient_funds');
  assert.equal(await leg({ kind: 'capture', amount: 450, final: false }), 'accepted');
  assert.deepEqual(await both(), [450, 550]);
  assert.equal(await available(), 400);
  const calls = adapter.called.length;
  assert.equal(await leg({ kind: 'void' }), 'accepted');
  assert.equal(adapter.called.length, calls, 'there is nothing there any more');
  assert.equal(await available(), 450);
  const { status, released } = (await tenant.hold(hold)) ?? {};
  assert.deepEqual([status, released], ['voided', 50]);
});

test('voided, or paid in its place, both parts are free', async () => {
  const one = await held();
  assert.equal(await one.leg({ kind: 'void' }), 'accepted');
  assert.deepEqual([await one.available(), one.heldThere()], [1_000, 0]);
  const other = await held();
  const { tenant, debtor, creditor, hold } = other;
  const legs = [move(debtor, creditor, 950, eur)];
  const done = await tenant.execute('journal.post', { legs, held: [hold] } as never);
  assert.equal(codeOf(done.outcome), 'accepted');
  assert.deepEqual(await other.both(), [50, 950]);
  assert.deepEqual([await other.available(), other.heldThere()], [50, 0]);
});

test('given back there and refused then, all of it is held here until it is taken', async () => {
  const { leg, first, second, available } = await held();
  const [debtor, creditor] = [first, second];
  const order = { debtor, creditor, amount: 500, currency: 'EUR', valueDate: '2026-01-05' };
  transfer(book, { ...order, reference: 'BRANCH' });
  assert.equal(await leg({ kind: 'capture' }), 'insufficient_funds');
  assert.equal(await available(), -100);
  const back = { debtor: second, creditor: first, reference: 'BACK' };
  transfer(book, { ...order, ...back });
  assert.equal(await available(), 400);
  assert.equal(await leg({ kind: 'capture' }), 'accepted');
  assert.equal(await available(), 400);
});

test('interrupted between both calls, it is held all the while and taken once', async () => {
  const { leg, pay, both, available, heldThere } = await held();
  adapter.trouble.push('fine', 'away');
  await assert.rejects(leg({ kind: 'capture' }), { code: 'outcome_unknown' });
  assert.deepEqual([await available(), heldThere()], [400, 0]);
  assert.equal(codeOf((await pay(401, 'meanwhile')).outcome), 'insufficient_funds');
  bank.time.now += 61_000;
  await round();
  assert.deepEqual(await both(), [400, 600]);
  assert.equal(await available(), 400);
});

test('while the core does not tell its balance, nothing is spent beside such a hold', async () => {
  const { pay, leg, both, intentOf } = await held();
  const { readBalances } = adapter.operations;
  const away = async () => Promise.reject(new Fault('core_failed', 'the core is away'));
  const silent: Adapter['operations']['readBalances'] = async () => [];
  for (const answer of [away, silent]) {
    Object.assign(adapter.operations, { readBalances: answer });
    const calls = adapter.called.length;
    await assert.rejects(pay(300, 'blind'), { code: 'core_failed' });
    await assert.rejects(leg({ kind: 'increase', amount: 1 }), { code: 'core_failed' });
    assert.equal(adapter.called.length, calls);
    assert.equal(await intentOf('blind'), undefined, 'the key is free');
  }
  Object.assign(adapter.operations, { readBalances });
  assert.equal(codeOf((await pay(300, 'blind')).outcome), 'accepted');
  assert.deepEqual(await both(), [700, 300]);
});
