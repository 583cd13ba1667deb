import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault } from '#core';
import { day, openBank } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';
import { adviceTeller, expiryTeller } from './deliver-clock.ts';
import { readOffer } from './life-views.ts';

const bank = await openBank({ after });

/** A customer with an offer. */
async function offered(more: object = {}) {
  const offers = await openOffers(bank);
  await offers.publish({ ...savings, ...more });
  const who = await offers.customer();
  const { offers: shown } = await offers.consider(who);
  const offer_id = shown[0]?.offer_id ?? '';
  const act = (name: string, body: object = {}, key?: string) =>
    offers.act('service:app', `offer.${name}`, { offer_id, ...body }, key);
  const read = async () => {
    const found = await offers.tenant.read((tx) => readOffer(tx, offer_id));
    assert.ok(found);
    return found;
  };
  return { ...offers, who, offer_id, answer: act, read };
}

const conflict = (reason: string) => (error: unknown) =>
  error instanceof Fault && error.code === 'conflict' && error.detail['reason'] === reason;

test('an offer that is seen and accepted keeps its history, in its order', async () => {
  const { answer, read } = await offered();
  await answer('view');
  await answer('accept', {}, 'yes');
  assert.equal((await answer('accept', {}, 'yes')).replayed, true);
  await answer('accept');
  await answer('view');
  const { status, history, answered_at, viewed_at } = await read();
  assert.equal(status, 'accepted');
  assert.ok(answered_at && viewed_at);
  assert.deepEqual(
    history.map(({ act, took_effect }) => `${act} ${took_effect}`),
    ['present true', 'view true', 'accept true', 'accept false', 'view false'],
  );
});

test('whose time is over expires by itself, and cannot be accepted the moment before', async () => {
  const { answer, read, parts } = await offered({ valid_days: 2 });
  bank.time.now += 2 * day;
  await assert.rejects(answer('accept'), conflict('expired'));
  assert.equal((await read()).status, 'presented');
  assert.ok((await expiryTeller(parts)()) >= 1);
  const { status, ended_at, expires_at } = await read();
  assert.deepEqual([status, ended_at], ['expired', expires_at]);
  assert.equal(await expiryTeller(parts)(), 0);
});

test('consent that is withdrawn while an offer is on the screen takes it off', async () => {
  const { answer, read, consent, who, deliver } = await offered();
  await consent(who, { purpose: 'marketing', channel: 'in_app' }, 'withdrawn');
  // Before anything has followed from it: precisely.
  await assert.rejects(answer('accept'), (error) => {
    assert.ok(error instanceof Fault);
    assert.deepEqual(
      [error.code, error.detail['reason'], error.detail['because']],
      ['conflict', 'withdrawn', 'consent_withdrawn'],
    );
    assert.match(error.message, /was withdrawn \(consent_withdrawn\)/);
    return true;
  });
  await deliver.all();
  const { status, reason } = await read();
  assert.deepEqual([status, reason], ['withdrawn', 'consent_withdrawn']);
  await assert.rejects(answer('accept'), conflict('withdrawn'));
});

test('consent to another channel takes nothing off this one', async () => {
  const { read, consent, who, deliver, answer } = await offered();
  await consent(who, { purpose: 'marketing', channel: 'email' }, 'withdrawn');
  await deliver.all();
  assert.equal((await read()).status, 'presented');
  await answer('accept');
});

test('an offer that names no place to apply reaches a person when accepted', async () => {
  const { apply: _, ...without } = savings;
  const offers = await openOffers(bank);
  await offers.publish(without);
  const who = await offers.customer();
  const { offers: shown } = await offers.consider(who);
  const offer_id = shown[0]?.offer_id ?? '';
  assert.equal(shown[0]?.api_endpoint, `/v1/offers/${offer_id}/accept`);
  await offers.act('service:app', 'offer.accept', { offer_id });
  await offers.deliver.all();
  await offers.deliver.all();
  const found = await bank.planes.core.operations.listServiceRequests?.({
    ...{ tenant: offers.tenant.id, id: who, limit: 10 },
  });
  assert.deepEqual(
    found?.items.map(({ subject, status }) => `${subject} ${status}`),
    ['call_back open'],
  );
  const [words] = await bank.planes.vault.detokenize(offers.tenant.id, [
    found?.items[0]?.text_token ?? '',
  ]);
  assert.match(words ?? '', /accepts the offer [0-9A-Z]{5}-[0-9A-Z]{5}: PREM_SAVINGS/);
});

test('who has not answered for a week is somebody’s to talk to, once', async () => {
  const { read, parts, who, tenant } = await offered();
  bank.time.now += 6 * day;
  await adviceTeller(parts)();
  assert.equal((await read()).advised_at, null, 'it is too early');
  bank.time.now += day;
  await adviceTeller(parts)();
  await adviceTeller(parts)();
  const { advised_at, status, history } = await read();
  assert.ok(advised_at);
  assert.equal(status, 'presented');
  assert.equal(history.filter(({ act }) => act === 'advise').length, 1);
  const found = await bank.planes.core.operations.listServiceRequests?.({
    ...{ tenant: tenant.id, id: who, limit: 10 },
  });
  assert.equal(found?.items.length, 1);
});

test('the product that is opened books the offer, whatever the customer had said', async () => {
  const { read, tenant, who, deliver } = await offered();
  await tenant.execute('product.define', {
    ...{ code: 'prem_savings', kind: 'savings_account', name: 'Premium', currency: 'USD' },
    status: 'offered',
  });
  const { rows } = await bank.superuser.query<{ id: string }>(
    'select id from register.product where tenant_id = $1',
    [tenant.id],
  );
  const account_id = await tenant.open();
  const link = { account_id, party_id: who, product_id: rows[0]?.id ?? '' };
  await tenant.execute('account.link', link);
  await deliver.all();
  await deliver.all();
  const { status, booked_account } = await read();
  assert.deepEqual([status, booked_account], ['booked', account_id]);
});

test('whether a person is of age is told from the vault, and nothing more than that', async () => {
  const offers = await openOffers(bank);
  const { tenant, deliver } = offers;
  const person = await offers.customer({ of_age: null });
  const items = [{ person, class: 'date_of_birth', value: '2010-01-05' }] as const;
  const [token = ''] = await bank.planes.vault.tokenize(tenant.id, items);
  await tenant.execute('party.change', { party_id: person, tokens: { date_of_birth: token } });
  await deliver.all();
  const told = async () => {
    const sql = 'select told from offers.customer where tenant_id = $1 and customer = $2';
    return (await bank.superuser.query(sql, [tenant.id, person])).rows[0]?.told;
  };
  assert.deepEqual(await told(), { of_age: false });
});
