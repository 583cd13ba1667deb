// What a customer sees and does, and that nobody gets at what is another's.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createApi } from '#api';
import { createBell, followProjection } from '#core';
import { rejections } from '#money';
import { paymentProjection } from '#payments';
import { defaultBundle, engineReasons, secretHash } from '#policy';
import { day } from '../../../test/bank.ts';
import { type Caller, openApi, type Reply } from '../../../test/api.ts';
import { type App, appOf, enrol, enrolApp, type PayerBank, step } from '../../../test/payers.ts';
import { createLog } from '../../serve.ts';
import { reasonsWithWords, wordsFor } from './words.ts';

const api = await openApi({ after });
const scopes = [
  ...['ledger:read', 'ledger:write', 'payments:read', 'payments:write'],
  ...['policy:read', 'policy:write'],
];
let banks = 0;

type Customer = { readonly app: Caller; readonly party: string; readonly account: string };
type Payee = { readonly party: string; readonly account: string };

/** A bank with two customers who have money, and a shop that both may pay. */
async function openCustomers() {
  banks += 1;
  const id = `customers-${banks}`;
  const boss = await api.tenant(id);
  const cash = await boss.open({ type: 'asset' });
  const channel = await api.issue(boss, 'service:channel', { scopes: ['payments:write'] });

  async function register(name: string, more: object = {}): Promise<string> {
    const about = { kind: 'person', country: 'DE', status: 'customer', segment: 'person' };
    const made = await boss.post('/v1/parties', { ...about, name, since: '2020-01-01', ...more });
    assert.equal(made.status, 201, made.text);
    await api.bank.superuser.query(
      `insert into policy.screening_subject
         (tenant_id, subject, request, unscreenable, screening_id, list_versions)
       values ($1, $2, '{}', false, uuidv7(), '{}')`,
      [id, made.json.party_id],
    );
    return made.json.party_id;
  }
  async function open(party: string, amount: number): Promise<string> {
    const account = await boss.open({ bound: 'no_overdraft' });
    const linked = await boss.post(`/v1/accounts/${account}/party`, { party_id: party });
    assert.equal(linked.status, 201, linked.text);
    const funds = { debit_account_id: cash, credit_account_id: account, currency: 'EUR' };
    if (amount > 0) await boss.post('/v1/transfers', { ...funds, amount });
    return account;
  }
  async function customer(name: string, amount = 2_000_000): Promise<Customer> {
    const principal = `user:${name}`;
    const app = await api.issue(boss, principal, { scopes });
    const granted = await boss.post('/v1/role-grants', { principal, role: 'customer' });
    assert.equal(granted.status, 201, granted.text);
    const party = await register(`The name of ${name}`);
    const about = { principal, customer: party, region: null, delegated_by: null };
    assert.equal((await boss.post('/v1/principals', about)).status, 201);
    return { app, party, account: await open(party, amount) };
  }
  const firm = { kind: 'organisation', segment: 'business' };
  const club = await register('Sports club', firm);
  const shop: Payee = { party: club, account: await open(club, 0) };
  const [one, other] = [await customer('one'), await customer('other')];
  const bank: PayerBank = { id, api, boss, channel, debtor: one.account };
  return { id, boss, channel, bank, shop, one, other };
}

async function pay({ app, account }: Customer, payee: string, more: object = {}, key?: string) {
  const order = { debtor_account_id: account, creditor_account_id: payee, currency: 'EUR' };
  const options = key === undefined ? {} : { key };
  return app.post('/v1/customer/payments', { ...order, amount: 5_000, ...more }, options);
}

async function settle() {
  await api.seal();
  const app = api.bank.planes.database.pool('app');
  while ((await followProjection(paymentProjection, app)) > 0);
}

function tell({ status, json }: Reply): [number, string | undefined] {
  return [status, json?.code];
}

