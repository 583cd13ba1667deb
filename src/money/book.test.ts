import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { internalId, newCommand } from '#core';
import { figures, hold, move, openBank, openShop, type Tenant } from '../../test/bank.ts';
import type { CoreAnswer } from './book.ts';
import { findIntent } from './intents.ts';
import type { Leg, PostingItem } from './journal.ts';

const bank = await openBank({ after });
const { engine, clock, random, database } = bank.planes;

async function itemOf(tenant: Tenant, legs: readonly Leg[], key: string): Promise<PostingItem> {
  const principal = { kind: 'service', id: 'test', tenant: tenant.id } as const;
  const asked = { principal, operation: 'journal.post', idempotencyKey: key };
  return bank.planes.decide(newCommand({ ...asked, body: { legs } as never }, { clock, random }));
}

/** Written down for a core, from this account. */
async function intend(item: PostingItem, debtor: string) {
  const { idempotencyKey } = item.command;
  const intent = {
    ...{ core: 'vendor', reference: idempotencyKey.toUpperCase(), at: clock.now() },
    steps: [{ operation: 'transfer', order: {} }],
    debtor: internalId('account', debtor) ?? '',
  };
  return engine.intend({ ...item, book: { kind: 'intent', core: 'vendor', intent } });
}

function answered(item: PostingItem, more: Partial<CoreAnswer> = {}): PostingItem {
  const answer: CoreAnswer = { core: { name: 'vendor', reference: 'FT1' }, ...more };
  return { ...item, book: { kind: 'answered', answer, at: clock.now() } };
}

const count = `select (select count(*)::int from money.transfer) as transfers,
  (select count(*)::int from core.command) as commands,
  (select count(*)::int from core.event) as events`;

test('what is only rehearsed leaves no row but the intent', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const [before] = (await bank.superuser.query(count)).rows;
  const item = await itemOf(tenant, [move(customer, merchant, 400)], 'rehearsed');
  const answer = await intend(item, customer);
  assert.deepEqual(answer, { kind: 'intended', earlier: undefined });
  assert.deepEqual((await bank.superuser.query(count)).rows[0], before);
  assert.deepEqual(await figures(tenant, customer), [1_000, 0, 1_000]);
  const intent = await findIntent(database.pool('money'), item.command);
  assert.deepEqual(
    [intent?.state, intent?.reference, intent?.commandId, intent?.item?.command.bodyText],
    ['sent', 'REHEARSED', item.command.id, item.command.bodyText],
  );
});

test('a rehearsal sees funds, holds and what is under way, in one batch with others', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  await tenant.ok(hold(customer, merchant, 300));
  const items = await Promise.all([
    itemOf(tenant, [move(customer, merchant, 500)], 'first'),
    itemOf(tenant, [move(customer, merchant, 201)], 'second'),
    itemOf(tenant, [move(customer, merchant, 200)], 'third'),
  ]);
  const plain = await itemOf(tenant, [move(merchant, customer, 1)], 'plain');
  const [first, second, third, other] = await Promise.all([
    ...items.map((item) => intend(item, customer)),
    engine.submit(plain),
  ]);
  assert.deepEqual([first?.kind, third?.kind, other?.kind], ['intended', 'intended', 'done']);
  assert.ok(second?.kind === 'done');
  const core = { name: 'vendor', reference: null };
  assert.deepEqual(second.outcome, { status: 'rejected', code: 'insufficient_funds', core });
  assert.deepEqual(await figures(tenant, customer), [1_001, -300, 701]);
  // What was refused is recorded, and stays so.
  const again = await engine.submit(items[1] as PostingItem);
  assert.deepEqual([again.commandId, again.effects], [items[1]?.command.id, null]);
});

test('one key has one intent, and another command under it is told so', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const item = await itemOf(tenant, [move(customer, merchant, 10)], 'one key');
  const other = await itemOf(tenant, [move(customer, merchant, 11)], 'one key');
  await intend(item, customer);
  const again = await intend(item, customer);
  assert.equal(again.kind === 'intended' && again.earlier?.commandId, item.command.id);
  await assert.rejects(intend(other, customer), { code: 'idempotency_key_reused' });
});

test('what a core has moved is posted although it would be refused by now', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const item = await itemOf(tenant, [move(customer, merchant, 900)], 'moved');
  await intend(item, customer);
  await tenant.ok(move(customer, merchant, 500));
  await tenant.change(customer, { status: 'frozen' });
  const { outcome } = await engine.submit(answered(item));
  const core = { name: 'vendor', reference: 'FT1' };
  assert.deepEqual(outcome, { status: 'accepted', core });
  assert.deepEqual(await figures(tenant, customer), [-400, 0, -400]);
  const intent = await findIntent(database.pool('money'), item.command);
  assert.deepEqual(
    [intent?.state, intent?.coreReference, intent?.item],
    ['completed', 'FT1', null],
  );
  const again = await engine.submit(answered(item));
  assert.deepEqual([again.commandId, again.effects], [item.command.id, null]);
});

test('what a core has refused is recorded with its code, and moves nothing', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const item = await itemOf(tenant, [move(customer, merchant, 900)], 'refused');
  await intend(item, customer);
  const core = { name: 'vendor', reference: null, reason: 'E-17 dormant' };
  const { outcome } = await engine.submit(
    answered(item, { core, refusal: { code: 'core_rejected' } }),
  );
  assert.deepEqual(outcome, { status: 'rejected', code: 'core_rejected', core });
  assert.deepEqual(await figures(tenant, customer), [1_000, 0, 1_000]);
  const intent = await findIntent(database.pool('money'), item.command);
  assert.deepEqual([intent?.state, intent?.refusal], ['rejected', 'E-17 dormant']);
});

test('a hold of ours alone counts what is under way, and is placed', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const sent = await itemOf(tenant, [move(customer, merchant, 600)], 'sent');
  await intend(sent, customer);
  const debtor = internalId('account', customer) ?? '';
  const book = { kind: 'mirror', core: 'vendor', debtor } as const;
  const tooMuch = await itemOf(tenant, [hold(customer, merchant, 401)], 'too much');
  const fits = await itemOf(tenant, [hold(customer, merchant, 400)], 'fits');
  const [refused, placed] = await Promise.all([
    engine.submit({ ...tooMuch, book }),
    engine.submit({ ...fits, book }),
  ]);
  assert.equal(refused.outcome.status, 'rejected');
  assert.deepEqual(placed.outcome, { status: 'accepted' });
  assert.deepEqual(await figures(tenant, customer), [1_000, -400, 600]);
});
