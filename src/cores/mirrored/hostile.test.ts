// What a core, or whoever speaks in its name, does to its mirror on a bad day.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { internalId } from '#core';
import { acceptEvents, listDifferences, pollEvents } from '#cores';
import { readAccount } from '#money';
import { createBook, seedBook, transfer } from '../../../simulators/cores/book.ts';
import { day, openBank } from '../../../test/bank.ts';
import { bookAdapter } from '../../../test/book-adapter.ts';
import { assertAgrees, type MirroredBank, mirroredBank } from '../../../test/mirrored.ts';
import type { CoreAccount, CoreEntry, CoreEvent } from '../adapter.ts';
import type { Difference } from './differences.ts';
import { forgetEvents } from './incoming.ts';

const bank = await openBank({ after });

async function open(accounts = 3) {
  const book = createBook({ now: () => bank.time.now });
  seedBook(book, {
    parties: [{ id: 'P1', name: 'Anna Example' }],
    accounts: Array.from({ length: accounts }, (_, at) => {
      return { id: `A${at}`, party: 'P1', currency: 'EUR', balance: 1_000 };
    }),
  });
  const adapter = bookAdapter(book, { hasEntries: false });
  const of = await mirroredBank(bank, adapter);
  const begin = async () => {
    await of.import();
    bank.time.now += 2 * day;
    await of.follow();
  };
  return { book, adapter, of, begin };
}

async function differences({ mirror }: MirroredBank): Promise<readonly Difference[]> {
  return (await mirror.read((tx) => listDifferences(tx, { limit: 100 }))).items;
}

const sound: CoreEvent = {
  ...{ id: 'E1', type: 'account.changed', occurredAt: '2026-01-05T09:00:00.000Z' },
  ...{ account: 'A0', party: null },
};
const entry: CoreEntry = {
  ...{ reference: 'R1', credit_debit_indicator: 'CRDT', status: 'BOOK', currency: 'EUR' },
  ...{ amount: 5, booked_at: sound.occurredAt, value_at: sound.occurredAt },
  ...{ counter_account: null, own_reference: null },
};
const poison: readonly CoreEvent[] = [
  { ...sound, id: '' },
  { ...sound, id: 'x'.repeat(3_000) },
  { ...sound, id: 'E\u0000' },
  { ...sound, account: 'A0\r\nX: y' },
  { ...sound, party: '\ud800' },
  { ...sound, occurredAt: 'yesterday' },
  { ...sound, occurredAt: '2026-02-30T00:00:00Z' },
  { ...sound, type: 'entry.booked', entry: { ...entry, amount: 1e300 } },
  { ...sound, type: 'entry.booked', entry: { ...entry, amount: -5 } },
  { ...sound, type: 'entry.booked', entry: { ...entry, booked_at: '+200000-01-01T00:00:00Z' } },
  { ...sound, type: 'entry.booked', entry: { ...entry, counter_account: 'x'.repeat(100_000) } },
];

test('an event that nobody can keep is refused as a whole, and is no failure of ours', async () => {
  const { of, begin } = await open();
  await begin();
  for (const event of poison) {
    const body = JSON.stringify([sound, event]);
    await assert.rejects(acceptEvents(of.mirror, { headers: {}, body }), {
      code: 'invalid_request',
    });
  }
  assert.equal(await of.follow(), 0, 'nothing was kept of what came with it');
});

test('where events are asked for, a bad one holds up no other, and is told of', async () => {
  const { adapter, of, begin } = await open();
  await begin();
  const events = [...poison, sound];
  Object.assign(adapter.events ?? {}, { poll: async () => ({ events, cursor: 'end' }) });
  const errors: unknown[] = [];
  assert.equal(await pollEvents(of.mirror, { onError: (error) => errors.push(error) }), 1);
  assert.ok(errors.length > 0);
  assert.equal(await of.follow(), 1);
  assert.deepEqual(of.errors, []);
});

test('an id that was told is not told again with another content', async () => {
  const { book, of, begin } = await open();
  await begin();
  const push = (events: readonly CoreEvent[]) =>
    acceptEvents(of.mirror, { headers: {}, body: JSON.stringify(events) });
  const told = { ...sound, type: 'entry.booked', entry } as const;
  const later = { ...entry, booked_at: new Date(bank.time.now).toISOString() };
  await push([{ ...told, entry: later }]);
  assert.equal(await push([{ ...told, entry: { ...later, amount: 9_999_999 } }]), 0);
  await push([{ ...told, id: 'E2', entry: { ...later, amount: 9_999_999 } }]);
  await of.follow();
  assert.equal(await of.booked('A0'), 1_005, 'nor under another id: the entry is the same');
  await of.compare();
  const [found] = await differences(of);
  assert.deepEqual(
    [found?.core_id, found?.ours, found?.theirs, found?.currency],
    ['A0', 1_005, book.accounts.get('A0')?.booked, 'EUR'],
    'a forged entry does not stay unseen',
  );
});

