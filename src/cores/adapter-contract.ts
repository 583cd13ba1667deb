// What every adapter does, whichever vendor is behind it, as tests over a simulator of that vendor:
// reads, moves, what becomes of them under every fault, holds, loans, contacts, pages, failures.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import type { AdapterOperations, MoveAnswer, TransferOrder } from './adapter.ts';
import {
  type AdapterSubject,
  both,
  type ContractFault,
  lookedUp,
  opening,
  orderOf,
  referenceOf,
  signed,
  valueDate,
} from './adapter-subject.ts';

export { type AdapterSubject, referenceOf } from './adapter-subject.ts';

/** Registers the tests of one adapter. `open` is called for each test: books are cheap. */
export function adapterContract(name: string, open: () => Promise<AdapterSubject>): void {
  const about = (sentence: string, work: (subject: AdapterSubject) => Promise<void>) => {
    void test(`${name}: ${sentence}`, async () => {
      const subject = await open();
      try {
        await work(subject);
      } finally {
        await subject.adapter.close();
      }
    });
  };
  about('accounts, holders and balances are read as they stand', reads);
  about('what is not there is undefined', absent);
  about('a transfer moves both balances, to the minor unit', transferred);
  about('a move is found again by its reference, with the mark of its command', foundAgain);
  about('what the core refuses is rejected with a reason, and moves nothing', rejected);
  for (const kind of ['lost', 'failed_after', 'malformed'] as const) {
    about(`under ${kind}, a transfer is unknown or told, and never happens twice`, (subject) =>
      faulted(subject, kind),
    );
  }
  for (const kind of ['unavailable', 'limited'] as const) {
    about(`under ${kind}, a transfer has not happened, or is unknown`, (subject) =>
      faulted(subject, kind),
    );
  }
  about('a request that the network brings twice moves once, where the core can tell', twice);
  about('a core that is slow is waited for', slow);
  about('what only reads says how it failed, and what that leads to', failures);
  about('a warning goes to people, and is accepted by name alone', warned);
  about('what waits for a second person has moved nothing until then', checked);
  about('a hold takes from what is available; captured it is posted, released it is gone', held);
  about('a hold whose answer is lost is placed once', heldOnce);
  about('a transfer is mirrored once', reversed);
  about('ten thousand entries come in pages, each once, oldest first', paged);
  about('a loan is applied for once under one key', loan);
  about('a contact point is changed, and the others stay', contact);
}

// Reading -----------------------------------------------------------------------------------------

async function reads({ adapter, debtor, creditor, party }: AdapterSubject): Promise<void> {
  const { readAccount, readBalances, listAccounts, readParty, listParties } = adapter.operations;
  const account = await readAccount({ id: debtor });
  assert.deepEqual([account?.id, account?.currency, account?.status], [debtor, 'EUR', 'enabled']);
  assert.deepEqual(account?.parties, [{ id: party, role: 'holder' }]);
  const balances = await readBalances({ id: debtor });
  assert.deepEqual(balances?.map(({ type }) => type).sort(), ['ITAV', 'ITBD']);
  assert.deepEqual([signed(balances, 'ITBD'), signed(balances, 'ITAV')], [opening, opening]);
  if (listAccounts) {
    const [first, ids] = [await listAccounts({ id: party, limit: 1 }), new Set<string>()];
    assert.equal(first.items.length, 1);
    for (const { id } of first.items) ids.add(id);
    const rest = first.next === null ? [] : await all(listAccounts, party, first.next);
    for (const { id } of rest) ids.add(id);
    assert.deepEqual([...ids].sort(), [debtor, creditor].sort());
  }
  if (readParty) {
    const found = await readParty({ id: party });
    assert.deepEqual([found?.id, found?.kind, found?.country], [party, 'person', 'DE']);
    assert.ok((found?.name.length ?? 0) > 1);
  }
  if (listParties) {
    const { items } = await listParties({ limit: 10 });
    assert.ok(items.some(({ id }) => id === party));
  }
}

async function all(
  list: NonNullable<AdapterOperations['listAccounts']>,
  id: string,
  after: string,
) {
  const { items, next } = await list({ id, limit: 10, after });
  assert.equal(next, null);
  return items;
}

