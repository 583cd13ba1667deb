import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sha256Hex } from '#core';
import { type Caller, openApi, type Reply } from '../../test/api.ts';
import { day } from '../../test/bank.ts';

const api = await openApi({ after });
const { superuser, time } = api.bank;
const scopes = ['policy:approve', 'policy:read', 'policy:write'];
let banks = 0;

/** An administrator who may do anything, and one other person who checks. */
async function openBank() {
  banks += 1;
  const id = `keys-${banks}`;
  const boss = await api.tenant(id);
  const ann = await api.issue(boss, 'user:ann', { scopes });
  return { id, boss, ann };
}

function tell({ status, json }: Reply): [number, string | undefined] {
  return [status, json?.code];
}

let made = 0;
/** A request for a person's key, whose secret only the test knows. */
function keyFor(principal_id: string, more: object = {}) {
  made += 1;
  const secret = sha256Hex(`secret ${made}`);
  const secret_digest = sha256Hex(secret);
  const body = { name: 'key', principal_kind: 'user', principal_id, scopes, secret_digest };
  return { secret, body: { ...body, ...more } };
}

const expires_at = new Date(time.now + day).toISOString();

async function ask(maker: Caller, subject_kind: string, subject: object): Promise<string> {
  const body = { subject_kind, subject, summary: 'why', expires_at };
  const asked = await maker.post('/v1/approvals', body);
  assert.equal(asked.status, 201, asked.text);
  return asked.json.id;
}

function approve(checker: Caller, id: string): Promise<Reply> {
  return checker.post(`/v1/approvals/${id}/decide`, { verdict: 'approve', reason: 'fine' });
}

test('nobody is two persons by the case of a letter', async () => {
  const { boss } = await openBank();
  for (const id of ['Administrator', 'ANN', 'Bea']) {
    const refused = await boss.post('/v1/api-keys', keyFor(id).body);
    assert.deepEqual(tell(refused), [422, 'invalid_request'], id);
  }
  const grant = { principal: 'user:Ann', role: 'teller' };
  assert.deepEqual(tell(await boss.post('/v1/role-grants', grant)), [422, 'invalid_request']);
});

test('whoever is to govern makes the secret, and who issues the key never learns it', async () => {
  const { boss } = await openBank();
  for (const scope of ['policy:write', 'policy:approve', 'model:write', 'admin']) {
    const { secret_digest: _, ...body } = keyFor('bea', { scopes: ['ledger:read', scope] }).body;
    const refused = await boss.post('/v1/api-keys', body);
    assert.deepEqual(tell(refused), [422, 'invalid_request'], scope);
    assert.equal(refused.json.errors[0].pointer, '/secret_digest');
  }
  const { secret, body } = keyFor('bea', { scopes: ['ledger:read'] });
  const issued = await boss.post('/v1/api-keys', body);
  assert.deepEqual([issued.status, Object.keys(issued.json)], [201, ['id']]);
  assert.equal((await api.caller(secret).get('/v1/accounts')).status, 200);
});

test('once somebody else checks, nobody makes another person without being checked', async () => {
  const { boss, ann } = await openBank();
  for (const scope of ['policy:write', 'policy:approve', 'model:write', 'admin']) {
    const alone = await boss.post('/v1/api-keys', keyFor('puppet', { scopes: [scope] }).body);
    assert.deepEqual(tell(alone), [403, 'approval_required'], scope);
  }
  const again = await boss.post('/v1/api-keys', keyFor('ann').body);
  assert.deepEqual(tell(again), [403, 'approval_required'], 'nor another key for ann');
  // What an approval is for is said in the refusal.
  const { secret, body } = keyFor('bea');
  const refused = await boss.post('/v1/api-keys', body);
  const subject = {
    ...{ principal: 'user:bea', scopes: [...scopes].sort(), expires_at: null },
    secret_digest: body.secret_digest,
  };
  const approval_id = await ask(boss, 'api_key.issue', subject);
  assert.deepEqual(tell(await approve(boss, approval_id)), [403, 'not_a_checker']);
  assert.deepEqual(
    (await approve(ann, approval_id)).json.subject_digest,
    refused.json.subject_digest,
  );
  const other = keyFor('bea', { approval_id }).body;
  assert.deepEqual(tell(await boss.post('/v1/api-keys', other)), [409, 'approval_invalid']);
  const wider = { ...body, scopes: [...scopes, 'admin'], approval_id };
  assert.deepEqual(tell(await boss.post('/v1/api-keys', wider)), [409, 'approval_invalid']);
  const issued = await boss.post('/v1/api-keys', { ...body, approval_id });
  assert.equal(issued.status, 201, issued.text);
  assert.equal((await api.caller(secret).get('/v1/approvals')).status, 200);
  const own = await boss.post('/v1/api-keys', {
    ...{ name: 'spare', principal_kind: 'user', principal_id: 'administrator', scopes },
  });
  assert.equal(own.status, 201, 'a spare key makes nobody');
});

