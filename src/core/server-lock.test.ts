import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Fault } from './fault.ts';
import { processIdentity } from './process.ts';
import { acquireServerLock, readServerLock } from './server-lock.ts';

test('a data folder has one server, and the second is told which', (t) => {
  const folder = dataFolder(t);
  const lock = acquireServerLock(folder, { host: '127.0.0.1', port: 8080 });
  assert.throws(
    () => acquireServerLock(folder, { host: '127.0.0.1', port: 8081 }),
    (error) =>
      error instanceof Fault &&
      error.code === 'data_folder_in_use' &&
      error.message.includes(`process ${process.pid}`) &&
      error.message.includes('http://127.0.0.1:8080'),
  );
  lock.release();
  acquireServerLock(folder, { host: '127.0.0.1', port: 8081 }).release();
});

test('the command line finds the running server by the lock, and none after its release', (t) => {
  const folder = dataFolder(t);
  assert.equal(readServerLock(folder), undefined);
  const lock = acquireServerLock(folder, { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(readServerLock(folder), {
    pid: process.pid,
    port: 8080,
    url: 'http://127.0.0.1:8080',
  });
  lock.release();
  lock.release();
  assert.equal(readServerLock(folder), undefined);
});

test('the lock of a dead server is taken over', (t) => {
  const folder = dataFolder(t);
  const { pid } = spawnSync(process.execPath, ['--version']);
  write(folder, { pid, port: 1, url: 'http://127.0.0.1:1' });
  assert.equal(readServerLock(folder), undefined);
  acquireServerLock(folder, { host: '127.0.0.1', port: 8080 }).release();
});

test('a process that only got the id of a dead server does not hold its lock', (t) => {
  if (processIdentity(process.pid) === undefined) return t.skip('needs /proc');
  const folder = dataFolder(t);
  write(folder, { pid: process.pid, port: 1, url: 'http://127.0.0.1:1', identity: 'before/1' });
  assert.equal(readServerLock(folder), undefined);
  acquireServerLock(folder, { host: '127.0.0.1', port: 8080 }).release();
});

test('a lock file that cannot be read as one is taken over', (t) => {
  const folder = dataFolder(t);
  writeFileSync(join(folder, 'server.lock'), '{"pid":');
  const lock = acquireServerLock(folder, { host: '127.0.0.1', port: 8080 });
  assert.equal(readServerLock(folder)?.port, 8080);
  lock.release();
});

test('a server that lost its lock does not release the lock of its successor', (t) => {
  const folder = dataFolder(t);
  const lock = acquireServerLock(folder, { host: '127.0.0.1', port: 8080 });
  write(folder, { pid: process.pid, port: 9, url: 'http://127.0.0.1:9' });
  lock.release();
  assert.match(readFileSync(join(folder, 'server.lock'), 'utf8'), /:9/);
});

test('of servers that meet on a stale lock exactly one wins', async (t) => {
  const folder = dataFolder(t);
  write(folder, { pid: spawnSync(process.execPath, ['--version']).pid, port: 1, url: '' });
  const program = `
    const { acquireServerLock } = await import(${JSON.stringify(lockModule)});
    const at = { host: '127.0.0.1', port: 1 };
    try { acquireServerLock(${JSON.stringify(folder)}, at); console.log('won'); }
    catch { console.log('lost'); }
    process.stdin.resume();`;
  const children = Array.from({ length: 6 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  const said = await Promise.all(
    children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()),
  );
  assert.equal(said.filter((word) => word === 'won').length, 1, said.join(' '));
});

const lockModule = new URL('./server-lock.ts', import.meta.url).href;

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-lock-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function write(folder: string, lock: object): void {
  writeFileSync(join(folder, 'server.lock'), JSON.stringify(lock));
}
