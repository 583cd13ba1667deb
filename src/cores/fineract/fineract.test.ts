// The adapter of Fineract: the contract of all adapters, and what is this vendor's alone.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Fault } from '#core';
import { openCoreBank } from '../../../test/core-bank.ts';
import { client, withFineract } from '../../../test/fineract-bank.ts';
import { fineract } from '../../../simulators/cores/fineract/fineract.ts';
import type { Delivered, EventSource } from '../adapter.ts';
import { type AdapterSubject, adapterContract, referenceOf } from '../adapter-contract.ts';
import { openFineract } from './core.ts';
import { byCode, byStatus, failureOf, rejectionOf } from './errors.ts';
import { countryOf, dayOf, entryOf, partyOf, textIn, textOf } from './mapping.ts';

adapterContract('fineract', open);

async function open(): Promise<AdapterSubject> {
  const subject = await openCoreBank({
    ...{ vendor: fineract, openAdapter: openFineract },
    ...{ accountId: fineract.ids.account, partyId: fineract.ids.party(1) },
    ...{ product: fineract.ids.product, loanProduct: 'loan-2', warns: false, checks: true },
    takesOnce: true,
  });
  const { checked } = subject;
  // What waits is called by its command there, and by its move in the book.
  const agree = (command: string) => checked?.agree(`TX${command.padStart(10, '0')}`);
  return { ...subject, checked: checked && { ...checked, agree } };
}

// Failures ----------------------------------------------------------------------------------------

const codes = [
  [
    'error.msg.savingsaccount.transaction.insufficient.account.balance',
    'refused',
    'insufficient_funds',
  ],
  [
    'error.msg.savingsaccount.transaction.insufficient.account.balance.withdraw',
    'refused',
    'insufficient_funds',
  ],
  ['validation.msg.savingsaccount.insufficient.balance', 'refused', 'insufficient_funds'],
  ['error.msg.savings.account.debit.transaction.not.allowed', 'refused', 'debit_account_frozen'],
  ['error.msg.savings.account.credit.transaction.not.allowed', 'refused', 'credit_account_frozen'],
  ['error.msg.saving.account.blocked.transaction.not.allowed', 'refused', 'debit_account_frozen'],
  ['error.msg.accounttransfer.different.currencies', 'refused', 'currency_mismatch'],
  ['validation.msg.savingsaccount.transaction.account.is.not.active', 'refused', 'core_rejected'],
  ['error.msg.saving.account.id.invalid', 'missing', 'account_not_found'],
  [
    'validation.msg.savingsaccount.amount.validation.msg.amount.is.not.on.hold',
    'refused',
    'hold_voided',
  ],
  [
    'validation.msg.savingsaccount.validation.msg.validation.errors.exist',
    'missing',
    'hold_not_found',
  ],
  ['error.msg.loan.duplicate.externalId', 'duplicate', 'core_rejected'],
  ['error.msg.parameter.unsupported', 'invalid', 'core_rejected'],
  ['error.msg.idempotent.command.under.processing', 'in_progress', 'core_rejected'],
  ['error.msg.not.authenticated', 'unauthenticated', 'core_rejected'],
  ['error.msg.invalid.tenant.identifier', 'unauthenticated', 'core_rejected'],
  ['error.msg.not.authorized', 'forbidden', 'core_rejected'],
  ['error.msg.loan.locked', 'locked', 'core_rejected'],
] as const;

test('every code of the core has its class, and its rejection where our ledger knows one', () => {
  assert.deepEqual(codes.map(([code]) => code).sort(), Object.keys(byCode).sort());
  for (const [code, of, rejection] of codes) {
    const outer = { userMessageGlobalisationCode: 'validation.msg.domain.rule.violation' };
    const text = 'Erika Muster lacks 100';
    const errors = [{ userMessageGlobalisationCode: code, defaultUserMessage: text }];
    for (const body of [{ ...outer, errors }, { userMessageGlobalisationCode: code }]) {
      const told = failureOf(403, body);
      assert.deepEqual([told.class, told.code], [of, code]);
      assert.equal(rejectionOf(told), rejection, code);
      assert.ok(!JSON.stringify(told).includes('Erika'), 'its words name people');
    }
  }
  const codeOf = (code: string) =>
    failureOf(400, { errors: [{ userMessageGlobalisationCode: code }] });
  assert.equal(codeOf('validation.msg.loan.principal.cannot.be.blank').class, 'incomplete');
  assert.equal(codeOf('error.msg.client.id.invalid').class, 'missing');
});

test('what has no known code is told by its status', () => {
  for (const [status, of] of Object.entries(byStatus)) {
    assert.equal(failureOf(Number(status), undefined).class, of, status);
  }
  assert.deepEqual(
    [599, 418].map((status) => failureOf(status, undefined).class),
    [...['unavailable', 'refused']],
  );
});

