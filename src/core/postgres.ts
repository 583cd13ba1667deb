// The embedded PostgreSQL 18: initialised once, started, adopted when it outlived us, stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from './fault.ts';
import { type Binaries, type OsUser, postgresBinaries, postgresUser } from './postgres-host.ts';
import { livePostmaster, type Postmaster, readPostmaster } from './postmaster.ts';
import { isAlive } from './process.ts';
import { systemRandom } from './random.ts';

export type Postgres = {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** It was running already, left behind by a process that was killed. */
  readonly adopted: boolean;
  readonly superuserUrl: (database: string) => string;
  /** Resolves when PostgreSQL has ended, asked to or not. */
  readonly exited: Promise<void>;
  /** Ends every session, writes a checkpoint, waits for the end. May be called again. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, as a power cut would: for fault tests. */
  readonly kill: () => void;
};

export type PostgresOptions = {
  /** Everything lies in here: pgdata/, postgres.json (port and password), postgres.log. */
  readonly folder: string;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** Told what a person is waiting for. */
  readonly progress: (message: string) => void;
};

type Paths = { readonly data: string; readonly secret: string; readonly log: string };
/** Where and how PostgreSQL runs on this machine. */
type Site = {
  readonly paths: Paths;
  readonly binaries: Binaries;
  readonly user: OsUser;
  readonly secret: Secret;
  readonly progress: (message: string) => void;
};
type Secret = { readonly port: number; readonly password: string };

const host = '127.0.0.1';
const superuser = 'countersign_admin';
/** Recovery replays at most max_wal_size of log; a slow disk may need minutes for it. */
const startTimeoutMs = 300_000;
const slowStartMs = 3_000;
const stopTimeoutMs = 30_000;
const pollMs = 20;

/** Why a start may fail and the next one succeed. */
const passing = /shared memory block|Address already in use|lock file .* already exists/;

/** On the command line, so that no file and no ALTER SYSTEM can make the server less durable. */
const settings = {
  listen_addresses: host,
  unix_socket_directories: '',
  max_connections: 100,
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  // Plans of small tables scan by tenant what is looked up by key: statistics must come soon.
  autovacuum_naptime: '20s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Terse: an error's detail quotes rows, and no row may reach a log.
  log_error_verbosity: 'terse',
};

export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  mkdirSync(options.folder, { recursive: true });
  const folder = realpathSync(options.folder);
  const paths: Paths = {
    data: join(folder, 'pgdata'),
    secret: join(folder, 'postgres.json'),
    log: join(folder, 'postgres.log'),
  };
  const binaries = await postgresBinaries();
  const user = postgresUser({ folder, data: paths.data, binaries });
  const secret = readSecret(paths);
  const site: Site = { paths, binaries, user, secret, progress: options.progress };
  if (!existsSync(paths.data)) await initialise(site);

  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const found = livePostmaster(paths.data);
    const started = await (found ? adopt(site, found.pid, deadline) : launch(site, deadline));
    if (started !== undefined) {
      if (started.adopted) options.log.info(`adopted PostgreSQL, process ${started.pid}`);
      return started;
    }
    if (performance.now() > deadline) throw notStarted(paths, 'it took too long');
    await sleep(10 * pollMs);
  }
}

// Initialising ------------------------------------------------------------------------------------

