// The lock file of a data folder: which PostgreSQL runs in it, and how far it has come.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, processName } from './process.ts';

export type Postmaster = { readonly pid: number; readonly port: number; readonly ready: boolean };

const lockFile = 'postmaster.pid';

/** The postmaster of the data folder, when its lock file is not a dead one's. */
export function livePostmaster(dataFolder: string): Postmaster | undefined {
  const postmaster = readPostmaster(dataFolder);
  if (postmaster === undefined) return undefined;
  // Another program may have got the id of a dead postmaster (usual in containers, where ids are
  // few).
  const name = processName(postmaster.pid) ?? 'postgres';
  if (isAlive(postmaster.pid) && name === 'postgres') return postmaster;
  disown(join(dataFolder, lockFile));
  return undefined;
}

/**
 * PostgreSQL refuses to start while the id in its lock file is in use, be it by another program or
 * by a dead postmaster that nobody has reaped (init of a container may never do). It ignores its
 * parent's id, and then still sees from the rest of the file whether old sessions are alive.
 */
function disown(path: string): void {
  const [, ...rest] = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [process.pid, ...rest].join('\n'));
}

/** postmaster.pid, line by line: pid, folder, start, port, socket, address, memory key, status. */
export function readPostmaster(dataFolder: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(dataFolder, lockFile), 'utf8').split('\n');
  } catch {
    return undefined;
  }
  const [pid, , , port, , , , status] = lines;
  if (!/^\d+$/.test(pid ?? '')) return undefined;
  return { pid: Number(pid), port: Number(port), ready: status?.trim() === 'ready' };
}
