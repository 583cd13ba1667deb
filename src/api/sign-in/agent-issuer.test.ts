import assert from 'node:assert/strict';
import { hash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeJwt, SignJWT } from 'jose';
import { approvedPost, dpopProof, newKeys } from '../../../test/agents.ts';
import { openApi } from '../../../test/api.ts';
import { openBrowser } from '../../../test/http-browser.ts';
import { freePort } from '../../../test/server-process.ts';
import { readSignIn } from './configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-agents-'));
after(() => rmSync(folder, { recursive: true }));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const issuer = `${origin}/oidc`;
const signIn = readSignIn({}, { host: '127.0.0.1', port, folder });
const api = await openApi({ after }, { signIn });
await api.app.listen({ host: '127.0.0.1', port });
// The library has a clock of its own.
const present = () => {
  api.bank.time.now = Date.now();
  return api.bank.time.now;
};
present();
const boss = await api.tenant('acme');
const checker = await api.issue(boss, 'user:checker', { scopes: ['policy:approve'] });
const user = { tenant: 'acme', principal: 'user:mia', name: 'A customer', summary: 'Pays.' };
writeFileSync(join(folder, 'demo-users.json'), JSON.stringify([user]), { mode: 0o600 });

const keys = await newKeys();
const back = `${origin}/healthz`;
const coach = {
  ...{ id: 'coach', name: 'The <coach>', owner: 'user:owner', purposes: ['advice'], tools: [] },
  clients: [
    {
      ...{ issuer: 'own', client_id: 'acme-coach', redirect_uris: [back] },
      jwks: { keys: [keys.publicJwk] },
    },
  ],
};
const made = await approvedPost({ boss, checker, now: present() }, (more) =>
  boss.post('/v1/agents', { ...coach, ...more }),
);
assert.equal(made.status, 201, made.text);

async function assertion(by = keys, client = 'acme-coach'): Promise<string> {
  const iat = Math.floor(present() / 1_000);
  return new SignJWT({
    iss: client,
    sub: client,
    aud: issuer,
    iat,
    exp: iat + 60,
    jti: randomUUID(),
  })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(by.sign);
}

async function ask(
  fields: Record<string, string>,
  options: { by?: typeof keys; dpop?: string } = {},
) {
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: options.dpop === undefined ? {} : { dpop: options.dpop },
    body: new URLSearchParams({
      ...{ client_id: 'acme-coach', client_assertion: await assertion(options.by) },
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      ...fields,
    }),
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, string> };
}

const forItself = { grant_type: 'client_credentials', scope: 'tools' };
const me = (sent: string) => api.caller(sent).get('/v1/session');

test('an agent proves with its key who it is, and is given a token for this server', async () => {
  const { json } = await ask({ ...forItself, resource: `${origin}/mcp` });
  const { access_token: sent = '', token_type: type } = json;
  assert.equal(type, 'Bearer', JSON.stringify(json));
  const claims = decodeJwt(sent);
  assert.deepEqual(
    [claims.iss, claims.aud, claims['client_id'], claims['scope']],
    [issuer, `${origin}/mcp`, 'acme-coach', 'tools'],
  );
  assert.ok((claims.exp ?? 0) - (claims.iat ?? 0) <= 600);
  const known = await me(sent);
  assert.deepEqual([known.status, known.json.principal], [200, 'agent:coach'], known.text);
  assert.equal((await ask(forItself)).status, 200, 'for the tools, unless it says so');
  const bold = (await ask({ ...forItself, scope: 'tools admin' })).json['access_token'] ?? '';
  assert.equal(decodeJwt(bold)['scope'], 'tools', 'no other scope is given');
  const wrong: readonly (readonly [Record<string, string>, object, string])[] = [
    [{ ...forItself, resource: 'https://elsewhere.example' }, {}, 'invalid_target'],
    [forItself, { by: await newKeys() }, 'invalid_client'],
    [{ ...forItself, client_id: 'nobody' }, {}, 'invalid_request'],
  ];
  for (const [fields, options, error] of wrong) {
    assert.equal((await ask(fields, options)).json['error'], error);
  }
});

