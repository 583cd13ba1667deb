import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, seededRandom } from '#core';
import { openPlanes } from '#main';
import { createBook, decide } from '../../../simulators/cores/book.ts';
import { move, openBank, tenantOf } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter, type Trouble } from '../../../test/moving-adapter.ts';
import { finishRound } from './round.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const { database, clock, mirrored } = bank.planes;
const pool = database.pool('money');
assert.ok(mirrored);
const errors: unknown[] = [];
const round = finishRound({ ...mirrored, pool, clock, onError: (error) => errors.push(error) });

const openCustomer = customersAtCore({ bank, book, adapter });

/** A minute later, whoever looks after interrupted moves does so. */
async function later(ms = 61_000): Promise<void> {
  bank.time.now += ms;
  await round();
}

test('a payment is moved in the core and in the mirror, and says who moved it', async () => {
  const { tenant, pay, both, intentOf } = await openCustomer();
  const { outcome } = await pay(300, 'plain');
  assert.equal(outcome.status, 'accepted');
  assert.deepEqual(await both(), [700, 300]);
  const intent = await intentOf('plain');
  assert.match(intent?.reference ?? '', /^[A-Z2-7]{16}$/);
  assert.equal(intent?.state, 'completed');
  const { rows } = await bank.superuser.query<{ outcome: string }>(
    "select outcome from core.command where tenant_id = $1 and idempotency_key = 'plain'",
    [tenant.id],
  );
  assert.deepEqual(JSON.parse(rows[0]?.outcome ?? ''), {
    status: 'accepted',
    core: { name: 'book', reference: intent?.coreReference },
  });
});

test('what our ledger refuses is never asked of the core', async () => {
  const { tenant, pay, both, debtor } = await openCustomer();
  await tenant.change(debtor, { status: 'frozen' });
  const before = adapter.called.length;
  const { outcome } = await pay(10, 'frozen');
  assert.deepEqual(
    [outcome.status, outcome.status === 'rejected' && outcome.code],
    ['rejected', 'debit_account_frozen'],
  );
  assert.equal(adapter.called.length, before);
  assert.deepEqual(await both(), [1_000, 0]);
});

