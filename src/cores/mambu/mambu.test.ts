// Mambu: the contract of adapters, and what only this core has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, sha256Hex, systemClock } from '#core';
import { mambu, mambuOf } from '../../../simulators/cores/mambu/mambu.ts';
import { startSimulator, type Vendor } from '../../../simulators/cores/simulator.ts';
import { openCoreBank } from '../../../test/core-bank.ts';
import type { Adapter, AdapterOptions, TransferOrder } from '../adapter.ts';
import { adapterContract, referenceOf } from '../adapter-contract.ts';
import { idempotencyKeyOf } from './client.ts';
import { openMambu } from './core.ts';
import { dateTimeOf } from './mapping.ts';

const { ids } = mambu;
const loanProduct = sha256Hex('product CONSUMER').slice(0, 32);

adapterContract('mambu', () =>
  openCoreBank({
    ...{ vendor: mambu, openAdapter: openMambu, accountId: ids.account, partyId: ids.party(1) },
    ...{ product: ids.product, loanProduct, warns: false, checks: false, takesOnce: true },
  }),
);

// A bank of our own -------------------------------------------------------------------------------

const clock = systemClock();
const [debtor, creditor] = [ids.account(1), ids.account(2)];
const opening = 1_000_000;

type Bank = {
  readonly adapter: Adapter;
  readonly options: AdapterOptions;
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  readonly booked: (account: string) => number | undefined;
};

async function inBank(
  work: (bank: Bank) => Promise<void>,
  {
    vendor = mambu,
    currency = 'EUR',
    ...more
  }: { vendor?: Vendor; currency?: string } & Partial<AdapterOptions> = {},
): Promise<void> {
  const party = ids.party(1);
  const accounts = [debtor, creditor].map((id) => ({ id, party, currency, balance: opening }));
  const seed = { parties: [{ id: party, name: 'Erika Muster' }], accounts };
  const simulator = await startSimulator(vendor, { clock, seed });
  const { url, credentials, settings } = simulator;
  const options = { url, credentials, settings, now: () => clock.now(), ...more };
  const adapter = openMambu(options);
  const booked = (account: string) => simulator.book.accounts.get(account)?.booked;
  try {
    await work({ adapter, options, simulator, booked });
  } finally {
    await adapter.close();
    await simulator.close();
  }
}

function orderOf(name: string, amount: number, currency = 'EUR'): TransferOrder {
  const sum = { amount, currency, valueDate: '2026-03-31', mark: 'deadbeef' };
  return { reference: referenceOf(name), debtor, creditor, ...sum };
}

// Money -------------------------------------------------------------------------------------------

for (const [currency, amount, digits] of [
  ['JPY', 1_205, '1205'],
  ['EUR', 1_205, '12.05'],
  ['KWD', 1_205, '1.205'],
] as const) {
  void test(`${currency} goes over the wire to its last decimal`, async () => {
    const bodies: string[] = [];
    const vendor = recorded(mambu, ({ body }) => bodies.push(body));
    await inBank(
      async ({ adapter, booked }) => {
        const answer = await adapter.operations.transfer(orderOf('exact', amount, currency));
        assert.equal(answer.status, 'completed');
        assert.equal(booked(creditor), opening + amount);
        assert.ok(bodies.some((body) => body.includes(`"amount":${digits},`)));
        const balances = await adapter.operations.readBalances({ id: creditor });
        assert.deepEqual(
          balances?.map((each) => each.amount),
          [opening + amount, opening + amount],
        );
      },
      { vendor, currency },
    );
  });
}

void test('an amount never moves in another currency than its own', () =>
  inBank(async ({ adapter, booked }) => {
    const answer = await adapter.operations.transfer(orderOf('other', 500, 'USD'));
    assert.ok(answer.status === 'rejected' && answer.code === 'currency_mismatch');
    const hold = { reference: referenceOf('hold'), mark: 'cafe0000', account: debtor };
    const held = await adapter.operations.placeHold?.({ ...hold, amount: 5, currency: 'USD' });
    assert.ok(held?.status === 'rejected' && held.code === 'currency_mismatch');
    assert.equal(booked(debtor), opening);
  }));