test('a customer sees who he is, what he has, and what he has paid, in words', async () => {
  const { boss, shop, one, other } = await openCustomers();
  const product = { code: 'everyday', kind: 'current_account', name: 'Everyday', currency: 'EUR' };
  const made = await boss.post('/v1/products', { ...product, status: 'offered' });
  assert.equal(made.status, 201, made.text);
  const { product_id } = made.json;
  await boss.post(`/v1/accounts/${one.account}/party`, { party_id: one.party, product_id });

  const paid = await pay(one, shop.account, { text: 'Fee for May, for Robin' });
  assert.equal(paid.status, 201, paid.text);
  const { id: _id, payment_id: _payment, at: _at, ...told } = paid.json;
  assert.deepEqual(told, {
    ...{ kind: 'transfer', status: 'booked', next: null, amount: -5_000, currency: 'EUR' },
    counterparty: { account_id: shop.account, name: 'Sports club', shop: null },
    ...{ text: 'Fee for May, for Robin', explanation: 'Booked.' },
  });
  const mine = await one.app.get('/v1/customer');
  assert.deepEqual(mine.json, {
    ...{ customer: one.party, name: 'The name of one' },
    accounts: {
      items: [
        {
          ...{ account_id: one.account, currency: 'EUR', status: 'open', role: 'holder' },
          ...{ booked: 1_995_000, available: 1_995_000 },
          product: { name: 'Everyday', kind: 'current_account' },
        },
      ],
      next: null,
    },
  });
  // Whom he has paid is known to him, and by name where it is an organisation.
  await pay(one, other.account, { amount: 700 });
  const payees = await one.app.get('/v1/customer/payees');
  const known = payees.json.items.map(({ account_id, name }: any) => [account_id, name]);
  assert.deepEqual(
    new Map(known),
    new Map([
      [shop.account, 'Sports club'],
      [other.account, null],
    ]),
  );
  // Page by page nothing is missing and nothing comes twice.
  const whole = await one.app.get(`/v1/customer/accounts/${one.account}/transactions`);
  const pages: any[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const query: string = next === '' ? '' : `&after=${next}`;
    const { json } = await one.app.get(
      `/v1/customer/accounts/${one.account}/transactions?limit=1${query}`,
    );
    pages.push(...json.items);
    next = json.next;
  }
  assert.deepEqual(pages, whole.json.items);
  const beyond = `/v1/customer/accounts/${one.account}/transactions?after=${'9'.repeat(19)}.`;
  assert.equal((await one.app.get(beyond)).status, 422, 'no number of an entry is so large');
  assert.deepEqual(
    pages.map(({ amount, kind, explanation }: any) => [amount, kind, explanation]),
    [
      [-700, 'transfer', 'Booked.'],
      [-5_000, 'transfer', 'Booked.'],
      [2_000_000, 'other', 'Received.'],
    ],
  );
  // What is written for the payee is kept as a token.
  const { rows } = await api.bank.superuser.query(
    `select body from core.command where body like '%Robin%' union all
     select body from core.event where body like '%Robin%'`,
  );
  assert.equal(rows.length, 0);
});

test('a payment that meets step-up goes through, and moves money once under retries', async () => {
  const { bank, shop, one } = await openCustomers();
  const app = await enrolApp(bank, one.party);
  const asked = { amount: 30_000, device: 'device-of-the-customer' };
  const first = await pay(one, shop.account, asked, 'once');
  assert.deepEqual([first.json.status, first.json.next], ['pending', 'confirm'], first.text);
  assert.match(first.json.explanation, /confirm/);
  // An hour later it is another hour: the call that is repeated is still the same.
  api.bank.time.now += 60_000;
  const again = await pay(one, shop.account, asked, 'once');
  assert.deepEqual([again.status, again.json], [200, first.json], again.text);
  const { payment_id } = first.json;
  const path = `/v1/customer/payments/${payment_id}`;
  const challenge = await one.app.get(`${path}/step-up`);
  assert.deepEqual(challenge.json.authenticators, [{ id: app.id, kind: 'totp' }]);
  const wrong = await one.app.post(`${path}/step-up`, { authenticator_id: app.id, code: '000000' });
  assert.deepEqual([wrong.json.status, wrong.json.attempts_left], ['failed', 4], wrong.text);
  const proof = { authenticator_id: app.id, code: app.code() };
  const proven = await one.app.post(`${path}/step-up`, proof, { key: 'proof' });
  assert.equal(proven.json.status, 'succeeded', proven.text);
  assert.equal(proven.json.payment.status, 'booked');
  assert.equal(proven.json.payment.explanation, 'Carried out after you have confirmed it.');
  const repeated = await one.app.post(`${path}/step-up`, proof, { key: 'proof' });
  assert.deepEqual([repeated.status, repeated.json], [200, proven.json]);
  const { json } = await one.app.get('/v1/customer');
  assert.equal(json.accounts.items[0].booked, 2_000_000 - 30_000);
  const other = await pay(one, shop.account, { ...asked, amount: 30_001 }, 'once');
  assert.deepEqual(tell(other), [422, 'idempotency_key_reused']);
  // A device is known by what it has paid, a day later.
  const soon = await pay(one, shop.account, { amount: 12_000, device: asked.device });
  assert.equal(soon.json.next, 'confirm');
  api.bank.time.now += day + step;
  const later = await pay(one, shop.account, { amount: 12_000, device: asked.device });
  assert.equal(later.json.status, 'booked', later.text);
});

