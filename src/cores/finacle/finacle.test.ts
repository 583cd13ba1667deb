// The adapter of Finacle in front of the simulated bank: the contract of all adapters, under both
// ways in which a bank may have set up its core, and what is peculiar to this one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { customerId, moveOften, openBank, openSubject } from '../../../test/finacle-bank.ts';
import type { TransferOrder } from '../adapter.ts';
import { adapterContract, referenceOf } from '../adapter-contract.ts';
import { openFinacle } from './core.ts';

adapterContract('finacle', () => openSubject({}));
adapterContract('finacle that refuses repetitions and reverses by itself', () =>
  openSubject({
    ...{ refusesRepeated: true, listsEmptyLiens: true },
    settings: { requestUuid: 'unique', reversal: 'XferTrnRev' },
  }),
);

function orderOf(name: string, debtor: string, creditor: string): TransferOrder {
  const sum = { amount: 1_234, currency: 'EUR', valueDate: '2026-03-31' };
  return { reference: referenceOf(name), mark: 'deadbeef', debtor, creditor, ...sum };
}

for (const [currency, digits] of [
  ['JPY', '1234'],
  ['EUR', '12.34'],
  ['KWD', '1.234'],
] as const) {
  test(`amounts of ${currency} keep their decimals over the wire`, async () => {
    const bank = await openBank();
    const [debtor, creditor] = [bank.account(1, { currency }), bank.account(2, { currency })];
    const order = { ...orderOf(currency, debtor, creditor), currency };
    assert.equal((await bank.operations.transfer(order)).status, 'completed');
    const request = bank.said.at(-1)?.request.body ?? '';
    assert.match(request, new RegExp(`<amountValue>${digits}</amountValue>`));
    const balances = await bank.operations.readBalances({ id: creditor });
    assert.deepEqual(
      balances?.map(({ amount, type }) => [type, amount]),
      [
        ['ITBD', 101_234],
        ['ITAV', 101_234],
      ],
    );
    await bank.close();
  });
}

test('what an account owes is a debit, and an overdraft is available', async () => {
  const bank = await openBank();
  const [id, other] = [bank.account(1, { balance: 0, overdraft: 5_000 }), bank.account(2)];
  assert.equal((await bank.operations.transfer(orderOf('owes', id, other))).status, 'completed');
  const told = await bank.operations.readBalances({ id });
  const seen = told?.map(({ credit_debit_indicator: side, amount }) => [side, amount]);
  assert.deepEqual(seen, [
    ['DBIT', 1_234],
    ['CRDT', 3_766],
  ]);
  await bank.close();
});

test('twenty parallel transfers under one reference have one effect', async () => {
  for (const settings of [{}, { requestUuid: 'unique' }] as const) {
    const bank = await openBank({ refusesRepeated: 'requestUuid' in settings, settings });
    const [debtor, creditor] = [bank.account(1), bank.account(2)];
    const order = orderOf('parallel', debtor, creditor);
    const many = Array.from({ length: 20 }, () => bank.operations.transfer(order));
    const answers = await Promise.all(many);
    assert.equal(bank.book.moves.length, 1);
    const done = answers.filter(({ status }) => status === 'completed');
    assert.equal(done.length, 'requestUuid' in settings ? 1 : 20);
    assert.ok(answers.every(({ status }) => ['completed', 'unknown'].includes(status)));
    const found = await bank.operations.lookUp({
      ...{ reference: order.reference, kind: 'transfer', account: debtor },
    });
    assert.equal(found?.answer.status, 'completed');
    await bank.close();
  }
});

test('a repetition after a lost answer finds what was done, another command does not', async () => {
  const bank = await openBank();
  const [debtor, creditor] = [bank.account(1), bank.account(2)];
  const order = orderOf('again', debtor, creditor);
  bank.simulator.inject({ kind: 'lost', match: 'ServiceRequestId>XferTrnAdd' });
  assert.equal((await bank.operations.transfer(order)).status, 'unknown');
  const again = await bank.operations.transfer(order);
  assert.ok(again.status === 'completed' && again.replayed);
  const other = await bank.operations.transfer({ ...order, mark: '00000001', amount: 5 });
  assert.equal(other.status, 'unknown');
  assert.equal(bank.book.moves.length, 1);
  await bank.close();
});