async function absent({ adapter, debtor }: AdapterSubject): Promise<void> {
  const { readAccount, readBalances, readParty, listEntries, lookUp } = adapter.operations;
  const id = `${debtor.slice(0, -4)}9999`;
  assert.equal(await readAccount({ id }), undefined);
  assert.equal(await readBalances({ id }), undefined);
  assert.equal(await readParty?.({ id: '99999999' }), undefined);
  assert.equal(await listEntries?.({ id, limit: 5 }), undefined);
  const never = { reference: referenceOf('never'), kind: 'transfer', account: debtor } as const;
  assert.equal(await lookUp(never), undefined);
}

// Transfers ---------------------------------------------------------------------------------------

async function transferred(subject: AdapterSubject): Promise<void> {
  const { debtor, creditor, figures } = subject;
  const answer = await subject.adapter.operations.transfer(orderOf(subject, 'moves', 12_345));
  assert.equal(answer.status, 'completed', JSON.stringify(answer));
  assert.deepEqual(figures(debtor), both(opening - 12_345));
  assert.deepEqual(figures(creditor), both(opening + 12_345));
  const { readBalances, listEntries } = subject.adapter.operations;
  const balances = await readBalances({ id: creditor });
  assert.equal(signed(balances, 'ITBD'), opening + 12_345);
  const entries = await listEntries?.({ id: debtor, limit: 100 });
  const own = entries?.items.find((each) => each.own_reference === referenceOf('moves'));
  assert.ok(!entries || (own?.amount === 12_345 && own.credit_debit_indicator === 'DBIT'));
}

async function foundAgain(subject: AdapterSubject): Promise<void> {
  const { transfer } = subject.adapter.operations;
  const order = orderOf(subject, 'found', 100);
  const answer = await transfer(order);
  assert.ok(answer.status === 'completed');
  const found = await lookedUp(subject, order.reference);
  assert.ok(found?.answer.status === 'completed');
  assert.deepEqual([found.mark, found.answer.coreReference], [order.mark, answer.coreReference]);
}

async function rejected(subject: AdapterSubject): Promise<void> {
  const { debtor, blocked, figures, adapter } = subject;
  const before = figures(debtor);
  const poor = await adapter.operations.transfer(orderOf(subject, 'poor', opening * 9));
  assert.ok(poor.status === 'rejected' && poor.coreReason.length > 0, JSON.stringify(poor));
  assert.equal(poor.code, 'insufficient_funds');
  const of = { ...orderOf(subject, 'frozen', 5), debtor: blocked() };
  const frozen = await adapter.operations.transfer(of);
  assert.ok(frozen.status === 'rejected', JSON.stringify(frozen));
  assert.equal(frozen.code, 'debit_account_frozen');
  assert.deepEqual(figures(debtor), before);
}

/** As the port asks: after `unknown` a look-up, and only then the same reference again. */
async function faulted(subject: AdapterSubject, kind: ContractFault['kind']): Promise<void> {
  const { figures, debtor, creditor } = subject;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const order = orderOf(subject, `${kind} ${attempt}`, 1_000);
    subject.inject({ kind });
    const first = await tried(subject, order);
    subject.heal();
    const last = await seenThrough(subject, order, first);
    assert.equal(last.status, 'completed', JSON.stringify(last));
    const moved = 1_000 * (attempt + 1);
    assert.deepEqual(figures(debtor), both(opening - moved), 'it has happened once');
    assert.deepEqual(figures(creditor), both(opening + moved));
    assert.equal(subject.movesOf(order.reference), 1);
  }
}

async function tried(
  { adapter }: AdapterSubject,
  order: TransferOrder,
): Promise<MoveAnswer | undefined> {
  try {
    return await adapter.operations.transfer(order);
  } catch (error) {
    // Thrown only where nothing can have happened.
    assert.ok(error instanceof Fault && error.code === 'core_failed', String(error));
    return undefined;
  }
}

async function seenThrough(
  subject: AdapterSubject,
  order: TransferOrder,
  first: MoveAnswer | undefined,
): Promise<MoveAnswer> {
  if (first && first.status !== 'unknown') return first;
  const before = subject.movesOf(order.reference);
  if (!first) assert.equal(before, 0, 'a fault is thrown where nothing has happened');
  const found = await lookedUp(subject, order.reference);
  assert.equal(found !== undefined, before > 0, 'a look-up sees what there is');
  return found ? found.answer : subject.adapter.operations.transfer(order);
}

