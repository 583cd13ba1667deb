// Temenos: the contract of adapters with and without reserved funds, and what is this core's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, systemClock } from '#core';
import { type CoreBankOptions, openCoreBank } from '../../../test/core-bank.ts';
import { seedBook } from '../../../simulators/cores/book.ts';
import { type Simulator, startSimulator } from '../../../simulators/cores/simulator.ts';
import { temenos, temenosBasic, temenosUs } from '../../../simulators/cores/temenos/temenos.ts';
import type { Adapter, AdapterOptions, TransferOrder } from '../adapter.ts';
import { adapterContract, referenceOf } from '../adapter-contract.ts';
import { openTemenos } from './core.ts';

const bank: Omit<CoreBankOptions, 'vendor'> = {
  openAdapter: openTemenos,
  accountId: (number) => `1000${String(number).padStart(4, '0')}`,
  partyId: '100210',
  product: 'CURRENT.ACCOUNT',
  loanProduct: 'PERSONAL.LOAN',
  warns: true,
  checks: true,
};

adapterContract('temenos', () => openCoreBank({ ...bank, vendor: temenos }));
adapterContract('temenos in the US', () => openCoreBank({ ...bank, vendor: temenosUs }));
adapterContract('temenos with an enquiry over orders', () => {
  const settings = { ...temenos.settings, transferEnquiry: '/order/transfers' };
  return openCoreBank({ ...bank, vendor: { ...temenos, settings } });
});

// A bank of two accounts --------------------------------------------------------------------------

type Bank = {
  readonly simulator: Simulator;
  readonly adapter: Adapter;
  readonly open: (options?: Partial<AdapterOptions>) => Adapter;
  readonly seen: { readonly method: string; readonly path: string; readonly body: string }[];
};
const clock = systemClock();
const [debtor, creditor, party] = ['10000001', '10000002', '100210'];

function about(
  sentence: string,
  work: (bank: Bank) => Promise<void>,
  vendor = temenos,
  currency = 'EUR',
): void {
  void test(`temenos: ${sentence}`, async () => {
    const seen: Bank['seen'] = [];
    const watched: typeof vendor = {
      ...vendor,
      open(book, options) {
        const server = vendor.open(book, options);
        return {
          ...server,
          handle(request) {
            seen.push(request);
            return server.handle(request);
          },
        };
      },
    };
    const simulator = await startSimulator(watched, { clock });
    const account = { party, currency, product: 'CURRENT.ACCOUNT', balance: 1_000_000 };
    seedBook(simulator.book, {
      parties: [{ id: party, name: 'Erika Muster', phone: '+491510000000' }],
      accounts: [
        { ...account, id: debtor },
        { ...account, id: creditor },
      ],
    });
    const { url, credentials, settings } = simulator;
    const opened: Adapter[] = [];
    const open: Bank['open'] = (options = {}) => {
      const now = () => clock.now();
      const adapter = openTemenos({ url, credentials, settings, now, ...options });
      opened.push(adapter);
      return adapter;
    };
    try {
      await work({ simulator, adapter: open(), open, seen });
    } finally {
      for (const adapter of opened) await adapter.close();
      await simulator.close();
    }
  });
}

function orderOf(name: string, amount = 1_000, currency = 'EUR'): TransferOrder {
  const sum = { amount, currency, valueDate: '2026-03-31' };
  return { reference: referenceOf(name), mark: 'deadbeef', debtor, creditor, ...sum };
}

const posted = '^POST .*/order/transfers';

// Signing on --------------------------------------------------------------------------------------

about('an API key, or a user with a password, signs on', async ({ open }) => {
  const basic = open({ credentials: temenosBasic });
  assert.equal((await basic.operations.readAccount({ id: debtor }))?.id, debtor);
  const wrong = open({ credentials: { apiKey: 'a wrong key' } });
  await assert.rejects(
    async () => wrong.operations.readAccount({ id: debtor }),
    (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.detail['class'], 'unauthenticated');
      assert.ok(
        !JSON.stringify(error).includes('a wrong key') && !error.stack?.includes('wrong k'),
      );
      return true;
    },
  );
  await assert.rejects(async () => wrong.operations.transfer(orderOf('unsigned')), {
    code: 'core_failed',
  });
  assert.throws(() => open({ credentials: {} }), { code: 'input_invalid' });
});

about('another company than the one that is meant is forbidden', async ({ open }) => {
  const elsewhere = open({ settings: { companyId: 'US0010001' } });
  await assert.rejects(
    async () => elsewhere.operations.readBalances({ id: debtor }),
    (error) => error instanceof Fault && error.detail['class'] === 'forbidden',
  );
});

about('a wrong version of a service is a mistake of ours, no missing record', async ({ open }) => {
  const old = open({ settings: { 'version.accounts': '1.0.0' } });
  await assert.rejects(
    async () => old.operations.readAccount({ id: debtor }),
    (error) => error instanceof Fault && error.detail['class'] === 'internal',
  );
});

// Amounts -----------------------------------------------------------------------------------------

