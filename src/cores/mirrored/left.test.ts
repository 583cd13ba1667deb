// What is left open at a core: what was thrown out there, what people end, what is warned of, what
// our ledger cannot write, and what else is asked for under the same key meanwhile.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { derivedUuid, externalId, Fault, type Json, newCommand, seededRandom } from '#core';
import { openPlanes } from '#main';
import { dueIntents } from '#money';
import { createBook } from '../../../simulators/cores/book.ts';
import { move, openBank, type Tenant } from '../../../test/bank.ts';
import { customersAtCore, eur } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';
import { finishRound, looksMax } from './round.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const { database, clock, mirrored } = bank.planes;
const pool = database.pool('money');
assert.ok(mirrored);
const errors: unknown[] = [];
const round = finishRound({ ...mirrored, pool, clock, onError: (error) => errors.push(error) });
const openCustomer = customersAtCore({ bank, book, adapter });
const { lookUp } = adapter.operations;

async function later(ms = 61_000): Promise<void> {
  bank.time.now += ms;
  await round();
}

/** While it works, the core answers every look-up so. */
async function looking<Result>(answer: typeof lookUp, work: () => Promise<Result>) {
  Object.assign(adapter.operations, { lookUp: answer });
  return work().finally(() => Object.assign(adapter.operations, { lookUp }));
}
const gone = async () => undefined;
const away = async () => Promise.reject(new Fault('core_failed', 'away'));

let keys = 0;
async function as({ id: tenant }: Tenant, user: string, operation: string, body: Json) {
  keys += 1;
  const principal = { kind: 'user', id: user, tenant } as const;
  return bank.planes.execute({ principal, operation, body, idempotencyKey: `by ${keys}` });
}

/** One person with the approval of another. */
async function agreed(tenant: Tenant, operation: string, subject: Record<string, Json>) {
  const { commandId } = await as(tenant, 'ann', 'approval.request', {
    ...{ subject_kind: operation, subject, summary: 'looked at in the core' },
    expires_at: new Date(bank.time.now + 3_600_000).toISOString(),
  });
  const approval_id = externalId('approval', derivedUuid(commandId, 'approval', 0));
  await as(tenant, 'bea', 'approval.decide', { approval_id, verdict: 'approve', reason: 'yes' });
  return as(tenant, 'ann', operation, { ...subject, approval_id });
}

test('what a checker of the core throws out is never sent again, and people end it', async () => {
  const { tenant, pay, both, intentOf, first } = await openCustomer();
  const account = book.accounts.get(first);
  assert.ok(account);
  account.needsChecker = true;
  await assert.rejects(pay(100, 'thrown out'), { code: 'core_approval_pending' });
  const calls = adapter.called.length;
  await later(400_000);
  assert.equal((await intentOf('thrown out'))?.looks, 0, 'while it waits there, nobody counts');
  await looking(
    async () => ({ answer: { status: 'unknown' }, mark: null }),
    () => later(400_000),
  );
  assert.equal((await intentOf('thrown out'))?.state, 'pending_approval');
  await looking(gone, async () => {
    for (let look = 0; look < looksMax + 3; look += 1) await later(400_000);
    await assert.rejects(pay(100, 'thrown out'), { code: 'outcome_unknown' });
    assert.equal((await intentOf('thrown out'))?.looks, looksMax);
    assert.equal(adapter.called.length, calls, 'it is sent once only');

    const command_id = externalId('command', (await intentOf('thrown out'))?.commandId ?? '');
    const subject = { command_id, reason: 'declined by the branch' };
    const alone = as(tenant, 'ann', 'core.end_move', subject);
    await assert.rejects(alone, { code: 'approval_required' });
    await agreed(tenant, 'core.end_move', subject);
    const { outcome } = await pay(100, 'thrown out');
    assert.deepEqual(
      [outcome.status, 'code' in outcome && outcome.code],
      ['rejected', 'core_rejected'],
    );
  });
  assert.equal((await intentOf('thrown out'))?.state, 'rejected');
  assert.equal(adapter.called.length, calls);
  assert.deepEqual(await both(), [1_000, 0]);
});

