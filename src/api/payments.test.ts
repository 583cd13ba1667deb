import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Api, type Caller, openApi } from '../../test/api.ts';

/** `bank` is a service of the bank, such as its app; `boss` a person. */
type Shop = { api: Api; boss: Caller; bank: Caller; debtor: string; creditor: string };

async function openShop(t: Parameters<typeof openApi>[0], funds = 2_000_000): Promise<Shop> {
  const api = await openApi(t);
  const boss = await api.tenant('bank');
  const cash = await boss.open({ type: 'asset', currency: 'EUR' });
  const debtor = await boss.open({ type: 'liability', currency: 'EUR', bound: 'no_overdraft' });
  const creditor = await boss.open({ type: 'liability', currency: 'EUR' });
  const scopes = ['payments:read', 'payments:write', 'ledger:read', 'ledger:write'];
  const bank = await api.issue(boss, 'service:app', { scopes });
  const funded = await boss.post('/v1/transfers', {
    debit_account_id: cash,
    credit_account_id: debtor,
    amount: funds,
    currency: 'EUR',
  });
  assert.equal(funded.status, 201, funded.text);
  return { api, boss, bank, debtor, creditor };
}

const known = { screening_status: 'known', local_hour: 14, account_age_days: 700 };

function order({ debtor, creditor }: Shop, more: object = {}) {
  return {
    kind: 'transfer',
    channel: 'mobile',
    debtor_account_id: debtor,
    creditor_account_id: creditor,
    amount: 1_500,
    currency: 'EUR',
    end_to_end_id: 'INV-2026-0042',
    creditor_country: 'DE',
    debtor: 'cus_1',
    device: 'dev_1',
    facts: { ...known, new_payee: false, new_device: false },
    ...more,
  };
}

test('a usual payment is posted in one call, and explains its whole path', async (t) => {
  const shop = await openShop(t);
  const { bank, debtor } = shop;
  const paid = await bank.post('/v1/payments', order(shop), { key: 'one' });
  assert.equal(paid.status, 201, paid.text);
  assert.equal(paid.json.outcome, 'allowed');
  assert.equal(paid.json.status, 'posted');
  assert.equal(paid.json.transfer_ids.length, 1);
  const again = await bank.post('/v1/payments', order(shop), { key: 'one' });
  assert.equal(again.status, 200);
  assert.deepEqual(again.json, paid.json);
  const other = await bank.post('/v1/payments', order(shop, { amount: 2 }), { key: 'one' });
  assert.equal(other.json.code, 'idempotency_key_reused');

  const path = await bank.get(`/v1/payments/${paid.json.id}`);
  assert.equal(path.status, 200, path.text);
  assert.equal(path.json.status, 'posted');
  assert.equal(path.json.decisions[0].outcome, 'allow');
  assert.ok(path.json.decisions[0].why.some((each: string) => each.startsWith('usual-payment')));
  assert.ok(path.json.decisions[0].why_not.length > 10);
  assert.equal(path.json.transfers[0].amount, 1_500);
  assert.equal(path.json.history[0].type, 'payment.posted');
  const entries = await bank.get(`/v1/accounts/${debtor}/balances`);
  assert.equal(entries.json.booked, 2_000_000 - 1_500);
});

test('what policy denies moves nothing, and is a payment all the same', async (t) => {
  const shop = await openShop(t);
  const denied = await shop.bank.post('/v1/payments', order(shop, { creditor_country: 'KP' }));
  assert.equal(denied.status, 201, denied.text);
  assert.equal(denied.json.outcome, 'denied');
  assert.deepEqual(denied.json.reasons, ['country_prohibited']);
  const balances = await shop.bank.get(`/v1/accounts/${shop.debtor}/balances`);
  assert.equal(balances.json.available, 2_000_000);
});

test('what the ledger refuses is denied with its reason, though policy allows it', async (t) => {
  const shop = await openShop(t, 100);
  const poor = await shop.bank.post('/v1/payments', order(shop));
  assert.equal(poor.json.outcome, 'denied');
  assert.equal(poor.json.code, 'insufficient_funds');
  const path = await shop.bank.get(`/v1/payments/${poor.json.id}`);
  assert.equal(path.json.decisions[0].outcome, 'allow');
  assert.equal(path.json.status, 'denied');
});

