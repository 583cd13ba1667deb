// Mambu: what the adapter sends and what the simulator answers keep to the published schemas.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { sha256Hex, systemClock } from '#core';
import { mambu, mambuOf } from '../../../simulators/cores/mambu/mambu.ts';
import {
  type SimAnswer,
  type SimRequest,
  startSimulator,
  type Vendor,
} from '../../../simulators/cores/simulator.ts';
import { referenceOf } from '../adapter-contract.ts';
import { openMambu } from './core.ts';

const folder = join(import.meta.dirname, '../../../../shared/specs/mambu/json-schema');
const isDescribed = existsSync(folder);
const skip = isDescribed ? false : 'the published schemas are not beside the project';

/** Of a route: the schema of what is sent, and of what is answered; a file and a name each. */
const routes: readonly (readonly [RegExp, string | null, string | null])[] = [
  [/^GET \/clients$/, null, 'clients GetAllResponse'],
  [/^GET \/clients\/[^/]+$/, null, 'clients Client'],
  [/^PATCH \/clients\/[^/]+$/, 'clients PatchRequest', null],
  [/^GET \/deposits$/, null, 'deposit-accounts GetAllResponse'],
  [/^GET \/deposits\/[^/]+$/, null, 'deposit-accounts DepositAccount'],
  [/transactions:search$/, of('DepositTransactionSearchCriteria'), of('SearchResponse')],
  [/transfer-transactions$/, of('TransferDepositTransactionInput'), of('DepositTransaction')],
  [/withdrawal-transactions$/, of('WithdrawalDepositTransactionInput'), of('DepositTransaction')],
  [/deposit-transactions$/, of('DepositTransactionInput'), of('DepositTransaction')],
  [/:adjust$/, of('DepositTransactionAdjustmentDetails'), of('DepositTransaction')],
  [/^GET .*\/deposits\/transactions\/\w+$/, null, of('DepositTransaction')],
  [
    /^POST .*authorizationholds$/,
    'deposit-accounts AccountAuthorizationHold',
    'deposit-accounts GetAuthorizationHold',
  ],
  [/^GET .*authorizationholds\/\w+$/, null, 'deposit-accounts GetAuthorizationHold'],
  [/^DELETE .*authorizationholds\/\w+$/, null, null],
  [/^GET \/depositproducts$/, null, 'deposit-products GetAllResponse'],
  [/^GET \/depositproducts\/\w+$/, null, 'deposit-products DepositProduct'],
  [/^GET \/loanproducts$/, null, 'loan-products GetAllResponse'],
  [/^GET \/loanproducts\/\w+$/, null, 'loan-products LoanProduct'],
  [/^POST \/loans$/, 'loan-accounts LoanAccount', 'loan-accounts LoanAccount'],
  [/:changeState$/, 'loan-accounts LoanAccountAction', 'loan-accounts LoanAccount'],
  [/:previewSchedule$/, preview('PreviewLoanAccountSchedule'), preview('LoanAccountSchedule')],
  [/^GET \/loans\/\w+$/, null, 'loan-accounts LoanAccount'],
  [/^POST \/v1\/subscriptions$/, streaming('Subscription'), streaming('Subscription')],
  [/^GET .*\/events$/, null, streaming('SubscriptionEventStreamBatch')],
  [/^POST .*\/cursors$/, streaming('CommitSubscriptionCursorsRequest'), null],
];

function of(name: string): string {
  return `deposit-transactions ${name}`;
}
function preview(name: string): string {
  return `loan-accounts ${name}`;
}
function streaming(name: string): string {
  return `base-streaming ${name}`;
}

type Exchange = { readonly request: SimRequest; readonly answer: SimAnswer };

function recorded(vendor: Vendor, exchanges: Exchange[]): Vendor {
  return {
    ...vendor,
    open: (book, options) => {
      const server = vendor.open(book, options);
      const handle = async (request: SimRequest) => {
        const answer = await server.handle(request);
        exchanges.push({ request, answer });
        return answer;
      };
      return { ...server, handle };
    },
  };
}

