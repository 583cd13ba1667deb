// Holds as liens: what becomes of a capture, two calls to the core, when one of them is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FinacleBank, openBank } from '../../../test/finacle-bank.ts';
import { availableOf } from '../../../simulators/cores/book.ts';
import type { CaptureOrder, HoldOrder, MoveAnswer } from '../adapter.ts';
import { referenceOf } from '../adapter-contract.ts';

const terms = [{}, { listsEmptyLiens: true }] as const;
const [hold, mark] = [referenceOf('the hold'), 'cafe0001'];

type Held = FinacleBank & {
  readonly debtor: string;
  readonly creditor: string;
  readonly place: (of?: Partial<HoldOrder>) => Promise<MoveAnswer>;
  readonly capture: (name: string, of: Partial<CaptureOrder>) => Promise<MoveAnswer>;
  /** As the port does it: a look-up, and the same order again where there is nothing. */
  readonly seenThrough: (name: string, of: Partial<CaptureOrder>) => Promise<MoveAnswer>;
  /** Booked on both sides, and what is held. */
  readonly figures: () => readonly number[];
};

async function openHeld(of: (typeof terms)[number], balance = 1_000): Promise<Held> {
  const bank = await openBank(of);
  const [debtor, creditor] = [bank.account(1, { balance }), bank.account(2, { balance: 0 })];
  const { placeHold, captureHold, lookUp } = bank.operations;
  assert.ok(placeHold && captureHold);
  const about = { hold, account: debtor, currency: 'EUR', valueDate: '2026-03-31' };
  const orderOf = (name: string, change: Partial<CaptureOrder>): CaptureOrder => ({
    ...{ ...about, creditor, reference: referenceOf(name), mark, amount: 400, final: true },
    ...change,
  });
  const capture = (name: string, change: Partial<CaptureOrder>) =>
    captureHold(orderOf(name, change));
  const seenThrough = async (name: string, change: Partial<CaptureOrder>) => {
    const { reference } = orderOf(name, change);
    const found = await lookUp({ reference, kind: 'capture', account: debtor, hold });
    return found?.answer ?? capture(name, change);
  };
  return {
    ...{ ...bank, debtor, creditor, capture, seenThrough },
    place: (change = {}) =>
      placeHold({
        reference: hold,
        mark,
        account: debtor,
        amount: 600,
        currency: 'EUR',
        ...change,
      }),
    figures: () => {
      const [from, to] = [bank.book.accounts.get(debtor), bank.book.accounts.get(creditor)];
      return [from?.booked ?? 0, to?.booked ?? 0, from?.held ?? 0];
    },
  };
}

