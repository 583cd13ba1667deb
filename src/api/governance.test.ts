import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTenant } from '#api';
import { type Caller, openApi, type Reply } from '../../test/api.ts';
import { day } from '../../test/bank.ts';

const api = await openApi({ after });
const { planes, time } = api.bank;
let banks = 0;

/** A bank with somebody who asks, somebody who checks, and somebody who only reads. */
async function openBank() {
  banks += 1;
  const id = `governed-${banks}`;
  const { apiKey } = await createTenant(planes, {
    ...{ tenant: id, name: id, timeZone: 'UTC', createdBy: 'service:test' },
    idempotencyKey: 'create',
    scopes: ['admin', 'policy:read', 'policy:write', 'policy:approve'],
  });
  const boss = api.caller(apiKey.secret);
  const scopes = ['policy:read', 'policy:write', 'policy:approve'];
  const maker = await api.issue(boss, 'user:ann', { scopes });
  const makerAgain = await api.issue(boss, 'user:ann', { scopes, checker: maker });
  const checker = await api.issue(boss, 'user:bob', { scopes, checker: maker });
  // What is asked from here on is younger than what was.
  time.now += 1;
  return {
    ...{ maker, makerAgain, checker },
    reader: await api.issue(boss, 'user:cid', { scopes: ['policy:read'] }),
  };
}

function tell({ status, json }: Reply): [number, string | undefined] {
  return [status, json?.code];
}

const expires_at = new Date(time.now + day).toISOString();

function ask(maker: Caller, subject_kind: string, subject: object): Promise<Reply> {
  return maker.post('/v1/approvals', { subject_kind, subject, summary: 'why', expires_at });
}

async function approve(maker: Caller, checker: Caller, kind: string, subject: object) {
  const { id } = (await ask(maker, kind, subject)).json;
  await checker.post(`/v1/approvals/${id}/decide`, { verdict: 'approve', reason: 'read' });
  return id as string;
}

test('an approval is asked for, decided by somebody else, and read with its subject', async () => {
  const { maker, makerAgain, checker, reader } = await openBank();
  const subject = { use_case: 'offers' };
  const asked = await ask(maker, 'rollout.revive', subject);
  assert.equal(asked.status, 201, asked.text);
  const { id } = asked.json;
  const verdict = { verdict: 'approve', reason: 'read' };
  const decide = (caller: Caller) => caller.post(`/v1/approvals/${id}/decide`, verdict);
  assert.deepEqual(tell(await decide(makerAgain)), [403, 'not_a_checker'], 'two keys, one person');
  assert.deepEqual(tell(await decide(reader)), [403, 'forbidden']);
  const given = await decide(checker);
  assert.deepEqual([given.status, given.json.status], [201, 'approved']);
  const read = await reader.get(`/v1/approvals/${id}`);
  assert.deepEqual([read.json.subject, read.json.verdicts.length], [subject, 1]);
  assert.equal((await maker.post(`/v1/approvals/${id}/withdraw`, {})).json.status, 'withdrawn');
  const late = await maker.post(`/v1/approvals/${id}/withdraw`, {});
  assert.deepEqual([...tell(late), late.json.reason], [409, 'conflict', 'withdrawn']);
  const waiting = (await ask(maker, 'rollout.revive', subject)).json.id;
  const first = await reader.get('/v1/approvals?limit=1');
  assert.deepEqual(
    first.json.items.map((item: { id: string }) => item.id),
    [waiting],
  );
  const next = await reader.get(`/v1/approvals?limit=9&after=${first.json.next}`);
  assert.deepEqual([next.json.items[0].id, next.json.next], [id, null]);
  assert.deepEqual(tell(await reader.get('/v1/approvals?after=x')), [422, 'invalid_request']);
  const withStatus = async (status: string) =>
    (await reader.get(`/v1/approvals?status=${status}`)).json.items.map(
      (item: { id: string }) => item.id,
    );
  assert.deepEqual([await withStatus('pending'), await withStatus('withdrawn')], [[waiting], [id]]);
  for (const none of ['approved', 'expired']) assert.deepEqual(await withStatus(none), []);
  assert.equal((await withStatus('used')).length, 2, 'by which the keys of both were issued');
  const unknown = `/v1/approvals/${id.slice(0, -3)}000`;
  assert.deepEqual(tell(await reader.get(unknown)), [404, 'not_found']);
});

