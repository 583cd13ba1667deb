import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { systemClock } from '#core';
import Provider from 'oidc-provider';
import { openApi } from '../../../test/api.ts';
import { openBrowser } from '../../../test/http-browser.ts';
import { freePort } from '../../../test/server-process.ts';
import { readSignIn } from './configuration.ts';
import { personOf } from './relying-party.ts';
import { shortMemory } from './short-memory.ts';

const [port, issuerPort] = [await freePort(), await freePort()];
const origin = `http://127.0.0.1:${port}`;
const issuerUrl = `http://127.0.0.1:${issuerPort}`;
const environment = {
  COUNTERSIGN_OIDC_ISSUER: issuerUrl,
  COUNTERSIGN_OIDC_CLIENT_ID: 'bank-console',
  COUNTERSIGN_OIDC_CLIENT_SECRET: 'a secret of the bank’s console'.replaceAll(/[^a-z]/g, ''),
  COUNTERSIGN_OIDC_TENANT_CLAIM: 'org',
  COUNTERSIGN_OIDC_PRINCIPAL_CLAIM: 'staff_id',
};
const listening = { host: '127.0.0.1', port, folder: '/nowhere' };
const signIn = readSignIn(environment, listening);
const api = await openApi({ after }, { signIn });
await api.app.listen({ host: '127.0.0.1', port });
const boss = await api.tenant('acme');
await boss.post('/v1/role-grants', { principal: 'user:t-100', role: 'teller' });

/** What the next person to sign in there is said to be. */
let claims: Record<string, unknown> = {};
const people = new Provider(issuerUrl, {
  clients: [
    {
      client_id: 'bank-console',
      client_secret: environment.COUNTERSIGN_OIDC_CLIENT_SECRET,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [`${origin}/auth/callback`],
      post_logout_redirect_uris: [`${origin}/`],
    },
  ],
  claims: { openid: ['sub', 'org', 'staff_id'], profile: ['name'] },
  conformIdTokenClaims: false,
  adapter: shortMemory(systemClock()),
  features: { devInteractions: { enabled: false } },
  ttl: { Interaction: 60, Session: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
  cookies: { keys: ['of this test'] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims }) }),
  interactions: { url: (_context, { uid }) => `/choose/${uid}` },
  async loadExistingGrant({ oidc }) {
    const { client, session, provider } = oidc;
    const of = { clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' };
    const grant = new provider.Grant(of);
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});
const serve = people.callback();
/** Whoever is asked there signs in without a word, or declines. */
let isDeclining = false;
const issuer = createServer((request, response) => {
  if (!request.url?.startsWith('/choose/')) return void serve(request, response);
  const result = isDeclining
    ? { error: 'access_denied', error_description: '<b>no</b>' }
    : { login: { accountId: 'ann', remember: false } };
  void people.interactionFinished(request, response, result);
});
const open = () => new Promise<void>((done) => void issuer.listen(issuerPort, '127.0.0.1', done));
const close = () =>
  new Promise<void>((done) => {
    issuer.close(() => done());
    issuer.closeAllConnections();
  });

after(close);

test('an issuer that is down is told of in words, and heard when it is back', async () => {
  const browser = openBrowser(origin);
  const down = await browser.go('/auth/sign-in?return=/healthz');
  assert.equal(down.status, 503);
  assert.match(down.text, /cannot be reached/);
  assert.match(down.text, /href="\/auth\/sign-in\?return=%2Fhealthz">Try again/);
  await open();
  claims = { org: 'acme', staff_id: 'T-100', name: 'Ann of the till' };
  const back = await browser.go('/auth/sign-in?return=/healthz');
  assert.deepEqual([back.url, back.status], [`${origin}/healthz`, 200], back.text);
  const own = (await browser.call('GET', '/v1/session')).json;
  assert.deepEqual(
    [own.principal, own.tenant.id, own.roles, own.name],
    ['user:t-100', 'acme', ['teller'], 'Ann of the till'],
  );
  const out = await browser.call('POST', '/auth/sign-out');
  const end = new URL(out.json.location);
  assert.equal(`${end.origin}${end.pathname}`, `${issuerUrl}/session/end`);
  assert.equal(end.searchParams.get('post_logout_redirect_uri'), `${origin}/`);
});

