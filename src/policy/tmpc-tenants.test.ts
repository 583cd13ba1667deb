import { verifyLog as vl } from '#core';
import { checkDecisions as cd } from './verify.ts';
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, Fault, type FaultCode, withTx } from '#core';
import { day, openBank, type Tenant } from '../../test/bank.ts';
import { findApiKey, secretHash } from './tenants.ts';

const bank = await openBank({ after });
const pool = bank.planes.database.pool('policy');

const secrets = bank.planes.keyring.apiKeySecret;
let issued = 0;

/** Issues a key and answers its secret and id. */
async function issue(tenant: Tenant, more: Record<string, string | string[]> = {}) {
  issued += 1;
  const secret = secrets(`key-${issued}`);
  const { commandId } = await tenant.execute('api_key.issue', {
    name: 'till',
    principal: 'user:alice',
    scopes: ['ledger:read'],
    expires_at: null,
    secret_hash: secretHash(secret),
    ...more,
  });
  return { secret, id: externalId('apiKey', derivedUuid(commandId, 'api-key', 0)) };
}

const find = (secret: string) => findApiKey(pool, secret, bank.time.now);

async function epoch(tenant: Tenant): Promise<bigint> {
  const { rows } = await tenant.read((tx) => tx.query('select epoch from core.tenant'));
  return rows[0].epoch;
}

async function events(tenant: Tenant): Promise<{ type: string; body: string }[]> {
  const sql = 'select type, body from core.event order by seq';
  return tenant.read(async (tx) => (await tx.query(sql)).rows);
}

function fault(code: FaultCode) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

test('a secret finds its tenant, principal and scopes', async () => {
  const tenant = await bank.tenant();
  const scopes = ['ledger:read', 'ledger:write'];
  const { secret } = await issue(tenant, { scopes, principal: 'agent:copilot' });
  const key = await find(secret);
  assert.deepEqual(
    [key?.tenant, key?.principal, key?.scopes, key?.epoch],
    [tenant.id, 'agent:copilot', scopes, 2n],
  );
  assert.equal(await find(secrets('never issued')), undefined);
  assert.equal(await find(''), undefined);
  assert.equal(await find(secretHash(secret)), undefined, 'the hash is no secret');
});

test('a key is void from its expiry on', async () => {
  const tenant = await bank.tenant();
  const expiry = bank.time.now + day;
  const { secret } = await issue(tenant, { expires_at: new Date(expiry).toISOString() });
  bank.time.now = expiry - 1;
  assert.equal((await find(secret))?.expiresAt, expiry);
  bank.time.now = expiry;
  assert.equal(await find(secret), undefined);
});

test('a revoked key is void at once, and stays so', async () => {
  const tenant = await bank.tenant();
  const [lost, kept] = [await issue(tenant), await issue(tenant)];
  await tenant.execute('api_key.revoke', { key_id: lost.id });
  assert.equal(await find(lost.secret), undefined);
  assert.notEqual(await find(kept.secret), undefined);
  bank.time.now += day;
  await tenant.execute('api_key.revoke', { key_id: lost.id });
  const { rows } = await tenant.read((tx) =>
    tx.query("select revoked_at from policy.api_key where revoked_at <> 'infinity'"),
  );
  assert.deepEqual(rows, [{ revoked_at: new Date(bank.time.now - day) }], 'the first time counts');
});

test('every change of rights is a new epoch, of its own tenant alone', async () => {
  const [tenant, other] = [await bank.tenant(), await bank.tenant()];
  assert.equal(await epoch(tenant), 1n);
  const { secret, id } = await issue(tenant);
  assert.equal(await epoch(tenant), 2n);
  await tenant.execute('api_key.revoke', { key_id: id });
  assert.equal(await epoch(tenant), 3n);
  assert.equal(await epoch(other), 1n);
  assert.equal(await find(secret), undefined);
});