function validator(): (schema: string, value: unknown) => void {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const loaded = new Set<string>();
  return (schema, value) => {
    const [file = '', name = ''] = schema.split(' ');
    if (!loaded.has(file)) {
      const text = readFileSync(join(folder, `${file}.schema.json`), 'utf8');
      ajv.addSchema(JSON.parse(text) as AnySchema, file);
      loaded.add(file);
    }
    const validate = ajv.getSchema(`${file}#/$defs/${name}`);
    assert.ok(validate, schema);
    assert.ok(validate(value), `${schema}: ${ajv.errorsText(validate.errors)}`);
  };
}

/** Every operation once, and a refusal of each kind. */
async function everything(vendor: Vendor): Promise<void> {
  const [debtor, creditor] = [mambu.ids.account(1), mambu.ids.account(2)];
  const party = mambu.ids.party(1);
  const of = { party, currency: 'EUR', balance: 1_000_000 };
  const accounts = [debtor, creditor].map((id) => ({ id, ...of }));
  const firm = { id: mambu.ids.party(2), name: 'Muster GmbH', kind: 'organisation' } as const;
  const seed = { parties: [{ id: party, name: 'Erika Muster' }, firm], accounts };
  const clock = systemClock();
  const simulator = await startSimulator(vendor, { clock, seed });
  const { url, credentials, settings } = simulator;
  const timeZone = 'Europe/Berlin';
  const adapter = openMambu({ url, credentials, settings, timeZone, now: () => clock.now() });
  const { operations, events } = adapter;
  const sum = { amount: 1_234, currency: 'EUR', valueDate: '2026-03-31', mark: 'deadbeef' };
  const order = { reference: referenceOf('one'), debtor, creditor, ...sum };
  await operations.listParties?.({ limit: 1 });
  const kinds = await Promise.all(
    [party, firm.id].map(async (id) => (await operations.readParty?.({ id }))?.kind),
  );
  assert.deepEqual(kinds, ['person', 'organisation']);
  await operations.readContactPoints?.({ id: party });
  for (const point of [
    { kind: 'email', usage: 'main', value: 'new@mail.example' },
    { kind: 'phone', usage: 'mobile', value: '+491510000001' },
  ] as const) {
    await operations.changeContactPoint?.({ id: party, key: referenceOf('c'), ...point });
  }
  const products = await operations.listProducts?.({ limit: 10 });
  const loans = await operations.listProducts?.({ limit: 10, after: products?.next ?? '' });
  const [product] = loans?.items ?? [];
  assert.ok(product && products?.items[0]);
  for (const { id } of [product, products.items[0]]) await operations.readProduct?.({ id });
  await operations.readAccount({ id: debtor });
  await operations.readBalances({ id: debtor });
  await operations.listAccounts?.({ id: party, limit: 5 });
  await operations.transfer(order);
  await operations.transfer({ ...order, reference: referenceOf('poor'), amount: 99_999_999 });
  await operations.listEntries?.({ id: debtor, limit: 50 });
  const back = { ...order, of: order.reference, reference: referenceOf('back') };
  await operations.reverse?.(back);
  await operations.reverse?.({ ...back, reference: referenceOf('again') });
  await operations.lookUp({ reference: back.reference, kind: 'reverse', account: debtor });
  const placed = { reference: referenceOf('hold'), mark: 'deadbeef', account: debtor };
  await operations.placeHold?.({ ...placed, amount: 500, currency: 'EUR' });
  const about = { ...sum, hold: placed.reference, account: debtor, creditor, final: true };
  await operations.captureHold?.({ ...about, reference: referenceOf('take'), amount: 400 });
  await operations.readHold?.({ id: placed.reference, account: debtor });
  const gone = { ...about, hold: referenceOf('gone') };
  await operations.placeHold?.({ ...placed, reference: gone.hold, amount: 5, currency: 'EUR' });
  await operations.releaseHold?.({ ...gone, reference: referenceOf('release') });
  const terms = { product: product.id, amount: 500_000, currency: 'EUR', months: 24 };
  const loan = await operations.applyForLoan?.({ id: party, key: referenceOf('loan'), ...terms });
  assert.equal(loan?.status, 'in_review');
  await operations.readLoanApplication?.({ id: loan.id });
  const first = await events?.poll?.({ limit: 100 });
  assert.ok(first && first.events.length > 8);
  await events?.poll?.({ limit: 100, after: first.cursor });
  await previewed(url, credentials['apiKey'] ?? '', product.id);
  await adapter.close();
  await simulator.close();
}