test('a process that ends before the core was asked: another asks it once', async () => {
  const { pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('dead');
  await assert.rejects(pay(100, 'dead before'), { code: 'outcome_unknown' });
  assert.deepEqual(await both(), [1_000, 0]);
  await later(10_000);
  assert.equal((await intentOf('dead before'))?.looks, 0, 'it is left alone at first');
  await later();
  assert.deepEqual(await both(), [900, 100]);
  await later();
  const again = await pay(100, 'dead before');
  assert.deepEqual([again.outcome.status, again.replayed], ['accepted', true]);
  assert.deepEqual(await both(), [900, 100]);
});

test('a process that ends before it has posted: another finds it moved, and posts it', async () => {
  const { pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('lost');
  const { lookUp } = adapter.operations;
  Object.assign(adapter.operations, {
    lookUp: async () => Promise.reject(new Fault('core_failed', 'away')),
  });
  await assert.rejects(pay(100, 'dead after'), { code: 'outcome_unknown' });
  Object.assign(adapter.operations, { lookUp });
  assert.equal((await intentOf('dead after'))?.state, 'unknown');
  const calls = adapter.called.length;
  await later();
  assert.equal((await intentOf('dead after'))?.state, 'completed');
  assert.equal(adapter.called.length, calls, 'it is looked up, not asked again');
  assert.deepEqual(await both(), [900, 100]);
});

test('what is under way counts before the next payment of the same account', async () => {
  const { tenant, debtor, pay, both } = await openCustomer();
  await tenant.change(debtor, { bound: 'no_overdraft' });
  adapter.trouble.push('vanished');
  await assert.rejects(pay(900, 'under way'), { code: 'outcome_unknown' });
  const { outcome } = await pay(200, 'next');
  assert.ok(outcome.status === 'rejected' && outcome.code === 'insufficient_funds');
  await later();
  assert.deepEqual(await both(), [100, 900]);
});

test('a core that is away has done nothing: the key is free for another try', async () => {
  const { pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('away');
  await assert.rejects(pay(100, 'away'), { code: 'core_failed' });
  assert.equal(await intentOf('away'), undefined);
  assert.equal((await pay(100, 'away')).outcome.status, 'accepted');
  assert.deepEqual(await both(), [900, 100]);
});

test('what waits for the core’s own checker is posted when he has agreed', async () => {
  const { pay, both, intentOf, first } = await openCustomer();
  const account = book.accounts.get(first);
  assert.ok(account);
  account.needsChecker = true;
  await assert.rejects(pay(100, 'checked'), { code: 'core_approval_pending' });
  await later();
  assert.equal((await intentOf('checked'))?.state, 'pending_approval');
  const [pending] = book.moves.filter(({ debtor }) => debtor === first);
  decide(book, pending?.id ?? '', true);
  await later(300_000);
  assert.equal((await intentOf('checked'))?.state, 'completed');
  assert.deepEqual(await both(), [900, 100]);
});

test('a hold is placed at the core, and a payment of it is one capture there', async () => {
  const { tenant, debtor, creditor, both, first } = await openCustomer();
  const placed = await tenant.ok(move(debtor, creditor, 400, { ...eur, kind: 'hold' }));
  assert.equal(book.accounts.get(first)?.held, 400);
  const legs = [move(debtor, creditor, 300, eur)];
  const calls = adapter.called.length;
  const done = await tenant.execute('journal.post', { legs, held: [placed.hold] } as never);
  assert.equal(done.outcome.status, 'accepted');
  assert.equal(adapter.called.length, calls + 1);
  assert.equal(book.accounts.get(first)?.held, 0);
  assert.deepEqual(await both(), [700, 300]);
});

test('a journal that moves accounts of the core twice is told what to do instead', async () => {
  const { tenant, debtor, creditor, both } = await openCustomer();
  const legs = [move(debtor, creditor, 1, eur), move(debtor, creditor, 2, eur)];
  await assert.rejects(tenant.execute('journal.post', { legs } as never), (error: unknown) => {
    assert.ok(error instanceof Fault && error.code === 'core_operation_missing');
    return error.message.includes('each movement');
  });
  const outside = await tenant.open({ currency: 'EUR' });
  const other = [move(debtor, outside, 1, eur)];
  await assert.rejects(tenant.execute('journal.post', { legs: other } as never), {
    code: 'core_operation_missing',
  });
  assert.deepEqual(await both(), [1_000, 0]);
});

test('two processes and a failing core: what was paid has moved once, on both sides', async () => {
  const { tenant, debtor, creditor, both } = await openCustomer(100_000);
  const other = openPlanes({ ...bank.planes, adapter, random: seededRandom(11) });
  const random = seededRandom(5);
  const kinds: readonly Trouble[] = ['lost', 'vanished', 'away', 'fine', 'fine', 'fine'];
  const processes = [tenant, tenantOf(other, bank.time, tenant.id)];
  const pays = Array.from({ length: 40 }, (_, at) => {
    adapter.trouble.push(kinds[random.uint32() % kinds.length] ?? 'fine');
    const legs = [move(debtor, creditor, 1 + at, eur)];
    // Every fourth is sent by both processes at once, under one key.
    const senders = at % 4 === 0 ? processes : [processes[at % 2] ?? tenant];
    return senders.map((sender) =>
      sender.execute('journal.post', { legs } as never, `busy ${at}`).catch(codeOf),
    );
  });
  const told = new Set((await Promise.all(pays.flat())).filter((each) => typeof each === 'string'));
  adapter.trouble.length = 0;
  for (let look = 0; look < 3; look += 1) await later(3_600_000);
  await other.close();
  const [, moved] = await both();
  const references = book.moves.filter(({ debtor: from }) => from.startsWith('A'));
  assert.equal(new Set(references.map(({ reference }) => reference)).size, references.length);
  const { rows } = await bank.superuser.query<{ open: number }>(
    `select count(*)::int as open from money.core_intent
      where tenant_id = $1 and state not in ('completed', 'rejected')`,
    [tenant.id],
  );
  assert.deepEqual(rows, [{ open: 0 }]);
  assert.ok(moved && moved > 400, `${moved} were moved`);
  assert.deepEqual([...told].sort(), ['core_failed', 'outcome_unknown']);
  assert.deepEqual(errors, []);
});

function codeOf(error: unknown): string {
  assert.ok(error instanceof Fault);
  return error.code;
}
