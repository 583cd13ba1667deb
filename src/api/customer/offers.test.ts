import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { tenantOf } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';

const api = await openApi({ after });

const boss = await api.tenant('own-offers');
const tenant = tenantOf(api.bank.planes, api.bank.time, 'own-offers');
const offers = await openOffers(api.bank, 'automatic', tenant);
await offers.publish(savings);

/** A customer who has signed in, and has been offered something. */
async function customer(name: string, { isConsidered = true } = {}) {
  const party = await offers.customer();
  const principal = `user:${name}`;
  const app = await api.issue(boss, principal, { scopes: ['offers:read', 'offers:write'] });
  const granted = await boss.post('/v1/role-grants', { principal, role: 'customer' });
  assert.equal(granted.status, 201, granted.text);
  const about = { principal, customer: party, region: null, delegated_by: null };
  assert.equal((await boss.post('/v1/principals', about)).status, 201);
  if (isConsidered) await offers.consider(party);
  return { app, party };
}

test('a customer sees his own offers, each with why, and nobody else’s', async () => {
  const [one, other] = [await customer('one'), await customer('other')];
  const { json, status, text } = await one.app.get('/v1/customer/offers');
  assert.equal(status, 200, text);
  assert.equal(json.items.length, 1);
  const [offer] = json.items;
  assert.equal(offer.why, 'You keep more than 10,000 EUR with us.');
  assert.equal(offer.is_open, true);
  assert.equal(JSON.stringify(offer).includes('propensity'), false);
  const path = `/v1/customer/offers/${offer.offer_id}`;
  for (const act of ['view', 'accept', 'decline']) {
    assert.equal((await other.app.post(`${path}/${act}`, {})).status, 404);
  }
  assert.equal((await one.app.get(`/v1/offers?customer=${other.party}`)).status, 403);
});

test('“not interested” is heard, with its reason, and keeps the offer away', async () => {
  const { app, party } = await customer('three');
  const { json } = await app.get('/v1/customer/offers');
  const path = `/v1/customer/offers/${json.items[0].offer_id}`;
  const said = await app.post(`${path}/decline`, { reason: 'not_interested' });
  assert.equal(said.status, 201, said.text);
  assert.deepEqual(
    [said.json.status, said.json.reason, said.json.is_open],
    ['declined', 'not_interested', false],
  );
  const found = await offers.consider(party);
  assert.ok(found.candidates[0]?.refused.some(({ rule }) => rule === 'refused_recently'));
});

test('who opens the app is offered what fits, the same again, not what was refused', async () => {
  const { app } = await customer('five', { isConsidered: false });
  const visit = () => app.post('/v1/customer/offers', { page: 'home' });
  const first = await visit();
  assert.deepEqual(
    [first.status, first.json.items.map((each: any) => each.product_code)],
    [200, ['PREM_SAVINGS']],
    first.text,
  );
  assert.deepEqual((await visit()).json, first.json);
  const { offer_id } = first.json.items[0];
  await app.post(`/v1/customer/offers/${offer_id}/decline`, { reason: 'not_now' });
  assert.deepEqual((await visit()).json.items, []);
  assert.equal((await boss.post('/v1/customer/offers', {})).status, 403);
});

test('a customer sees an offer and accepts it, once', async () => {
  const { app } = await customer('four');
  const { json } = await app.get('/v1/customer/offers');
  const path = `/v1/customer/offers/${json.items[0].offer_id}`;
  assert.equal((await app.post(`${path}/view`, {})).json.status, 'viewed');
  const accepted = await app.post(`${path}/accept`, {}, { key: 'yes' });
  assert.deepEqual([accepted.status, accepted.json.status], [201, 'accepted']);
  const again = await app.post(`${path}/accept`, {}, { key: 'yes' });
  assert.deepEqual([again.status, again.json.status], [200, 'accepted']);
});
