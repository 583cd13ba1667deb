// The walls of the vault: other roles, tenants and keyrings, and rows that were tampered with.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Role, roles, seededRandom, temporaryKeyring, withTx } from '#core';
import { ann, fault, openTestVault, vaultTables } from '../../test/vault.ts';

const { database, superuser, vault, open, newTenant } = await openTestVault({ after });
const pool = database.pool('vault');

test('a tenant cannot read the tokens of another', async () => {
  const [mine, theirs] = [newTenant(), newTenant()];
  const tokens = await vault.tokenize(theirs, [ann]);
  await vault.tokenize(mine, [ann]);
  assert.deepEqual(await vault.detokenize(mine, tokens), [undefined]);
  assert.equal(await vault.erase(mine, 'cus_bob'), 0);
  for (const table of vaultTables) {
    const sql = `select distinct tenant_id from privacy.${table}`;
    const seen = await withTx(pool, async (tx) => (await tx.query(sql)).rows, { tenant: mine });
    assert.deepEqual(seen, [{ tenant_id: mine }], table);
    assert.deepEqual((await pool.query(sql)).rows, [], `${table} without a tenant`);
    const steal = withTx(
      pool,
      async (tx) =>
        (await tx.query(`delete from privacy.${table} where tenant_id = $1`, [theirs])).rowCount,
      { tenant: mine },
    );
    if (table === 'index_key') await assert.rejects(steal, { code: '42501' });
    else assert.equal(await steal, 0, table);
  }
  const plant = withTx(
    pool,
    (tx) =>
      tx.query('insert into privacy.envelope_key values ($1, 9, $2, $3, $4)', [
        theirs,
        'k',
        '',
        new Date(0),
      ]),
    { tenant: mine },
  );
  await assert.rejects(plant, { code: '42501' }, 'nor write there');
});

test('no other role has any right in the vault', async () => {
  const others = roles.filter((role): role is Exclude<Role, 'vault'> => role !== 'vault');
  for (const role of others) {
    for (const table of vaultTables) {
      for (const sql of [
        `select * from privacy.${table}`,
        `select tenant_id from privacy.${table}`,
        `delete from privacy.${table}`,
        `insert into privacy.${table} default values`,
      ]) {
        await assert.rejects(database.pool(role).query(sql), { code: '42501' }, `${role}: ${sql}`);
      }
    }
    await assert.rejects(database.pool(role).query('set role countersign_vault'), {
      code: '42501',
    });
  }
});

test('nothing that the database holds contains a value', async () => {
  const tenant = newTenant();
  const value = 'Zaphod Beeblebrox';
  await vault.tokenize(tenant, [{ person: 'cus_1', class: 'name', value }]);
  const hex = Buffer.from(value).toString('hex');
  for (const table of vaultTables) {
    const { rows } = await superuser.query(
      `select from privacy.${table} t where t::text ~ $1 or t::text ~ $2`,
      [value, hex],
    );
    assert.equal(rows.length, 0, table);
  }
});

test('a row that was moved or changed does not open', async () => {
  const tenant = newTenant();
  const [mine, theirs] = await vault.tokenize(tenant, [ann, { ...ann, value: 'eve@example.com' }]);
  const swap = 'update privacy.token set ciphertext = $3 where tenant_id = $1 and token = $2';
  const { rows } = await superuser.query(
    'select ciphertext from privacy.token where tenant_id = $1 and token = $2',
    [tenant, mine],
  );
  const original: Buffer = rows[0].ciphertext;
  await superuser.query(swap, [tenant, theirs, original]);
  await assert.rejects(vault.detokenize(tenant, [theirs!]), fault('vault_damaged'));
  const flipped = Buffer.from(original);
  flipped[20] = flipped[20]! ^ 1;
  for (const bytes of [flipped, original.subarray(0, 20), Buffer.alloc(0)]) {
    await superuser.query(swap, [tenant, mine, bytes]);
    await assert.rejects(vault.detokenize(tenant, [mine!]), fault('vault_damaged'));
  }
  await superuser.query(swap, [tenant, mine, original]);
  assert.deepEqual(await vault.detokenize(tenant, [mine!]), [ann.value]);
});

test('a keyring of another installation opens nothing', async () => {
  const tenant = newTenant();
  const tokens = await vault.tokenize(tenant, [ann]);
  const foreign = open({ keyring: temporaryKeyring(seededRandom(99)) });
  await assert.rejects(foreign.detokenize(tenant, tokens), fault('vault_damaged'));
  await assert.rejects(foreign.tokenize(tenant, [ann]), fault('vault_damaged'));
});

test('SQL in any field stays a text', async () => {
  const tenant = newTenant();
  const attack = "'); drop table privacy.token; --";
  const items = [
    { person: "x');--", class: 'free_text' as const, value: attack },
    { person: '{a,"b"}', class: 'email' as const, value: `${attack}{"\\,NULL}` },
    { person: 'NULL', class: 'email' as const, value: 'NULL' },
  ];
  const tokens = await vault.tokenize(tenant, items);
  assert.deepEqual(await vault.detokenize(tenant, [...tokens, attack, "tok_pan_'; --", '']), [
    ...items.map(({ value }) => value),
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(await vault.erase(tenant, "' or true --"), 0);
  assert.deepEqual(await vault.find(tenant, { class: 'email', value: attack }), []);
  const strange = `x'; set countersign.tenant = 'bank-1`;
  assert.deepEqual(
    await vault.detokenize(strange, tokens),
    tokens.map(() => undefined),
  );
});
