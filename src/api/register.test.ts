import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Caller, openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { superuser, planes } = api.bank;

const ann = { kind: 'person', name: 'Ann Quillark', date_of_birth: '1984-02-29', country: 'FR' };
const shop = { kind: 'organisation', name: 'Ventrisk Foods', country: 'DE' };

let banks = 0;
async function openTenant(): Promise<{ id: string; admin: Caller; desk: Caller }> {
  banks += 1;
  const id = `bank-${banks}`;
  const admin = await api.tenant(id);
  const scopes = ['register:read', 'register:write', 'ledger:write'];
  return { id, admin, desk: await api.issue(admin, 'service:desk', { scopes }) };
}

async function registered(desk: Caller, body: object = ann): Promise<string> {
  const { status, json, text } = await desk.post('/v1/parties', body);
  assert.equal(status, 201, text);
  return json.party_id;
}

/** Somebody with a role, who reads for the purpose of the role. */
async function withRole(tenant: { admin: Caller }, role: string): Promise<Caller> {
  const holder = `user:${role}`;
  const key = await api.issue(tenant.admin, holder, { scopes: ['register:read'] });
  const granted = await planes.execute({
    principal: { kind: 'service', id: 'test', tenant: `bank-${banks}` },
    operation: 'role.grant',
    body: { principal: holder, role },
    idempotencyKey: `grant ${holder}`,
  });
  assert.equal(granted.outcome.status, 'accepted');
  return key;
}

test('a party is registered by tokens, and read back as its reader may see it', async () => {
  const tenant = await openTenant();
  const { desk } = tenant;
  const id = await registered(desk);
  const plain = (await desk.get(`/v1/parties/${id}`)).json;
  assert.deepEqual(
    [plain.kind, plain.status, plain.segment, plain.country, plain.since, plain.screening],
    ['person', 'customer', 'person', 'FR', '2026-01-05', null],
  );
  assert.match(plain.name_token, /^tok_name_/);
  assert.match(plain.date_of_birth_token, /^tok_dob_/);
  assert.deepEqual(plain.visible, { name: null, date_of_birth: null }, 'without a purpose');
  const masked = (await desk.get(`/v1/parties/${id}`, { purpose: 'servicing' })).json;
  assert.deepEqual(masked.visible, { name: '[name]', date_of_birth: '[date of birth]' });
  const teller = await withRole(tenant, 'teller');
  const seen = await teller.get(`/v1/parties/${id}`, { purpose: 'servicing' });
  assert.deepEqual(seen.json.visible, { name: ann.name, date_of_birth: '[date of birth]' });
  const other = (await teller.get(`/v1/parties/${id}`, { purpose: 'marketing' })).json;
  assert.deepEqual(other.visible, { name: null, date_of_birth: null });
});

test('no name, day of birth or address stands anywhere but in the vault', async () => {
  const { desk } = await openTenant();
  const id = await registered(desk);
  const values = {
    email: 'ann.quillark@example.com',
    phone: '+33 1 99 00 12 34',
    postal_address: '7 Rue des Tests, Exemplaville',
  };
  for (const [kind, value] of Object.entries(values)) {
    const set = await desk.post(`/v1/parties/${id}/contacts`, { kind, usage: 'main', value });
    assert.equal(set.status, 201, set.text);
  }
  await desk.post(`/v1/parties/${id}/change`, { name: 'Ann Ventrisk' });
  const { rows } = await superuser.query<{ text: string }>(
    `select body as text from core.command union all select body from core.event
     union all select outcome from core.command
     union all select to_jsonb(p)::text from register.party p
     union all select to_jsonb(c)::text from register.contact_point c`,
  );
  assert.ok(rows.length > 10);
  const all = rows.map(({ text }) => text).join('\n');
  for (const word of [...ann.name.split(' '), ann.date_of_birth, 'example.com', '99 00', 'Rue']) {
    assert.ok(!all.includes(word), word);
  }
  assert.match(all, /tok_mail_/, 'the test looks where they would stand');
});