test('a blocked account is that of the side which the core names', () => {
  const code = 'error.msg.saving.account.blocked.transaction.not.allowed';
  const told = failureOf(403, {
    errors: [{ userMessageGlobalisationCode: code, args: [{ value: '7' }] }],
  });
  assert.equal(rejectionOf(told, { creditor: '7' }), 'credit_account_frozen');
  assert.equal(rejectionOf(told, { creditor: '8' }), 'debit_account_frozen');
});

test('who is not let in hears so, without the credentials', () =>
  withFineract(async (bank) => {
    const id = bank.account(1);
    const password = 'not-the-password-9';
    const stranger = bank.open({ credentials: { username: 'mifos', password } });
    const other = bank.open({ settings: { tenant: 'other' } });
    for (const { operations } of [stranger, other]) {
      await assert.rejects(
        async () => operations.readBalances({ id }),
        (error) => {
          assert.ok(error instanceof Fault && error.detail['class'] === 'unauthenticated');
          assert.ok(!inspect(error, { depth: 9 }).includes(password));
          return true;
        },
      );
    }
    assert.ok(!inspect(stranger, { depth: 9 }).includes(password));
  }));

test('a 404 of what stands before the core says nothing about an account', () =>
  withFineract(async (bank) => {
    const adapter = bank.open({ url: `${bank.simulator.url}/elsewhere` });
    await assert.rejects(
      async () =>
        adapter.operations.transfer({
          ...{ reference: referenceOf('lost'), mark: 'deadbeef', amount: 1, currency: 'EUR' },
          ...{ debtor: '1', creditor: '2', valueDate: '2026-03-31' },
        }),
      Fault,
    );
  }));

// Mapping -----------------------------------------------------------------------------------------

test('days come as arrays, and as the texts that were promised', () => {
  assert.deepEqual([dayOf(['2026', '3', '1']), dayOf('2026-03-01')], ['2026-03-01', '2026-03-01']);
  assert.deepEqual([dayOf(['2026']), dayOf('soon'), dayOf(undefined)], Array(3).fill(undefined));
});

test('a day of the core begins in its own time zone', () => {
  const row = {
    ...{ id: '5', amount: '1.500000', entryType: 'DEBIT', date: ['2026', '3', '30'] },
    ...{ currency: { code: 'EUR' }, submittedOnDate: ['2026', '3', '29'] },
  };
  const entry = entryOf(row, 'Europe/Berlin');
  assert.deepEqual(
    [entry?.booked_at, entry?.value_at].map((at) => Date.parse(at ?? '')),
    ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'].map((at) => Date.parse(at)),
  );
  assert.equal(entryOf({ ...row, reversed: true }, 'UTC'), undefined);
  assert.throws(() => entryOf({ ...row, amount: '1.505000' }, 'UTC'), Fault);
});

test('the text of a move is read as it was written, and no other text is one', () => {
  const plain = { reference: referenceOf('text'), mark: '0a1b2c3d' };
  const taking = { ...plain, of: { what: 'takes', reference: referenceOf('hold') } } as const;
  for (const text of [plain, taking]) assert.deepEqual(textIn(textOf(text)), text);
  for (const other of [undefined, '', 'Rent', `${textOf(plain)} and more`]) {
    assert.equal(textIn(other), undefined);
  }
});

test('a client is a person or an organisation, and lives where its address is', () => {
  const row = { id: '9', displayName: 'Bakery', legalForm: { id: '2' } };
  const pending = { ...row, status: { code: 'clientStatusType.pending' } };
  const { kind, segment, status } = partyOf(pending, 'DE');
  assert.deepEqual([kind, segment, status], ['organisation', 'business', 'prospect']);
  const addresses = [
    { isActive: false, countryName: 'FR' },
    { isActive: true, countryName: 'AT' },
  ];
  assert.deepEqual([countryOf(addresses, 'DE'), countryOf([], 'DE')], ['AT', 'DE']);
});

// Customers ---------------------------------------------------------------------------------------

test('offers, points and notes are kept once under their key', () =>
  withFineract(async ({ adapter: { operations }, exchanges }) => {
    const { recordOffer, listOffers, recordLoyalty, readLoyalty, recordAiAudit } = operations;
    assert.ok(recordOffer && listOffers && recordLoyalty && readLoyalty && recordAiAudit);
    const keyed = (name: string) => ({ id: client, key: referenceOf(name) });
    const offer = { product: 'loan-2', code: 'SPRING', validFrom: '2026-03-31' };
    for (const name of ['one', 'two', 'two']) {
      await recordOffer({ ...keyed(name), ...offer, status: 'offered' });
    }
    const first = await listOffers({ id: client, limit: 1 });
    const rest = await listOffers({ id: client, limit: 1, after: first.next ?? '' });
    assert.deepEqual([first.items.length, rest.items.length, rest.next], [1, 1, null]);
    assert.equal(await readLoyalty({ id: client }), undefined);
    for (const points of [40, 55])
      await recordLoyalty({ ...keyed(`at ${points}`), points, tier: 'gold' });
    assert.deepEqual(await readLoyalty({ id: client }), { points: 55, tier: 'gold' });
    const entry = { what: 'offer', decision: 'allowed', by: 'model 3' };
    const written = await recordAiAudit({ ...keyed('audit'), ...entry });
    assert.deepEqual(await recordAiAudit({ ...keyed('audit'), ...entry }), written);
    assert.ok(exchanges.some(({ answer }) => answer.headers?.['x-served-from-cache'] === 'true'));
  }));

