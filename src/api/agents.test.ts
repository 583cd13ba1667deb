import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { approvedPost, newKeys } from '../../test/agents.ts';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { time } = api.bank;
const boss = await api.tenant('acme');
const checker = await api.issue(boss, 'user:checker', { scopes: ['policy:approve'] });
const { publicJwk } = await newKeys();
const issuer = 'https://id.bank.example';
const client = { issuer, client_id: 'coach', jwks: { keys: [publicJwk] }, requires_dpop: true };
const tool = { name: 'accounts.list', calls_per_minute: 60 };
const coach = {
  ...{ id: 'coach', name: 'The coach', owner: 'user:owner', purposes: ['servicing', 'advice'] },
  ...{ tools: [tool], clients: [client] },
};

const post = (url: string, body: object, by = boss) =>
  approvedPost({ boss: by, checker, now: time.now }, (more) => by.post(url, { ...body, ...more }));

let patches = 0;
function patch(id: string, body: object) {
  patches += 1;
  const headers = { 'idempotency-key': `patch-${patches}` };
  return boss.send({ method: 'PATCH', url: `/v1/agents/${id}`, payload: body, headers });
}

test('an agent is registered on another person’s word, with all that it will be', async () => {
  const alone = await boss.post('/v1/agents', coach);
  assert.deepEqual([alone.status, alone.json.code], [403, 'approval_required']);
  const { subject } = alone.json;
  const [proof] = subject.clients;
  assert.deepEqual([subject.agent_id, subject.purposes], ['coach', ['advice', 'servicing']]);
  assert.deepEqual([proof.keys.length, proof.requires_dpop, proof.jwks], [1, true, undefined]);
  const made = await post('/v1/agents', coach);
  assert.equal(made.status, 201, made.text);
  const { registered_at: _, changed_at: __, ...told } = made.json;
  const { agent_id: id, ...terms } = subject;
  assert.deepEqual(told, { id, principal: 'agent:coach', ...terms, status: 'active' });
  const grants = await boss.get('/v1/role-grants');
  const roles = grants.json.items.filter(({ principal }: any) => principal === 'agent:coach');
  assert.deepEqual(roles[0].role, 'agent');
  assert.equal((await post('/v1/agents', coach)).status, 409, 'there is one already');
  const taken = await post('/v1/agents', { ...coach, id: 'twin' });
  assert.match(taken.json.detail, /another agent’s/, 'one client, one agent');
  const strange = await api.tenant('other');
  assert.equal((await strange.get('/v1/agents/coach')).status, 404);
  assert.deepEqual((await strange.get('/v1/agents')).json.items, []);
});

test('what lets it do more takes another person, what takes away does not', async () => {
  const narrower = [
    { purposes: ['servicing'] },
    { tools: [{ ...tool, calls_per_minute: 30 }] },
    { tools: [] },
    { name: 'Another name', owner: 'user:other' },
  ];
  for (const less of narrower) {
    const changed = await patch('coach', less);
    assert.equal(changed.status, 201, changed.text);
  }
  const more = [
    { purposes: ['servicing', 'fraud'] },
    { tools: [{ ...tool, calls_per_minute: 1 }] },
    { clients: [{ ...client, requires_dpop: false }] },
    { clients: [{ ...client, jwks: { keys: [(await newKeys()).publicJwk] } }] },
    { clients: [{ ...client, issuer: 'https://other.example' }] },
  ];
  for (const wider of more) {
    assert.equal((await patch('coach', wider)).json.code, 'approval_required');
  }
  const isOff = (await boss.post('/v1/agents/coach/suspend', {})).json.status;
  assert.equal(isOff, 'suspended', 'one person is enough to stop it');
  const grants = await boss.get('/v1/role-grants');
  assert.ok(!grants.text.includes('agent:coach'), 'nor may a key of it do anything');
  assert.equal((await boss.post('/v1/agents/coach/resume', {})).json.code, 'approval_required');
  assert.equal((await post('/v1/agents/coach/resume', {})).json.status, 'active');
  const { json } = await boss.get('/v1/agents?limit=1');
  assert.deepEqual(
    [json.items[0].tools, json.items[0].name, json.next],
    [[], 'Another name', null],
  );
});

test('terms that cannot be kept are refused, with the place', async () => {
  const { d: _, ...key } = { ...publicJwk, d: 'x' };
  const wrong: readonly (readonly [object, string])[] = [
    [{ clients: [{ ...client, issuer: 'http://id.bank.example' }] }, '/clients/0/issuer'],
    [{ clients: [{ ...client, issuer: 'file:///etc/passwd' }] }, '/clients/0/issuer'],
    [{ clients: [{ ...client, jwks_uri: 'https://x.example' }] }, '/clients/0/jwks_uri'],
    [{ clients: [client, client] }, '/clients/1/client_id'],
    [{ clients: [{ issuer: 'own', client_id: 'x' }] }, '/clients/0/jwks'],
    [{ clients: [{ ...client, jwks: { keys: [{ ...key, d: 'secret' }] } }] }, '/clients'],
    [{ clients: [{ ...client, jwks: { keys: [{ kty: 'oct', k: 'x' }] } }] }, '/clients'],
    [{ clients: [{ ...client, jwks: { keys: [{ kty: 'EC' }] } }] }, '/clients/0/jwks/keys/0'],
    [{ clients: [{ ...client, redirect_uris: ['https://x.example'] }] }, '/clients/0/redirect'],
    [{ tools: [tool, tool] }, '/tools/1/name'],
    [{ purposes: ['anything'] }, '/purposes'],
    [{ owner: 'agent:coach' }, '/owner'],
  ];
  for (const [more, pointer] of wrong) {
    const { status, json, text } = await boss.post('/v1/agents', { ...coach, id: 'x', ...more });
    assert.equal(status, 422, text);
    assert.ok(
      json.errors.some((each: any) => each.pointer.startsWith(pointer)),
      text,
    );
  }
  const teller = await api.issue(boss, 'user:reader', { scopes: ['policy:read'] });
  assert.equal((await teller.get('/v1/agents/coach')).status, 200);
  assert.equal((await teller.post('/v1/agents', coach)).status, 403);
});