test('a retry registers nobody twice, and another body under the key is refused', async () => {
  const { desk } = await openTenant();
  const send = (body: object) => desk.post('/v1/parties', body, { key: 'one' });
  const [first, again] = [await send(ann), await send(ann)];
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.json, first.json);
  const other = await send({ ...ann, name: 'Bo Quillark' });
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
  assert.equal((await desk.get('/v1/parties')).json.items.length, 1);
});

test('who is erased stays as a party without a name, and a retry brings nothing back', async () => {
  const { id: bank, admin, desk } = await openTenant();
  const first = await desk.post('/v1/parties', ann, { key: 'one' });
  const id = first.json.party_id;
  const url = `/v1/persons/${id}`;
  const erased = await admin.send({
    ...{ method: 'DELETE', url },
    headers: { 'idempotency-key': 'erase' },
  });
  assert.equal(erased.status, 200, erased.text);
  const again = await desk.post('/v1/parties', ann, { key: 'one' });
  assert.deepEqual([again.status, again.json.party_id], [200, id], again.text);
  const read = (await desk.get(`/v1/parties/${id}`, { purpose: 'servicing' })).json;
  assert.deepEqual(read.visible, { name: null, date_of_birth: null });
  const sql = 'select from privacy.token where tenant_id = $1';
  assert.equal((await superuser.query(sql, [bank])).rowCount, 0);
});

test('a party changes, and its events tell what it is since', async () => {
  const { desk, id: tenant } = await openTenant();
  const id = await registered(desk, shop);
  const change = { status: 'former', merchant_category: '5411', household: 'hh_1' };
  const { status, json } = await desk.post(`/v1/parties/${id}/change`, change);
  assert.equal(status, 201);
  assert.deepEqual({ ...json, ...change }, json);
  const left = (await desk.post(`/v1/parties/${id}/change`, { household: null })).json;
  assert.deepEqual(left, { ...json, household: null });
  const { rows } = await superuser.query<{ body: string }>(
    `select body from core.event where tenant_id = $1 and type like 'party.%' order by seq`,
    [tenant],
  );
  const [before, since] = rows.map(({ body }) => JSON.parse(body).data.payload);
  assert.deepEqual([before.status, before.segment], ['customer', 'business']);
  assert.deepEqual(since, json);
});

test('what a party cannot be is refused with its place', async () => {
  const { desk } = await openTenant();
  const id = await registered(desk, shop);
  const place = async (url: string, body: object) => {
    const { status, json } = await desk.post(url, body);
    return [status, json.errors?.[0]?.pointer ?? json.code];
  };
  const change = `/v1/parties/${id}/change`;
  const contacts = `/v1/parties/${id}/contacts`;
  assert.deepEqual(await place(change, { date_of_birth: '1990-01-01' }), [422, '/date_of_birth']);
  assert.deepEqual(await place(change, { segment: 'person' }), [422, '/segment']);
  assert.deepEqual(await place(change, { household: 'ann@example.com' }), [422, '/household']);
  assert.deepEqual(await place('/v1/parties', { ...ann, since: '2026-01-06' }), [422, '/since']);
  assert.deepEqual(await place('/v1/parties', { ...ann, country: 'Utopia' }), [422, '/country']);
  const email = { kind: 'email', usage: 'main' };
  assert.deepEqual(await place(contacts, { ...email, value: 'nowhere' }), [422, '/value']);
  assert.deepEqual(await place(contacts, { ...email, value: null }), [422, '/value']);
  const nobody = `/v1/parties/${id.slice(0, -4)}0000/change`;
  assert.deepEqual(await place(nobody, { status: 'former' }), [404, 'not_found']);
});

test('contact points are set, replaced and removed, one per kind and usage', async () => {
  const tenant = await openTenant();
  const id = await registered(tenant.desk);
  const url = `/v1/parties/${id}/contacts`;
  const set = (value: string | null, usage = 'mobile') =>
    tenant.desk.post(url, { kind: 'phone', usage, value });
  assert.equal((await set('+49 151 0000 1111')).status, 201);
  await set('+49 151 0000 2222');
  await set('+49 30 0000 3333', 'home');
  const teller = await withRole(tenant, 'teller');
  const { items } = (await teller.get(url, { purpose: 'servicing' })).json;
  assert.deepEqual(
    items.map(({ usage, visible }: Record<string, string>) => [usage, visible]),
    [
      ['home', '+49 30 0000 3333'],
      ['mobile', '+49 151 0000 2222'],
    ],
  );
  assert.equal((await set(null)).json.items.length, 1);
});

