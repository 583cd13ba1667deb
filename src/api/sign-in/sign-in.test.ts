import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { type Arrived, type Browser, openBrowser } from '../../../test/http-browser.ts';
import { freePort } from '../../../test/server-process.ts';
import { seededRandom } from '#core';
import { createLog } from '../../serve.ts';
import { readSignIn } from './configuration.ts';
import { openTransaction, sealTransaction } from './transaction.ts';

const minuteMs = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'countersign-sign-in-'));
after(() => rmSync(folder, { recursive: true }));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const lines = new PassThrough();
let logged = '';
lines.on('data', (chunk: Buffer) => {
  logged += chunk;
});
const signIn = readSignIn({}, { host: '127.0.0.1', port, folder });
const api = await openApi({ after }, { signIn, log: createLog('trace', lines) });
await api.app.listen({ host: '127.0.0.1', port });
const boss = await api.tenant('acme');
const { time } = api.bank;

const users = ['teller', 'nobody'].map((id) => ({
  ...{ tenant: 'acme', principal: `user:${id}`, name: `A ${id}`, summary: `As ${id} <do>.` },
}));
const usersFile = join(folder, 'demo-users.json');
writeFileSync(usersFile, JSON.stringify(users), { mode: 0o600 });
const granted = await boss.post('/v1/role-grants', { principal: 'user:teller', role: 'teller' });
assert.equal(granted.status, 201, granted.text);

const session = 'countersign_session';

async function signedIn(fields: Record<string, string>, browser = openBrowser(origin)) {
  const page = await browser.go('/auth/sign-in?return=/healthz');
  assert.equal(page.status, 200, page.text);
  return { browser, page, arrived: await browser.submit(page, fields) };
}