test('a key of another tenant, or none, cannot be revoked', async () => {
  const [tenant, other] = [await bank.tenant(), await bank.tenant()];
  const { secret, id } = await issue(other);
  for (const key_id of [id, 'key_00000000000000000000000000', 'key_1']) {
    await assert.rejects(tenant.execute('api_key.revoke', { key_id }), fault('not_found'));
  }
  assert.notEqual(await find(secret), undefined);
  assert.equal(await epoch(tenant), 1n);
  assert.deepEqual(
    (await events(tenant)).map(({ type }) => type),
    ['decision.made', 'tenant.created'],
  );
});

test('the secret is kept nowhere, and its hash is no part of an event', async () => {
  const tenant = await bank.tenant();
  const { secret } = await issue(tenant);
  const tables = await bank.superuser.query(
    `select c.oid::regclass::text as name from pg_class c join pg_namespace n
         on n.oid = c.relnamespace
      where n.nspname in ('core', 'money', 'policy', 'projection') and c.relkind = 'r'`,
  );
  const hex = Buffer.from(secret).toString('hex');
  for (const { name } of tables.rows) {
    const { rows } = await bank.superuser.query(
      `select count(*)::int as count from ${name} t
        where position($1 in t::text) > 0 or position($2 in t::text) > 0`,
      [secret, hex],
    );
    assert.deepEqual(rows, [{ count: 0 }], name);
  }
  const told = (await events(tenant)).at(-1);
  assert.equal(told?.type, 'api_key.issued');
  assert.doesNotMatch(told?.body ?? '', new RegExp(secretHash(secret)));
});

test('a retry of an administrative call finds the first answer', async () => {
  const tenant = await bank.tenant();
  const body = {
    name: 'till',
    principal: 'user:bob',
    scopes: ['ledger:read'],
    expires_at: null,
    secret_hash: secretHash('s'),
  };
  const calls = Array.from({ length: 4 }, () => tenant.execute('api_key.issue', body, 'issue-1'));
  const answers = await Promise.all(calls);
  assert.equal(new Set(answers.map(({ commandId }) => commandId)).size, 1);
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1);
  assert.equal(await epoch(tenant), 2n);
  const other = tenant.execute('api_key.issue', { ...body, name: 'other' }, 'issue-1');
  await assert.rejects(other, fault('idempotency_key_reused'));
});

test('a tenant exists once', async () => {
  const tenant = await bank.tenant();
  const again = tenant.execute('tenant.create', {
    tenant_id: tenant.id,
    name: 'again',
    time_zone: 'UTC',
  });
  await assert.rejects(again, fault('conflict'));
});

test('rights change in the order of the postings around them', async () => {
  const tenant = await bank.tenant();
  const account = { type: 'asset', currency: 'USD' };
  const { id } = await issue(tenant);
  await Promise.all([
    ...Array.from({ length: 20 }, () => tenant.execute('account.open', account)),
    tenant.execute('api_key.revoke', { key_id: id }),
    // The same key on both paths at once: one is answered, the other is told of the reuse.
    ...['account.open', 'api_key.revoke'].map((operation) =>
      tenant
        .execute(operation, operation === 'account.open' ? account : { key_id: id }, 'shared')
        .catch((error: unknown) => assert.ok(fault('idempotency_key_reused')(error))),
    ),
  ]);
  const count = await withTx(
    pool,
    async (tx) => (await tx.query('select count(*)::int as n from core.command')).rows[0].n,
    { tenant: tenant.id },
  );
  assert.equal(count, 24);
});

test('ZZ verify', async () => {
  const bnk: any = bank;
  const { logId, checkpointPublicKeys: publicKeys } = bnk.planes.keyring;
  const verified = await vl({ url: bnk.url, logId, publicKeys, journal: cd() });
  assert.deepEqual(verified.findings.map((f: any) => f.tenant + ' ' + f.what + ' ' + f.detail), []);
});
