import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { day, tenantOf } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';

const api = await openApi({ after });
let banks = 0;

async function open() {
  banks += 1;
  const boss = await api.tenant(`life-${banks}`);
  const tenant = tenantOf(api.bank.planes, api.bank.time, `life-${banks}`);
  const offers = await openOffers(api.bank, 'automatic', tenant);
  const scopes = ['offers:read', 'offers:write'];
  const channel = await api.issue(boss, 'service:app', { scopes });
  const ask = async (who: string) => {
    await channel.post('/v1/offers/in-session', { customer_id: who });
    const { json } = await channel.get(`/v1/offers?customer=${who}`);
    return json.items[0];
  };
  return { ...offers, boss, channel, ask };
}

test('an action is published by one, approved by another, stopped and resumed', async () => {
  const { channel, publish, approve } = await open();
  const refused = await channel.post('/v1/offers/actions', { action: savings });
  assert.deepEqual([refused.status, refused.json.code], [403, 'approval_required']);
  assert.equal(refused.json.subject_kind, 'offers.action');
  await publish(savings);
  const found = await channel.get('/v1/offers/actions/premium-savings');
  assert.deepEqual([found.json.version, found.json.status], [1, 'live']);
  const action = { ...savings, value: 13_000 };
  const approval_id = await approve('offer.action.publish', { action }, 'user:mia');
  const second = await channel.post('/v1/offers/actions', { action, approval_id });
  assert.deepEqual([second.status, second.json.version], [201, 2]);
  assert.equal(second.json.versions.length, 2);
  const stopped = await channel.post('/v1/offers/actions/premium-savings/stop', {});
  assert.equal(stopped.json.status, 'stopped');
  const again = await channel.post('/v1/offers/actions/premium-savings/stop', {});
  assert.equal(again.status, 409);
  await channel.post('/v1/offers/actions/premium-savings/resume', {});
  const listed = await channel.get('/v1/offers/actions');
  assert.deepEqual(
    listed.json.items.map(({ code, status }: any) => [code, status]),
    [['premium-savings', 'live']],
  );
});

test('a draft is checked before anybody is asked to approve it', async () => {
  const { channel } = await open();
  const bad = { ...savings, suitability: [{ id: 'young', when: 'age > 3', says: 'no' }] };
  const { json, text } = await channel.post('/v1/offers/actions/check', { action: bad });
  assert.equal(json.is_right, false, text);
  assert.equal(json.flaws[0].pointer, '/suitability/0/when');
  assert.match(json.facts.balance, /minor units/);
  assert.deepEqual(json.remarks, []);
  const terms = { ...savings.terms, amount: 5_000_000 };
  const large = await channel.post('/v1/offers/actions/check', { action: { ...savings, terms } });
  assert.equal(large.json.is_right, true, large.text);
  assert.match(large.json.remarks[0], /marketing_manager/);
});

test('the contact policy is data that another person approves', async () => {
  const { channel, approved } = await open();
  const { json } = await channel.get('/v1/offers/policy');
  assert.deepEqual([json.version, json.contact_policy.offers_max], [0, 3]);
  const { contact_policy: policy } = json;
  const check = async (body: object) =>
    (await channel.post('/v1/offers/policy/check', { ...policy, ...body })).json;
  const sms = policy.channels.find((each: any) => each.channel === 'sms');
  const nightly = { hour: 2, channels: ['sms', 'in_app'] };
  const channels = [
    { ...sms, offers_max: 0 },
    { channel: 'email', offers_max: 3, days: 7 },
  ];
  assert.deepEqual(await check({ channels, nightly }), {
    ...{ is_right: true, flaws: [] },
    remarks: [
      'email: 3 within 7 days bounds nothing, as all together are let 3 within 30.',
      'Each night from 02:00 on every customer would be looked at, for sms, in app.',
      'At night nothing that counts could go by sms: its own cap is 0.',
    ],
  });
  const twice = await check({ channels: [sms, sms] });
  assert.deepEqual(
    [twice.is_right, twice.flaws.map((each: any) => each.pointer)],
    [false, ['/channels/1/channel']],
  );
  await approved('offers.configure', { ...json.contact_policy, offers_max: 2 });
  const after_ = await channel.get('/v1/offers/policy');
  assert.deepEqual([after_.json.version, after_.json.contact_policy.offers_max], [1, 2]);
});

test('an offer is viewed, declined with a reason, and kept from the customer since', async () => {
  const { publish, customer, channel, ask } = await open();
  await publish(savings);
  const who = await customer();
  const { offer_id } = await ask(who);
  const viewed = await channel.post(`/v1/offers/${offer_id}/view`, {});
  assert.deepEqual([viewed.status, viewed.json.status], [201, 'viewed']);
  const reason = { reason: 'too_expensive' };
  const declined = await channel.post(`/v1/offers/${offer_id}/decline`, reason);
  assert.deepEqual([declined.json.status, declined.json.reason], ['declined', 'too_expensive']);
  const late = await channel.post(`/v1/offers/${offer_id}/accept`, {});
  assert.deepEqual([late.status, late.json.code], [409, 'conflict']);
  assert.deepEqual(
    [late.json.reason, late.json.detail],
    ['declined', 'the offer was declined: it cannot be accepted any more'],
  );
  api.bank.time.now += 60 * day;
  const later = await channel.post('/v1/offers/in-session', { customer_id: who });
  assert.match(String(later.headers['offers-withheld']), /refused_recently=1/);
});

test('contacts are counted, and what the bank tells of a customer stands beside them', async () => {
  const { publish, customer, channel, ask } = await open();
  await publish(savings);
  const who = await customer();
  await ask(who);
  const told = await channel.post(`/v1/offers/customers/${who}`, { segment: 'gold' });
  assert.equal(told.status, 201, told.text);
  const { json } = await channel.get(`/v1/offers/contacts?customer=${who}`);
  assert.deepEqual([json.offers_this_month, json.offers_max, json.items.length], [1, 3, 1]);
  assert.deepEqual(json.told, { of_age: true, segment: 'gold' });
  const back = await channel.post(`/v1/offers/customers/${who}`, { segment: null });
  assert.deepEqual(back.json.told, { of_age: true });
});

test('what is offered by post is there for the statements, with its account', async () => {
  const { publish, customer, channel, consider, tenant, boss } = await open();
  await publish({ ...savings, treatments: [{ channel: 'post', message: 'Earn {rate}: {code}' }] });
  const who = await customer({}, ['post']);
  const account_id = await boss.open();
  await tenant.execute('account.link', { account_id, party_id: who });
  await consider(who, { channel: 'post', path: 'statement' });
  const { json } = await channel.get('/v1/offers/statements');
  assert.equal(json.items.length, 1);
  assert.deepEqual([json.items[0].account_id, json.items[0].customer], [account_id, who]);
  assert.match(json.items[0].message, /^Earn 3.5%: [0-9A-Z]{5}-[0-9A-Z]{5}$/);
});

test('no tenant reads or answers another’s offers', async () => {
  const [one, other] = [await open(), await open()];
  await one.publish(savings);
  const { offer_id } = await one.ask(await one.customer());
  assert.equal((await other.channel.get(`/v1/offers/${offer_id}`)).status, 404);
  assert.equal((await other.channel.post(`/v1/offers/${offer_id}/accept`, {})).status, 404);
});