test('a demo user signs in with a click, and the session may do what the role may', async () => {
  const { browser, page, arrived } = await signedIn({ user: 'acme user:teller' });
  assert.match(page.text, /A teller/);
  assert.match(page.text, /As teller &#60;do&#62;\./, 'nothing of the file is markup');
  assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  const { headers } = page;
  assert.equal(headers.get('referrer-policy'), 'same-origin', 'or a form has the Origin null');
  assert.deepEqual([arrived.url, arrived.status], [`${origin}/healthz`, 200]);
  const cookie = browser.told.findLast((line) => line.startsWith(session)) ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Lax/);
  assert.match(cookie, /Path=\//);

  const own = (await browser.call('GET', '/v1/session')).json;
  assert.deepEqual(
    [own.principal, own.name, own.roles, own.customer, own.tenant],
    ['user:teller', 'A teller', ['teller'], null, { id: 'acme', name: 'acme', time_zone: 'UTC' }],
  );
  assert.equal(own.expires_at, new Date(time.now + 12 * 60 * minuteMs).toISOString());
  const rightOf = (name: string) => own.rights.find(({ right }: any) => right === name);
  assert.deepEqual(rightOf('ledger:write'), {
    ...{ right: 'ledger:write', allowed: true },
    why: 'Tellers serve customers: they see accounts and move money.',
  });
  assert.deepEqual(rightOf('admin'), {
    ...{ right: 'admin', allowed: false, why: 'Not a part of teller: another role is needed.' },
  });
  assert.equal((await browser.call('GET', '/v1/accounts')).status, 200);
  const key = { 'idempotency-key': 'a-1' };
  const opening = { type: 'liability', currency: 'EUR', bound: 'none' };
  const opened = await browser.call('POST', '/v1/accounts', { body: opening, headers: key });
  assert.equal(opened.status, 201, opened.text);
  const refused = await browser.call('GET', '/v1/sessions');
  assert.deepEqual([refused.status, refused.json.code], [403, 'forbidden']);
  assert.match(refused.json.detail, /user:teller is not entitled to admin/);
});

test('who has no role sees nothing, and is told why', async () => {
  const { browser } = await signedIn({ user: 'acme user:nobody' });
  const own = (await browser.call('GET', '/v1/session')).json;
  assert.ok(own.rights.length > 20);
  for (const { allowed, why } of own.rights) {
    assert.equal(allowed, false);
    assert.match(why, /You have no role yet: an administrator of the tenant grants it\.|^Only/);
  }
  assert.equal((await browser.call('GET', '/v1/accounts')).status, 403);
});

test('another site cannot use the cookie of a browser, to sign it out neither', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const opening = { type: 'liability', currency: 'EUR', bound: 'none' };
  const send = (headers: Record<string, string>) =>
    browser.call('POST', '/v1/accounts', {
      body: opening,
      headers: { 'idempotency-key': 'b-1', ...headers },
    });
  for (const from of ['cross-site', 'same-site', 'none']) {
    const refused = await send({ 'sec-fetch-site': from, origin });
    assert.deepEqual([refused.status, refused.json.code], [403, 'forbidden'], from);
    assert.match(refused.json.detail, /from another site/);
  }
  const { token = '' } = { token: browser.cookies.get(session) };
  const plain = (headers: Record<string, string>) =>
    fetch(`${origin}/v1/accounts`, {
      method: 'POST',
      headers: {
        ...{ cookie: `${session}=${token}`, 'content-type': 'application/json' },
        ...{ 'idempotency-key': 'b-1', ...headers },
      },
      body: JSON.stringify(opening),
    });
  assert.equal((await plain({})).status, 403, 'who says nothing of where it comes from');
  assert.equal((await plain({ origin: 'https://evil.example' })).status, 403);
  assert.equal((await plain({ origin })).status, 201, 'an older browser');
  const out = await browser.call('POST', '/auth/sign-out', {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(out.status, 403);
  assert.equal((await browser.call('GET', '/v1/session')).status, 200);
  const cors = await fetch(`${origin}/v1/session`, {
    headers: { cookie: `${session}=${token}`, origin: 'https://evil.example' },
  });
  assert.equal(cors.headers.get('access-control-allow-origin'), null);
});

test('a bearer key comes before the cookie beside it', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const headers = { authorization: `Bearer ${boss.apiKey}`, 'sec-fetch-site': 'cross-site' };
  const own = await browser.call('GET', '/v1/session', { headers });
  assert.deepEqual([own.json.principal, own.json.name], ['user:administrator', null]);
  assert.equal(own.json.session_id, null);
  const wrong = await browser.call('GET', '/v1/session', {
    headers: { authorization: 'Bearer of-nobody-at-all-here' },
  });
  assert.equal(wrong.status, 401, 'also when it is a wrong one');
});

test('signing out ends the session at once, and a new one takes the place of the old', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const first = browser.cookies.get(session) ?? '';
  await signedIn({ user: 'acme user:teller' }, browser);
  const second = browser.cookies.get(session) ?? '';
  assert.notEqual(first, second);
  const statusOf = (token: string) =>
    fetch(`${origin}/v1/session`, { headers: { cookie: `${session}=${token}` } });
  assert.equal((await statusOf(first)).status, 401);
  assert.equal((await statusOf(second)).status, 200);
  await signedIn({ user: 'acme user:nobody' }, browser);
  const other = (await browser.call('GET', '/v1/session')).json;
  assert.equal(other.principal, 'user:nobody', 'also somebody else, in the same browser');
  const third = browser.cookies.get(session) ?? '';
  assert.equal((await statusOf(second)).status, 401);
  const out = await browser.call('POST', '/auth/sign-out');
  assert.deepEqual([out.status, out.json], [200, { location: '/' }]);
  assert.equal(browser.cookies.has(session), false);
  assert.equal((await statusOf(third)).status, 401);
  assert.equal((await browser.call('POST', '/auth/sign-out')).status, 200, 'once more');
});

test('an administrator sees the sessions, and ends one at once', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const { items, next } = (await boss.get('/v1/sessions?limit=1')).json;
  assert.equal(typeof next, 'string');
  assert.deepEqual(
    [items[0].principal, items[0].issuer, items[0].closed_at],
    ['user:teller', `${origin}/oidc`, null],
  );
  const { session_id } = (await browser.call('GET', '/v1/session')).json;
  const older = (await boss.get(`/v1/sessions?after=${next}&limit=500`)).json;
  assert.ok(older.items.length > 1 && older.items.every(({ id }: any) => id < items[0].id));
  const ended = await boss.post(`/v1/sessions/${session_id}/revoke`, {});
  assert.equal(ended.status, 201, ended.text);
  const write = await browser.call('POST', '/v1/accounts', {
    body: { type: 'liability', currency: 'EUR', bound: 'none' },
    headers: { 'idempotency-key': 'c-1' },
  });
  assert.equal(write.status, 401, 'a write, whose caller was remembered');
  const gone = await browser.call('GET', '/v1/session');
  assert.deepEqual([gone.status, gone.json.code], [401, 'unauthenticated']);
  assert.match(gone.json.detail, /sign in again/);
  const unknown = 'ses_00000000000000000000000000';
  assert.equal((await boss.post(`/v1/sessions/${unknown}/revoke`, {})).status, 404);
});

