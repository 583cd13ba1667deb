import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { featureProjection } from '#ai';
import { followProjection } from '#core';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { planes } = api.bank;

test('the features of an entity are read as models read them, and how late they are', async () => {
  const bank = await api.tenant('features');
  const [payer, payee] = [await bank.open(), await bank.open()];
  const move = { debit_account_id: payer, credit_account_id: payee, currency: 'EUR' };
  for (const amount of [40, 60]) await bank.post('/v1/transfers', { ...move, amount });
  const values = async (path: string) => {
    const { status, json } = await bank.get(`/v1/features/${path}`);
    assert.equal(status, 200);
    const list = json.features as { id: string; value: number | null }[];
    const byId: Record<string, number | null> = Object.fromEntries(
      list.map(({ id, value }) => [id, value]),
    );
    return { ...byId, seen: json.seen } as Record<string, unknown>;
  };
  await api.seal();
  const { json: before } = await bank.get('/v1/features');
  assert.ok(before.freshness.events_behind > 0);
  while ((await followProjection(featureProjection, planes.database.pool('app'))) > 0);
  const { json: catalogue } = await bank.get('/v1/features');
  assert.deepEqual(catalogue.freshness, { events_behind: 0, oldest_sealed_at: null });
  const told = catalogue.items.find(({ id }: { id: string }) => id === 'account.sum_1d');
  assert.deepEqual(
    [told.entity, told.unit, told.default, told.aggregate.window],
    ['account', 'minor units', 0, '1d'],
  );
  const found = await values(`account/${payer}?amount=100`);
  assert.deepEqual(
    [
      found['seen'],
      found['account.sum_1d'],
      found['account.count_1d'],
      found['account.amount_ratio_30d'],
    ],
    [true, 100, 2, 2],
  );
  const past = new Date(api.bank.time.now - 86_400_000).toISOString();
  assert.equal((await values(`account/${payer}?at=${past}`))['account.sum_1d'], 0);
  const unseen = await values('device/never-seen');
  assert.deepEqual([unseen['seen'], unseen['device.count_1d']], [false, 0]);
  assert.equal((await bank.get('/v1/features/account/jo@example.com')).status, 422);
  const stranger = await api.tenant('no-features');
  assert.equal((await stranger.get(`/v1/features/account/${payer}`)).json.seen, false);
});

test('everybody who is known is listed once, with roles and live keys', async () => {
  const bank = await api.tenant('people');
  await api.issue(bank, 'service:till', { scopes: ['ledger:read'] });
  await api.issue(bank, 'service:till', { scopes: ['ledger:read', 'ledger:write'] });
  const granted = { principal: 'user:teller', role: 'teller' };
  assert.equal((await bank.post('/v1/role-grants', granted)).status, 201);
  const first = await bank.get('/v1/principals?limit=1');
  const rest = await bank.get(`/v1/principals?after=${first.json.next}`);
  const all = [...first.json.items, ...rest.json.items];
  assert.equal(new Set(all.map(({ principal }) => principal)).size, all.length);
  const of = (name: string) => all.find(({ principal }) => principal === name);
  assert.deepEqual(
    [of('service:till').keys, of('service:till').scopes, of('service:till').roles],
    [2, ['ledger:read', 'ledger:write'], []],
  );
  assert.deepEqual([of('user:teller').roles, of('user:teller').keys], [['teller'], 0]);
});

test('the glossary of the help is the page of the documentation', async () => {
  const { json } = await api.caller('').get('/v1/glossary');
  const plane = json.items.find(({ words }: { words: string[] }) => words.includes('plane'));
  assert.deepEqual([plane.section, plane.of], ['The planes', null]);
  const heads = json.items.filter(({ words }: { words: string[] }) => words.includes('tree head'));
  assert.deepEqual(heads[0].words, ['checkpoint', 'tree head']);
  assert.ok(json.items.length > 150);
});