async function twice(subject: AdapterSubject): Promise<void> {
  if (subject.takesOnce !== true) return;
  subject.inject({ kind: 'duplicate', match: '^POST' });
  const order = orderOf(subject, 'twice', 10);
  const last = await seenThrough(subject, order, await tried(subject, order));
  assert.equal(last.status, 'completed', JSON.stringify(last));
  assert.deepEqual(subject.figures(subject.debtor), both(opening - 10));
}

async function slow(subject: AdapterSubject): Promise<void> {
  subject.inject({ kind: 'latency', ms: 300 });
  const answer = await subject.adapter.operations.transfer(orderOf(subject, 'slow', 10));
  assert.equal(answer.status, 'completed');
}

async function failures({ adapter, inject, heal, debtor }: AdapterSubject): Promise<void> {
  for (const [kind, of, leadsTo] of [
    ['unavailable', 'unavailable', 'retry'],
    ['limited', 'limited', 'retry'],
    ['malformed', 'malformed', 'escalate'],
  ] as const) {
    inject({ kind });
    await assert.rejects(
      async () => adapter.operations.readBalances({ id: debtor }),
      (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.equal(error.code, 'core_failed');
        assert.deepEqual([error.detail['class'], error.detail['leads_to']], [of, leadsTo]);
        assert.ok(!error.message.includes(debtor), 'no account in a message');
        return true;
      },
    );
    heal();
  }
}

async function warned(subject: AdapterSubject): Promise<void> {
  if (!subject.warned) return;
  const { transfer } = subject.adapter.operations;
  const debtor = subject.warned();
  const order = { ...orderOf(subject, 'warned', 700), debtor };
  const before = subject.figures(debtor);
  const first = await transfer(order);
  assert.ok(first.status === 'needs_override', JSON.stringify(first));
  assert.ok(first.overrides.length > 0 && first.overrides.every(({ id }) => id.length > 0));
  assert.deepEqual(subject.figures(debtor), before);
  const other = await transfer({ ...order, accepted: ['another warning'] });
  assert.equal(other.status, 'needs_override', 'what was not shown is not accepted');
  const accepted = first.overrides.map(({ id }) => id);
  const last = await transfer({ ...order, accepted });
  assert.equal(last.status, 'completed', JSON.stringify(last));
  assert.deepEqual(subject.figures(debtor).booked, before.booked - 700);
}

async function checked(subject: AdapterSubject): Promise<void> {
  if (!subject.checked) return;
  const { account, agree } = subject.checked;
  const debtor = account();
  const order = { ...orderOf(subject, 'checked', 800), debtor };
  const before = subject.figures(debtor);
  const first = await subject.adapter.operations.transfer(order);
  assert.ok(first.status === 'pending_approval', JSON.stringify(first));
  assert.deepEqual(subject.figures(debtor), before);
  const waiting = await lookedUp(subject, order.reference, debtor);
  assert.equal(waiting?.answer.status, 'pending_approval');
  agree(first.coreReference);
  const found = await lookedUp(subject, order.reference, debtor);
  assert.equal(found?.answer.status, 'completed');
  assert.equal(subject.figures(debtor).booked, before.booked - 800);
}

async function reversed(subject: AdapterSubject): Promise<void> {
  const { transfer, reverse } = subject.adapter.operations;
  if (!reverse) return;
  const { debtor, creditor, figures } = subject;
  const order = orderOf(subject, 'to mirror', 2_500);
  assert.equal((await transfer(order)).status, 'completed');
  const { amount, currency } = order;
  const back = {
    ...{ of: order.reference, debtor, creditor, amount, currency, valueDate },
    ...{ reference: referenceOf('mirror'), mark: 'beef0000' },
  };
  const mirrored = await reverse(back);
  assert.equal(mirrored.status, 'completed', JSON.stringify(mirrored));
  assert.deepEqual([figures(debtor), figures(creditor)], [both(opening), both(opening)]);
  const again = await reverse({ ...back, reference: referenceOf('mirror again') });
  assert.equal(again.status, 'rejected', JSON.stringify(again));
  assert.deepEqual(figures(debtor), both(opening));
}

// Holds -------------------------------------------------------------------------------------------