test('whoever has a key signs in with it, within its scopes and as long as it lives', async () => {
  const ann = await api.issue(boss, 'user:ann', { scopes: ['ledger:read'] });
  const { browser, arrived } = await signedIn({ key: ann.apiKey });
  assert.equal(arrived.status, 200, arrived.text);
  const own = (await browser.call('GET', '/v1/session')).json;
  const allowed = own.rights.filter((each: any) => each.allowed).map((each: any) => each.right);
  assert.deepEqual([own.principal, allowed], ['user:ann', ['ledger:read']]);
  const { why } = own.rights.find(({ right }: any) => right === 'admin');
  assert.equal(why, 'The API key lacks the scope admin.');
  assert.equal((await browser.call('GET', '/v1/accounts')).status, 200);
  const keys = (await boss.get('/v1/api-keys')).json.items;
  const { id } = keys.find(({ principal }: any) => principal === 'user:ann');
  const headers = { 'idempotency-key': 'revoke-ann' };
  await boss.send({ method: 'DELETE', url: `/v1/api-keys/${id}`, headers });
  assert.equal((await browser.call('GET', '/v1/session')).status, 401);
  const again = await signedIn({ key: ann.apiKey });
  assert.match(again.arrived.text, /unknown, expired or revoked/);
});

test('a system does not sign in, and wrong keys are tried a few times only', async () => {
  const system = await api.issue(boss, 'service:robot', { scopes: ['ledger:read'] });
  const browser = openBrowser(origin);
  const page = await browser.go('/auth/sign-in');
  const told = await browser.submit(page, { key: system.apiKey });
  assert.match(told.text, /the key of service:robot: people sign in with keys of their own/);
  time.now += 2 * minuteMs;
  let last: Arrived | undefined;
  for (let at = 0; at < 11; at += 1) {
    last = await browser.submit(page, { key: `no such key, number ${at}` });
    assert.equal(last.status, 403);
  }
  assert.match(last?.text ?? '', /Too many keys were wrong/);
  time.now += 2 * minuteMs;
  assert.match((await browser.submit(page, { key: 'x'.repeat(40) })).text, /unknown/);
  assert.doesNotMatch(logged, /no such key, number/);
});

test('a session ends after half an hour without a request, and after half a day', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const status = async (b: Browser) => (await b.call('GET', '/v1/session')).status;
  for (let at = 0; at < 28; at += 1) {
    time.now += 25 * minuteMs;
    assert.equal(await status(browser), 200, `after ${at + 1} times 25 minutes`);
  }
  time.now += 21 * minuteMs;
  assert.equal(await status(browser), 401, '12 hours');
  const idle = (await signedIn({ user: 'acme user:teller' })).browser;
  time.now += 30 * minuteMs;
  assert.equal(await status(idle), 401, '30 minutes');
});