test('what waits can be cancelled, and what is cancelled is told', async () => {
  const { shop, one } = await openCustomers();
  api.bank.time.now += 1_000;
  const text = 'For the new roof';
  const waiting = await pay(one, shop.account, { amount: 1_000_000, text });
  assert.deepEqual([waiting.json.status, waiting.json.next], ['pending', 'wait'], waiting.text);
  const path = `/v1/customer/payments/${waiting.json.payment_id}`;
  const cancelled = await one.app.post(`${path}/cancel`, {}, { key: 'no' });
  assert.equal(cancelled.json.status, 'cancelled', cancelled.text);
  const again = await one.app.post(`${path}/cancel`, {}, { key: 'no' });
  assert.deepEqual([again.status, again.json], [200, cancelled.json]);
  api.bank.time.now += 1_000;
  const booked = await pay(one, shop.account);
  const late = await one.app.post(`/v1/customer/payments/${booked.json.payment_id}/cancel`, {});
  assert.deepEqual(tell(late), [409, 'conflict']);
  await settle();
  const list = await one.app.get(`/v1/customer/accounts/${one.account}/transactions`);
  assert.deepEqual(
    list.json.items.map(({ status, text: written }: any) => [status, written]),
    [
      ['booked', null],
      ['cancelled', text],
      ['booked', null],
    ],
  );
});

test('a payment that is declined says why, as far as the customer may know', async () => {
  const { shop, one, channel } = await openCustomers();
  const poor = await pay(one, shop.account, { amount: 5_000, currency: 'USD' });
  assert.equal(poor.json.status, 'declined', poor.text);
  // A limit of the own account is told, with what it allows.
  const order = { debtor_account_id: one.account, creditor_account_id: shop.account };
  const facts = { screening_status: 'known', account_age_days: 700, new_payee: false };
  const card = {
    ...{ ...order, currency: 'EUR', card: 'card_1', entry_mode: 'chip', facts },
    merchant: { id: 'mer_1', mcc: '5411', country: 'DE' },
  };
  for (let count = 0; count < 2; count += 1) {
    await channel.post('/v1/card-authorizations', { ...card, amount: 490_000 });
  }
  api.bank.time.now += 1_000;
  const over = await channel.post('/v1/card-authorizations', { ...card, amount: 60_000 });
  assert.equal(over.json.code, 'limit_exceeded', over.text);
  await settle();
  const { json } = await one.app.get(`/v1/customer/accounts/${one.account}/transactions`);
  const told = json.items.map((item: any) => [
    ...[item.status, item.kind, item.counterparty.shop],
    item.explanation,
  ]);
  assert.deepEqual(told.slice(0, 3), [
    ['declined', 'card', 'Groceries', 'Declined: over your limit of 10000.00 EUR a day.'],
    ['pending', 'card', 'Groceries', wordsFor('reserved')],
    ['pending', 'card', 'Groceries', wordsFor('reserved')],
  ]);
});