test('claims that mean nobody here are refused in words', async () => {
  const refusals: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ org: 'acme' }, /claim staff_id must be/],
    [{ org: 'acme', staff_id: 'ann smith' }, /claim staff_id must be/],
    [{ staff_id: 't-100' }, /claim org names no tenant/],
    [{ org: 'other-bank', staff_id: 't-100' }, /no tenant other-bank/],
    [{ org: "a' or true", staff_id: 't-100' }, /claim org names no tenant/],
  ];
  for (const [wrong, words] of refusals) {
    claims = wrong;
    const browser = openBrowser(origin);
    const told = await browser.go('/auth/sign-in');
    assert.equal(told.status, 403);
    assert.match(told.text, words);
    assert.equal(browser.cookies.has('countersign_session'), false);
  }
  // What only our own issuer may say: here it is anybody's word.
  claims = { org: 'acme', staff_id: 't-100', countersign_key: 'key_00000000000000000000000000' };
  const browser = openBrowser(origin);
  await browser.go('/auth/sign-in?return=/healthz');
  assert.equal((await browser.call('GET', '/v1/session')).status, 200);
});

test('who declines is told so, without a word of what the issuer has written', async () => {
  isDeclining = true;
  const told = await openBrowser(origin).go('/auth/sign-in');
  isDeclining = false;
  assert.equal(told.status, 403);
  assert.match(told.text, /declined/);
  assert.doesNotMatch(told.text, /<b>/);
});

test('whoever is away for more than ten minutes begins anew', async () => {
  const browser = openBrowser(origin);
  const away = await fetch(`${origin}/auth/sign-in`, { redirect: 'manual' });
  const [cookie = ''] = away.headers.getSetCookie();
  assert.match(cookie, /^countersign_sign_in=[\w-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax/);
  browser.cookies.set('countersign_sign_in', cookie.split(/[=;]/)[1] ?? '');
  api.bank.time.now += 600_000;
  assert.match((await browser.go('/auth/callback?code=a&state=b')).text, /ten minutes/);
});

test('an address that is not verified is nobody’s name', () => {
  const mail = { ...environment, COUNTERSIGN_OIDC_PRINCIPAL_CLAIM: 'email' };
  const { issuer: by } = readSignIn({ ...mail, COUNTERSIGN_OIDC_TENANT: 'acme' }, listening);
  assert.ok(by);
  const told = { email: 'Ann@bank.example', email_verified: true };
  const person = { tenant: 'acme', id: 'ann@bank.example', name: null, keyId: null };
  assert.deepEqual(personOf(told, by), { person });
  // The sign of the kelvin is put into lower case as k: another one, who could be anybody.
  for (const other of [{ email_verified: 'true' }, { email: '\u212aim@bank.example' }]) {
    const { status } = personOf({ ...told, ...other }, by) as { status: number };
    assert.equal(status, 403);
  }
});

test('the configuration is refused where it would let others in, or nobody', () => {
  const read = (more: Record<string, string>, host = '127.0.0.1') =>
    readSignIn({ ...environment, ...more }, { ...listening, host });
  assert.throws(() => read({ COUNTERSIGN_OIDC_ISSUER: 'http://id.example' }), /is an https URL/);
  assert.throws(() => read({ COUNTERSIGN_OIDC_CLIENT_ID: '' }), /CLIENT_ID is missing/);
  assert.throws(() => read({}, '0.0.0.0'), /PUBLIC_URL must say where/);
  assert.throws(() => read({ COUNTERSIGN_PUBLIC_URL: 'https://b.example/x' }), /without a path/);
  const own = (publicUrl: string, host: string) =>
    readSignIn({ COUNTERSIGN_PUBLIC_URL: publicUrl }, { ...listening, host }).issuer?.url;
  assert.equal(own('', '127.0.0.1'), `${origin}/oidc`);
  assert.equal(own('', '0.0.0.0'), undefined, 'others could come');
  assert.equal(own('https://bank.example', '127.0.0.1'), undefined, 'a proxy lets others in');
});

test('behind TLS a cookie is of that host alone', async () => {
  const secure = readSignIn(
    { ...environment, COUNTERSIGN_PUBLIC_URL: 'https://b.example' },
    listening,
  );
  const { dropSession, keepSession, sessionTokenOf } = await import('../site.ts');
  const told: unknown[][] = [];
  const reply = {
    setCookie: (...all: unknown[]) => told.push(all),
    clearCookie: (...all: unknown[]) => told.push(all),
  } as unknown as Parameters<typeof keepSession>[0];
  const token = 'x'.repeat(43);
  keepSession(reply, secure, token);
  dropSession(reply, secure);
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure: true };
  assert.deepEqual(told, [
    ['__Host-countersign_session', token, options],
    ['__Host-countersign_session', options],
  ]);
  const sent = (cookies: Record<string, string>) =>
    ({ cookies }) as unknown as Parameters<typeof sessionTokenOf>[0];
  assert.equal(sessionTokenOf(sent({ countersign_session: token }), secure), undefined);
  assert.equal(sessionTokenOf(sent({ '__Host-countersign_session': token }), secure), token);
});
