import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openApi, type Reply } from '../../test/api.ts';

const api = await openApi({ after });
const tenant = await api.tenant('bank');
const scopes = ['ledger:read', 'ledger:write', 'policy:read', 'policy:write', 'policy:decide'];
const key = { name: 'desk', principal_kind: 'service', principal_id: 'desk', scopes };
const desk = api.caller((await tenant.post('/v1/api-keys', key)).json.secret);
const place = ({ status, json }: Reply) => [status, json.errors?.[0]?.pointer ?? json.code];

test('payments are answered while consents change the rights of all many times', async () => {
  const [from, to] = [await desk.open(), await desk.open()];
  const transfer = { debit_account_id: from, credit_account_id: to, amount: 1, currency: 'EUR' };
  let isOver = false;
  let consents = 0;
  const consenting = Array.from({ length: 2 }, async () => {
    while (!isOver) {
      await sleep(40);
      consents += 1;
      const person = `cus_${String(consents).padStart(8, '0')}`;
      const consent = { person, purpose: 'ai_data_use', source: 'app', text_version: 'v1' };
      const { status } = await desk.post('/v1/consents', { ...consent, status: 'granted' });
      assert.equal(status, 201);
    }
  });
  const statuses = new Map<number, number>();
  const paying = Array.from({ length: 8 }, async () => {
    for (let count = 0; count < 25; count += 1) {
      const { status } = await desk.post('/v1/transfers', transfer);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  });
  await Promise.all(paying);
  isOver = true;
  await Promise.all(consenting);
  assert.deepEqual([...statuses], [[201, 200]]);
  assert.ok(consents > 10, `only ${consents} consents were in flight`);
});

test('a purpose that names a person is refused, because it would be kept for ever', async () => {
  const asked = { point: 'rail-routing', facts: {} };
  const ask = (purpose: string) => desk.post('/v1/decisions', asked, { headers: { purpose } });
  assert.equal((await ask('complaint 2026-114')).status, 201);
  for (const purpose of ['call ann@example.org', 'card 4111 1111 1111 1111', '+49 151 12345678']) {
    const refused = await ask(purpose);
    assert.deepEqual([refused.status, refused.json.code], [400, 'bad_request'], purpose);
    assert.ok(!refused.text.includes(purpose));
  }
});

test('an id that is itself a personal value is refused wherever it would be kept', async () => {
  const card = '4111111111111111';
  const ask = (about: object) =>
    desk.post('/v1/decisions', { point: 'rail-routing', facts: {}, about });
  assert.equal((await ask({ subject: 'cus_01j9zk3v8w2q' })).status, 201);
  assert.deepEqual(place(await ask({ subject: card })), [422, '/about/subject']);
  assert.deepEqual(place(await ask({ cohort: 'DE89370400440532013000' })), [422, '/about/cohort']);
  const items = [
    { person: 'cus_1', class: 'email', value: 'a@example.org' },
    { person: card, class: 'email', value: 'b@example.org' },
  ];
  assert.deepEqual(place(await desk.post('/v1/tokens', { items })), [422, '/items/1/person']);
  const consent = { purpose: 'ai_data_use', source: 'app', text_version: 'v1', status: 'granted' };
  const given = await desk.post('/v1/consents', { ...consent, person: `cus_${card}` });
  assert.deepEqual(place(given), [422, '/person']);
  const whom = await desk.post('/v1/screenings', { subject: `cus_${card}`, name: 'Ann' });
  assert.deepEqual(place(whom), [422, '/subject']);
  const erased = await tenant.send({
    ...{ method: 'DELETE', url: `/v1/persons/${card}` },
    headers: { 'idempotency-key': 'erase-card' },
  });
  assert.deepEqual(place(erased), [422, '/id']);
});