test('one person alone, whatever keys they issue, has no request approved', async () => {
  const { boss } = await openBank();
  const listed = await boss.get('/v1/api-keys');
  const { id } = listed.json.items.find((item: any) => item.principal === 'user:ann');
  // Ann is away for good, and the administrator has all the machines that may be had.
  const url = `/v1/api-keys/${id}`;
  await boss.send({ method: 'DELETE', url, headers: { 'idempotency-key': 'away' } });
  const machine = await api.issue(boss, 'service:robot', { scopes: [...scopes, 'admin'] });
  const agent = await api.issue(boss, 'agent:robot', { scopes: [...scopes, 'admin'] });
  assert.equal(
    (await boss.post('/v1/role-grants', { principal: 'agent:robot', role: 'agent' })).status,
    201,
  );
  const voices = [boss, machine, agent];
  const makes = async (issuer: Caller, body: object) =>
    (await issuer.post('/v1/api-keys', body)).status;
  for (const issuer of voices) {
    assert.equal(await makes(issuer, keyFor('puppet').body), 403);
    assert.equal(await makes(issuer, keyFor('puppet', { scopes: ['policy:approve'] }).body), 403);
    assert.equal(await makes(issuer, keyFor('puppet', { scopes: ['policy:write'] }).body), 403);
  }
  for (const maker of voices) {
    const approval = await ask(maker, 'rollout.revive', { use_case: '*' });
    for (const checker of voices) await approve(checker, approval);
    const { json } = await boss.get(`/v1/approvals/${approval}`);
    assert.equal(json.status, 'pending');
  }
});

/** Answers what comes of a call when, while it waits for its turn, `change` is done before it. */
async function overtaken(tenant: string, call: () => Promise<Reply>, change: string) {
  const client = await superuser.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [tenant]);
    const waiting = call();
    const waits = `select from pg_locks where locktype = 'advisory' and not granted`;
    while ((await client.query(waits)).rowCount === 0) await new Promise(setImmediate);
    await client.query(change);
    await client.query('commit');
    return await waiting;
  } finally {
    client.release(true);
  }
}

test('who is revoked while issuing or revoking a key does neither', async () => {
  const { id, boss } = await openBank();
  const revoke = (name: string) =>
    `update policy.api_key set revoked_at = '2026-01-01' where tenant_id = '${id}'
        and name = '${name}';
     update core.tenant set epoch = epoch + 1 where tenant_id = '${id}'`;
  const spare = async (name: string) => {
    const body = { name, principal_kind: 'user', principal_id: 'administrator' };
    const { json } = await boss.post('/v1/api-keys', { ...body, scopes: ['admin'] });
    return { caller: api.caller(json.secret), id: json.id };
  };
  const [one, two] = [await spare('one'), await spare('two')];
  const key = { name: 'late', principal_kind: 'service', principal_id: 'till', scopes: ['admin'] };
  const issued = await overtaken(id, () => one.caller.post('/v1/api-keys', key), revoke('one'));
  assert.deepEqual(tell(issued), [401, 'unauthenticated']);
  const url = `/v1/api-keys/${two.id}`;
  const headers = { 'idempotency-key': 'revoke' };
  const revoking = () => two.caller.send({ method: 'DELETE', url, headers });
  assert.deepEqual(tell(await overtaken(id, revoking, revoke('two'))), [401, 'unauthenticated']);
  const { items } = (await boss.get('/v1/api-keys')).json;
  assert.ok(!items.some(({ name }: { name: string }) => name === 'late'));
});

test('an operator whose rights change while creating a tenant is told to try again', async () => {
  const operator = api.caller(api.operatorKey);
  const creating = () => operator.post('/v1/tenants', { tenant_id: 'late', name: 'Late' });
  const change = `update core.tenant set epoch = epoch + 1 where tenant_id = 'system'`;
  const late = await overtaken('late', creating, change);
  assert.deepEqual(tell(late), [503, 'rights_changed']);
  assert.equal((await creating()).status, 201);
  assert.deepEqual(tell(await creating()), [409, 'conflict']);
});