void test('days are written with the offset that the organisation has then', async () => {
  assert.equal(dateTimeOf('2026-03-28', 'Europe/Berlin'), '2026-03-28T00:00:00+01:00');
  assert.equal(dateTimeOf('2026-03-30', 'Europe/Berlin'), '2026-03-30T00:00:00+02:00');
  assert.equal(dateTimeOf('2026-03-30', 'America/St_Johns'), '2026-03-30T00:00:00-02:30');
  assert.equal(dateTimeOf('2026-03-30', 'UTC'), '2026-03-30T00:00:00+00:00');
  for (const timeZone of ['Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu']) {
    await inBank(
      async ({ adapter }) => {
        assert.equal((await adapter.operations.transfer(orderOf('day', 5))).status, 'completed');
        const entries = await adapter.operations.listEntries?.({ id: debtor, limit: 10 });
        const midnight = new Date(dateTimeOf('2026-03-31', timeZone)).toISOString();
        assert.equal(entries?.items.at(-1)?.value_at, midnight);
      },
      { vendor: mambuOf({ timeZone }), timeZone },
    );
  }
  await inBank(
    async ({ adapter }) => {
      const answer = await adapter.operations.transfer(orderOf('day', 5));
      assert.ok(answer.status === 'rejected' && answer.coreReason.includes('DATE_TIME'));
    },
    { vendor: mambuOf({ timeZone: 'Europe/Berlin' }) },
  );
});

// Once --------------------------------------------------------------------------------------------

void test('twenty parallel transfers under one reference have one effect', () =>
  inBank(
    async ({ adapter, booked, simulator, options }) => {
      const order = orderOf('parallel', 1_000);
      const transfer = () => adapter.operations.transfer(order);
      const answers = await Promise.allSettled(Array.from({ length: 20 }, transfer));
      for (const answer of answers) {
        // A fault where nothing was sent, unknown where nothing final was heard in time.
        if (answer.status === 'rejected') assert.ok(answer.reason instanceof Fault);
        else assert.notEqual(answer.value.status, 'rejected');
      }
      assert.equal(booked(debtor), opening - 1_000);
      assert.equal(simulator.book.moves.length, 1);
      const other = openMambu(options);
      assert.equal((await other.operations.transfer(order)).status, 'completed');
      await other.close();
      assert.equal(booked(debtor), opening - 1_000);
    },
    { settings: { timeoutMs: '1500' } },
  ));

void test('a key is a UUID of version 4, and the same for the same request alone', () => {
  const key = idempotencyKeyOf('transfer ABCDEFGH');
  assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(idempotencyKeyOf('transfer ABCDEFGH'), key);
  assert.notEqual(idempotencyKeyOf('transfer ABCDEFGI'), key);
});

void test('the external id holds after the key is forgotten', async () => {
  let now = Date.parse('2026-03-31T10:00:00Z');
  const party = ids.party(1);
  const of = { party, currency: 'EUR', balance: opening };
  const accounts = [debtor, creditor].map((id) => ({ id, ...of }));
  const seed = { parties: [{ id: party, name: 'Erika Muster' }], accounts };
  const simulator = await startSimulator(mambu, { clock: { now: () => now }, seed });
  const { url, credentials } = simulator;
  const adapter = openMambu({ url, credentials, now: () => now });
  const order = orderOf('forgotten', 700);
  const first = await adapter.operations.transfer(order);
  now += 7 * 3_600_000;
  const again = await adapter.operations.transfer(order);
  assert.ok(first.status === 'completed' && again.status === 'completed');
  assert.deepEqual([again.coreReference, again.replayed], [first.coreReference, true]);
  assert.equal(simulator.book.moves.length, 1);
  const other = { ...order, mark: '00000000', amount: 9 };
  await assert.rejects(adapter.operations.transfer(other), isFault('core_refused', 'duplicate'));
  await adapter.close();
  await simulator.close();
});