test('every reason has words for customers, and none tells how fraud is found', () => {
  const { bundle } = defaultBundle('payment-authorization');
  const missing = [...Object.keys(bundle.reasons), ...Object.keys(engineReasons)].filter(
    (reason) => !reasonsWithWords.has(reason),
  );
  assert.deepEqual(missing, []);
  const all = [...reasonsWithWords, ...Object.keys(rejections), 'of_a_bank_of_its_own'];
  for (const reason of all) {
    for (const said of ['declined', 'confirm', 'wait', 'refused'] as const) {
      const words = wordsFor(said, [reason]);
      assert.doesNotMatch(words, /\d|score|model|rule|fraud|threshold|screen|sanction|list|_/i);
    }
  }
  // Which of two has stopped it is not told either.
  assert.equal(
    wordsFor('declined', ['sanctions_match']),
    wordsFor('declined', ['country_prohibited']),
  );
  assert.equal(wordsFor('wait', ['fraud_suspected']), wordsFor('wait', ['very_large']));
});

test('what is another customer’s is out of reach, as what does not exist is', async () => {
  const { bank, boss, shop, one, other } = await openCustomers();
  const theirs: App = await enrolApp(bank, other.party);
  const waiting = await pay(other, shop.account, { amount: 30_000 }, 'of-the-other');
  const own = await pay(one, shop.account, { amount: 30_000 });
  const there = waiting.json.payment_id;
  const nowhere = `${there.slice(0, -4)}0000`;
  const lost = `${other.account.slice(0, -4)}0000`;
  const proof = { authenticator_id: theirs.id, code: theirs.code() };
  type Attack = (caller: Caller, payment: string, account: string) => Promise<Reply>;
  const attacks: readonly Attack[] = [
    (caller, _payment, account) => caller.get(`/v1/customer/accounts/${account}/transactions`),
    (caller, payment) => caller.get(`/v1/customer/payments/${payment}`),
    (caller, payment) => caller.get(`/v1/customer/payments/${payment}/step-up`),
    (caller, payment) => caller.post(`/v1/customer/payments/${payment}/step-up`, proof),
    (caller, payment) => caller.post(`/v1/customer/payments/${payment}/cancel`, {}),
    (caller, _payment, account) => pay({ ...one, app: caller, account }, shop.account),
  ];
  const hide = ({ text }: Reply) =>
    [there, nowhere, other.account, lost].reduce((shown, id) => shown.replaceAll(id, 'it'), text);
  for (const attack of attacks) {
    const found = await attack(one.app, there, other.account);
    assert.match(found.json.code, /^(not_found|invalid_request)$/, found.text);
    assert.equal(hide(found), hide(await attack(one.app, nowhere, lost)));
    // Staff and services have routes of their own.
    for (const caller of [boss, bank.channel]) {
      const { status } = await attack(caller, there, other.account);
      assert.equal(status, 403);
    }
  }
  // Neither is their authenticator good for one's own payment, nor told to be there.
  const path = `/v1/customer/payments/${own.json.payment_id}/step-up`;
  assert.deepEqual(tell(await one.app.post(path, proof)), [404, 'not_found']);
  // One's own name for a payment meets nobody else's.
  const same = await pay(one, shop.account, { amount: 100 }, 'of-the-other');
  assert.equal(same.status, 201, same.text);
  // The routes of the bank are no way round.
  for (const url of ['/v1/payments', `/v1/payments/${there}`, `/v1/accounts/${one.account}`]) {
    assert.deepEqual(tell(await one.app.get(url)), [403, 'forbidden']);
  }
  // A role alone makes nobody a customer; what has ended is over at once.
  assert.equal((await one.app.get('/v1/customer')).status, 200);
  const nobody = await api.issue(boss, 'user:nobody', { scopes });
  await boss.post('/v1/role-grants', { principal: 'user:nobody', role: 'customer' });
  assert.deepEqual(tell(await nobody.get('/v1/customer')), [403, 'forbidden']);
  await boss.post(`/v1/accounts/${one.account}/party`, { party_id: one.party, role: 'former' });
  const gone = await one.app.get(`/v1/customer/accounts/${one.account}/transactions`);
  assert.deepEqual(tell(gone), [404, 'not_found']);
  assert.equal((await one.app.get(`/v1/customer/payments/${own.json.payment_id}`)).status, 404);
});

