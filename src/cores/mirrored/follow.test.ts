import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { acceptEvents, pollEvents } from '#cores';
import {
  type Book,
  changeParty,
  createBook,
  placeHold,
  seedBook,
  transfer,
} from '../../../simulators/cores/book.ts';
import { day, openBank } from '../../../test/bank.ts';
import { bookAdapter } from '../../../test/book-adapter.ts';
import { assertAgrees, mirroredBank } from '../../../test/mirrored.ts';

const bank = await openBank({ after });
let orders = 0;

async function open(options: { hasEntries?: boolean; isLater?: boolean } = {}) {
  const book = createBook({ now: () => bank.time.now });
  const account = (id: string, balance: number) => {
    return { id, party: 'P1', currency: 'EUR', balance };
  };
  seedBook(book, {
    parties: [{ id: 'P1', name: 'Anna Example' }],
    accounts: [account('A', 1_000), account('B', 500)],
  });
  const adapter = bookAdapter(book, options);
  const of = await mirroredBank(bank, adapter);
  await of.import();
  bank.time.now += options.isLater === false ? 1_000 : 2 * day;
  return { book, adapter, of };
}

/** Somebody moves money at the core, past us. */
function move(book: Book, debtor: string, creditor: string, amount: number) {
  orders += 1;
  bank.time.now += 1_000;
  const done = transfer(book, {
    ...{ reference: `ORDER${orders}`, debtor, creditor, amount },
    ...{ currency: 'EUR', valueDate: '2026-01-05' },
  });
  assert.ok('done' in done);
  return done.done;
}

/** A counter account of the core that nobody has linked. */
function seedAlien(book: Book): void {
  seedBook(book, { accounts: [{ id: 'X', party: 'P9', currency: 'EUR', balance: 9_000 }] });
}

for (const hasEntries of [true, false]) {
  const how = hasEntries ? 'with its entry' : 'without its entry';
  test(`what others move at the core is mirrored once, told ${how}`, async () => {
    const { book, of } = await open({ hasEntries });
    move(book, 'A', 'B', 300);
    move(book, 'B', 'A', 100);
    assert.equal(await of.follow(), 6, 'an event for each entry, and two for what was there');
    await assertAgrees(of, book);
    assert.equal(await of.follow(), 0);
    assert.deepEqual(of.errors, []);
    const told = await of.told('core.entry_booked');
    const mirrorings = told.map(({ amount, payload }) => {
      const { entry } = payload as { entry: { mirroring: string } };
      return `${Number(amount)} ${entry.mirroring}`;
    });
    assert.deepEqual(mirrorings.sort(), [
      ...['100 by_debtor', '100 posted', '1000 contained'],
      ...['300 by_debtor', '300 posted', '500 contained'],
    ]);
    // Both accounts are ours: nothing has gone through clearing for it.
    const { rows } = await bank.superuser.query(
      `select from money.transfer t join money.account a
          on a.tenant_id = t.tenant_id and a.id in (t.debit_account_id, t.credit_account_id)
        where t.tenant_id = $1 and a.type = 'asset'`,
      [of.tenant.id],
    );
    assert.equal(rows.length, 2, 'the two openings');
  });
}

test('what is moved on the day of the import is mirrored by each side for itself', async () => {
  const { book, of } = await open({ isLater: false, hasEntries: false });
  // As a core says it that knows the days of entries alone.
  const { operations } = of.mirror.adapter;
  const { listEntries } = operations;
  const booked_at = new Date(bank.time.now - (bank.time.now % day)).toISOString();
  Object.assign(operations, {
    listEntries: async (asked: { id: string; limit: number }) => {
      const page = await listEntries?.(asked);
      const items = page?.items.map((entry) => ({ ...entry, booked_at }));
      return page && { ...page, items };
    },
  });
  await of.compare();
  move(book, 'A', 'B', 300);
  move(book, 'B', 'A', 100);
  await of.follow();
  await assertAgrees(of, book);
});

test('a movement to an account that is nobody’s here goes through clearing', async () => {
  const { book, of } = await open();
  seedAlien(book);
  const { adapter } = of.mirror;
  const { readAccount } = adapter.operations;
  // The core shows it to nobody.
  Object.assign(adapter.operations, {
    readAccount: async (asked: { id: string }) =>
      asked.id === 'X' ? undefined : readAccount(asked),
  });
  move(book, 'A', 'X', 40);
  move(book, 'X', 'B', 15);
  await of.follow();
  assert.equal(await of.booked('A'), 960);
  assert.equal(await of.booked('B'), 515);
  const { rows } = await bank.superuser.query<{ kind: string; core_id: string; reason: string }>(
    `select distinct kind, core_id, reason from register.core_difference where tenant_id = $1`,
    [of.tenant.id],
  );
  assert.deepEqual(rows, [{ kind: 'not_mirrored', core_id: 'X', reason: 'account_not_linked' }]);
});