/** Into a folder of another name first: an interrupted initdb leaves nothing that looks whole. */
async function initialise({ paths, binaries, user, secret, progress }: Site): Promise<void> {
  progress('initialising PostgreSQL');
  const fresh = `${paths.data}.new`;
  const passwordFile = `${paths.data}.password`;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeSecret(paths, secret);
  try {
    mkdirSync(fresh, { mode: 0o700 });
    writeFileSync(passwordFile, secret.password, { mode: 0o600 });
    user.give(fresh);
    user.give(passwordFile);
    // The built-in locale: the same order of text on every machine, after every upgrade.
    const child = spawnAs(user, paths, binaries.initdb, [
      `--pgdata=${fresh}`,
      `--username=${superuser}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--data-checksums',
    ]);
    const { code } = await ended(child);
    if (code !== 0) throw notStarted(paths, 'initdb failed');
    renameSync(fresh, paths.data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The recorded port and password, or new ones for a folder that has no data yet. */
function readSecret(paths: Paths): Secret {
  try {
    return JSON.parse(readFileSync(paths.secret, 'utf8')) as Secret;
  } catch (cause) {
    if (!existsSync(paths.data)) {
      return { port: 0, password: Buffer.from(systemRandom().bytes(24)).toString('hex') };
    }
    throw new Fault(
      'postgres_failed',
      `${paths.secret} cannot be read, and it holds the password of the data beside it: ` +
        'bring it back from a backup of the data folder',
      { cause },
    );
  }
}

function writeSecret(paths: Paths, secret: Secret): void {
  const fresh = `${paths.secret}.new`;
  writeFileSync(fresh, `${JSON.stringify(secret)}\n`, { mode: 0o600, flush: true });
  renameSync(fresh, paths.secret);
}

// Starting ----------------------------------------------------------------------------------------

/** Undefined when it ended for a reason that passes: another attempt will do. */
async function launch(site: Site, deadline: number): Promise<Postgres | undefined> {
  const { paths, binaries, user, secret, progress } = site;
  // The same port as before where possible: clients that wait for a recovery find it again.
  const port = (await freePort(secret.port)) ?? (await freePort(0)) ?? 0;
  if (port !== secret.port) writeSecret(paths, { ...secret, port });
  const logged = existsSync(paths.log) ? statSync(paths.log).size : 0;
  const flags = Object.entries({ ...settings, port }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  const child = spawnAs(user, paths, binaries.postgres, ['-D', paths.data, ...flags]);
  const end = ended(child);
  let over = false;
  void end.then(() => {
    over = true;
  });

  const slow = performance.now() + slowStartMs;
  let told = false;
  for (;;) {
    if (over) {
      const { error, killed } = await end;
      const said = readFileSync(paths.log, 'utf8').slice(logged);
      // Sessions of a killed server need a moment to notice; a port may be lost in a race, and so
      // may the folder, to one that a server before us had started when it was killed. One that
      // somebody killed in its recovery recovers at the next attempt.
      if (killed || (error === undefined && passing.test(said))) {
        return undefined;
      }
      throw notStarted(paths, error?.message ?? 'it ended at once', error);
    }
    const postmaster = readPostmaster(paths.data);
    if (postmaster?.pid === child.pid && postmaster?.ready) {
      if (!(await letsUsIn(paths, postmaster, secret))) continue;
      const exited = end.then(() => undefined);
      return handle({ ...postmaster, secret, adopted: false, exited });
    }
    if (!told && performance.now() > slow) {
      progress('PostgreSQL is recovering');
      told = true;
    }
    if (performance.now() > deadline) {
      child.kill('SIGQUIT');
      throw notStarted(paths, 'it took too long');
    }
    await sleep(pollMs);
  }
}

/** Undefined when it ended meanwhile. */
async function adopt(
  { paths, secret }: Site,
  pid: number,
  deadline: number,
): Promise<Postgres | undefined> {
  while (isAlive(pid) && performance.now() < deadline) {
    const postmaster = readPostmaster(paths.data);
    if (postmaster?.pid === pid && postmaster.ready) {
      const { port } = postmaster;
      if (!(await letsUsIn(paths, postmaster, secret))) continue;
      if (port !== secret.port) writeSecret(paths, { ...secret, port });
      const exited = whenGone(pid);
      return handle({ ...postmaster, secret, adopted: true, exited });
    }
    await sleep(pollMs);
  }
  return undefined;
}

function handle({
  pid,
  port,
  secret,
  adopted,
  exited,
}: {
  pid: number;
  port: number;
  secret: Secret;
  adopted: boolean;
  exited: Promise<void>;
}): Postgres {
  let stopped: Promise<void> | undefined;
  return {
    host,
    port,
    pid,
    adopted,
    exited,
    superuserUrl: (database) =>
      `postgres://${superuser}:${secret.password}@${host}:${port}/${encodeURIComponent(database)}`,
    stop() {
      stopped ??= stop(pid, exited);
      return stopped;
    },
    kill: () => signal(pid, 'SIGKILL'),
  };
}

async function stop(pid: number, exited: Promise<void>): Promise<void> {
  // Fast shutdown first; then immediate, from which the next start recovers; then by force.
  for (const name of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signal(pid, name);
    const timer = new AbortController();
    const late = sleep(stopTimeoutMs, true, { signal: timer.signal }).catch(() => false);
    const isLate = await Promise.race([late, exited.then(() => false)]);
    timer.abort();
    if (!isLate) return;
  }
}

// The process -------------------------------------------------------------------------------------

function spawnAs(user: OsUser, paths: Paths, program: string, args: string[]): ChildProcess {
  const log = openSync(paths.log, 'a', 0o600);
  try {
    return spawn(program, args, {
      ...user.ids,
      // In a group of its own: Ctrl-C in the terminal must not reach it before we are done with it.
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      // None of our secrets, and none of the caller's PG* variables.
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
  } finally {
    closeSync(log);
  }
}

type End = { readonly code: number | null; readonly killed: boolean; readonly error?: Error };

function ended(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('exit', (code, by) => resolve({ code, killed: by !== null }));
    child.once('error', (error) => resolve({ code: null, killed: false, error }));
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function whenGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10 * pollMs, undefined, { ref: false });
}

/**
 * Proves that the server at this port is the one of this folder, and that it lets us in; false when
 * it ended under our hands.
 */
async function letsUsIn(paths: Paths, { pid, port }: Postmaster, secret: Secret): Promise<boolean> {
  const { password } = secret;
  const client = new pg.Client({ host, port, user: superuser, password, database: 'postgres' });
  let folder: unknown;
  try {
    await client.connect();
    folder = (await client.query('show data_directory')).rows[0]?.data_directory;
  } catch (cause) {
    await sleep(pollMs);
    if (readPostmaster(paths.data)?.pid !== pid || !isAlive(pid)) return false;
    throw notStarted(paths, `it does not let us in: ${(cause as Error).message}`, cause);
  } finally {
    await client.end();
  }
  if (folder !== paths.data) {
    throw notStarted(paths, `the server on port ${port} serves another folder, ${String(folder)}`);
  }
  return true;
}

function freePort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host, port: wanted }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : undefined;
      server.close(() => resolve(port));
    });
  });
}

/** PostgreSQL's own last words say most: the fault quotes them. */
function notStarted(paths: Paths, reason: string, cause?: unknown): Fault {
  let tail = '';
  try {
    tail = readFileSync(paths.log, 'utf8').trimEnd().split('\n').slice(-4).join('\n  ');
  } catch {
    // There is no log yet.
  }
  const said = tail === '' ? '' : `; ${paths.log} ends with:\n  ${tail}`;
  return new Fault('postgres_failed', `PostgreSQL did not start: ${reason}${said}`, { cause });
}