for (const of of terms) {
  const how = 'listsEmptyLiens' in of ? 'empty liens are listed' : 'empty liens are gone';
  for (const kind of ['lost', 'unavailable', 'failed_after', 'malformed'] as const) {
    for (const service of ['XferTrnAdd', 'AcctLienMod']) {
      test(`a capture whose ${service} is ${kind} is seen through once (${how})`, async () => {
        const bank = await openHeld(of);
        await bank.place();
        bank.simulator.inject({ kind, match: `ServiceRequestId>${service}` });
        assert.equal((await bank.capture('take', {})).status, 'unknown');
        const last = await bank.seenThrough('take', {});
        assert.equal(last.status, 'completed', JSON.stringify(last));
        assert.deepEqual(bank.figures(), [600, 400, 0]);
        const again = await bank.capture('take', {});
        assert.ok(again.status === 'completed' && again.replayed);
        assert.deepEqual(bank.figures(), [600, 400, 0]);
        await bank.close();
      });
    }
  }

  test(`where everything is held, the lien gives way to the transfer (${how})`, async () => {
    const bank = await openHeld(of, 600);
    await bank.place();
    const answer = await bank.capture('all', { amount: 600 });
    assert.equal(answer.status, 'completed', JSON.stringify(answer));
    assert.deepEqual(bank.figures(), [0, 600, 0]);
    await bank.close();
  });

  test(`parts are captured one by one, each once, and the last gives back (${how})`, async () => {
    const bank = await openHeld(of, 700);
    await bank.place();
    await bank.capture('one', { amount: 100, final: false });
    assert.deepEqual(bank.figures(), [600, 100, 500]);
    await bank.capture('two', { amount: 200, final: false });
    await bank.capture('one', { amount: 100, final: false });
    assert.deepEqual(bank.figures(), [400, 300, 300]);
    const read = await bank.operations.readHold?.({ id: hold, account: bank.debtor });
    assert.deepEqual([read?.amount, read?.captured, read?.status], [600, 300, 'open']);
    const more = await bank.capture('more', { amount: 301 });
    assert.ok(more.status === 'rejected' && more.code === 'amount_exceeds_hold');
    await bank.capture('three', { amount: 50 });
    assert.deepEqual(bank.figures(), [350, 350, 0]);
    const over = await bank.capture('four', { amount: 1 });
    assert.ok(over.status === 'rejected' && over.code === 'hold_not_found');
    const after = await bank.operations.readHold?.({ id: hold, account: bank.debtor });
    const expected = 'listsEmptyLiens' in of ? [350, 250, 'captured'] : undefined;
    assert.deepEqual(after && [after.captured, after.released, after.status], expected);
    await bank.close();
  });

  test(`twenty parallel captures and releases of one hold stay within it (${how})`, async () => {
    const bank = await openHeld(of);
    await bank.place();
    const parts = Array.from({ length: 20 }, (_, at) =>
      bank.capture(`part ${at % 10}`, { amount: 100, final: false }),
    );
    const answers = await Promise.all(parts);
    assert.deepEqual(bank.figures(), [400, 600, 0]);
    assert.ok(answers.every(({ status }) => status === 'completed' || status === 'rejected'));
    await bank.close();
  });

  test(`a release that is lost is found, and twice is nothing (${how})`, async () => {
    const bank = await openHeld(of);
    await bank.place();
    const order = { hold, account: bank.debtor, currency: 'EUR', mark };
    const released = { ...order, reference: referenceOf('release') };
    bank.simulator.inject({ kind: 'lost', match: 'ServiceRequestId>AcctLienMod' });
    assert.equal((await bank.operations.releaseHold?.(released))?.status, 'unknown');
    const found = await bank.operations.lookUp({ ...released, kind: 'release' });
    assert.equal(found?.answer.status, 'completed');
    const other = { ...order, reference: referenceOf('another') };
    const again = await bank.operations.releaseHold?.(other);
    assert.ok(again?.status === 'rejected' && again.code === 'hold_not_found');
    assert.deepEqual(bank.figures(), [1_000, 0, 0]);
    await bank.close();
  });
}

test('a capture that is refused holds again what it gave free', async () => {
  const bank = await openHeld({}, 600);
  await bank.place();
  const account = bank.book.accounts.get(bank.creditor);
  assert.ok(account);
  account.status = 'closed';
  const answer = await bank.capture('refused', { amount: 600 });
  assert.ok(answer.status === 'rejected' && answer.code === 'credit_account_closed');
  assert.deepEqual(bank.figures(), [600, 0, 600]);
  await bank.close();
});

test('a hold is added to once, and an addition that is lost is found', async () => {
  const bank = await openHeld({});
  await bank.place();
  const more = { hold, account: bank.debtor, currency: 'EUR', mark, amount: 150 };
  const order = { ...more, reference: referenceOf('more') };
  bank.simulator.inject({ kind: 'lost', match: 'ServiceRequestId>AcctLienMod' });
  assert.equal((await bank.operations.increaseHold?.(order))?.status, 'unknown');
  const found = await bank.operations.lookUp({ ...order, kind: 'hold' });
  assert.equal(found?.answer.status, 'completed');
  assert.equal((await bank.operations.increaseHold?.(order))?.status, 'completed');
  assert.deepEqual(bank.figures(), [1_000, 0, 750]);
  const other = { ...order, reference: referenceOf('never') };
  assert.equal(await bank.operations.lookUp({ ...other, kind: 'hold' }), undefined);
  await bank.close();
});

test('a hold ends with its day and hour in the zone of the bank', async () => {
  let now = Date.parse('2026-03-31T20:00:00Z');
  const bank = await openBank({ now: () => now, timeZone: 'Europe/Berlin' });
  const account = bank.account(1);
  const order = { reference: hold, mark, account, amount: 5, currency: 'EUR' };
  const expiresAt = '2026-04-02T10:30:00.000Z';
  await bank.operations.placeHold?.({ ...order, expiresAt });
  assert.match(bank.said.at(-1)?.request.body ?? '', /<EndDt>2026-04-02T12:30:00\.000</);
  const read = await bank.operations.readHold?.({ id: hold, account });
  assert.deepEqual([read?.expires_at, read?.status], [expiresAt, 'open']);
  now = Date.parse('2026-04-02T23:00:00Z');
  assert.equal(await bank.operations.readHold?.({ id: hold, account }), undefined);
  const seen = bank.book.accounts.get(account);
  assert.ok(seen && availableOf(seen) === seen.booked);
  await bank.close();
});