test('parties are listed by their registration, page by page', async () => {
  const { desk } = await openTenant();
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    ids.push(await registered(desk, { ...shop, name: `Shop ${count}` }));
    api.bank.time.now += 1_000;
  }
  const first = (await desk.get('/v1/parties?limit=2')).json;
  const rest = (await desk.get(`/v1/parties?limit=3&after=${first.next}`)).json;
  const found = [...first.items, ...rest.items].map(({ party_id }) => party_id);
  assert.deepEqual(found, ids);
  assert.equal(rest.next, null);
});

test('an account has one holder, joint holders, and a product that is offered', async () => {
  const { desk } = await openTenant();
  const account = await desk.open();
  const [holder, partner] = [await registered(desk), await registered(desk, shop)];
  const terms = { rate_bps: '25' };
  const product = { code: 'everyday', kind: 'current_account', name: 'Everyday', currency: 'EUR' };
  const defined = await desk.post('/v1/products', { ...product, terms });
  assert.equal(defined.status, 201, defined.text);
  const { product_id } = defined.json;
  const link = (body: object) => desk.post(`/v1/accounts/${account}/party`, body);
  assert.equal((await link({ party_id: holder, product_id })).status, 422, 'it is a draft');
  const change = `/v1/products/${product_id}/change`;
  assert.equal((await desk.post(change, { status: 'offered' })).json.status, 'offered');
  const linked = await link({ party_id: holder, product_id });
  assert.equal(linked.status, 201, linked.text);
  assert.deepEqual(linked.json.parties, [{ party_id: holder, role: 'holder' }]);
  assert.equal((await link({ party_id: partner })).status, 409);
  const joint = (await link({ party_id: partner, role: 'joint_holder' })).json;
  assert.deepEqual([joint.parties.length, joint.product_id], [2, product_id]);
  const { items } = (await desk.get(`/v1/parties/${partner}/accounts`)).json;
  assert.deepEqual(items, [joint]);
  await link({ party_id: partner, role: 'former' });
  assert.deepEqual((await desk.get(`/v1/parties/${partner}/accounts`)).json.items, []);
  await link({ party_id: holder, role: 'former' });
  assert.equal((await link({ party_id: partner })).status, 201, 'the place of the holder is free');
  const nowhere = `/v1/accounts/${account.slice(0, -4)}0000/party`;
  assert.equal((await desk.post(nowhere, { party_id: holder })).status, 404);
  assert.equal((await desk.post('/v1/products', product)).status, 409, 'the code is taken');
});

test('tenants see nothing of each other, and nobody without the scope sees anything', async () => {
  const [one, other] = [await openTenant(), await openTenant()];
  const party = await registered(one.desk);
  const account = await one.desk.open();
  const theirs = await other.desk.open();
  assert.deepEqual((await other.desk.get('/v1/parties')).json.items, []);
  assert.equal((await other.desk.get(`/v1/parties/${party}`)).status, 404);
  assert.equal((await other.desk.get(`/v1/parties/${party}/contacts`)).status, 404);
  assert.equal(
    (await other.desk.post(`/v1/parties/${party}/change`, { country: 'DE' })).status,
    404,
  );
  const link = { party_id: party };
  assert.equal((await other.desk.post(`/v1/accounts/${theirs}/party`, link)).status, 422);
  assert.equal((await other.desk.post(`/v1/accounts/${account}/party`, link)).status, 404);
  const reader = await api.issue(one.admin, 'service:reader', { scopes: ['register:read'] });
  assert.equal((await reader.post('/v1/parties', ann)).status, 403);
  assert.equal((await reader.get('/v1/parties')).status, 200);
  const stranger = await api.issue(one.admin, 'service:ledger', { scopes: ['ledger:read'] });
  assert.equal((await stranger.get('/v1/parties')).status, 403);
});
