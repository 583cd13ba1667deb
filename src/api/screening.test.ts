import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withTx } from '#core';
import { openWatchlists, screen, stageList } from '#policy';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { planes } = api.bank;
const pool = planes.database.pool('policy');
const operator = api.caller(api.operatorKey);

async function staged(rows: readonly string[], list = 'pep') {
  const csv = ['id,name,aliases,country,date_of_birth,position,source', ...rows].join('\n');
  const files = { csv };
  return withTx(pool, (tx) => stageList(tx, { list, format: 'pep_csv', files }));
}

/** A key of a person who may decide on policy. */
async function person(tenant: Awaited<ReturnType<typeof api.tenant>>) {
  const { json } = await tenant.post('/v1/api-keys', {
    name: 'desk',
    principal_kind: 'user',
    principal_id: 'ann',
    scopes: ['policy:read', 'policy:write'],
  });
  return api.caller(json.secret);
}

test('an operator loads a list, and everybody sees it in force', async () => {
  const tenant = await api.tenant('bank-one');
  const body = await staged(['p1,Ida Quillark,,FR,1971-03-04,Minister,gazette']);
  assert.equal((await tenant.post('/v1/screening-lists', body)).status, 403);
  const loaded = await operator.post('/v1/screening-lists', body);
  assert.equal(loaded.status, 201, loaded.text);
  assert.deepEqual([loaded.json.list, loaded.json.version, loaded.json.entries], ['pep', 1, 1]);
  assert.equal((await operator.post('/v1/screening-lists', body)).status, 409);
  const { json } = await (await person(tenant)).get('/v1/screening-lists');
  assert.deepEqual(json, { items: [loaded.json], next: null });
});

test('a screening is read with its hits, and a person clears one', async () => {
  const tenant = await api.tenant('bank-two');
  const desk = await person(tenant);
  const values = {
    tokenize: async (_tenant: string, items: readonly object[]) =>
      items.map((_, at) => `name_0000000${at}`),
    detokenize: async () => [],
  };
  const { screeningId } = await screen(
    { pool, watchlists: openWatchlists(pool), values, execute: (input) => planes.execute(input) },
    { kind: 'service', id: 'onboarding', tenant: 'bank-two' },
    { subject: 'cus_00000001', name: 'Ida Quillark' },
    'screen-1',
  );
  const read = await desk.get(`/v1/screenings/${screeningId}`);
  assert.equal(read.status, 200, read.text);
  const [hit] = read.json.hits;
  assert.deepEqual([hit.list, hit.entry_id, hit.score, hit.cleared], ['pep', 'p1', 1000, false]);
  const clearance = {
    screening_id: screeningId,
    list: 'pep',
    entry_id: 'p1',
    reason: 'other_birth_date',
  };
  const cleared = await desk.post('/v1/screening-clearances', clearance);
  assert.equal(cleared.json?.hits?.[0].cleared, true, cleared.text);
  const elsewhere = await api.tenant('bank-three');
  assert.equal((await (await person(elsewhere)).get(`/v1/screenings/${screeningId}`)).status, 404);
});