test('consent is granted and withdrawn by the customer, to words that are recorded', async () => {
  const { boss, one, other } = await openCustomers();
  const of = async ({ app }: Customer) => {
    const { json } = await app.get('/v1/customer/consents');
    return json.items.filter(({ granted }: any) => granted).map(({ title }: any) => title);
  };
  const given = { purpose: 'marketing', channel: 'email' };
  const grant = await one.app.post('/v1/customer/consents', { ...given, status: 'granted' });
  assert.equal(grant.status, 201, grant.text);
  assert.deepEqual([await of(one), await of(other)], [['Offers by e-mail'], []]);
  const record = await boss.get(`/v1/consents?person=${one.party}`);
  const [{ source, text_version, recorded_by }] = record.json.items;
  assert.deepEqual([source, text_version, recorded_by], ['app', 'app-1', 'user:one']);
  await one.app.post('/v1/customer/consents', { ...given, status: 'withdrawn' });
  assert.deepEqual(await of(one), []);
  // For nobody else, and to no third party that has not asked.
  for (const body of [
    { ...given, status: 'granted', person: other.party },
    { purpose: 'open_banking', party: 'psd-1', status: 'granted' },
  ]) {
    const refused = await one.app.post('/v1/customer/consents', body);
    assert.deepEqual(tell(refused), [422, 'invalid_request']);
  }
});

test('the demo shows codes to its own customer alone, who has signed in', async (t) => {
  const { bank, one, other } = await openCustomers();
  const { id: authenticator_id, otpauth_uri } = await enrol(bank, {
    ...{ subject: one.party, kind: 'totp' },
  });
  const folder = mkdtempSync(join(tmpdir(), 'demo-code-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'demo-authenticators.json');
  const demo = [{ tenant: bank.id, customer: one.party, authenticator_id, otpauth_uri }];
  writeFileSync(file, JSON.stringify(demo), { mode: 0o600 });
  const issuer = { url: 'http://127.0.0.1:1/oidc', clientId: 'app', tenantClaim: 'tenant' };
  const demoUsersFile = join(folder, 'demo-users.json');
  const origin = 'http://127.0.0.1:1';
  const app = await createApi({
    ...{ planes: api.bank.planes, sealed: createBell(), version: 'test', log: createLog('silent') },
    ...{ unready: () => undefined, gauges: () => ({}) },
    signIn: { origin, issuer: { ...issuer, principalClaim: 'sub', demoUsersFile } },
  });
  t.after(() => app.close());
  const url = '/auth/demo-authenticator';
  const cookieOf = async (who: string) => {
    const token = `${who}-${bank.id}`.padEnd(43, 'x');
    const principal = { kind: 'user', id: who, tenant: bank.id } as const;
    const body = { token_hash: secretHash(token), issuer: origin, name: null, key_id: null };
    const opened = { principal, operation: 'session.open', body, idempotencyKey: `session ${who}` };
    await api.bank.planes.execute(opened);
    return { cookie: `countersign_session=${token}` };
  };
  const headers = await cookieOf('one');
  const shown = await app.inject({ url, headers });
  const { code } = shown.json();
  assert.equal(code, appOf(bank, { id: authenticator_id, otpauth_uri }).code(), shown.body);
  // A session has no scopes: the role alone gives a customer what is his.
  assert.equal((await app.inject({ url: '/v1/customer', headers })).statusCode, 200);
  const refused = async (by: Record<string, string>) =>
    (await app.inject({ url, headers: by })).statusCode;
  assert.equal(await refused(await cookieOf('other')), 404);
  assert.equal(await refused({ authorization: `Bearer ${one.app.apiKey}` }), 404);
  assert.equal(await refused({}), 401);
  assert.equal((await other.app.get(url)).status, 404, 'nor anywhere else');
  chmodSync(file, 0o644);
  assert.equal(await refused(headers), 404);
});