test('a loan is followed through its states', () =>
  withFineract(async ({ adapter: { operations }, book }) => {
    const { applyForLoan, readLoanApplication } = operations;
    const terms = { product: 'loan-2', amount: 250_050, currency: 'EUR', months: 12 };
    const loan = await applyForLoan?.({ id: client, key: referenceOf('loan'), ...terms });
    const id = loan?.id ?? '';
    assert.deepEqual(await readLoanApplication?.({ id }), loan);
    const [kept] = book.loans.values();
    for (const status of ['approved', 'rejected', 'withdrawn'] as const) {
      assert.ok(kept);
      kept.status = status;
      assert.equal((await readLoanApplication?.({ id }))?.status, status);
    }
    const other = { ...terms, currency: 'USD' };
    const wrong = async () => applyForLoan?.({ id: client, key: referenceOf('usd'), ...other });
    await assert.rejects(wrong, Fault);
  }));

// Events ------------------------------------------------------------------------------------------

test('a hook is taken by the secret of its address, and told again it is the same event', () =>
  withFineract(async (bank) => {
    const { adapter, simulator } = bank;
    bank.account(1);
    bank.account(2);
    const { deliveries, url, close } = await listening();
    try {
      simulator.subscribe({ url, secret: simulator.credentials['hook_secret'] ?? '' });
      await adapter.operations.transfer({
        ...{ reference: referenceOf('told'), mark: 'deadbeef', amount: 5, currency: 'EUR' },
        ...{ debtor: '1000001', creditor: '1000002', valueDate: '2026-03-31' },
      });
      simulator.inject({ kind: 'redelivery' });
      while (deliveries.length < 2) await new Promise((done) => setTimeout(done, 5));
    } finally {
      close();
    }
    const accept = accepting(adapter.events);
    const [first, again] = deliveries.map(accept);
    assert.deepEqual(
      first?.map(({ type, account }) => [type, account]),
      [
        ...[
          ['entry.booked', '1000001'],
          ['entry.booked', '1000002'],
        ],
      ],
    );
    const ids = (events = first) => events?.map(({ id }) => id);
    assert.deepEqual(ids(again), ids(first));
    const polled = await adapter.events?.poll?.({ limit: 50 });
    assert.deepEqual(ids([...(polled?.events ?? [])]), ids(first), 'the record has the same');
    const later = await adapter.events?.poll?.({ limit: 50, after: polled?.cursor ?? '' });
    assert.deepEqual([later?.events, later?.cursor], [[], polled?.cursor]);
  }));

test('a forged hook is refused, and a failed command is no event', () =>
  withFineract(async ({ adapter, open }) => {
    const accept = accepting(adapter.events);
    const headers = { 'fineract-platform-tenantid': 'default' };
    const body = JSON.stringify({ entityName: 'CLIENT', actionName: 'UPDATE', clientId: 27 });
    const secret = fineract.credentials['hook_secret'] ?? '';
    const forged: readonly Delivered[] = [
      { headers, body },
      { headers, body, secret: `${secret}x` },
      { headers: { 'fineract-platform-tenantid': 'other' }, body, secret },
    ];
    for (const each of forged) {
      assert.throws(
        () => accept(each),
        (error) => error instanceof Fault && error.code === 'unauthenticated',
      );
    }
    assert.throws(() => accept({ headers, body: '{', secret }), Fault);
    assert.equal(accept({ headers, body, secret })[0]?.type, 'party.changed');
    assert.deepEqual(accept({ headers, body: '{"status":"Exception"}', secret }), []);
    assert.deepEqual(accept({ headers, body: '{"entityName":"OFFICE"}', secret }), []);
    const without = open({ credentials: { username: 'mifos', password: 'password' } });
    assert.equal(without.events?.accept, undefined, 'without a secret nobody may call');
  }));

function accepting(events: EventSource | undefined): NonNullable<EventSource['accept']> {
  assert.ok(events?.accept);
  return events.accept;
}

async function listening() {
  const deliveries: Delivered[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request) body += String(part);
      const { searchParams } = new URL(request.url ?? '/', 'http://us');
      const headers = request.headers as Record<string, string>;
      deliveries.push({ headers, body, secret: searchParams.get('secret') ?? '' });
      response.end();
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { deliveries, url: `http://127.0.0.1:${port}/hook`, close: () => server.close() };
}