test('what people have ended and the core has done after all is posted', async () => {
  const { tenant, pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('lost');
  const lost = looking(away, () => pay(100, 'ended'));
  await assert.rejects(lost, { code: 'outcome_unknown' });
  const command_id = externalId('command', (await intentOf('ended'))?.commandId ?? '');
  await agreed(tenant, 'core.end_move', { command_id, reason: 'not to be found' });
  await later();
  assert.equal((await intentOf('ended'))?.state, 'completed');
  assert.deepEqual(await both(), [900, 100]);
});

test('what people have accepted is carried out by the rights and limits of then', async () => {
  const { tenant, debtor, pay, both, intentOf, first } = await openCustomer();
  const account = book.accounts.get(first);
  assert.ok(account);
  account.warns = { code: 'OD-1', text: 'Unauthorised overdraft' };
  await assert.rejects(pay(100, 'warned'), { code: 'core_override_needed' });
  const subject = { idempotency_key: 'warned', overrides: ['OD-1'] };
  await agreed(tenant, 'core.accept_overrides', subject);
  await tenant.change(debtor, { status: 'frozen' });
  const calls = adapter.called.length;
  const { outcome } = await pay(100, 'warned');
  assert.ok(outcome.status === 'rejected' && outcome.code === 'debit_account_frozen');
  assert.equal(adapter.called.length, calls);
  assert.equal(await intentOf('warned'), undefined, 'the core has nothing of it');
  await tenant.change(debtor, { status: 'open' });
  assert.equal((await pay(100, 'warned')).replayed, true);
  assert.deepEqual(await both(), [1_000, 0]);
});

test('what the core has moved and our ledger cannot write is left, with its reason', async () => {
  const { pay, mirror, creditor, debtor, intentOf } = await openCustomer();
  adapter.trouble.push('lost');
  await assert.rejects(
    looking(away, () => pay(100, 'too high')),
    { code: 'outcome_unknown' },
  );
  const amount = Number.MAX_SAFE_INTEGER;
  const filling = await mirror.post({ key: 'fill', debtor, creditor, amount, currency: 'EUR' });
  assert.equal(filling.status, 'accepted');
  await later();
  const { state, refusal, item } = (await intentOf('too high')) ?? {};
  assert.deepEqual([state, refusal], ['unknown', 'ledger: balance_overflow']);
  assert.ok(item, 'it can be posted still');
  await assert.rejects(pay(100, 'too high'), { code: 'outcome_unknown' });
  assert.deepEqual(errors, []);
});

test('a hold is not let go while a part of it may be taken at the core', async () => {
  const { tenant, debtor, creditor, both, first } = await openCustomer();
  const placed = await tenant.ok(move(debtor, creditor, 400, { ...eur, kind: 'hold' }));
  const change = (of: object, key: string) =>
    tenant.execute('journal.post', { legs: [{ hold_id: placed.hold, ...of }] } as never, key);
  const part = { kind: 'capture', amount: 100, final: false };
  adapter.trouble.push('lost');
  await assert.rejects(
    looking(away, () => change(part, 'part')),
    { code: 'outcome_unknown' },
  );
  const calls = adapter.called.length;
  await assert.rejects(change({ kind: 'void' }, 'void'), { code: 'overloaded' });
  assert.equal(adapter.called.length, calls);
  await later();
  assert.equal((await change({ kind: 'void' }, 'void')).outcome.status, 'accepted');
  assert.deepEqual(await both(), [900, 100]);
  assert.equal(book.accounts.get(first)?.held, 0);
});

test('nothing else is recorded under the key of what the core may be moving', async () => {
  const { tenant, pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('lost');
  await assert.rejects(
    looking(away, () => pay(100, 'mine')),
    { code: 'outcome_unknown' },
  );
  const reused = { code: 'idempotency_key_reused' };
  await assert.rejects(pay(101, 'mine'), reused);
  await assert.rejects(
    tenant.execute('account.open', { type: 'asset', currency: 'EUR' }, 'mine'),
    reused,
  );
  const elsewhere = await Promise.all([1, 2].map(() => tenant.open({ type: 'asset', ...eur })));
  const legs = [move(elsewhere[0] ?? '', elsewhere[1] ?? '', 1, eur)];
  await assert.rejects(tenant.execute('journal.post', { legs } as never, 'mine'), reused);
  const principal = { kind: 'user', id: 'ann', tenant: tenant.id } as const;
  const asked = { subject_kind: 'core.end_move', subject: {}, summary: 'any' };
  const body = { ...asked, expires_at: new Date(bank.time.now + 60_000).toISOString() };
  const operation = 'approval.request';
  const administering = bank.planes.execute({ principal, operation, body, idempotencyKey: 'mine' });
  await assert.rejects(administering, reused);
  // The same, as it is where policy lets nothing of it through any more.
  const { command } = (await intentOf('mine'))?.item ?? {};
  assert.ok(command);
  const again = { ...command, id: newCommand(command, bank.planes).id };
  const item = await bank.planes.decide(again);
  await assert.rejects(bank.planes.engine.submit(item), { code: 'outcome_unknown' });
  // Without the core nobody can tell, and nothing is moved in our ledger alone.
  const plain = openPlanes({ ...bank.planes, random: seededRandom(3) });
  await assert.rejects(plain.executeCommand(again), { code: 'core_unavailable' });
  await plain.close();
  await later();
  assert.deepEqual(await both(), [900, 100]);
});

test('what was asked of a core is looked for there alone', async () => {
  const { tenant, pay, intentOf, both } = await openCustomer();
  adapter.trouble.push('vanished');
  await assert.rejects(pay(100, 'elsewhere'), { code: 'outcome_unknown' });
  const other = movingAdapter(createBook(clock));
  Object.assign(other, { name: 'another' });
  const planes = openPlanes({ ...bank.planes, adapter: other, random: seededRandom(4) });
  bank.time.now += 61_000;
  const now = clock.now();
  assert.deepEqual(await dueIntents(pool, { core: 'another', now, page: 9, looksMax }), []);
  assert.equal(await planes.mirrored?.finish({ tenant: tenant.id, key: 'elsewhere' }), false);
  assert.deepEqual(other.called, []);
  assert.equal((await intentOf('elsewhere'))?.looks, 0);
  await planes.close();
  await round();
  assert.deepEqual(await both(), [900, 100]);
});

test('what is asked for once more is given its time before anybody asks again', async () => {
  const { pay, both, intentOf } = await openCustomer();
  adapter.trouble.push('vanished', 'vanished');
  await assert.rejects(pay(100, 'slow'), { code: 'outcome_unknown' });
  const calls = adapter.called.length;
  await later();
  assert.equal(adapter.called.length, calls + 1);
  // The guard of the core has had enough of failures for a moment.
  await sleep(1_100);
  await later(31_000);
  assert.ok(((await intentOf('slow'))?.looks ?? 0) >= 1);
  await assert.rejects(pay(100, 'slow'), { code: 'outcome_unknown' });
  assert.equal(adapter.called.length, calls + 1, 'another may be sending it just now');
  await later(61_000);
  assert.deepEqual(await both(), [900, 100]);
});