for (const [currency, amount, wire] of [
  ['JPY', 1_234, '1234'],
  ['EUR', 123_405, '1234.05'],
  ['KWD', 123_405, '123.405'],
] as const) {
  about(
    `${currency} goes to the core and comes back to the minor unit`,
    async ({ adapter, simulator, seen }) => {
      const { transfer, readBalances, listEntries } = adapter.operations;
      const answer = await transfer(orderOf('money', amount, currency));
      assert.equal(answer.status, 'completed', JSON.stringify(answer));
      const sent = seen.find(({ method }) => method === 'POST')?.body ?? '';
      assert.match(sent, new RegExp(`"debitAmount":${wire.replace('.', '\\.')},`));
      assert.equal(simulator.book.moves.at(-1)?.amount, amount);
      const [booked] = (await readBalances({ id: debtor })) ?? [];
      assert.equal(booked?.amount, 1_000_000 - amount);
      const entries = await listEntries?.({ id: debtor, limit: 10 });
      assert.equal(entries?.items.at(-1)?.amount, amount);
    },
    temenos,
    currency,
  );
}

// No idempotency ----------------------------------------------------------------------------------

about('twenty calls under one reference are one move', async ({ adapter, simulator, seen }) => {
  const order = orderOf('together');
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => adapter.operations.transfer(order)),
  );
  assert.ok(answers.every(({ status }) => status === 'completed'));
  const again = await adapter.operations.transfer(order);
  assert.ok(again.status === 'completed' && again.replayed);
  assert.equal(simulator.book.moves.length, 1);
  assert.equal(seen.filter(({ method }) => method === 'POST').length, 1);
});

about('the core itself posts what it gets twice; the first is found', async (bank) => {
  const { simulator, adapter } = bank;
  simulator.inject({ kind: 'duplicate', match: posted });
  const order = orderOf('doubled');
  assert.equal((await adapter.operations.transfer(order)).status, 'completed');
  const [first, second] = simulator.book.moves;
  assert.ok(first && second, 'no key keeps the core from doing it twice');
  const of = { reference: order.reference, kind: 'transfer', account: debtor } as const;
  const found = await adapter.operations.lookUp(of);
  assert.ok(found?.answer.status === 'completed');
  assert.equal(found.answer.coreReference, first.id);
  const entries = await adapter.operations.listEntries?.({ id: debtor, limit: 10 });
  const own = entries?.items.filter((entry) => entry.own_reference === order.reference);
  assert.equal(own?.length, 2, 'both are seen in the statement');
});

for (const kind of ['lost', 'failed_after', 'malformed', 'unavailable'] as const) {
  about(`a transfer that is ${kind} is unknown, and looked up`, async ({ simulator, adapter }) => {
    simulator.inject({ kind, match: posted });
    const order = orderOf(kind);
    assert.equal((await adapter.operations.transfer(order)).status, 'unknown');
    const of = { reference: order.reference, kind: 'transfer', account: debtor } as const;
    const found = await adapter.operations.lookUp(of);
    assert.equal(found !== undefined, kind !== 'unavailable');
    await adapter.operations.transfer(order);
    assert.equal(simulator.book.moves.length, 1);
  });
}

about('too many calls are told as that: nothing was done', async ({ simulator, adapter }) => {
  simulator.inject({ kind: 'limited', match: posted });
  await assert.rejects(
    async () => adapter.operations.transfer(orderOf('limited')),
    (error) => error instanceof Fault && error.detail['class'] === 'limited',
  );
  assert.equal(simulator.book.moves.length, 0);
});

about('a look-up gives up before it reads a whole account, and says so', async (bank) => {
  const { simulator, open } = bank;
  for (let at = 0; at < 10_001; at += 1) {
    const sum = { amount: 1, currency: 'EUR', valueDate: '2026-03-31', reference: `busy ${at}` };
    const account = simulator.book.accounts.get(debtor);
    account?.entries.push({
      ...{ number: at, move: `OLD${at}`, account: debtor, counter: creditor },
      ...{ amount: -sum.amount, balance: 0, at: clock.now(), valueDate: sum.valueDate },
    });
  }
  const of = { reference: referenceOf('never'), kind: 'transfer', account: debtor } as const;
  const adapter = open();
  await assert.rejects(async () => adapter.operations.lookUp(of), { code: 'core_refused' });
  assert.ok(bank.seen.length <= 21);
});

// Overrides and second persons --------------------------------------------------------------------

about('an accepted override goes back with its id and its code', async (bank) => {
  const { simulator, adapter, seen } = bank;
  const warns = { code: 'ACCT.UNAUTH.OD', text: 'Unauthorised overdraft' };
  const account = { id: '10000003', party, currency: 'EUR', balance: 500, warns };
  seedBook(simulator.book, { accounts: [account] });
  const order = { ...orderOf('override', 100), debtor: account.id };
  const first = await adapter.operations.transfer(order);
  assert.ok(first.status === 'needs_override');
  const [override] = first.overrides;
  assert.equal(override?.code, warns.code);
  await adapter.operations.transfer({ ...order, accepted: [override?.id ?? ''] });
  const { header } = JSON.parse(seen.at(-1)?.body ?? '{}') as { header: unknown };
  const details = { id: 'DM.OVERRIDE.1', code: warns.code, responseCode: 'YES' };
  assert.deepEqual(header, { override: { overrideDetails: [details] } });
});

