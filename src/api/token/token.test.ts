import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import {
  accessToken,
  approvedPost,
  dpopProof,
  newKeys,
  thumbprintOf,
} from '../../../test/agents.ts';
import { openApi, type Reply } from '../../../test/api.ts';

const origin = 'http://127.0.0.1:8080';
const issuer = 'https://id.bank.example';
const api = await openApi({ after }, { signIn: { origin, issuer: undefined } });
const { time } = api.bank;
const keys = await newKeys();
const strangers = await newKeys();

const acme = await bank('acme');
const other = await bank('other');

async function bank(id: string) {
  const boss = await api.tenant(id);
  const checker = await api.issue(boss, 'user:checker', { scopes: ['policy:approve'] });
  return { boss, checker };
}

type Bank = typeof acme;

function terms(id: string, client: object) {
  return {
    ...{ id, name: `The ${id}`, owner: 'user:owner', purposes: ['servicing', 'advice'] },
    tools: [{ name: 'accounts.list', calls_per_minute: 60 }],
    clients: [{ issuer, client_id: id, jwks: { keys: [keys.publicJwk] }, ...client }],
  };
}

function agreed(of: Bank, send: (approval: object) => ReturnType<Bank['boss']['post']>) {
  return approvedPost({ ...of, now: time.now }, send);
}

async function register(of: Bank, id: string, client: object = {}): Promise<Reply> {
  const asked = terms(id, client);
  const reply = await agreed(of, (more) => of.boss.post('/v1/agents', { ...asked, ...more }));
  assert.equal(reply.status, 201, reply.text);
  return reply;
}

let made = 0;
function claims(client: string, more: object = {}) {
  const iat = Math.floor(time.now / 1_000);
  made += 1;
  return {
    ...{ iss: issuer, sub: client, client_id: client, aud: `${origin}/mcp`, jti: `jti-${made}` },
    ...{ iat, exp: iat + 600, scope: 'tools email' },
    ...more,
  };
}

const token = (client: string, more: object = {}, header: object = {}) =>
  accessToken(keys, claims(client, more), { ...header });

const me = (sent: string, headers: Record<string, string> = {}) =>
  api.caller(sent).get('/v1/session', headers);

await register(acme, 'coach');

test('an agent comes in by a token of the issuer that its record names, and only so', async () => {
  const known = await me(await token('coach'));
  assert.equal(known.status, 200, known.text);
  const { principal, tenant, roles, rights } = known.json;
  assert.deepEqual([principal, tenant.id, roles], ['agent:coach', 'acme', ['agent']]);
  const held = rights.filter(({ allowed }: { allowed: boolean }) => allowed);
  // It has no scope but `tools`, and its role lets it call nothing but tools.
  assert.deepEqual(held, []);
  assert.equal((await api.caller(await token('coach')).get('/v1/accounts')).status, 403);
  // The forms in which issuers write the same.
  const iat = Math.floor(time.now / 1_000);
  const fine: readonly object[] = [
    { aud: origin },
    { aud: ['https://elsewhere.example', origin] },
    { client_id: undefined, azp: 'coach', sub: 'somebody' },
    { client_id: undefined },
    { scope: undefined, scp: ['tools'] },
    { exp: iat + 900 },
    { nbf: iat + 5 },
  ];
  for (const more of fine) {
    assert.equal((await me(await token('coach', more))).status, 200, JSON.stringify(more));
  }
});

