import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import pg from 'pg';
import { Fault } from './fault.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { readPostmaster } from './postmaster.ts';
import { isAlive } from './process.ts';

test('PostgreSQL is initialised once, keeps its data, and stops cleanly', async (t) => {
  const folder = dataFolder(t);
  const said: string[] = [];
  const first = await start(t, folder, said);
  assert.deepEqual(said, ['initialising PostgreSQL']);
  assert.equal(first.adopted, false);
  assert.deepEqual(await query(first, durability), {
    version: 18,
    fsync: 'on',
    commit: 'on',
    pages: 'on',
    checksums: 'on',
    locale: 'C.UTF-8',
    address: '127.0.0.1',
    sockets: '',
  });
  await query(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  await first.exited;
  assert.equal(isAlive(first.pid), false);

  const second = await start(t, folder, said);
  assert.equal(said.length, 1);
  assert.equal(second.port, first.port, 'the port stays while it is free');
  assert.deepEqual(await query(second, 'table kept'), { answer: 42 });
  assert.equal(statSync(join(folder, 'postgres.json')).mode & 0o777, 0o600);
  await second.stop();
});

test('after SIGKILL the next start recovers what was committed', async (t) => {
  const folder = dataFolder(t);
  const first = await start(t, folder);
  await query(first, 'create table kept as select 1 as answer');
  for (const round of [2, 3]) {
    const postgres = round === 2 ? first : await start(t, folder);
    await query(postgres, `update kept set answer = ${round}`);
    postgres.kill();
    await postgres.exited;
  }
  const last = await start(t, folder);
  assert.equal(last.adopted, false);
  assert.deepEqual(await query(last, 'table kept'), { answer: 3 });
  await last.stop();
});

test('one that is killed while it starts is started again', async (t) => {
  const folder = dataFolder(t);
  const first = await start(t, folder);
  await query(first, 'create table kept as select 42 as answer');
  first.kill();
  await first.exited;
  let killed: number | undefined;
  const killer = setInterval(() => {
    const postmaster = readPostmaster(join(folder, 'pgdata'));
    if (killed !== undefined || postmaster === undefined || !isAlive(postmaster.pid)) return;
    // A stale lock bears our own id until the next one takes it.
    if (postmaster.pid === process.pid) return;
    killed = postmaster.pid;
    process.kill(killed, 'SIGKILL');
  }, 1);
  t.after(() => clearInterval(killer));
  const second = await start(t, folder);
  assert.ok(killed !== undefined && killed !== second.pid);
  assert.deepEqual(await query(second, 'table kept'), { answer: 42 });
  await second.stop();
});

test('a PostgreSQL that outlived its killed server is adopted, and can be stopped', async (t) => {
  const folder = dataFolder(t);
  const program = `
    const { startPostgres } = await import(${JSON.stringify(module)});
    const postgres = await startPostgres({
      folder: ${JSON.stringify(folder)}, log: console, progress() {} });
    console.log(postgres.pid);
    process.stdin.resume();`;
  const server = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = Number((await once(server.stdout, 'data'))[0]);
  server.kill('SIGKILL');
  await once(server, 'exit');
  assert.equal(isAlive(pid), true);

  const adopted = await start(t, folder);
  assert.equal(adopted.pid, pid);
  assert.equal(adopted.adopted, true);
  assert.deepEqual(await query(adopted, 'select 1 as one'), { one: 1 });
  await adopted.stop();
  assert.equal(isAlive(pid), false);
});

test('the process id of a dead PostgreSQL, now of another program, is no obstacle', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc');
  const folder = dataFolder(t);
  await (await start(t, folder)).stop();
  const lines = [process.pid, join(folder, 'pgdata'), 1, 5432, '', '127.0.0.1', '1 1', 'ready'];
  writeFileSync(join(folder, 'pgdata', 'postmaster.pid'), `${lines.join('\n')}\n`);
  const postgres = await start(t, folder);
  assert.equal(postgres.adopted, false);
  await postgres.stop();
});

test('a folder that the user of PostgreSQL cannot reach is refused with the way out', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root starts it as another user');
  const closed = dataFolder(t);
  chmodSync(closed, 0o700);
  const folder = join(closed, 'data');
  mkdirSync(folder);
  await assert.rejects(
    start(t, folder),
    (error) => error instanceof Fault && error.message.includes(`chmod o+rx ${closed}`),
  );
});

test('data without its password is refused, not initialised again', async (t) => {
  const folder = dataFolder(t);
  const postgres = await start(t, folder);
  await postgres.stop();
  rmSync(join(folder, 'postgres.json'));
  const before = readFileSync(join(folder, 'pgdata', 'PG_VERSION'), 'utf8');
  await assert.rejects(start(t, folder), { code: 'postgres_failed' });
  assert.equal(readFileSync(join(folder, 'pgdata', 'PG_VERSION'), 'utf8'), before);
});

const module = new URL('./postgres.ts', import.meta.url).href;

const durability = `
  select current_setting('server_version_num')::int / 10000 as version,
         current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
         current_setting('full_page_writes') as pages,
         current_setting('data_checksums') as checksums,
         current_setting('listen_addresses') as address,
         current_setting('unix_socket_directories') as sockets,
         (select datlocale from pg_database where datname = current_database()) as locale`;

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(t: TestContext, folder: string, said: string[] = []): Promise<Postgres> {
  const log = { info: () => undefined, warn: () => undefined };
  const postgres = await startPostgres({ folder, log, progress: (text) => said.push(text) });
  t.after(() => postgres.stop());
  return postgres;
}

async function query(postgres: Postgres, sql: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl('postgres') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return { ...(await client.query(sql)).rows[0] };
  } finally {
    await client.end();
  }
}
