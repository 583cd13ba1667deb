// The users of a demo bank, who need no password: those of a file that only its owner can read.
import { existsSync, readFileSync, statSync } from 'node:fs';

export type DemoUser = {
  readonly tenant: string;
  /** Such as `user:teller`. */
  readonly principal: string;
  readonly name: string;
  /** What such a user may do, in one sentence. */
  readonly summary: string;
};

const usersMax = 100;
const sizeMax = 64 * 1024;

/** None where there is no such file; read anew each time, since the demo may come later. */
export function readDemoUsers(path: string): readonly DemoUser[] {
  if (!existsSync(path)) return [];
  const { mode, size } = statSync(path);
  // Whoever could write it could sign in as anybody.
  if (size > sizeMax || (process.platform !== 'win32' && (mode & 0o077) !== 0)) return [];
  const users = JSON.parse(readFileSync(path, 'utf8')) as readonly DemoUser[];
  return users.filter(isDemoUser).slice(0, usersMax);
}

function isDemoUser(user: DemoUser): boolean {
  const texts = [user.tenant, user.principal, user.name, user.summary];
  return texts.every((text) => typeof text === 'string') && user.principal.startsWith('user:');
}