test('what was mirrored long ago is forgotten, and told again it changes nothing', async () => {
  const { book, of, begin } = await open();
  await begin();
  transfer(book, {
    ...{ reference: 'R1', debtor: 'A0', creditor: 'A1', amount: 40, currency: 'EUR' },
    valueDate: '2026-01-05',
  });
  await of.follow();
  assert.equal(await forgetEvents(of.mirror), 0);
  bank.time.now += 31 * day;
  assert.ok((await forgetEvents(of.mirror)) > 0);
  const counts = await of.counts();
  const { events = [] } = (await of.mirror.adapter.events?.poll?.({ limit: 100 })) ?? {};
  await acceptEvents(of.mirror, { headers: {}, body: JSON.stringify(events) });
  await of.follow();
  assert.deepEqual(await of.counts(), counts);
  await assertAgrees(of, book);
});

// Comparing ---------------------------------------------------------------------------------------

test('an account that cannot be read hides no difference of another', async () => {
  const { book, adapter, of, begin } = await open(12);
  await begin();
  const { readBalances } = adapter.operations;
  let broken: readonly string[] = [...book.accounts.keys()].filter((id) => id !== 'A7');
  Object.assign(adapter.operations, {
    readBalances: async (asked: { id: string }) => {
      if (broken.includes(asked.id)) throw new Error('broken');
      return readBalances(asked);
    },
  });
  const account = book.accounts.get('A7');
  assert.ok(account);
  account.booked += 1;
  assert.deepEqual(await of.compare(), { accounts: 12, skipped: 11, differing: 1 });
  broken = [...book.accounts.keys()];
  await assert.rejects(of.compare(), /broken/, 'a core that is away ends the round');
});

test('an event that is never mirrored hides a difference for ten minutes at most', async () => {
  const { book, adapter, of, begin } = await open();
  await begin();
  Object.assign(adapter.operations, {
    listEntries: async () => assert.fail('the entries of all accounts are away'),
  });
  transfer(book, {
    ...{ reference: 'R1', debtor: 'A0', creditor: 'A1', amount: 40, currency: 'EUR' },
    valueDate: '2026-01-05',
  });
  await of.follow();
  assert.deepEqual(await of.compare(), { accounts: 3, skipped: 2, differing: 0 });
  bank.time.now += 600_000;
  assert.deepEqual(await of.compare(), { accounts: 3, skipped: 0, differing: 2 });
});

test('a balance in another currency is none of the account', async () => {
  const { adapter, of, begin } = await open();
  await begin();
  const { readBalances } = adapter.operations;
  Object.assign(adapter.operations, {
    readBalances: async (asked: { id: string }) =>
      (await readBalances(asked))?.map((each) => ({ ...each, currency: 'KWD' })),
  });
  assert.deepEqual(await of.compare(), { accounts: 3, skipped: 3, differing: 0 });
});

// Accounts ----------------------------------------------------------------------------------------

test('what people have frozen here, no core opens', async () => {
  const { book, of, begin } = await open();
  await begin();
  const account = book.accounts.get('A0');
  assert.ok(account);
  let events = 0;
  const status = async () => {
    events += 1;
    const body = JSON.stringify([{ ...sound, id: `changed ${events}` }]);
    await acceptEvents(of.mirror, { headers: {}, body });
    await of.follow();
    const ours = internalId('account', await of.own('A0'));
    assert.ok(ours);
    return (await of.mirror.read((tx) => readAccount(tx, ours)))?.status;
  };
  account.status = 'blocked';
  assert.equal(await status(), 'frozen');
  account.status = 'open';
  assert.equal(await status(), 'open', 'what the core has blocked, it opens again');
  const account_id = await of.own('A0');
  await of.tenant.execute('account.change', { account_id, status: 'frozen' });
  assert.equal(await status(), 'frozen', 'a change at the core that is about something else');
  account.status = 'blocked';
  assert.equal(await status(), 'frozen');
  account.status = 'open';
  assert.equal(await status(), 'frozen');
});

test('one account that cannot be mirrored does not end the import', async () => {
  const { book, adapter, of } = await open(4);
  const { listAccounts } = adapter.operations;
  Object.assign(adapter.operations, {
    listAccounts: async (asked: { id: string; limit: number }) => {
      const page = await listAccounts?.(asked);
      const odd = (account: CoreAccount) =>
        account.id === 'A1' ? { ...account, currency: 'XXX' } : account;
      return page && { ...page, items: page.items.map(odd) };
    },
  });
  assert.deepEqual(await of.import(), { parties: 1, accounts: 4, opened: 3, left: 1 });
  const [found, ...others] = await differences(of);
  assert.deepEqual([found?.kind, found?.core_id, others.length], ['not_mirrored', 'A1', 0]);
  book.accounts.delete('A1');
  await assertAgrees(of, book);
});
