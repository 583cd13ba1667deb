// The vault on a real database: one token per value, erasure, rotation, and who sees nothing.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  Fault,
  type FaultCode,
  type Keyring,
  type Pool,
  type Role,
  roles,
  seededRandom,
  temporaryKeyring,
  withTx,
} from '#core';
import fc from 'fast-check';
import pg from 'pg';
import { monday } from '../../test/bank.ts';
import { testDatabase } from '../../test/database.ts';
import { type FieldClass, fieldClassNames, fieldClasses } from './classes.ts';
import { isToken } from './token.ts';
import { itemsMax, openVault, type PersonalValue, valueMax } from './vault.ts';

const { url, database } = await testDatabase({ after } as never);
const superuser = new pg.Pool({ connectionString: url, max: 2 });
superuser.on('error', () => undefined);
after(() => superuser.end());
const pool = database.pool('vault');
const random = seededRandom(7);
const keyring = temporaryKeyring(random);
const clock = { now: () => monday };
const open = (more: { pool?: Pool; keyring?: Pick<Keyring, 'vaultKeys'> } = {}) =>
  openVault({ pool, keyring, random, clock, ...more });
const vault = open();

const ann: PersonalValue = { person: 'cus_ann', class: 'email', value: 'ann@example.com' };
const bob: PersonalValue = { ...ann, person: 'cus_bob' };
let tenants = 0;

function newTenant(): string {
  tenants += 1;
  return `bank-${tenants}`;
}

function fault(code: FaultCode) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

async function count(table: string, tenant: string): Promise<number> {
  const sql = `select count(*)::int as n from privacy.${table} where tenant_id = $1`;
  return (await superuser.query(sql, [tenant])).rows[0].n;
}

/** The keyring with a second key, as after `keys rotate vault`. */
function rotated({ vaultKeys: { secret } }: Keyring): Pick<Keyring, 'vaultKeys'> {
  const second = temporaryKeyring(random).vaultKeys.secret('vault-1');
  return {
    vaultKeys: {
      currentId: 'vault-2',
      secret: (id) => (id === 'vault-2' ? second : secret(id)),
    },
  };
}

test('a value has one token for each person, and comes back by it', async () => {
  const tenant = newTenant();
  const items = [ann, bob, ann, { ...ann, class: 'free_text' as const }];
  const tokens = await vault.tokenize(tenant, items);
  assert.ok(tokens.every(isToken));
  assert.match(tokens[0]!, /^tok_mail_/);
  assert.equal(tokens[0], tokens[2]);
  assert.equal(new Set(tokens).size, 3);
  assert.deepEqual(await vault.tokenize(tenant, items), tokens, 'a retry gets the same');
  assert.deepEqual(await open().tokenize(tenant, items), tokens, 'of another process too');
  const values = await vault.detokenize(tenant, [...tokens].reverse());
  assert.deepEqual(
    values,
    Array.from({ length: 4 }, () => ann.value),
  );
});

test('one value in two spellings has one token, and comes back as it came first', async () => {
  const tenant = newTenant();
  const pan = (value: string): PersonalValue => ({ person: 'cus_ann', class: 'pan', value });
  const [spaced, plain] = await vault.tokenize(tenant, [
    pan('4111 1111 1111 1111'),
    pan('4111111111111111'),
  ]);
  assert.equal(spaced, plain);
  const [again] = await vault.tokenize(tenant, [pan('4111-1111-1111-1111')]);
  assert.equal(again, spaced);
});

test('whatever goes in comes out', async () => {
  const tenant = newTenant();
  const values = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), {
    maxLength: 20,
  });
  const classes = fc.constantFrom(...fieldClassNames);
  await fc.assert(
    fc.asyncProperty(values, classes, fc.uuid(), async (list, fieldClass, person) => {
      const { normalize } = fieldClasses[fieldClass];
      const whole = list.filter((value) => value.isWellFormed());
      const items = whole.map((value) => ({ person, class: fieldClass, value }));
      const tokens = await vault.tokenize(tenant, items);
      const back = await vault.detokenize(tenant, tokens);
      assert.deepEqual(
        back.map((value) => normalize(value ?? '')),
        whole.map((value) => normalize(value)),
      );
      assert.equal(new Set(tokens).size, new Set(whole.map((value) => normalize(value))).size);
    }),
    { numRuns: 30 },
  );
});

test('tokens are made once, however many ask at a time', async () => {
  const tenant = newTenant();
  const items = Array.from({ length: 40 }, (_, at) => ({
    person: `cus_${at % 7}`,
    class: 'phone' as const,
    value: `+4917012345${at}`,
  }));
  const vaults = [vault, open(), open()];
  const shuffled = [items, [...items].reverse(), items.slice(10), items.slice(0, 30)];
  const answers = await Promise.all(
    shuffled.map(async (list, at) => {
      const tokens = await (vaults[at % 3] ?? vault).tokenize(tenant, list);
      return new Map(list.map(({ value }, index) => [value, tokens[index]]));
    }),
  );
  for (const { value } of items) {
    const given = answers.map((answer) => answer.get(value)).filter((token) => token !== undefined);
    assert.equal(new Set(given).size, 1, value);
  }
  assert.equal(await count('token', tenant), 40);
  assert.equal(await count('person_key', tenant), 7);
});

