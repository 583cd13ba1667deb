// Moves on Fineract: keys that are stored for ever, captures of two calls, transfers that are moved
// back, and checkers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { type FineractBank, withFineract } from '../../../test/fineract-bank.ts';
import { decide, seedBook } from '../../../simulators/cores/book.ts';
import type { CaptureOrder, HoldOrder, TransferOrder } from '../adapter.ts';
import { referenceOf } from '../adapter-contract.ts';

const valueDate = '2026-03-31';
const mark = 'deadbeef';

function orderOf(name: string, of: Partial<TransferOrder> = {}): TransferOrder {
  const sides = { debtor: '1000001', creditor: '1000002', currency: 'EUR' };
  return { reference: referenceOf(name), mark, amount: 1_000, valueDate, ...sides, ...of };
}

function both({ account }: FineractBank): void {
  account(1);
  account(2);
}

// Keys --------------------------------------------------------------------------------------------

test('a key is stored for ever with its answer, also with a failure', () =>
  withFineract(async (bank) => {
    both(bank);
    const { adapter, book } = bank;
    const { transfer } = adapter.operations;
    const first = await transfer(orderOf('twice'));
    const again = await transfer(orderOf('twice'));
    assert.ok(first.status === 'completed' && again.status === 'completed');
    assert.deepEqual([first.replayed, again.replayed], [false, true]);
    assert.equal(again.coreReference, first.coreReference);
    assert.equal(book.moves.length, 1);
    const much = { amount: 5_000_000 };
    assert.equal((await transfer(orderOf('poor', much))).status, 'rejected');
    seedBook(book, {
      accounts: [{ id: '1000003', party: '27', currency: 'EUR', balance: 9_000_000, product: '1' }],
    });
    await transfer(orderOf('funds', { debtor: '1000003', creditor: '1000001', amount: 8_000_000 }));
    const told = await transfer(orderOf('poor', much));
    assert.ok(told.status === 'rejected' && told.code === 'insufficient_funds');
    assert.equal((await transfer(orderOf('rich', much))).status, 'completed');
    const sought = { kind: 'transfer', account: '1000001' } as const;
    const { lookUp } = adapter.operations;
    assert.equal(await lookUp({ ...sought, reference: referenceOf('poor') }), undefined);
  }));

test('of twenty transfers at once under one reference, one has an effect', () =>
  withFineract(async (bank) => {
    both(bank);
    const { adapter, book, exchanges } = bank;
    const times = Array.from({ length: 20 }, (_, at) => at);
    // So that both accounts are known, and the connections stand.
    await Promise.all(times.map((at) => adapter.operations.transfer(orderOf(`before ${at}`))));
    const answers = await Promise.all(
      times.map(() => adapter.operations.transfer(orderOf('at once'))),
    );
    const states = new Set(answers.map(({ status }) => status));
    assert.ok(
      [...states].every((each) => each === 'completed' || each === 'unknown'),
      [...states].join(),
    );
    assert.ok(
      exchanges.some(({ answer }) => answer.status === 425),
      'the first was under way',
    );
    assert.equal(book.moves.length, 21);
    const of = { reference: referenceOf('at once'), kind: 'transfer', account: '1000001' } as const;
    const found = await adapter.operations.lookUp(of);
    assert.ok(found?.answer.status === 'completed' && found.mark === mark);
  }));

// Amounts -----------------------------------------------------------------------------------------

for (const [currency, amount, text] of [
  ['JPY', 12_345, '12345'],
  ['EUR', 12_345, '123.45'],
  ['KWD', 12_345, '12.345'],
] as const) {
  test(`${currency} goes over the wire as ${text}, and comes back to the minor unit`, () =>
    withFineract(async (bank) => {
      bank.account(1, { currency });
      bank.account(2, { currency });
      const { operations } = bank.adapter;
      const order = orderOf('exact', { currency, amount });
      assert.equal((await operations.transfer(order)).status, 'completed');
      const sent = bank.exchanges.find(({ request }) => request.method === 'POST')?.request.body;
      assert.equal((JSON.parse(sent ?? '{}') as Record<string, unknown>)['transferAmount'], text);
      const balances = await operations.readBalances({ id: '1000002' });
      assert.deepEqual(
        balances?.map((each) => [each.amount, each.currency]),
        [1, 2].map(() => [1_000_000 + amount, currency]),
      );
      const entries = await operations.listEntries?.({ id: '1000002', limit: 10 });
      assert.equal(entries?.items.at(-1)?.amount, amount);
      assert.equal(entries?.items.at(-1)?.own_reference, order.reference);
      const hold = holdOf('block', { currency, amount });
      assert.equal((await operations.placeHold?.(hold))?.status, 'completed');
      const read = await operations.readHold?.({ id: hold.reference, account: hold.account });
      assert.deepEqual([read?.amount, read?.currency], [amount, currency]);
    }));
}