test('what does not count is refused with what is wrong, and a challenge', async () => {
  const iat = Math.floor(time.now / 1_000);
  const publicPem = Buffer.from(JSON.stringify(keys.publicJwk));
  const good = await token('coach');
  const [head = '', body = '', signature = ''] = good.split('.');
  const admin = Buffer.from(JSON.stringify({ ...claims('coach'), scope: 'admin' }));
  const inHeader = { jwk: strangers.publicJwk };
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['expired', await token('coach', { iat: iat - 700, exp: iat - 60 }), /has expired/],
    ['another audience', await token('coach', { aud: `${origin}/other` }), /its aud/],
    [
      'a host that sounds alike',
      await token('coach', { aud: `${origin}.evil.example` }),
      /its aud/,
    ],
    ['no audience', await token('coach', { aud: undefined }), /its aud/],
    ['another issuer', await token('coach', { iss: 'https://evil.example' }), /no client/],
    ['an issuer that is a word', await token('coach', { iss: 'own' }), /no issuer/],
    ['an unknown client', await token('nobody'), /no client/],
    ['too long a life', await token('coach', { exp: iat + 901 }), /15 minutes/],
    ['issued too long ago', await token('coach', { iat: iat - 1_000, exp: iat + 10 }), /expired/],
    ['issued tomorrow', await token('coach', { iat: iat + 900, exp: iat + 1_000 }), /its iat/],
    ['not yet', await token('coach', { nbf: iat + 60 }), /its nbf/],
    ['no jti', await token('coach', { jti: undefined }), /its jti/],
    ['no end', await token('coach', { exp: undefined }), /its exp/],
    ['a NUL', await token('coach', { client_id: 'co\0ach' }), /its client_id/],
    ['half a letter', await token('coach', { jti: '\ud800' }), /its jti/],
    ['a number', await token('coach', { iss: 7 }), /its iss/],
    ['nobody in particular', await token('coach', { act: { sub: 'coach' }, sub: {} }), /its sub/],
    ['an ID token', await token('coach', {}, { typ: 'id+jwt' }), /its typ/],
    ['a proof', await token('coach', {}, { typ: 'dpop+jwt' }), /its typ/],
    ['alg none', new UnsecuredJWT(claims('coach')).encode(), /its typ/],
    ['alg none, typed', unsigned(claims('coach')), /algorithm is not allowed/],
    ['HS256 with the public key', await hmac(claims('coach'), publicPem), /algorithm/],
    ['another key', await accessToken(strangers, claims('coach')), /does not verify/],
    ['a key of its own', await accessToken(strangers, claims('coach'), inHeader), /not verify/],
    ['other claims', `${head}.${admin.toString('base64url')}.${signature}`, /does not verify/],
    ['no signature', `${head}.${body}.`, /does not verify/],
    ['two who act', await token('coach', { act: { sub: 'x' } }), /two who act/],
    ['a chain', await token('coach', { act: { sub: 'coach', act: { sub: 'x' } } }), /several/],
    ['bound to a certificate', await token('coach', { cnf: { 'x5t#S256': 'x' } }), /proves here/],
  ];
  for (const [what, sent, why] of cases) {
    const { status, json } = await me(sent);
    assert.deepEqual([status, json.code], [401, 'unauthenticated'], what);
    assert.match(json.detail, why, what);
  }
  const refused = await api.caller(cases[0]?.[1] ?? '').get('/v1/tools');
  assert.equal(
    refused.headers['www-authenticate'],
    `Bearer error="invalid_token", resource_metadata=` +
      `"${origin}/.well-known/oauth-protected-resource/mcp", scope="tools"`,
  );
  const found = await acme.boss.get('/.well-known/oauth-protected-resource/mcp');
  assert.deepEqual(
    [found.json.resource, found.json.scopes_supported],
    [`${origin}/mcp`, ['tools']],
  );
  assert.equal((await acme.boss.get('/v1/session')).status, 200, 'an API key still works');
});

