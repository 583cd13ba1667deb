// Authenticators over HTTP: what is shown of them and to whom, and what is none.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { URI } from 'otpauth';
import { openApi } from '../../test/api.ts';
import {
  ann,
  appOf,
  attempt,
  ben,
  confirm,
  enrol,
  enrolDevice,
  openPayerBank,
  order,
  prove,
  step,
  tell,
} from '../../test/payers.ts';

const api = await openApi({ after });
const { superuser, time, planes } = api.bank;

test('what was revoked or never confirmed proves nothing', async () => {
  const bank = await openPayerBank(api);
  const payment = await order(bank);
  const fresh = await enrol(bank, { subject: ann, kind: 'totp' });
  const app = appOf(bank, fresh);
  assert.deepEqual(tell(await prove(bank, payment, app)), [409, 'conflict']);
  const wrong = await bank.boss.post(`/v1/authenticators/${app.id}/confirm`, { code: '000000' });
  assert.deepEqual(tell(wrong), [422, 'invalid_request']);
  await confirm(bank, app);
  // Whoever has it confirmed again could guess its codes there.
  const again = await bank.boss.post(`/v1/authenticators/${app.id}/confirm`, { code: '000000' });
  assert.deepEqual(tell(again), [409, 'conflict']);
  // The code that has confirmed it is used.
  assert.equal((await prove(bank, payment, app)).json.status, 'failed');
  time.now += step;
  const revoked = await bank.boss.post(`/v1/authenticators/${app.id}/revoke`, {});
  assert.equal(revoked.json.status, 'revoked');
  assert.deepEqual(tell(await prove(bank, payment, app)), [409, 'conflict']);
  const twice = await bank.boss.post(`/v1/authenticators/${app.id}/revoke`, {});
  assert.deepEqual(tell(twice), [409, 'conflict']);
});

test('a secret is shown to who enrols until it is confirmed, and is stored nowhere', async () => {
  const bank = await openPayerBank(api);
  const body = { subject: ann, kind: 'totp' };
  const first = await bank.boss.post('/v1/authenticators', body, { key: 'enrol' });
  // Meanwhile the key is rotated: what was shown stays what is shown.
  const { totpKeys } = planes.keyring;
  Object.assign(planes.keyring, { totpKeys: { ...totpKeys, currentId: 'totp-2' } });
  const again = await bank.boss.post('/v1/authenticators', body, { key: 'enrol' });
  Object.assign(planes.keyring, { totpKeys });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(again.json.otpauth_uri, first.json.otpauth_uri);
  const other = await api.issue(bank.boss, 'service:other', { scopes: ['authenticators:write'] });
  const foreign = await other.post('/v1/authenticators', body, { key: 'enrol' });
  assert.deepEqual([foreign.json.id, foreign.json.otpauth_uri], [first.json.id, undefined]);
  const app = appOf(bank, first.json);
  await confirm(bank, app);
  const late = await bank.boss.post('/v1/authenticators', body, { key: 'enrol' });
  assert.deepEqual([late.json.status, late.json.otpauth_uri], ['active', undefined]);
  const code = app.code(step);
  await attempt(bank, await order(bank), { authenticator_id: app.id, code });
  const { secret } = URI.parse(first.json.otpauth_uri);
  const kept = await superuser.query(
    `select (select string_agg(c::text, '') from core.command c where tenant_id = $1)
         || (select string_agg(e::text, '') from core.event e where tenant_id = $1)
         || (select string_agg(a::text, '') from policy.authenticator a) as everything`,
    [bank.id],
  );
  const { everything } = kept.rows[0];
  for (const shown of [secret.base32, secret.hex]) {
    assert.ok(!everything.toLowerCase().includes(shown.toLowerCase()));
  }
  assert.ok(!everything.includes(`"${code}"`));
});

test('authenticators are listed by customer, a page at a time', async () => {
  const bank = await openPayerBank(api);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    time.now += 1;
    ids.push((await enrolDevice(bank)).id);
  }
  await enrolDevice(bank, 'p256', ben);
  const one = await bank.boss.get(`/v1/authenticators?subject=${ann}&limit=2`);
  const two = await bank.boss.get(
    `/v1/authenticators?subject=${ann}&limit=2&after=${one.json.next}`,
  );
  const listed = [...one.json.items, ...two.json.items].map((item) => item.id);
  assert.deepEqual([listed, two.json.next], [ids, null]);
  const keys = await bank.boss.get(`/v1/authenticators?subject=${ann}&after=cus`);
  assert.deepEqual(tell(keys), [422, 'invalid_request']);
});

test('what is no authenticator is refused, and of a private key nothing is kept', async () => {
  const bank = await openPayerBank(api);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  const device = { subject: ann, kind: 'signature' };
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const wrong = [
    device,
    { ...device, public_key: privateKey.export({ format: 'jwk' }) },
    { ...device, public_key: pem },
    { ...device, public_key: { ...jwk, x: 'A'.repeat(43), kty: 'EC', crv: 'P-256' } },
    { ...device, subject: 'Ann Smith', public_key: jwk },
    { subject: ann, kind: 'totp', public_key: jwk },
    { subject: ann, kind: 'sms' },
  ];
  for (const body of wrong) {
    const refused = await bank.boss.post('/v1/authenticators', body);
    assert.deepEqual(tell(refused), [422, 'invalid_request'], refused.text);
  }
  const { d = '' } = privateKey.export({ format: 'jwk' });
  const sql = `select from core.command where tenant_id = $1 and strpos(body, $2) > 0`;
  assert.equal((await superuser.query(sql, [bank.id, d])).rowCount, 0);
  const reader = await api.issue(bank.boss, 'service:reader', { scopes: ['authenticators:read'] });
  const whole = { ...device, public_key: jwk };
  assert.equal((await reader.post('/v1/authenticators', whole)).status, 403);
  for (let count = 0; count < 10; count += 1) await enrolDevice(bank);
  const more = await bank.boss.post('/v1/authenticators', whole);
  assert.deepEqual([tell(more), more.json.reason], [[409, 'conflict'], 'too_many']);
});