test('a retry of a request is answered with the same approval', async () => {
  const { maker } = await openBank();
  const body = {
    subject_kind: 'rollout.revive',
    subject: { use_case: '*' },
    summary: 'why',
    expires_at,
  };
  const [one, two] = [
    await maker.post('/v1/approvals', body, { key: 'same' }),
    await maker.post('/v1/approvals', body, { key: 'same' }),
  ];
  assert.deepEqual([one.status, two.status, two.json], [201, 200, one.json]);
});

test('consent is recorded, read as of an instant, and told with its history', async () => {
  const { maker, reader } = await openBank();
  const person = 'cus_01j9zk3v8w2q';
  const record = { person, source: 'app', text_version: 'v7' };
  const post = (more: object) => maker.post('/v1/consents', { ...record, ...more });
  const email = { purpose: 'marketing', channel: 'email' };
  const granted = await post({ ...email, status: 'granted' });
  assert.deepEqual([granted.status, granted.json.id.slice(0, 4)], [201, 'cns_']);
  time.now += 1;
  const later = new Date(time.now + day).toISOString();
  await post({ ...email, status: 'withdrawn', effective_at: later });
  const inEffect = async (more: string) =>
    (await reader.get(`/v1/consents?person=${person}${more}`)).json.items.map(
      (item: { in_effect: boolean }) => item.in_effect,
    );
  assert.deepEqual(await inEffect(''), [true]);
  assert.deepEqual(await inEffect(`&at=${later}`), [false]);
  assert.deepEqual(await inEffect('&at=2020-01-01T00:00:00Z'), []);
  const history = await reader.get(`/v1/consents/history?person=${person}&limit=1`);
  assert.deepEqual([history.json.items.length, history.json.next], [1, granted.json.id]);
  for (const wrong of [
    { ...email, person: 'ann@example.com', status: 'granted' },
    { ...email, person: 'cus_ann_example', status: 'granted' },
    { purpose: 'marketing', status: 'granted' },
    { purpose: 'ai_data_use', channel: 'email', status: 'granted' },
    { purpose: 'profiling', status: 'granted' },
  ]) {
    assert.deepEqual(tell(await post(wrong)), [422, 'invalid_request']);
  }
  const named = await reader.get('/v1/consents?person=ann@example.com');
  assert.deepEqual(tell(named), [422, 'invalid_request']);
});

test('a use case goes further with an approval, and is killed by one call', async () => {
  const { maker, checker, reader } = await openBank();
  const everywhere = { channel: '*', product: '*', cohort: '*' };
  const change = { use_case: 'offers', mode: 'automatic' };
  const effective = async () => {
    const place = 'channel=app&product=card&cohort=staff&key=cus_1';
    const { json } = await reader.get(`/v1/rollout/effective?use_case=offers&${place}`);
    return [json.mode, json.acts, json.why];
  };
  assert.deepEqual(await effective(), ['off', false, 'nothing_set']);
  const refused = await maker.post('/v1/rollout', change);
  assert.deepEqual(tell(refused), [403, 'approval_required']);
  const approval_id = await approve(maker, checker, 'rollout.set', { ...change, ...everywhere });
  const set = await maker.post('/v1/rollout', { ...change, approval_id });
  assert.deepEqual([set.status, set.json.id.slice(0, 4)], [201, 'rol_']);
  assert.deepEqual(await effective(), ['automatic', true, 'setting']);
  assert.equal((await maker.post('/v1/rollout/kill', { use_case: '*' })).status, 201);
  assert.deepEqual(await effective(), ['off', false, 'killed']);
  const listed = (await reader.get('/v1/rollout')).json;
  assert.deepEqual([listed.killed, listed.items[0].id, listed.next], [['*'], set.json.id, null]);
  const revival = await approve(maker, checker, 'rollout.revive', { use_case: '*' });
  const revived = await maker.post('/v1/rollout/revive', { use_case: '*', approval_id: revival });
  assert.deepEqual([revived.status, revived.json], [201, { use_case: '*', killed: false }]);
  assert.deepEqual(await effective(), ['automatic', true, 'setting']);
  assert.deepEqual(tell(await reader.post('/v1/rollout/kill', { use_case: '*' })), [
    403,
    'forbidden',
  ]);
});