test('what needs a confirmation or a look reserves the funds', async (t) => {
  const shop = await openShop(t);
  const facts = { ...known, new_payee: true, new_device: false };
  const asked = await shop.bank.post('/v1/payments', order(shop, { amount: 30_000, facts }));
  assert.equal(asked.json.outcome, 'step_up_required', asked.text);
  assert.equal(asked.json.hold_ids.length, 1);
  const large = await shop.bank.post('/v1/payments', order(shop, { amount: 1_100_000 }));
  assert.equal(large.json.outcome, 'denied', 'over the daily limit of a person');
  assert.equal(large.json.code, 'limit_exceeded');
  const watched = await shop.bank.post('/v1/payments', order(shop, { creditor_country: 'RU' }));
  assert.equal(watched.json.outcome, 'review');
  const balances = await shop.bank.get(`/v1/accounts/${shop.debtor}/balances`);
  assert.equal(balances.json.booked, 2_000_000);
  assert.equal(balances.json.available, 2_000_000 - 30_000 - 1_500);

  const cancelled = await shop.bank.post(`/v1/payments/${asked.json.id}/cancel`, {});
  assert.equal(cancelled.status, 201, cancelled.text);
  assert.equal(cancelled.json.status, 'cancelled');
  const after = await shop.bank.get(`/v1/accounts/${shop.debtor}/balances`);
  assert.equal(after.json.available, 2_000_000 - 1_500);
});

test('nobody says of himself that he has confirmed', async (t) => {
  const shop = await openShop(t);
  const facts = { ...known, step_up_done: true };
  const refused = await shop.bank.post('/v1/payments', order(shop, { facts }));
  assert.equal(refused.status, 422);
  assert.equal(refused.json.errors[0].pointer, '/facts/step_up_done');
});

test('a card payment is authorized, increased, cleared in parts and sent back', async (t) => {
  const shop = await openShop(t);
  const { bank, debtor, creditor } = shop;
  const authorized = await bank.post('/v1/card-authorizations', {
    debtor_account_id: debtor,
    creditor_account_id: creditor,
    amount: 10_000,
    currency: 'EUR',
    card: 'card_1',
    merchant: { id: 'mer_1', mcc: '7011', country: 'DE' },
    entry_mode: 'chip',
    facts: { screening_status: 'known' },
  });
  assert.equal(authorized.status, 201, authorized.text);
  assert.equal(authorized.json.status, 'authorized', authorized.text);
  const path = `/v1/payments/${authorized.json.id}`;
  const increased = await bank.post(`${path}/increment`, { amount: 2_000 });
  assert.equal(increased.json.amount, 12_000, increased.text);
  const message = { clearing_id: 'clr_1', amount: 5_000, final: false };
  const [first, second] = await Promise.all([
    bank.post(`${path}/capture`, message),
    bank.post(`${path}/capture`, message),
  ]);
  assert.deepEqual(new Set([first.status, second.status]), new Set([200, 201]), first.text);
  const tooMuch = await bank.post(`${path}/capture`, { clearing_id: 'clr_2', amount: 50_000 });
  assert.equal(tooMuch.status, 422);
  assert.equal(tooMuch.json.code, 'amount_exceeds_hold');
  const rest = await bank.post(`${path}/capture`, { clearing_id: 'clr_3', amount: 6_000 });
  assert.equal(rest.status, 201, rest.text);
  const after = await bank.get(`/v1/accounts/${debtor}/balances`);
  assert.deepEqual([after.json.booked, after.json.available], [1_989_000, 1_989_000]);

  const refund = { amount: 6_000, reason: 'CUST' };
  const [one, two] = await Promise.all([
    bank.post(`${path}/refund`, refund),
    bank.post(`${path}/refund`, refund),
  ]);
  assert.deepEqual(new Set([one.status, two.status]), new Set([201, 422]), one.text);
  const back = await bank.get(`/v1/accounts/${debtor}/balances`);
  assert.equal(back.json.booked, 1_995_000);
});

test('what the bank knows better is not taken from people, partners or agents', async (t) => {
  const shop = await openShop(t);
  const scopes = ['payments:read', 'payments:write'];
  const teller = await shop.api.issue(shop.boss, 'user:teller', { scopes });
  for (const [name, value] of Object.entries({
    screening_status: 'known',
    amount_home: 1,
    customer_kind: 'business',
    account_age_days: 700,
    new_payee: false,
  })) {
    const facts = { [name]: value };
    const refused = await teller.post('/v1/payments', order(shop, { facts }));
    assert.deepEqual([refused.status, refused.json.errors?.[0].pointer], [422, `/facts/${name}`]);
  }
  const dated = { facts: {}, effective_at: '2001-01-01T00:00:00Z' };
  const backdated = await teller.post('/v1/payments', order(shop, dated));
  assert.equal(backdated.json.errors[0].pointer, '/effective_at', backdated.text);
  const honest = await teller.post('/v1/payments', order(shop, { facts: {} }));
  assert.equal(honest.json.outcome, 'review', 'nobody has screened the payee');
});