test('told again, in parts or as a whole, nothing changes', async () => {
  const { book, adapter, of } = await open();
  move(book, 'A', 'B', 300);
  const { events = [] } = (await adapter.events?.poll?.({ limit: 100 })) ?? {};
  const push = () => acceptEvents(of.mirror, { headers: {}, body: JSON.stringify(events) });
  assert.equal(await push(), 4);
  assert.equal(await push(), 0, 'known by their ids');
  await of.follow();
  const before = await of.counts();
  // As if nothing of it had been remembered: keys of commands are what counts.
  await bank.superuser.query('delete from register.core_event where tenant_id = $1', [
    of.tenant.id,
  ]);
  await push();
  assert.equal(await of.follow(), 4);
  assert.deepEqual(await of.counts(), before);
  await assertAgrees(of, book);
});

test('an account that the core has opened since is opened here with what is on it', async () => {
  const { book, of } = await open();
  seedBook(book, { accounts: [{ id: 'NEW', party: 'P1', currency: 'EUR', balance: 70 }] });
  move(book, 'A', 'NEW', 30);
  await of.follow();
  await assertAgrees(of, book);
  move(book, 'NEW', 'B', 5);
  await of.follow();
  await assertAgrees(of, book);
  assert.deepEqual(of.errors, []);
});

test('a party that has changed, and a hold, are told on', async () => {
  const { book, of } = await open();
  changeParty(book, 'P1', { email: 'new@mail.example' });
  placeHold(book, {
    ...{ account: 'A', amount: 10, reference: 'HOLD', text: '', expiresAt: null },
  });
  await of.follow();
  assert.equal((await of.told('core.party_changed')).length, 1);
  const [told] = await of.told('core.hold_changed');
  assert.equal(told?.['account_id'], await of.own('A'));
  const [{ party_id: party = '' } = {}] = (await of.told('core.party_changed')).map(
    ({ payload }) => payload as { party_id?: string },
  );
  const { rows } = await bank.superuser.query<{ value_token: string }>(
    'select value_token from register.contact_point where tenant_id = $1 and party_id = $2',
    [of.tenant.id, party],
  );
  const values = await bank.planes.vault.detokenize(of.tenant.id, [rows[0]?.value_token ?? '']);
  assert.deepEqual(values, ['new@mail.example']);
});

test('a core that fails for one account holds up no other, and loses nothing', async () => {
  const { book, of } = await open({ hasEntries: false });
  const { adapter } = of.mirror;
  const { listEntries } = adapter.operations;
  let isBroken = true;
  Object.assign(adapter.operations, {
    listEntries: async (asked: { id: string; limit: number }) => {
      if (isBroken && asked.id === 'A') throw new Error('broken');
      return listEntries?.(asked);
    },
  });
  move(book, 'A', 'B', 300);
  move(book, 'B', 'A', 100);
  await of.follow();
  assert.equal(of.errors.length, 1);
  assert.equal(await of.booked('B'), 400, 'what it has paid itself');
  isBroken = false;
  bank.time.now += 10_000;
  await of.follow();
  await assertAgrees(of, book);
});

test('an event that was lost is made up for, where entries can be read', async () => {
  const { book, of } = await open();
  move(book, 'A', 'B', 300);
  move(book, 'B', 'A', 100);
  await of.follow();
  move(book, 'A', 'B', 7);
  move(book, 'B', 'A', 2);
  // Nobody has told of the last two.
  assert.deepEqual(await of.compare(), { accounts: 2, skipped: 0, differing: 0 });
  await assertAgrees(of, book);
  assert.equal((await of.told('core.entry_booked')).length, 10, 'each of them is told once');
  await of.follow();
  await assertAgrees(of, book);
  assert.equal((await of.told('core.entry_booked')).length, 10);
});

test('a mirror and its core agree, differ, and agree again', async () => {
  const { book, of } = await open();
  assert.deepEqual(await of.compare(), { accounts: 2, skipped: 0, differing: 0 });
  const account = book.accounts.get('A');
  assert.ok(account);
  account.booked += 7;
  assert.equal((await of.compare()).differing, 1);
  assert.equal((await of.compare()).differing, 1);
  const found = await of.told('core.difference_found');
  assert.equal(found.length, 1, 'told once');
  const { ours, theirs, kind } = (found[0]?.['payload'] ?? {}) as Record<string, unknown>;
  assert.deepEqual([kind, ours, theirs], ['balance', 1_000, 1_007]);
  // An event that was not mirrored yet explains it.
  account.booked -= 7;
  move(book, 'A', 'B', 1);
  await pollEvents(of.mirror);
  assert.deepEqual(await of.compare(), { accounts: 2, skipped: 2, differing: 0 });
  await of.follow();
  assert.deepEqual(await of.compare(), { accounts: 2, skipped: 0, differing: 0 });
  assert.equal((await of.told('core.difference_ended')).length, 1);
  book.accounts.delete('B');
  await of.compare();
  const kinds = (await of.told('core.difference_found')).map(
    ({ payload }) => (payload as { kind: string }).kind,
  );
  assert.deepEqual(kinds, ['balance', 'missing']);
});