test('a currency that an account has not is refused before anything is sent', () =>
  withFineract(async (bank) => {
    both(bank);
    const answer = await bank.adapter.operations.transfer(orderOf('usd', { currency: 'USD' }));
    assert.ok(answer.status === 'rejected' && answer.code === 'currency_mismatch');
    assert.ok(bank.exchanges.every(({ request }) => request.method === 'GET'));
  }));

// Holds -------------------------------------------------------------------------------------------

function holdOf(name: string, of: Partial<HoldOrder> = {}): HoldOrder {
  const sum = { account: '1000001', amount: 900, currency: 'EUR' };
  return { reference: referenceOf(name), mark, ...sum, ...of };
}

function captureOf(name: string, hold: string, of: Partial<CaptureOrder> = {}): CaptureOrder {
  const { debtor: account, ...order } = orderOf(name);
  return { ...order, hold: referenceOf(hold), account, amount: 900, final: true, ...of };
}

test('a capture whose second call is lost is not on record, and the same order ends it', () =>
  withFineract(async (bank) => {
    both(bank);
    const { adapter, simulator, book } = bank;
    const { placeHold, captureHold, lookUp, readHold } = adapter.operations;
    assert.ok(placeHold && captureHold && readHold);
    await placeHold(holdOf('taken'));
    const order = captureOf('take', 'taken');
    const sought = { reference: order.reference, kind: 'capture', account: order.account } as const;
    simulator.inject({ kind: 'unavailable', match: 'POST .*/accounttransfers' });
    assert.equal((await captureHold(order)).status, 'unknown');
    assert.equal(await lookUp({ ...sought, hold: order.hold }), undefined, 'no money has moved');
    simulator.inject({ kind: 'lost', match: 'POST .*/accounttransfers' });
    assert.equal((await captureHold(order)).status, 'unknown');
    const found = await lookUp({ ...sought, hold: order.hold });
    assert.ok(found?.answer.status === 'completed' && found.mark === mark);
    const last = await captureHold(order);
    assert.ok(last.status === 'completed' && last.replayed);
    assert.equal(book.moves.length, 1);
    assert.equal(bank.available('1000001'), 1_000_000 - 900);
    const read = await readHold({ id: order.hold, account: order.account });
    assert.deepEqual([read?.status, read?.captured, read?.released], ['captured', 900, 0]);
  }));

test('a capture whose first call is lost is looked up, and ends in one effect', () =>
  withFineract(async (bank) => {
    both(bank);
    const { adapter, simulator, book } = bank;
    await adapter.operations.placeHold?.(holdOf('first'));
    simulator.inject({ kind: 'lost', match: 'releaseAmount|POST .*/transactions/' });
    const order = captureOf('take first', 'first', { amount: 500 });
    assert.equal((await adapter.operations.captureHold?.(order))?.status, 'unknown');
    assert.equal((await adapter.operations.captureHold?.(order))?.status, 'completed');
    assert.equal(book.moves.length, 1);
    assert.equal(bank.available('1000001'), 1_000_000 - 500);
  }));

test('a capture that is refused puts the hold back', () =>
  withFineract(async (bank) => {
    both(bank);
    const closed = bank.account(3, { status: 'closed' });
    const { placeHold, captureHold, readHold } = bank.adapter.operations;
    assert.ok(placeHold && captureHold && readHold);
    await placeHold(holdOf('back'));
    const order = captureOf('take back', 'back', { creditor: closed });
    const answer = await captureHold(order);
    assert.ok(answer.status === 'rejected', JSON.stringify(answer));
    assert.equal(bank.available('1000001'), 1_000_000 - 900);
    assert.equal((await readHold({ id: order.hold, account: order.account }))?.status, 'open');
    const other = await captureHold(captureOf('take better', 'back'));
    assert.equal(other.status, 'completed', 'another command captures it');
  }));

test('a capture that is refused where the hold cannot come back says so', () =>
  withFineract(async (bank) => {
    both(bank);
    const { adapter, book } = bank;
    await adapter.operations.placeHold?.(holdOf('gone'));
    const account = book.accounts.get('1000001');
    assert.ok(account);
    account.status = 'blocked';
    const answer = await adapter.operations.captureHold?.(captureOf('take gone', 'gone'));
    assert.ok(answer?.status === 'rejected' && answer.code === 'debit_account_frozen');
    assert.match(answer.coreReason, /the hold is gone/);
  }));

