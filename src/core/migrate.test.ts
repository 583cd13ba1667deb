import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { testDatabase, testPassword } from '../../test/database.ts';
import { roles, withTx } from './database.ts';
import { migrate } from './migrate.ts';
import { dumpSchema } from './schema-dump.ts';

const first = `-- risk: none (new table)
create table core.thing (
  tenant_id text collate "C" not null,
  id bigint generated always as identity,
  made date not null default '2026-01-02',
  primary key (tenant_id, id),
  constraint tenant_is_named check (tenant_id <> '')
) with (fillfactor = 50);
alter table core.thing enable row level security;
create policy tenant_isolation on core.thing
  using (tenant_id = current_setting('countersign.tenant', true));
grant usage on schema core to countersign_money;
grant select, insert on core.thing to countersign_money;
`;
const second = `-- risk: none
create function core.twice(n bigint) returns bigint language sql immutable return n * 2;
create index thing_made on core.thing (made);
`;

test('migrations are applied once, in order, by the owner of what they make', async (t) => {
  const { url, folder, run } = await setUp(t, { '0001_thing.sql': first });
  assert.deepEqual(await run(), { version: 1, applied: ['0001_thing'] });
  write(folder, { '0002_twice.sql': second });
  assert.deepEqual(await run(), { version: 2, applied: ['0002_twice'] });
  assert.deepEqual(await run(), { version: 2, applied: [] });
  const { rows } = await query(
    url,
    `select distinct pg_get_userbyid(relowner) as owner from pg_class
      where relnamespace = 'core'::regnamespace`,
  );
  assert.deepEqual(rows, [{ owner: 'countersign_owner' }]);
});

test('two servers that start at once migrate once', async (t) => {
  const { run } = await setUp(t, { '0001_thing.sql': first, '0002_twice.sql': second });
  const both = await Promise.all([run(), run()]);
  assert.deepEqual(new Set(both.map(({ applied }) => applied.length)), new Set([0, 2]));
});

test('a migration that fails leaves nothing behind, and is named with its line', async (t) => {
  const broken = '-- risk: none\ncreate table core.half (id int);\nselect nonsense;\n';
  const { url, run } = await setUp(t, { '0001_thing.sql': first, '0002_broken.sql': broken });
  await assert.rejects(run(), /0002_broken failed: .*nonsense.*\(line 3\)/);
  const { rows } = await query(url, `select to_regclass('core.half') as half`);
  assert.deepEqual(rows, [{ half: null }]);
  const { rows: applied } = await query(url, 'select name from core.migration');
  assert.deepEqual(applied, [{ name: '0001_thing' }]);
});

test('an applied migration may not change', async (t) => {
  const { folder, run } = await setUp(t, { '0001_thing.sql': first });
  await run();
  write(folder, { '0001_thing.sql': `${first}-- an afterthought\n` });
  await assert.rejects(run(), { code: 'migration_changed' });
});

test('code that is older than the database does not touch it', async (t) => {
  const { folder, run } = await setUp(t, { '0001_thing.sql': first, '0002_twice.sql': second });
  await run();
  rmSync(join(folder, '0002_twice.sql'));
  await assert.rejects(run(), { code: 'database_too_new' });
});