test('what comes back must be what went away: state, browser, time, address', async () => {
  const turn = async () => {
    const browser = openBrowser(origin);
    const page = await browser.go('/auth/sign-in?return=/healthz');
    return { browser, page };
  };
  const refused = (arrived: Arrived, words: RegExp) => {
    assert.equal(arrived.status, 400, arrived.text);
    assert.match(arrived.text, words);
    assert.match(arrived.headers.get('content-type') ?? '', /text\/html/);
  };
  const alone = openBrowser(origin);
  refused(await alone.go('/auth/callback?code=x&state=y'), /another browser/);
  const { browser } = await turn();
  refused(await browser.go('/auth/callback?code=x&state=<b>'), /does not belong to this/);
  refused(await browser.go('/auth/callback?code=x&state=y'), /another browser/);

  const stolen = await turn();
  const victim = await turn();
  // The answer to one browser, brought into another: as in a forced sign-in.
  const cookie = 'countersign_sign_in';
  stolen.browser.cookies.set(cookie, victim.browser.cookies.get(cookie) ?? '');
  refused(await stolen.browser.submit(stolen.page, { user: 'acme user:teller' }), /belong/);

  const late = await turn();
  time.now += 11 * minuteMs;
  refused(await late.browser.submit(late.page, { user: 'acme user:teller' }), /has ended/);
  const { signInKey } = api.bank.planes.keyring;
  for (const member of ['nonce', 'verifier', 'state'] as const) {
    const forged = await turn();
    const kept = openTransaction(signInKey, forged.browser.cookies.get(cookie) ?? '', time.now);
    assert.ok(kept);
    const other = { ...kept, [member]: 'x'.repeat(43) };
    forged.browser.cookies.set(cookie, sealTransaction(signInKey, other, seededRandom(5)));
    refused(await forged.browser.submit(forged.page, { user: 'acme user:teller' }), /belong/);
  }
  const changed = await turn();
  const sealed = changed.browser.cookies.get(cookie) ?? '';
  changed.browser.cookies.set(cookie, `${sealed.slice(0, 60)}AAAA${sealed.slice(64)}`);
  refused(await changed.browser.submit(changed.page, { user: 'acme user:teller' }), /browser/);
  for (const to of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/%09/x\t/y',
    '',
  ]) {
    const url = `/auth/sign-in?return=${encodeURIComponent(to)}`;
    refused(await alone.go(url), /not one of this server/);
  }
  refused(await alone.go('/auth/sign-in?return=/a&return=//b'), /not one of this server/);
});

test('our own issuer serves this machine alone, one client, and knows no other way', async () => {
  const ask = (path: string, headers: Record<string, string> = {}) =>
    api.app.inject({ url: path, headers: { host: `127.0.0.1:${port}`, ...headers } });
  const settings = '/oidc/.well-known/openid-configuration';
  assert.equal((await fetch(`${origin}${settings}`)).status, 200);
  assert.equal((await ask(settings, { host: 'bank.example' })).statusCode, 403);
  assert.equal((await ask(settings, { 'x-forwarded-for': '10.0.0.1' })).statusCode, 403);
  const query = (more: Record<string, string>) => {
    const asked = new URLSearchParams({
      ...{ client_id: 'countersign-console', response_type: 'code', scope: 'openid' },
      ...{ redirect_uri: `${origin}/auth/callback`, ...more },
    });
    return `${origin}/oidc/auth?${asked.toString()}`;
  };
  const browser = openBrowser(origin);
  const elsewhere = await browser.go(query({ redirect_uri: 'https://evil.example/' }));
  assert.equal(elsewhere.status, 400);
  assert.match(elsewhere.text, /This sign-in has ended/);
  const bare = await fetch(query({}), { redirect: 'manual' });
  assert.match(bare.headers.get('location') ?? '', /error=invalid_request.*PKCE/, 'without PKCE');
  for (const path of ['reg', 'token/introspection', 'device/auth', 'request', 'me']) {
    assert.equal((await fetch(`${origin}/oidc/${path}`, { method: 'POST' })).status, 404, path);
  }
  chmodSync(usersFile, 0o644);
  const page = await browser.go('/auth/sign-in');
  assert.doesNotMatch(page.text, /A teller/, 'whoever could write the file could be anybody');
  const tried = await browser.submit(page, { user: 'acme user:teller' });
  assert.match(tried.text, /no such demo user/);
  chmodSync(usersFile, 0o600);
});

test('what happened is in the log of events; what is secret is in no log', async () => {
  const { browser } = await signedIn({ user: 'acme user:teller' });
  const token = browser.cookies.get(session) ?? '';
  await browser.call('POST', '/auth/sign-out');
  await api.seal();
  const { text } = await boss.get('/v1/events?limit=200');
  const types = text.match(/"type":"session\.\w+"/g) ?? [];
  assert.deepEqual(types.slice(-2), ['"type":"session.opened"', '"type":"session.closed"']);
  assert.match(text, /"closed_by":"user:teller"/);
  assert.doesNotMatch(text, /A teller/, 'a name is a token');
  for (const secret of [token, boss.apiKey]) assert.ok(!(text + logged).includes(secret));
});