about('a dry run moves nothing', async ({ simulator }) => {
  const body = {
    ...{ transactionType: 'ACPX', debitAccountId: debtor, creditAccountId: creditor },
    ...{ debitCurrency: 'EUR', debitAmount: 1, debitValueDate: '2026-03-31' },
  };
  const headers = {
    'content-type': 'application/json',
    authorization: String(simulator.credentials['apiKey']),
  };
  const path = '/api/v1.0.1/order/transfers?validate_only=true';
  const answer = await fetch(`${simulator.url}${path}`, {
    ...{ method: 'POST', headers, body: JSON.stringify({ body }) },
  });
  assert.equal(answer.status, 200);
  assert.equal(simulator.book.moves.length, 0);
});

// Customers ---------------------------------------------------------------------------------------

about('what somebody else has changed meanwhile is not overwritten', async (bank) => {
  const { simulator, adapter, seen } = bank;
  const change = { id: party, key: referenceOf('key'), kind: 'email', usage: 'main' } as const;
  await adapter.operations.changeContactPoint?.({ ...change, value: 'one@mail.example' });
  assert.match(seen.at(-1)?.body ?? '', /"versionNumber":"1"/);
  await adapter.operations.changeContactPoint?.({ ...change, value: 'one@mail.example' });
  const written = seen.filter(({ method }) => method === 'PUT');
  assert.equal(written.length, 1, 'to change nothing is an error of the core');
  const person = simulator.book.parties.get(party);
  assert.ok(person);
  // Between our reading and our writing.
  simulator.inject({ kind: 'latency', ms: 150, match: '^PUT' });
  const late = adapter.operations.changeContactPoint?.({ ...change, value: 'two@mail.example' });
  setTimeout(() => {
    person.version += 1;
  }, 75);
  await assert.rejects(
    async () => late,
    (error) => error instanceof Fault && error.detail['class'] === 'stale',
  );
  assert.equal(person.email, 'one@mail.example');
  assert.equal(person.phone, '+491510000000');
});

about('an offer is one advert, whose status changes', async ({ adapter, simulator }) => {
  const { recordOffer, listOffers } = adapter.operations;
  const terms = { product: 'CARD.GOLD', code: 'SPRING', validFrom: '2026-03-01' };
  const offer = { id: party, key: referenceOf('offer'), ...terms };
  const first = await recordOffer?.({ ...offer, status: 'offered' });
  const again = await recordOffer?.({ ...offer, status: 'offered' });
  const last = await recordOffer?.({ ...offer, status: 'accepted' });
  assert.deepEqual([again, last], [first, first]);
  const { items } = (await listOffers?.({ id: party, limit: 10 })) ?? { items: [] };
  assert.deepEqual(items, [{ id: first?.id, ...terms, status: 'accepted' }]);
  assert.equal(simulator.book.records.length, 1);
});

about('a contact with a customer is written once under one key', async ({ adapter, simulator }) => {
  const told = { channel: 'chat', direction: 'inbound', summary: 'asked for a card' } as const;
  const interaction = { id: party, key: referenceOf('contact'), ...told };
  const first = await adapter.operations.recordInteraction?.(interaction);
  assert.deepEqual(await adapter.operations.recordInteraction?.(interaction), first);
  assert.equal(simulator.book.records.length, 1);
});

about('consents and positions are read', async ({ adapter, simulator }) => {
  const keep = (kind: string, of: string, data: Readonly<Record<string, string>>) =>
    simulator.book.records.push({ id: `RC${kind}`, kind, of, key: '', data });
  keep('consent', party, { consentType: 'MARKETING', consentGiven: 'YES' });
  const position = { instrumentId: 'DE0001102580', quantity: '12.5', currencyId: 'EUR' };
  keep('position', 'PF1', { ...position, marketValue: '1250.10', positionDate: '2026-03-31' });
  const preferences = await adapter.operations.readPreferences?.({ id: party });
  assert.deepEqual(preferences, [{ purpose: 'MARKETING', granted: true }]);
  const { items } = (await adapter.operations.listSecurities?.({ id: 'PF1', limit: 5 })) ?? {};
  const [first] = items ?? [];
  assert.deepEqual([first?.quantity, first?.value], ['12.5', 125_010]);
});

void test('temenos: what a bank has not set up is absent', async () => {
  const url = 'http://127.0.0.1:9';
  const adapter = openTemenos({ url, credentials: { apiKey: 'key' }, now: () => 0 });
  const { operations, events } = adapter;
  const { placeHold, releaseHold, applyForLoan, recordInteraction } = operations;
  const absent = [placeHold, releaseHold, applyForLoan, recordInteraction, events];
  assert.deepEqual(absent.filter(Boolean), []);
  await adapter.close();
});
