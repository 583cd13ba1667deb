// Rotation: nothing is lost by it, and everything else goes on meanwhile.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Keyring, seededRandom, temporaryKeyring } from '#core';
import { ann, fault, openTestVault } from '../../test/vault.ts';
import { itemsMax } from './vault.ts';

const { database, superuser, keyring, vault, open, newTenant, count } = await openTestVault({
  after,
});
const pool = database.pool('vault');

/** The keyring with a second key, as after `keys rotate vault`. */
function rotated({ vaultKeys: { secret } }: Keyring): Pick<Keyring, 'vaultKeys'> {
  const second = temporaryKeyring(seededRandom(2)).vaultKeys.secret('vault-1');
  return {
    vaultKeys: {
      currentId: 'vault-2',
      secret: (id) => (id === 'vault-2' ? second : secret(id)),
    },
  };
}

test('after a rotation all is readable, and the old keys are gone', async () => {
  const tenant = newTenant();
  const items = Array.from({ length: itemsMax }, (_, at) => ({ ...ann, person: `cus_${at}` }));
  const tokens = await vault.tokenize(tenant, items);
  const newer = rotated(keyring);
  const next = open({ keyring: newer });
  assert.deepEqual(await next.rotate(tenant), { envelope: 2, persons: itemsMax });
  const { rows } = await superuser.query(
    `select kek_id, number from privacy.envelope_key where tenant_id = $1
     union all select kek_id, 0 from privacy.index_key where tenant_id = $1`,
    [tenant],
  );
  assert.deepEqual(rows, [
    { kek_id: 'vault-2', number: 2 },
    { kek_id: 'vault-2', number: 0 },
  ]);
  // As a process that has the new key alone would.
  const { secret } = newer.vaultKeys;
  const alone = open({
    keyring: {
      vaultKeys: {
        currentId: 'vault-2',
        secret: (id) => (id === 'vault-2' ? secret(id) : undefined),
      },
    },
  });
  const values = await alone.detokenize(tenant, tokens);
  assert.ok(values.every((value) => value === ann.value));
  assert.deepEqual(await alone.tokenize(tenant, items), tokens, 'and equal values are recognized');
  await assert.rejects(
    vault.tokenize(tenant, [{ ...ann, value: 'new' }]),
    fault('keyring_invalid'),
  );
});

test('a rotation that was interrupted is finished by the next', async () => {
  const tenant = newTenant();
  const items = Array.from({ length: itemsMax }, (_, at) => ({ ...ann, person: `cus_${at}` }));
  const tokens = await vault.tokenize(tenant, items);
  // It breaks after the key was made and the first page was wrapped.
  let connections = 0;
  const failing = new Proxy(pool, {
    get: (target, name) =>
      name === 'connect'
        ? () => {
            connections += 1;
            if (connections > 3) throw new Error('crash');
            return target.connect();
          }
        : Reflect.get(target, name),
  });
  await assert.rejects(open({ pool: failing }).rotate(tenant), /crash/);
  assert.equal(await count('envelope_key', tenant), 2);
  assert.deepEqual(await vault.detokenize(tenant, tokens.slice(-1)), [ann.value]);
  const resumed = await vault.rotate(tenant);
  assert.equal(resumed.envelope, 2);
  assert.ok(resumed.persons > 0 && resumed.persons < itemsMax);
  assert.equal(await count('envelope_key', tenant), 1);
  const values = await vault.detokenize(tenant, tokens);
  assert.ok(values.every((value) => value === ann.value));
});

test('a rotation goes on under everybody else', async () => {
  const tenant = newTenant();
  const others = [open(), open()];
  await vault.tokenize(tenant, [ann]);
  const [, , tokens] = await Promise.all([
    vault.rotate(tenant),
    others[0]!.rotate(tenant),
    others[1]!.tokenize(
      tenant,
      Array.from({ length: 200 }, (_, at) => ({ ...ann, person: `cus_${at}` })),
    ),
    vault.erase(tenant, 'cus_ann'),
  ]);
  const values = await open().detokenize(tenant, tokens);
  assert.ok(values.every((value) => value === ann.value));
});