/** No operation of ours needs it. */
async function previewed(url: string, apikey: string, productTypeKey: string): Promise<void> {
  const scheduleSettings = {
    gracePeriod: 0,
    repaymentInstallments: 12,
    repaymentPeriodUnit: 'MONTHS',
  };
  const accept = 'application/vnd.mambu.v2+json';
  const headers = { apikey, accept, 'content-type': 'application/json' };
  const body = JSON.stringify({ productTypeKey, loanAmount: 1_000, scheduleSettings });
  const answer = await fetch(`${url}/api/loans:previewSchedule`, { method: 'POST', headers, body });
  assert.equal(((await answer.json()) as { installments: unknown[] }).installments.length, 12);
}

void test('every message keeps to the published schemas', { skip }, async () => {
  const [exchanges, check]: [Exchange[], ReturnType<typeof validator>] = [[], validator()];
  await everything(recorded(mambuOf({ timeZone: 'Europe/Berlin' }), exchanges));
  const seen = new Set<RegExp>();
  for (const { request, answer } of exchanges) {
    const called = `${request.method} ${request.path.replace(/^\/api/, '')}`;
    const route = routes.find(([pattern]) => pattern.test(called));
    assert.ok(route, `${called} is no published operation`);
    const [pattern, sent, told] = route;
    seen.add(pattern);
    assert.equal(request.body === '', sent === null, called);
    if (sent !== null) check(sent, JSON.parse(request.body));
    if (answer.status >= 400) check(of('ErrorResponse'), JSON.parse(answer.body));
    else if (told === null) assert.equal(answer.body, '', called);
    else if (!told.endsWith('StreamBatch')) check(told, JSON.parse(answer.body));
    else for (const line of answer.body.split('\n').filter(Boolean)) check(told, JSON.parse(line));
  }
  const unseen = routes
    .filter(([pattern]) => !seen.has(pattern))
    .map(([pattern]) => pattern.source);
  assert.deepEqual(unseen, [], 'every route was taken');
});

void test('a key is of one request: 102 while it runs, refused with another body', async () => {
  const simulator = await startSimulator(mambu, { clock: systemClock() });
  const { book } = simulator;
  const server = mambu.open(book, { push: () => undefined });
  book.accounts.clear();
  const headers = {
    ...{ apikey: mambu.credentials['apiKey'] ?? '', accept: 'application/vnd.mambu.v2+json' },
    ...{ 'content-type': 'application/json' },
    'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9324',
  };
  const ask = (body: unknown, more: Record<string, string> = {}) =>
    server.handle({
      ...{ method: 'POST', path: '/api/loans', query: new URLSearchParams() },
      ...{ headers: { ...headers, ...more }, body: JSON.stringify(body) },
    });
  book.parties.set('1', {
    ...{ id: '1', kind: 'person', name: 'A B', birthDate: null, country: 'DE', version: 1 },
    ...{ email: '', phone: '', address: '' },
  });
  const loan = {
    ...{ accountHolderType: 'CLIENT', accountHolderKey: sha256Hex('party 1').slice(0, 32) },
    ...{ productTypeKey: sha256Hex('product CONSUMER').slice(0, 32), loanAmount: 100 },
    scheduleSettings: { gracePeriod: 0, repaymentInstallments: 3, repaymentPeriodUnit: 'MONTHS' },
  };
  const [first, second] = await Promise.all([ask(loan), ask(loan)]);
  assert.deepEqual([first.status, second.status, second.body], [201, 102, '']);
  assert.deepEqual(await ask(loan), first, 'kept');
  assert.equal((await ask({ ...loan, loanAmount: 101 })).status, 400);
  assert.equal((await ask(loan, { 'idempotency-key': 'no uuid' })).status, 400);
  const other = { 'idempotency-key': '8e03978e-40d5-43e8-bc93-6894a57f9325' };
  assert.equal((await ask({ ...loan, loanAmount: -1 }, other)).status, 400);
  assert.equal((await ask(loan, other)).status, 201, 'what was refused is not kept');
  assert.equal(book.loans.size, 2);
  await simulator.close();
});