test('a part of a hold cannot be captured while the rest stays, nor more than it has', () =>
  withFineract(async (bank) => {
    both(bank);
    await bank.adapter.operations.placeHold?.(holdOf('part'));
    const part = captureOf('take part', 'part', { amount: 100, final: false });
    await assert.rejects(
      async () => bank.adapter.operations.captureHold?.(part),
      (error) => error instanceof Fault && error.detail['class'] === 'refused',
    );
    const more = captureOf('take more', 'part', { amount: 901 });
    const answer = await bank.adapter.operations.captureHold?.(more);
    assert.ok(answer?.status === 'rejected' && answer.code === 'amount_exceeds_hold');
    const none = await bank.adapter.operations.captureHold?.(captureOf('take none', 'never'));
    assert.ok(none?.status === 'rejected' && none.code === 'hold_not_found');
    assert.equal(bank.available('1000001'), 1_000_000 - 900);
  }));

test('a release is looked up though the core wipes out the text of the hold', () =>
  withFineract(async (bank) => {
    both(bank);
    const { placeHold, captureHold, releaseHold, lookUp } = bank.adapter.operations;
    assert.ok(placeHold && captureHold && releaseHold);
    await placeHold(holdOf('given'));
    const change = { hold: referenceOf('given'), account: '1000001', currency: 'EUR', mark };
    const order = { ...change, reference: referenceOf('give') };
    const sought = { ...order, kind: 'release' } as const;
    assert.equal(await lookUp(sought), undefined);
    bank.simulator.inject({ kind: 'lost', match: 'POST .*/transactions/' });
    assert.equal((await releaseHold(order)).status, 'unknown');
    assert.equal((await lookUp(sought))?.answer.status, 'completed');
    const other = await releaseHold({ ...order, reference: referenceOf('give again') });
    assert.ok(other.status === 'rejected' && other.code === 'hold_voided');
    await placeHold(holdOf('captured'));
    await captureHold(captureOf('takes', 'captured'));
    const found = await lookUp({ ...sought, hold: referenceOf('captured') });
    assert.ok(found?.answer.status === 'rejected' && found.answer.code === 'hold_captured');
  }));

// Reversals ---------------------------------------------------------------------------------------

function mirrorOf(name: string, of: string) {
  return { ...orderOf(name), of: referenceOf(of) };
}

test('of two reversals at once, one moves the money back', () =>
  withFineract(async (bank) => {
    both(bank);
    const { transfer, reverse, lookUp } = bank.adapter.operations;
    assert.ok(reverse);
    await transfer(orderOf('there'));
    const answers = await Promise.all(
      ['back one', 'back two'].map((name) => reverse(mirrorOf(name, 'there'))),
    );
    const completed = answers.filter(({ status }) => status === 'completed');
    assert.ok(completed.length <= 1, JSON.stringify(answers));
    assert.equal(bank.available('1000001'), 1_000_000);
    const found = await Promise.all(
      ['back one', 'back two'].map((name) =>
        lookUp({ reference: referenceOf(name), kind: 'reverse', account: '1000001' }),
      ),
    );
    const [own, ...others] = found.flatMap((each) => each ?? []);
    assert.ok(own?.answer.status === 'completed' && others.length === 0);
    const twice = await reverse(mirrorOf('back three', 'there'));
    assert.ok(twice.status === 'rejected' && twice.code === 'already_reversed');
    const again = await reverse({ ...mirrorOf('of back', 'never'), of: referenceOf('never') });
    assert.ok(again.status === 'rejected' && again.code === 'transfer_not_found');
  }));

test('a reversal that was refused can be tried by another command', () =>
  withFineract(async (bank) => {
    both(bank);
    const { transfer, reverse } = bank.adapter.operations;
    assert.ok(reverse);
    await transfer(orderOf('there'));
    const sides = { debtor: '1000002', creditor: '1000001' };
    await transfer(orderOf('empties', { ...sides, amount: 1_001_000 }));
    const poor = await reverse(mirrorOf('poor back', 'there'));
    assert.ok(poor.status === 'rejected' && poor.code === 'insufficient_funds');
    await transfer(orderOf('fills'));
    assert.equal((await reverse(mirrorOf('later back', 'there'))).status, 'completed');
    const twice = await reverse(mirrorOf('twice back', 'there'));
    assert.ok(twice.status === 'rejected' && twice.code === 'already_reversed');
  }));

// Checkers ----------------------------------------------------------------------------------------

test('what a checker throws out is found as rejected', () =>
  withFineract(async (bank) => {
    bank.account(1, { needsChecker: true });
    bank.account(2);
    const { transfer, lookUp } = bank.adapter.operations;
    const first = await transfer(orderOf('checked'));
    assert.ok(first.status === 'pending_approval');
    const again = await transfer(orderOf('checked'));
    assert.deepEqual(again, first);
    const move = bank.book.moves.at(-1);
    decide(bank.book, move?.id ?? '', false);
    const of = { reference: referenceOf('checked'), kind: 'transfer', account: '1000001' } as const;
    const found = await lookUp(of);
    assert.ok(found?.answer.status === 'rejected' && found.mark === mark);
    assert.equal(bank.available('1000001'), 1_000_000);
  }));