test('a system exception, or one wrapped as a rule, leaves the outcome unknown', async () => {
  for (const kind of ['FISystemException', 'FIBusinessException']) {
    const bank = await openBank({
      instead: ({ body }) =>
        body.includes('>XferTrnAdd<') ? failing(body, kind, 'SYS', 'Runtime error') : undefined,
    });
    const [debtor, creditor] = [bank.account(1), bank.account(2)];
    const answer = await bank.operations.transfer(orderOf('broken', debtor, creditor));
    assert.equal(answer.status, 'unknown');
    await bank.close();
  }
});

test('an answer to another request is none', async () => {
  let body = '';
  const bank = await openBank({
    instead: () => (body === '' ? undefined : { status: 200, body }),
  });
  const id = bank.account(1);
  await bank.operations.readBalances({ id });
  body = bank.said[0]?.answer.body ?? '';
  await assert.rejects(bank.operations.readBalances({ id }), { code: 'core_failed' });
  await bank.close();
});

test('a look-up sees no further than it can, and says so', async () => {
  const bank = await openBank();
  const [debtor, creditor] = [bank.account(1, { balance: 1_000_000 }), bank.account(2)];
  const order = orderOf('old', debtor, creditor);
  await bank.operations.transfer(order);
  moveOften(bank.book, { debtor, creditor, count: 500 });
  const of = { reference: order.reference, kind: 'transfer', account: debtor } as const;
  bank.services();
  assert.equal((await bank.operations.lookUp(of))?.mark, order.mark);
  assert.equal(bank.services().length, 3, 'the windows grow');
  moveOften(bank.book, { debtor, creditor, count: 2_000 });
  await assert.rejects(bank.operations.lookUp(of), (error) => {
    assert.ok(error instanceof Fault);
    return error.code === 'core_refused' && error.detail['class'] === 'incomplete';
  });
  await bank.close();
});

test('pages hold what has come between them, each entry once', async () => {
  const bank = await openBank();
  const [debtor, creditor] = [bank.account(1, { balance: 1_000_000 }), bank.account(2)];
  moveOften(bank.book, { debtor, creditor, count: 24 });
  const { listEntries } = bank.operations;
  const seen: string[] = [];
  let after: string | undefined;
  bank.services();
  do {
    const page = await listEntries?.({ id: debtor, limit: 10, ...(after ? { after } : {}) });
    seen.push(...(page?.items ?? []).map(({ reference }) => reference));
    after = page?.next ?? undefined;
    if (seen.length === 20) moveOften(bank.book, { debtor, creditor, count: 7 });
  } while (after !== undefined);
  assert.deepEqual([seen.length, new Set(seen).size], [32, 32]);
  assert.equal(bank.services().length, 3, 'the second page was cut from the first window');
  await bank.close();
});

test('a look-up ends where entries are older than the bank has set', async () => {
  let now = Date.parse('2026-03-01T10:00:00Z');
  const bank = await openBank({ now: () => now, settings: { lookUpDays: '2' } });
  const [debtor, creditor] = [bank.account(1, { balance: 1_000_000 }), bank.account(2)];
  moveOften(bank.book, { debtor, creditor, count: 2_500 });
  now += 3 * 86_400_000;
  const of = { reference: referenceOf('no'), kind: 'transfer', account: debtor } as const;
  bank.services();
  assert.equal(await bank.operations.lookUp(of), undefined);
  assert.equal(bank.services().length, 1);
  await bank.close();
});

test('days and instants are of the zone of the bank', async () => {
  const now = Date.parse('2026-03-31T20:00:00Z');
  const bank = await openBank({ now: () => now, timeZone: 'Asia/Kolkata' });
  const [debtor, creditor] = [bank.account(1), bank.account(2)];
  const answer = await bank.operations.transfer(orderOf('zone', debtor, creditor));
  assert.ok(answer.status === 'completed' && answer.coreReference.startsWith('2026-04-01/'));
  assert.match(bank.said.at(-1)?.request.body ?? '', /2026-04-01T01:30:00\.000/);
  const entries = await bank.operations.listEntries?.({ id: debtor, limit: 10 });
  const last = entries?.items.at(-1);
  assert.equal(last?.booked_at, '2026-03-31T20:00:00.000Z');
  assert.equal(last.value_at, '2026-03-30T18:30:00.000Z');
  const [balance] = (await bank.operations.readBalances({ id: debtor })) ?? [];
  assert.equal(balance?.as_of, '2026-03-31T20:00:00.000Z');
  await bank.close();
});