function unsigned(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'at+jwt' })}.${part(payload)}.`;
}

function hmac(payload: Record<string, unknown>, secret: Buffer): Promise<string> {
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(secret);
}

test('revoked, suspended or with another key, a token ends at the very next call', async () => {
  await register(acme, 'planner');
  const [first, second] = [await token('planner', { jti: 'a' }), await token('planner')];
  for (const each of [first, second]) assert.equal((await me(each)).status, 200);
  const { boss } = acme;
  assert.equal((await other.boss.post('/v1/agents/planner/suspend', {})).status, 404, 'not theirs');
  const revoked = await boss.post('/v1/agents/planner/revoke-token', { jti: 'a' });
  assert.equal(revoked.status, 201, revoked.text);
  assert.match((await me(first)).json.detail, /was revoked/);
  assert.equal((await me(second)).status, 200);
  const suspended = await boss.post('/v1/agents/planner/suspend', {});
  assert.equal(suspended.json.status, 'suspended');
  assert.match((await me(second)).json.detail, /is suspended/);
  const resumed = await agreed(acme, (more) => boss.post('/v1/agents/planner/resume', more));
  assert.equal(resumed.json.status, 'active', resumed.text);
  assert.deepEqual((await me(second)).json.roles, ['agent']);
  const clients = [{ issuer, client_id: 'planner', jwks: { keys: [strangers.publicJwk] } }];
  const changed = await agreed(acme, (more) =>
    boss.send({
      ...{ method: 'PATCH', url: '/v1/agents/planner', payload: { clients, ...more } },
      headers: { 'idempotency-key': `keys-${JSON.stringify(more).length}` },
    }),
  );
  assert.equal(changed.status, 201, changed.text);
  assert.match((await me(second)).json.detail, /does not verify/);
  time.now += 20 * 60_000;
  assert.match((await me(second)).json.detail, /does not verify|expired/);
});

test('a token bound to a key needs a proof, made for this request and used once', async () => {
  const holder = await newKeys();
  await register(acme, 'bound', { requires_dpop: true });
  assert.match((await me(await token('bound'))).json.detail, /bound to no key/);
  const sent = await token('bound', { cnf: { jkt: await thumbprintOf(holder) } });
  assert.match((await me(sent)).json.detail, /send it as DPoP/);
  const iat = Math.floor(time.now / 1_000);
  const right = { htm: 'GET', htu: `${origin}/v1/session`, iat, jti: 'p-1', token: sent };
  const call = async (more: Partial<typeof right> = {}, by = holder) => {
    made += 1;
    const dpop = await dpopProof(by, {
      ...right,
      jti: `p-${made}`,
      ...more,
    });
    return me('', { authorization: `DPoP ${sent}`, dpop });
  };
  const fine = await call();
  assert.equal(fine.status, 200, fine.text);
  const wrong: readonly (readonly [Partial<typeof right>, RegExp])[] = [
    [{ htm: 'POST' }, /another request/],
    [{ htu: `${origin}/v1/accounts` }, /another request/],
    [{ htu: 'https://evil.example/v1/session' }, /another request/],
    [{ token: 'another' }, /another token/],
    [{ iat: iat - 61 }, /too old/],
    [{ iat: iat + 11 }, /too new/],
  ];
  for (const [more, why] of wrong) assert.match((await call(more)).json.detail, why);
  assert.match((await call({}, strangers)).json.detail, /another key/);
  assert.equal((await call({ jti: 'once' })).status, 200);
  assert.match((await call({ jti: 'once' })).json.detail, /used before/);
  const none = await me('', { authorization: `DPoP ${sent}` });
  assert.match(none.json.detail, /is missing/);
  const key = await me('', { authorization: `DPoP ${acme.boss.apiKey}` });
  assert.equal(key.status, 401, 'an API key is bound to nothing');
});

test('on behalf of a customer, while that customer’s consent is in force', async () => {
  const { boss } = acme;
  const customer = 'pty_01j9zk3v8w2q';
  const person = { principal: 'user:mia', customer, region: null, delegated_by: null };
  const set = await boss.post('/v1/principals', person);
  assert.ok(set.status < 300, set.text);
  await boss.post('/v1/role-grants', { principal: 'user:mia', role: 'customer' });
  const consent = { purpose: 'ai_data_use', person: customer, source: 'app', text_version: '1' };
  const granted = await boss.post('/v1/consents', { ...consent, status: 'granted' });
  assert.equal(granted.status, 201, granted.text);
  const acting = (more: object = {}) =>
    token('coach', {
      ...{ sub: customer, act: { sub: 'coach' }, consent: granted.json.id, purpose: 'advice' },
      ...more,
    });
  const sent = await acting();
  assert.equal((await me(sent)).status, 200);
  assert.equal((await me(await acting({ sub: 'user:mia' }))).status, 200);
  await register(other, 'foreign');
  const foreign = await token('foreign', { scope: 'tools' });
  assert.equal((await me(foreign)).json.tenant.id, 'other', 'its own tenant, and no other');
  const across = { sub: 'user:mia', act: { sub: 'foreign' }, client_id: 'foreign' };
  const wrong = [
    across,
    { sub: 'pty_01j9zk3v8w2x' },
    { sub: 'user:checker' },
    { consent: undefined },
    { consent: 'cns_00000000000000000000000000' },
    { purpose: 'marketing' },
    { purpose: 'anything' },
  ];
  for (const more of wrong) {
    assert.equal((await me(await acting(more))).status, 403, JSON.stringify(more));
  }
  await boss.post('/v1/consents', { ...consent, status: 'withdrawn' });
  assert.equal((await me(sent)).status, 403, 'a withdrawn consent counts at once');
});

test('keys are fetched from an issuer once, and one that is down is told of as such', async () => {
  let asked = 0;
  let isDown = true;
  const server = createServer((request, response) => {
    asked += 1;
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const answers: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks` },
      '/jwks': { keys: [keys.publicJwk] },
    };
    response.statusCode = isDown ? 500 : 200;
    response.end(JSON.stringify(answers[request.url ?? '']));
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await register(acme, 'remote', { issuer: url, jwks: undefined });
  const down = await me(await token('remote', { iss: url }));
  assert.deepEqual([down.status, down.json.code], [503, 'deadline_exceeded']);
  const before = asked;
  assert.equal((await me(await token('remote', { iss: url }))).status, 503);
  assert.equal(asked, before, 'it is left alone for a moment');
  isDown = false;
  time.now += 5_000;
  for (const more of [{}, {}]) {
    assert.equal((await me(await token('remote', { iss: url, ...more }))).status, 200);
  }
  assert.equal(asked, before + 2, 'its metadata and its keys, each once');
});