async function held(subject: AdapterSubject): Promise<void> {
  const { placeHold, captureHold, releaseHold, readHold } = subject.adapter.operations;
  if (!placeHold || !releaseHold) return;
  const { debtor: account, creditor, figures } = subject;
  const place = (hold: string, amount: number) =>
    placeHold({ reference: referenceOf(hold), mark: 'cafe0000', account, amount, currency: 'EUR' });
  const about = { account, currency: 'EUR', mark: 'cafe0001' };
  const ended = (hold: string) =>
    releaseHold({ ...about, hold: referenceOf(hold), reference: referenceOf(`end of ${hold}`) });
  assert.equal((await place('hold one', 500)).status, 'completed');
  assert.deepEqual(figures(account), { booked: opening, available: opening - 500 });
  const read = await readHold?.({ id: referenceOf('hold one'), account });
  assert.ok(!readHold || (read?.amount === 500 && read.status === 'open'), JSON.stringify(read));
  // Some cores post nothing against a hold: there it is released, and what is due is transferred.
  const taken = captureHold ? 300 : 0;
  if (captureHold) {
    const hold = { ...about, hold: referenceOf('hold one'), reference: referenceOf('take') };
    const order = { ...hold, creditor, amount: taken, valueDate, final: true };
    const answer = await captureHold(order);
    assert.equal(answer.status, 'completed', JSON.stringify(answer));
    assert.equal(figures(creditor).booked, opening + taken);
  } else {
    assert.equal((await ended('hold one')).status, 'completed');
  }
  assert.deepEqual(figures(account), both(opening - taken));
  assert.equal((await place('hold two', 900)).status, 'completed');
  assert.equal((await ended('hold two')).status, 'completed');
  assert.deepEqual(figures(account), both(opening - taken));
}

async function heldOnce(subject: AdapterSubject): Promise<void> {
  const { placeHold } = subject.adapter.operations;
  if (!placeHold) return;
  const { debtor: account, figures } = subject;
  const sum = { amount: 400, currency: 'EUR' };
  const order = { reference: referenceOf('held once'), mark: 'cafe0002', account, ...sum };
  // Some cores are asked about the account first: it is the order that is lost.
  subject.inject({ kind: 'lost', match: '^(?:POST|PUT|PATCH) ' });
  const first = await placeHold(order);
  subject.heal();
  assert.equal(first.status, 'unknown');
  const found = await subject.adapter.operations.lookUp({
    ...{ reference: order.reference, kind: 'hold', account },
  });
  const last = found?.answer ?? (await placeHold(order));
  assert.equal(last.status, 'completed', JSON.stringify(last));
  assert.equal(figures(account).available, opening - 400);
}

// Lists, loans, contacts --------------------------------------------------------------------------

async function paged(subject: AdapterSubject): Promise<void> {
  const { listEntries } = subject.adapter.operations;
  if (!listEntries) return;
  const [id, total] = [subject.busy(10_000), 10_000];
  const seen = new Set<string>();
  let [after, last]: [string | undefined, string] = [undefined, ''];
  do {
    const page = await listEntries({ id, limit: 1_000, ...(after === undefined ? {} : { after }) });
    assert.ok(page && page.items.length <= 1_000);
    for (const { reference, booked_at } of page.items) {
      assert.ok(booked_at >= last, 'the oldest first');
      last = booked_at;
      seen.add(reference);
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  assert.equal(seen.size, total);
}

async function loan(subject: AdapterSubject): Promise<void> {
  const { applyForLoan, readLoanApplication } = subject.adapter.operations;
  if (!applyForLoan) return;
  const terms = { product: subject.loanProduct, amount: 500_000, currency: 'EUR', months: 24 };
  const asked = { id: subject.party, key: referenceOf('loan'), ...terms };
  const first = await applyForLoan(asked);
  assert.deepEqual([first.amount, first.months, first.party], [500_000, 24, subject.party]);
  assert.equal((await applyForLoan(asked)).id, first.id, 'once under one key');
  const read = await readLoanApplication?.({ id: first.id });
  assert.ok(!readLoanApplication || read?.id === first.id);
}

async function contact({ adapter, party: id }: AdapterSubject): Promise<void> {
  const { changeContactPoint, readContactPoints } = adapter.operations;
  if (!changeContactPoint || !readContactPoints) return;
  const before = await readContactPoints({ id });
  const email = before.find(({ kind }) => kind === 'email');
  assert.ok(email, 'there is an email');
  const value = 'new.address@mail.example';
  await changeContactPoint({ ...email, id, key: referenceOf('contact'), value });
  const after = await readContactPoints({ id });
  const others = (points: typeof before) => points.filter(({ kind }) => kind !== 'email');
  assert.equal(after.find(({ kind }) => kind === 'email')?.value, value);
  assert.deepEqual(others(after), others(before));
}