void test('while the first call runs, the second hears nothing final and does not know', () =>
  inBank(
    async ({ adapter, booked }) => {
      const answer = await adapter.operations.transfer(orderOf('running', 10));
      assert.equal(answer.status, 'unknown');
      assert.equal(booked(debtor), opening);
    },
    {
      settings: { timeoutMs: '300' },
      vendor: answering(mambu, (path) =>
        path.endsWith('/transfer-transactions') ? { status: 102, body: '' } : undefined,
      ),
    },
  ));

void test('an account that another operation works on is asked for again later', () => {
  const locked = new Set<string>();
  return inBank(
    async ({ adapter, booked }) => {
      locked.add(debtor);
      const order = orderOf('locked', 10);
      await assert.rejects(adapter.operations.transfer(order), isFault('core_failed', 'locked'));
      locked.clear();
      assert.equal((await adapter.operations.transfer(order)).status, 'completed');
      assert.equal(booked(debtor), opening - 10);
    },
    { vendor: mambuOf({ locked }) },
  );
});

// Reversals and captures --------------------------------------------------------------------------

void test('an adjustment is found again, and is not made twice after its answer is lost', () =>
  inBank(async ({ adapter, simulator, booked }) => {
    const { transfer, reverse, lookUp } = adapter.operations;
    const order = orderOf('to mirror', 2_500);
    await transfer(order);
    const back = {
      ...order,
      of: order.reference,
      reference: referenceOf('back'),
      mark: 'beef0000',
    };
    simulator.inject({ kind: 'lost', match: ':adjust' });
    assert.equal((await reverse?.(back))?.status, 'unknown');
    const found = await lookUp({ reference: back.reference, kind: 'reverse', account: creditor });
    assert.deepEqual([found?.answer.status, found?.mark], ['completed', 'beef0000']);
    const again = await reverse?.(back);
    assert.ok(again?.status === 'completed' && again.replayed);
    assert.equal(booked(debtor), opening);
    const part = await reverse?.({ ...back, of: referenceOf('no such'), amount: 1 });
    assert.ok(part?.status === 'rejected' && part.code === 'transfer_not_found');
  }));

const capture = {
  ...{ hold: referenceOf('hold'), account: debtor, creditor, currency: 'EUR', amount: 300 },
  ...{ reference: referenceOf('take'), mark: 'cafe0001', valueDate: '2026-03-31', final: true },
};
const placed = { reference: capture.hold, mark: 'cafe0000', account: debtor, amount: 500 };

for (const kind of ['lost', 'failed_after', 'malformed', 'unavailable', 'limited'] as const) {
  for (const half of ['withdrawal-transactions', 'deposit-transactions']) {
    void test(`a capture whose ${half} fall to ${kind} is finished under its reference`, () =>
      inBank(async ({ adapter, simulator, booked }) => {
        const { placeHold, captureHold, lookUp, readHold } = adapter.operations;
        await placeHold?.({ ...placed, currency: 'EUR' });
        simulator.inject({ kind, match: half });
        const first = await captureHold?.(capture).catch(() => undefined);
        assert.notEqual(first?.status, 'completed');
        const { reference, hold, account } = capture;
        const look = () => lookUp({ reference, hold, account, kind: 'capture' });
        const found = await look();
        const last = found?.answer ?? (await captureHold?.(capture));
        assert.equal(last?.status, 'completed', JSON.stringify(last));
        assert.equal((await look())?.mark, capture.mark);
        assert.deepEqual([booked(debtor), booked(creditor)], [opening - 300, opening + 300]);
        const read = await readHold?.({ id: hold, account });
        assert.deepEqual([read?.status, read?.captured, read?.released], ['captured', 300, 200]);
        assert.equal(simulator.book.accounts.get(debtor)?.held, 0);
      }));
  }
}

