// One server per data folder: a lock file that names the server, and that only a live one can hold.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from './fault.ts';
import { isAlive, processIdentity } from './process.ts';

/** Who serves a data folder, and where. */
export type RunningServer = {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
};

export type ServerLock = { readonly release: () => void };

type LockFile = RunningServer & { readonly identity: string | undefined };

export function acquireServerLock(
  folder: string,
  { host, port }: { host: string; port: number },
): ServerLock {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'server.lock');
  const mine = `${path}.${process.pid}`;
  const text = lockText({ pid: process.pid, port, url: `http://${reachable(host)}:${port}` });
  writeFileSync(mine, text, { flush: true });
  try {
    // link(2) is atomic: the lock appears with its whole content, and for one server only.
    while (!tryLink(mine, path)) setStaleAside(folder, path);
  } finally {
    rmSync(mine, { force: true });
  }
  return {
    release() {
      if (readText(path) === text) rmSync(path, { force: true });
    },
  };
}

/** The server that now runs on the folder, for a command line to talk to. */
export function readServerLock(folder: string): RunningServer | undefined {
  const lock = parseLock(readText(join(folder, 'server.lock')));
  if (lock === undefined || isStale(lock)) return undefined;
  return { pid: lock.pid, port: lock.port, url: lock.url };
}

/** Who listens on every address is reached on this one. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Throws when the lock is a live server's. */
function setStaleAside(folder: string, path: string): void {
  const text = readText(path);
  if (text === undefined) return;
  const lock = parseLock(text);
  if (lock !== undefined && !isStale(lock)) {
    throw inUse(folder, lock);
  }
  // Renamed, not removed: of two who saw the same stale lock only one gets hold of it. The other
  // may get the first one's new lock instead; it sees that, and puts it back.
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readText(aside) !== text) tryLink(aside, path);
  rmSync(aside, { force: true });
}

/** What a second server on the folder is told. */
export function inUse(folder: string, { pid, url }: RunningServer): Fault {
  return new Fault(
    'data_folder_in_use',
    `${folder} is in use by the server at ${url} (process ${pid}): ` +
      'use that one, stop it first, or choose another data folder',
    { detail: { pid, url } },
  );
}

function isStale({ pid, identity }: LockFile): boolean {
  if (!isAlive(pid)) return true;
  const now = processIdentity(pid);
  return identity !== undefined && now !== undefined && identity !== now;
}

function lockText(server: RunningServer): string {
  const lock: LockFile = { ...server, identity: processIdentity(server.pid) };
  return `${JSON.stringify(lock)}\n`;
}

function parseLock(text: string | undefined): LockFile | undefined {
  try {
    const lock = JSON.parse(text ?? '') as LockFile;
    return Number.isSafeInteger(lock.pid) && lock.pid > 0 ? lock : undefined;
  } catch {
    return undefined;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
