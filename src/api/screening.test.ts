import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withTx } from '#core';
import { stageList } from '#policy';
import { type Caller, openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { planes } = api.bank;
const pool = planes.database.pool('policy');
const operator = api.caller(api.operatorKey);

async function staged(rows: readonly string[], list = 'pep') {
  const csv = ['id,name,aliases,country,date_of_birth,position,source', ...rows].join('\n');
  const files = { csv };
  return withTx(pool, (tx) => stageList(tx, { list, format: 'pep_csv', files }));
}

/** A key of a person who judges. */
function person(tenant: Caller) {
  return api.issue(tenant, 'user:ann', { scopes: ['policy:read', 'reviews:write'] });
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

test('a screening shows whom it sought and whom it found; a person clears a hit', async () => {
  const tenant = await api.tenant('bank-two');
  const desk = await person(tenant);
  const system = await api.issue(tenant, 'service:onboarding', { scopes: ['policy:decide'] });
  const whom = { subject: 'cus_00000001', name: 'Ida Quillark', date_of_birth: '1971' };
  const screened = await system.post('/v1/screenings', { ...whom, countries: ['FR'] });
  assert.equal(screened.status, 201, screened.text);
  const screeningId: string = screened.json.id;

  const read = await desk.get(`/v1/screenings/${screeningId}`, { purpose: 'compliance' });
  assert.equal(read.status, 200, read.text);
  const { asked } = read.json;
  const [hit] = read.json.hits;
  assert.deepEqual([hit.list, hit.entry_id, hit.score, hit.cleared], ['pep', 'p1', 1000, false]);
  assert.deepEqual(hit.entry, {
    ...{ entity_type: 'person', names: [{ kind: 'primary', text: 'Ida Quillark' }] },
    ...{ birth_dates: ['1971-03-04'], countries: ['FR'], programmes: ['Minister'] },
    is_current: true,
  });
  assert.deepEqual([asked.countries, asked.entity_type], [['FR'], null]);
  // Whoever was given no role sees personal values masked.
  assert.equal(asked.visible.name, '[name]');
  const listed = async (filter = '', who = desk) =>
    (await who.get(`/v1/screenings?${filter}`)).json.items.map(
      (each: { id: string; status: string; open: number }) => [each.id, each.status, each.open],
    );
  assert.deepEqual(await listed('status=open&list=pep'), [[screeningId, 'open', 1]]);
  assert.deepEqual(await listed('status=none'), []);
  assert.deepEqual(await listed('list=judges'), []);
  const clearance = {
    screening_id: screeningId,
    list: 'pep',
    entry_id: 'p1',
    reason: 'other_birth_date',
  };
  const author = await api.issue(tenant, 'user:bob', { scopes: ['policy:read', 'policy:write'] });
  const refused = await author.post('/v1/screening-clearances', clearance);
  assert.equal(refused.status, 403, 'who writes policy judges nobody');
  const cleared = await desk.post('/v1/screening-clearances', clearance);
  const [now] = cleared.json.hits;
  const [{ id: clearanceId, ...judged }] = now.clearances;
  assert.deepEqual([now.cleared, cleared.json.open_hits], [true, 0], cleared.text);
  assert.deepEqual([judged.reason, judged.cleared_by], ['other_birth_date', 'user:ann']);
  assert.deepEqual(await listed(`status=cleared&from=1950-01-01T00:00:00Z`), [
    [screeningId, 'cleared', 0],
  ]);
  const revoked = await desk.post(`/v1/screening-clearances/${clearanceId}/revoke`, {});
  assert.deepEqual([revoked.status, revoked.json.revoked_by], [201, 'user:ann'], revoked.text);
  const after_ = (await desk.get(`/v1/screenings/${screeningId}`)).json;
  const [again] = after_.hits;
  assert.deepEqual(
    [again.cleared, again.clearances[0].id, after_.open_hits],
    [...[false, clearanceId, 1]],
  );
  const twice = await desk.post(`/v1/screening-clearances/${clearanceId}/revoke`, {});
  assert.equal(twice.status, 404);
  // An entry that its list has changed is shown as it was when it was found.
  const changed = await staged(['p1,Ida Quillark,,FR,1950-01-01,Minister,gazette']);
  assert.equal((await operator.post('/v1/screening-lists', changed)).status, 201);
  const [old] = (await desk.get(`/v1/screenings/${screeningId}`)).json.hits;
  assert.deepEqual([old.entry.birth_dates, old.entry.is_current], [['1971-03-04'], false]);
  const elsewhere = await person(await api.tenant('bank-three'));
  assert.equal((await elsewhere.get(`/v1/screenings/${screeningId}`)).status, 404);
  assert.deepEqual(await listed('', elsewhere), []);
});

test('a retry of a screening is told the first result, though a list has come since', async () => {
  const tenant = await api.tenant('bank-four');
  const body = {
    ...{ name: 'desk', principal_kind: 'service', principal_id: 'desk' },
    scopes: ['policy:decide'],
  };
  const desk = api.caller((await tenant.post('/v1/api-keys', body)).json.secret);
  const whom = { subject: 'cus_00000001', name: 'Orlo Ventrisk', date_of_birth: '1960' };
  const ask = (more = {}) => desk.post('/v1/screenings', { ...whom, ...more }, { key: 'screen' });
  const first = await ask();
  assert.deepEqual([first.status, first.json.hits], [201, []], first.text);
  const list = await staged(['p2,Orlo Ventrisk,,DE,1960,Judge,gazette'], 'judges');
  assert.equal((await operator.post('/v1/screening-lists', list)).status, 201);
  const again = await ask();
  assert.deepEqual([again.status, again.json], [200, first.json], again.text);
  assert.equal((await ask({ name: 'Somebody Else' })).json.code, 'idempotency_key_reused');
  const other = await desk.post('/v1/screenings', whom);
  assert.deepEqual([other.status, other.json.open_hits], [201, 1]);
});