void test('a hold says why it is not captured', () =>
  inBank(async ({ adapter, simulator, booked }) => {
    const { placeHold, captureHold, releaseHold } = adapter.operations;
    const taken = async (change: Partial<typeof capture> = {}) => {
      const answer = await captureHold?.({ ...capture, ...change });
      return answer?.status === 'rejected' ? answer.code : answer?.status;
    };
    assert.equal(await taken(), 'hold_not_found');
    await placeHold?.({ ...placed, currency: 'EUR' });
    assert.equal(await taken({ amount: 501 }), 'amount_exceeds_hold');
    assert.equal(await taken({ final: false }), 'core_rejected');
    assert.equal(await taken({ creditor: ids.account(9) }), 'credit_account_not_found');
    const account = simulator.book.accounts.get(creditor);
    assert.ok(account);
    account.status = 'closed';
    assert.equal(await taken(), 'credit_account_closed');
    assert.deepEqual([booked(debtor), booked(creditor)], [opening, opening], 'it was given back');
    account.status = 'open';
    const second = referenceOf('second');
    await placeHold?.({ ...placed, reference: second, currency: 'EUR' });
    const release = { ...capture, hold: second, reference: referenceOf('release') };
    assert.equal((await releaseHold?.(release))?.status, 'completed');
    assert.equal(await taken({ hold: second, reference: referenceOf('third') }), 'hold_voided');
    const again = await releaseHold?.(release);
    assert.ok(again?.status === 'completed' && again.replayed);
  }));

// Credentials -------------------------------------------------------------------------------------

void test('a key or a name with its password is taken, and neither is ever told', async () => {
  const secret = 'not-the-key-5150';
  assert.throws(
    () => openMambu({ url: 'http://127.0.0.1:1', credentials: {}, now: () => 0 }),
    (error) => error instanceof Fault && error.code === 'input_invalid',
  );
  const password = { username: 'sim.user', password: 'sim-mambu-password-7' };
  await inBank(
    async ({ adapter }) => {
      assert.equal((await adapter.operations.readAccount({ id: debtor }))?.id, debtor);
      assert.equal(adapter.events, undefined, 'streams are for keys, webhooks want a secret');
    },
    { credentials: password },
  );
  await inBank(
    async ({ adapter }) => {
      await assert.rejects(adapter.operations.transfer(orderOf('none', 5)), (error) => {
        assert.ok(isFault('core_failed', 'unauthenticated')(error));
        return !JSON.stringify([error, String(error), adapter]).includes(secret);
      });
    },
    { credentials: { apiKey: secret } },
  );
});

void test('the first version of the API is refused', () =>
  inBank(async ({ simulator }) => {
    const headers = { apikey: simulator.credentials['apiKey'] ?? '' };
    const { status } = await fetch(`${simulator.url}/api/deposits/${debtor}`, { headers });
    assert.equal(status, 400);
  }));

// Shorthand ---------------------------------------------------------------------------------------

function isFault(code: string, of: string) {
  return (error: unknown) =>
    error instanceof Fault && error.code === code && error.detail['class'] === of;
}

type Handle = ReturnType<Vendor['open']>['handle'];

/** The same, telling what it is asked. */
function recorded(vendor: Vendor, tell: (request: Parameters<Handle>[0]) => void): Vendor {
  return {
    ...vendor,
    open: (book, options) => {
      const server = vendor.open(book, options);
      const handle: Handle = (request) => {
        tell(request);
        return server.handle(request);
      };
      return { ...server, handle };
    },
  };
}

/** The same, but for paths that are answered here. */
function answering(
  vendor: Vendor,
  answer: (path: string) => Awaited<ReturnType<Handle>> | undefined,
): Vendor {
  return {
    ...vendor,
    open: (book, options) => {
      const server = vendor.open(book, options);
      return { ...server, handle: (request) => answer(request.path) ?? server.handle(request) };
    },
  };
}