test('a migration says its risk, and numbers have no gap', async (t) => {
  const { folder, run } = await setUp(t, { '0001_thing.sql': 'select 1' });
  await assert.rejects(run(), /must begin with a line "-- risk:/);
  write(folder, { '0001_thing.sql': first, '0003_gap.sql': second });
  await assert.rejects(run(), /expected 0002_name\.sql/);
});

test('every plane logs in as its own role, which owns nothing and bypasses nothing', async (t) => {
  const { database, run } = await setUp(t, {});
  await run();
  for (const role of roles) {
    const { rows } = await database.pool(role).query(`
      select current_user as name,
             rolsuper or rolbypassrls or rolcreatedb or rolcreaterole as mighty,
             pg_has_role(current_user, 'countersign_owner', 'member') as owner
        from pg_roles where rolname = current_user`);
    assert.deepEqual(rows, [{ name: `countersign_${role}`, mighty: false, owner: false }]);
  }
});

test('a transaction sees the rows of its tenant alone', async (t) => {
  const { url, database, run } = await setUp(t, { '0001_thing.sql': first });
  await run();
  await query(url, `insert into core.thing (tenant_id) values ('acme'), ('apex'), ('apex')`);
  const pool = database.pool('money');
  const count = (tenant?: string) =>
    withTx(
      pool,
      async (tx) => (await tx.query('select count(*) as n from core.thing')).rows[0].n,
      tenant === undefined ? { readOnly: true } : { tenant, readOnly: true },
    );
  assert.equal(await count('apex'), 2n);
  assert.equal(await count('acme'), 1n);
  assert.equal(await count(`x'; reset role; --`), 0n);
  assert.equal(await count(), 0n);
});

test('int8 arrives as bigint and date as its text', async (t) => {
  const { database } = await setUp(t, {}, { migrated: true });
  const { rows } = await database.pool('read').query(`
    select 9007199254740993::int8 as big, '{1,null}'::int8[] as bigs, '2026-03-01'::date as day,
           '2026-03-01T00:00:00Z'::timestamptz as instant, 0.1::numeric as rate,
           '{"a":1}'::json as json`);
  assert.deepEqual(rows, [
    {
      big: 9007199254740993n,
      bigs: [1n, null],
      day: '2026-03-01',
      instant: new Date('2026-03-01T00:00:00Z'),
      rate: '0.1',
      json: { a: 1 },
    },
  ]);
});

test('work that throws is rolled back, and its connection serves the next', async (t) => {
  const { database, run } = await setUp(t, { '0001_thing.sql': first });
  await run();
  const pool = database.pool('money');
  const insert = `insert into core.thing (tenant_id) values ('acme')`;
  await assert.rejects(
    withTx(
      pool,
      async (tx) => {
        await tx.query(insert);
        throw new Error('changed my mind');
      },
      { tenant: 'acme' },
    ),
    /changed my mind/,
  );
  await assert.rejects(
    withTx(pool, (tx) => tx.query(insert), { tenant: 'acme', readOnly: true }),
    /read-only/,
  );
  const { rows } = await withTx(pool, (tx) => tx.query('select from core.thing'), {
    tenant: 'acme',
  });
  assert.equal(rows.length, 0);
  assert.equal(pool.totalCount, 1);
});

test('a session that the server ends is a retryable fault, and the pool heals', async (t) => {
  const { url, database } = await setUp(t, {}, { migrated: true });
  const pool = database.pool('read');
  await assert.rejects(
    withTx(pool, async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid');
      await query(url, `select pg_terminate_backend(${rows[0].pid})`);
      await tx.query('select 1');
    }),
    { code: 'database_unavailable', retryable: true },
  );
  assert.equal(await withTx(pool, async () => 'served'), 'served');
});

test('the schema dump is stable and shows what a reviewer must see', async (t) => {
  const { url, run } = await setUp(t, { '0001_thing.sql': first, '0002_twice.sql': second });
  await run();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const dump = await dumpSchema(client);
  assert.equal(await dumpSchema(client), dump);
  await client.end();
  for (const line of [
    'create schema core authorization countersign_owner;',
    '  tenant_id text collate "C" not null,',
    '  id bigint not null generated always as identity,',
    `  made date not null default '2026-01-02'::date,`,
    '  constraint thing_pkey primary key (tenant_id, id),',
    `  constraint tenant_is_named check ((tenant_id <> ''::text))`,
    ') with (fillfactor=50);',
    'alter table core.thing enable row level security;',
    'CREATE INDEX thing_made ON core.thing USING btree (made);',
    'grant insert, select on table core.thing\n  to countersign_money;',
    'grant execute on function core.twice(n bigint)\n  to public;',
  ]) {
    assert.ok(dump.toLowerCase().includes(line.toLowerCase()), `${line}\nis not in\n${dump}`);
  }
});

async function setUp(
  t: TestContext,
  files: Record<string, string>,
  { migrated = false }: { migrated?: boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  write(folder, files);
  const made = await testDatabase(t, migrated ? {} : { template: 'template0' });
  const options = { url: made.url, folder, password: testPassword, progress: () => undefined };
  return { ...made, folder, run: () => migrate(options) };
}

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}