test('an account tells a freeze, its end, its product and its day', async () => {
  const bank = await openBank({ now: () => Date.parse('2026-03-31T10:00:00Z') });
  const ids = [bank.account(1), bank.account(2, { status: 'blocked' })];
  ids.push(bank.account(3, { status: 'closed' }));
  const read = await Promise.all(ids.map((id) => bank.operations.readAccount({ id })));
  const states = read.map((each) => each?.status);
  assert.deepEqual(states, ['enabled', 'disabled', 'deleted']);
  assert.equal(read[0]?.product, 'SBGEN');
  assert.equal(read[0].opened_at, '2026-03-31T10:00:00.000Z');
  const listed = await bank.operations.listAccounts?.({ id: customerId, limit: 10 });
  assert.deepEqual(
    listed?.items.map(({ status }) => status),
    ['enabled', 'enabled', 'deleted'],
  );
  await bank.close();
});

test('a loan whose answer is lost is opened once', async () => {
  const bank = await openBank();
  const terms = { product: 'HLGEN', amount: 500_000, currency: 'EUR', months: 24 };
  const asked = { id: customerId, key: referenceOf('loan'), ...terms };
  bank.simulator.inject({ kind: 'lost', match: 'ServiceRequestId>LoanAcctAdd' });
  await assert.rejects(async () => bank.operations.applyForLoan?.(asked), { code: 'core_failed' });
  const opened = await bank.operations.applyForLoan?.(asked);
  assert.equal(bank.book.loans.size, 1);
  assert.deepEqual(opened, { ...terms, id: opened?.id, party: customerId, status: 'approved' });
  await bank.close();
});

test('the credentials count, and appear nowhere but in the message', async () => {
  const password = 'a-secret-that-is-wrong';
  const bank = await openBank({ credentials: { userId: 'FIUSR1', password } });
  const id = bank.account(1);
  const told = await bank.operations.readBalances({ id }).catch((error: unknown) => error);
  assert.ok(told instanceof Fault && told.detail['class'] === 'unauthenticated');
  assert.ok(!JSON.stringify([told, told.message, told.detail]).includes(password));
  const order = orderOf('secret', id, bank.account(2));
  await assert.rejects(bank.operations.transfer(order), { code: 'core_failed' });
  assert.ok(!`${bank.adapter.toString()}${JSON.stringify(bank.adapter)}`.includes(password));
  await bank.close();
});

test('operations whose fields no description confirms are there where the bank says so', () => {
  const options = { url: 'http://localhost:1', credentials: {}, now: () => 0 };
  const { operations, events } = openFinacle(options);
  assert.deepEqual(
    [operations.applyForLoan, operations.changeContactPoint],
    [undefined, undefined],
  );
  assert.deepEqual([operations.listParties, events], [undefined, undefined]);
  const wrong = { ...options, settings: { errors: 'E1=nonsense' } };
  assert.throws(() => openFinacle(wrong), /E1=nonsense/);
  const reversal = { ...options, settings: { reversal: 'by hand' } };
  assert.throws(() => openFinacle(reversal), /reversal/);
});

function failing(request: string, kind: string, code: string, text: string) {
  const at = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(request)?.[1] ?? '';
  const [uuid, service] = [at('RequestUUID'), at('ServiceRequestId')];
  const key = `<RequestUUID>${uuid}</RequestUUID><ServiceRequestId>${service}</ServiceRequestId>`;
  const header = `<ResponseHeader><RequestMessageKey>${key}</RequestMessageKey></ResponseHeader>`;
  const detail = `<ErrorCode>${code}</ErrorCode><ErrorDesc>${text}</ErrorDesc>`;
  const error = `<${kind}><ErrorDetail>${detail}</ErrorDetail></${kind}>`;
  const body = `<Header>${header}</Header><Body><Error>${error}</Error></Body>`;
  return { status: 200, body: `<FIXML>${body}</FIXML>` };
}
