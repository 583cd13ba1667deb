// What a command works on: the data folder, its keyring, its database, and the server if one runs.
import {
  Fault,
  type Keyring,
  openKeyring,
  type Postgres,
  type RunningServer,
  readServerLock,
  startPostgres,
  systemRandom,
  type Database,
  openDatabase,
} from '#core';
import { operatorSecret } from '#api';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import {
  type ConnectedCore,
  createLog,
  databaseName,
  type ProcessRole,
  processRoles,
  type Server,
  serve,
} from '../serve.ts';
import manifest from '../../package.json' with { type: 'json' };
import { consoleFolder } from './console-build.ts';

export const { version } = manifest;

/** What every command may be told. */
export type GlobalOptions = {
  readonly data: string;
  readonly logLevel: string;
};

export type Installation = {
  readonly folder: string;
  readonly keyring: Keyring;
  /** The superuser's URL, or what DATABASE_URL says. */
  readonly databaseUrl: string;
  readonly running: RunningServer | undefined;
};

export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

/**
 * Opens the installation for work beside its server, or without one. `create` lets a database be
 * made where there is none.
 */
export async function withInstallation<Result>(
  { data: folder, logLevel }: GlobalOptions,
  work: (installation: Installation) => Promise<Result>,
  { create = false } = {},
): Promise<Result> {
  const keyring = openKeyring(folder, { random: systemRandom(), create: false });
  const running = readServerLock(folder);
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return work({ folder, keyring, databaseUrl: given, running });
  if (!create && !existsSync(join(folder, 'pgdata'))) {
    throw new Fault(
      'input_invalid',
      `${folder} holds no database: set DATABASE_URL as its server has it, or start a server first`,
    );
  }
  const log = createLog(logLevel);
  const postgres = await startPostgres({
    folder,
    log: { info: (text) => log.info(text), warn: (text) => log.warn(text) },
    progress: say,
  });
  try {
    const databaseUrl = postgres.superuserUrl(databaseName);
    return await untilSignalled(work({ folder, keyring, databaseUrl, running }));
  } finally {
    // A server, or another command, may have come to need it meanwhile.
    const inUse = readServerLock(folder) !== undefined || (await hasOtherSessions(postgres));
    if (!inUse) await postgres.stop();
  }
}

/** The same with the planes' roles; `name` is what PostgreSQL shows of the sessions. */
export function withDatabase<Result>(
  options: GlobalOptions,
  name: string,
  work: (database: Database, installation: Installation) => Promise<Result>,
): Promise<Result> {
  return withInstallation(options, async (installation) => {
    const { databaseUrl: url, keyring } = installation;
    const password = keyring.databasePassword;
    const database = openDatabase({ url, password, applicationName: `countersign ${name}` });
    try {
      return await work(database, installation);
    } finally {
      await database.close();
    }
  });
}

async function hasOtherSessions(postgres: Postgres): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      `select from pg_stat_activity where backend_type = 'client backend'
        and pid <> pg_backend_pid()`,
    );
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}

export type StartOptions = GlobalOptions & {
  readonly host?: string;
  readonly port: number;
  readonly roles?: ReadonlySet<ProcessRole>;
  /** Of the bank's own core system; our ledger is the book without it. */
  readonly connected?: ConnectedCore | undefined;
};

export async function startServer(options: StartOptions): Promise<Server> {
  return serve({
    folder: options.data,
    host: options.host ?? '127.0.0.1',
    port: options.port,
    databaseUrl: process.env['DATABASE_URL'],
    roles: options.roles ?? new Set(processRoles),
    log: createLog(options.logLevel),
    version,
    progress: say,
    environment: process.env,
    consoleFolder,
    core: options.connected,
  });
}

/** A bank to talk to over HTTP: the running server of the folder, or one started for the work. */
export type Bank = {
  readonly url: string;
  readonly operatorKey: string;
  /** Present when the server runs in this process. */
  readonly server: Server | undefined;
};

export async function withBank<Result>(
  options: GlobalOptions & Pick<StartOptions, 'connected'>,
  work: (bank: Bank) => Promise<Result>,
): Promise<Result> {
  const running = readServerLock(options.data);
  if (running !== undefined && options.connected) {
    throw new Fault('data_folder_in_use', `stop the server at ${running.url} first`);
  }
  if (running !== undefined) {
    const keyring = openKeyring(options.data, { random: systemRandom(), create: false });
    say(`using the server at ${running.url}`);
    return work({ url: running.url, operatorKey: operatorSecret(keyring), server: undefined });
  }
  const server = await startServer({ ...options, port: 0 });
  try {
    const { url, operatorKey } = server;
    return await untilSignalled(work({ url, operatorKey, server }));
  } finally {
    await server.stop();
  }
}

/** Leaves work at Ctrl-C or SIGTERM, so that whoever started something for it can stop that. */
function untilSignalled<Result>(work: Promise<Result>): Promise<Result> {
  const interrupted = signalled().then(() => {
    throw new Fault('shutting_down', 'it was stopped before it was done');
  });
  return Promise.race([work, interrupted]);
}

/** Resolves at Ctrl-C or SIGTERM; a second one ends the process as if nobody had listened. */
export function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