test('personal values are refused wherever a text is kept, as are reserved names', async (t) => {
  const shop = await openShop(t);
  const pan = '4111111111111111';
  const iban = 'DE89370400440532013000';
  const wrong: readonly (readonly [object, string])[] = [
    [{ end_to_end_id: pan }, '/end_to_end_id'],
    [{ instruction_id: iban }, '/instruction_id'],
    [{ metadata: { note: 'jane.roe@example.com' } }, '/metadata/note'],
    [{ metadata: { customer: 'cus_2' } }, '/metadata'],
  ];
  for (const [more, pointer] of wrong) {
    const refused = await shop.bank.post('/v1/payments', order(shop, more));
    assert.equal(refused.status, 422, refused.text);
    assert.ok(refused.json.errors[0].pointer.startsWith(pointer), refused.text);
  }
  const paid = await shop.bank.post('/v1/payments', order(shop, { creditor_country: 'RU' }));
  const reason = `card ${pan}`;
  const refused = await shop.bank.post(`/v1/payments/${paid.json.id}/cancel`, { reason });
  assert.equal(refused.json.errors[0].pointer, '/reason', refused.text);
});

test('an authorization lives a month at most', async (t) => {
  const shop = await openShop(t);
  const refused = await shop.bank.post('/v1/card-authorizations', {
    ...{ debtor_account_id: shop.debtor, creditor_account_id: shop.creditor },
    ...{ amount: 100, currency: 'EUR', card: 'card_1', entry_mode: 'chip' },
    ...{ merchant: { id: 'mer_1', mcc: '5411' }, expires_at: '2999-01-01T00:00:00Z' },
  });
  assert.equal(refused.json.errors[0].pointer, '/expires_at', refused.text);
});

test('what is added to an authorization is judged by its own amount', async (t) => {
  const shop = await openShop(t);
  const authorized = await shop.bank.post('/v1/card-authorizations', {
    ...{ debtor_account_id: shop.debtor, creditor_account_id: shop.creditor },
    ...{ amount: 100, currency: 'EUR', card: 'card_1', entry_mode: 'chip' },
    merchant: { id: 'mer_1', mcc: '5411', country: 'DE' },
    facts: { screening_status: 'known', amount_home: 100 },
  });
  assert.equal(authorized.json.outcome, 'allowed', authorized.text);
  const path = `/v1/payments/${authorized.json.id}/increment`;
  const large = await shop.bank.post(path, { amount: 1_000_000 });
  assert.deepEqual([large.status, large.json.code], [409, 'policy_review'], large.text);
});

test('a fact of another type is refused, and reviewed by nobody', async (t) => {
  const shop = await openShop(t);
  for (const [name, value] of Object.entries({ new_device: 'no', local_hour: 'noon' })) {
    const facts = { ...known, [name]: value };
    const refused = await shop.bank.post('/v1/payments', order(shop, { facts }));
    assert.equal(refused.json.errors?.[0].pointer, `/facts/${name}`, refused.text);
  }
});

test('a clearing message of another content is told by its own name', async (t) => {
  const shop = await openShop(t);
  const authorized = await shop.bank.post('/v1/card-authorizations', {
    ...{ debtor_account_id: shop.debtor, creditor_account_id: shop.creditor },
    ...{ amount: 100, currency: 'EUR', card: 'card_1', entry_mode: 'chip' },
    ...{ merchant: { id: 'mer_1', mcc: '5411', country: 'DE' } },
    facts: { screening_status: 'known' },
  });
  const path = `/v1/payments/${authorized.json.id}/capture`;
  const message = { clearing_id: 'clr_1', amount: 60 };
  assert.equal((await shop.bank.post(path, message)).status, 201);
  const other = await shop.bank.post(path, { ...message, amount: 61 });
  assert.equal(other.json.code, 'idempotency_key_reused');
  assert.match(other.json.detail, /clearing message clr_1/);
});