test('who shares an email is found, and who shares a name is not', async () => {
  const tenant = newTenant();
  const tokens = await vault.tokenize(tenant, [ann, bob, { ...ann, class: 'name' }]);
  const shared = { class: 'email', value: 'ANN@example.com ' } as const;
  const [first, second] = [
    { person: 'cus_ann', token: tokens[0] },
    { person: 'cus_bob', token: tokens[1] },
  ];
  assert.deepEqual(await vault.find(tenant, shared), [first, second]);
  assert.deepEqual(await vault.find(tenant, shared, 'cus_ann'), [second]);
  assert.deepEqual(await vault.find(newTenant(), shared), []);
  const name = vault.find(tenant, { class: 'name', value: ann.value });
  await assert.rejects(name, fault('input_invalid'));
});

test('only of searchable classes do rows tell that two persons share a value', async () => {
  const tenant = newTenant();
  for (const fieldClass of fieldClassNames) {
    await vault.tokenize(
      tenant,
      [ann, bob].map((item) => ({ ...item, class: fieldClass })),
    );
  }
  const { rows } = await superuser.query<{ class: FieldClass; digests: number }>(
    `select class, count(distinct digest)::int as digests from privacy.token
      where tenant_id = $1 group by 1`,
    [tenant],
  );
  for (const row of rows) {
    assert.equal(row.digests, fieldClasses[row.class].isSearchable ? 1 : 2, row.class);
  }
  const all = await superuser.query('select distinct digest from privacy.token');
  const own = await superuser.query(
    'select distinct digest from privacy.token where tenant_id = $1',
    [tenant],
  );
  assert.ok(own.rows.length < all.rows.length);
});

test('an erased person is gone, and nobody else is', async () => {
  const tenant = newTenant();
  const tokens = await vault.tokenize(tenant, [ann, { ...ann, class: 'name' }, bob]);
  assert.equal(await vault.erase(tenant, 'cus_ann'), 2);
  const values = await vault.detokenize(tenant, tokens);
  assert.deepEqual(values, [undefined, undefined, bob.value]);
  assert.equal(await vault.erase(tenant, 'cus_ann'), 0, 'a retry finds nothing');
  assert.equal(await count('person_key', tenant), 1);
  assert.equal(await count('token', tenant), 1);
  const [anew] = await vault.tokenize(tenant, [ann]);
  assert.notEqual(anew, tokens[0], 'who comes back has other tokens');
  assert.deepEqual(await vault.detokenize(tenant, [tokens[0]!]), [undefined]);
});

test('erasing while others tokenize leaves either the whole value or none', async () => {
  const tenant = newTenant();
  for (let round = 0; round < 10; round += 1) {
    const [tokens] = await Promise.all([
      vault.tokenize(tenant, [ann, bob, { ...ann, class: 'name' }]),
      vault.erase(tenant, 'cus_ann'),
      vault.tokenize(tenant, [bob, ann]),
      vault.erase(tenant, 'cus_ann'),
    ]);
    const [first, second] = await vault.detokenize(tenant, tokens);
    for (const value of [first, second]) assert.ok(value === undefined || value === ann.value);
  }
  await vault.erase(tenant, 'cus_ann');
  assert.equal(await count('person_key', tenant), 1);
});

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

test('a tenant cannot read the tokens of another', async () => {
  const [mine, theirs] = [newTenant(), newTenant()];
  const tokens = await vault.tokenize(theirs, [ann]);
  await vault.tokenize(mine, [ann]);
  assert.deepEqual(await vault.detokenize(mine, tokens), [undefined]);
  assert.equal(await vault.erase(mine, 'cus_bob'), 0);
  for (const table of ['envelope_key', 'index_key', 'person_key', 'token']) {
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
    for (const table of ['envelope_key', 'index_key', 'person_key', 'token']) {
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
  for (const table of ['envelope_key', 'index_key', 'person_key', 'token']) {
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

test('what cannot be kept is refused, and the fault does not tell the value', async () => {
  const tenant = newTenant();
  const secret = 'secret-value';
  const bad: PersonalValue[] = [
    { ...ann, value: '' },
    { ...ann, value: secret.repeat(valueMax) },
    { ...ann, value: `${secret}\ud800` },
    { ...ann, person: '', value: secret },
    { ...ann, person: 'Ann Lee', value: secret },
  ];
  for (const item of bad) {
    await assert.rejects(
      vault.tokenize(tenant, [item]),
      (error: Error) => fault('input_invalid')(error) && !error.message.includes(secret),
    );
  }
  const many = Array.from({ length: itemsMax + 1 }, () => ann);
  await assert.rejects(vault.tokenize(tenant, many), fault('too_many_items'));
  await assert.rejects(
    vault.detokenize(
      tenant,
      many.map(() => 'x'),
    ),
    fault('too_many_items'),
  );
  assert.equal(await count('person_key', tenant), 0);
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