test('with a proof of possession its token is bound to the key of the proof', async () => {
  const holder = await newKeys();
  const iat = Math.floor(present() / 1_000);
  const asking = { htm: 'POST', htu: `${issuer}/token`, iat, jti: randomUUID(), token: '' };
  const { json } = await ask(forItself, { dpop: await dpopProof(holder, asking) });
  const { access_token: token = '', token_type: type } = json;
  assert.equal(type, 'DPoP', JSON.stringify(json));
  const using = { htm: 'GET', htu: `${origin}/v1/session`, iat, jti: randomUUID(), token };
  const headers = { authorization: `DPoP ${token}`, dpop: await dpopProof(holder, using) };
  assert.equal((await api.caller('').get('/v1/session', headers)).status, 200);
  assert.equal((await me(token)).status, 401);
});

test('a customer who has signed in lets an agent act, and the token names both', async () => {
  const customer = 'pty_01j9zk3v8w2q';
  const person = { principal: 'user:mia', customer, region: null, delegated_by: null };
  await boss.post('/v1/principals', person);
  await boss.post('/v1/role-grants', { principal: 'user:mia', role: 'customer' });
  const verifier = randomUUID() + randomUUID();
  const url = new URL(`${issuer}/auth`);
  url.search = new URLSearchParams({
    ...{ client_id: 'acme-coach', response_type: 'code', redirect_uri: back, state: 's' },
    ...{ scope: 'openid tools', resource: `${origin}/mcp`, purpose: 'advice' },
    ...{ code_challenge: hash('sha256', verifier, 'base64url'), code_challenge_method: 'S256' },
  }).toString();
  const browser = openBrowser(origin);
  const login = await browser.go(url.href);
  assert.match(login.text, /A customer/);
  const unmet = await browser.submit(login, { user: 'acme user:mia' });
  assert.match(unmet.text, /not agreed yet/);
  const consent = { purpose: 'ai_data_use', person: customer, source: 'app', text_version: '1' };
  const granted = await boss.post('/v1/consents', { ...consent, status: 'granted' });
  assert.equal(granted.status, 201, granted.text);
  const page = await browser.go(unmet.url);
  assert.match(page.text, /The &#60;coach&#62; asks to act for you, for the purpose “advice”/);
  const arrived = await browser.submit(page, { act: 'allow' });
  const { searchParams: told } = new URL(arrived.url);
  assert.equal(told.get('iss'), issuer, arrived.text);
  const code = told.get('code') ?? '';
  const redeemed = { grant_type: 'authorization_code', code, redirect_uri: back };
  const stolen = await ask({ ...redeemed, code_verifier: randomUUID() + randomUUID() });
  assert.equal(stolen.json['error'], 'invalid_grant');
  const again = await browser.go(url.href);
  const { searchParams: second } = new URL((await browser.submit(again, { act: 'allow' })).url);
  const { json } = await ask({
    ...{ ...redeemed, code: second.get('code') ?? '', code_verifier: verifier },
  });
  const { access_token: token = '', id_token, refresh_token } = json;
  assert.deepEqual([id_token, refresh_token], [undefined, undefined]);
  const claims = decodeJwt(token);
  assert.deepEqual(
    [claims.sub, claims['act'], claims['consent'], claims['purpose'], claims['scope']],
    ['user:mia', { sub: 'acme-coach' }, granted.json.id, 'advice', 'tools'],
  );
  assert.equal((await me(token)).status, 200);
  const declined = await browser.submit(await browser.go(url.href), { act: 'decline' });
  assert.equal(new URL(declined.url).searchParams.get('error'), 'access_denied');
  await boss.post('/v1/agents/coach/suspend', {});
  assert.equal((await me(token)).status, 401);
  assert.equal((await ask(forItself)).json['error'], 'invalid_client', 'a suspended one gets none');
});
