// What a command works on: the data folder, its keyring, its database, and the server if one runs.
import {
  type Keyring,
  openKeyring,
  type RunningServer,
  readServerLock,
  startPostgres,
  systemRandom,
} from '#core';
import { createLog, databaseName, type ProcessRole, processRoles, type Server, serve } from '../serve.ts';
import manifest from '../../package.json' with { type: 'json' };

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

/** Opens the installation for work beside its server, or without one. */
export async function withInstallation<Result>(
  { data: folder, logLevel }: GlobalOptions,
  work: (installation: Installation) => Promise<Result>,
): Promise<Result> {
  const keyring = openKeyring(folder, { random: systemRandom(), create: false });
  const running = readServerLock(folder);
  const given = process.env['DATABASE_URL'];
  if (given !== undefined) return work({ folder, keyring, databaseUrl: given, running });
  const log = createLog(logLevel);
  const postgres = await startPostgres({
    folder,
    log: { info: (text) => log.info(text), warn: (text) => log.warn(text) },
    progress: say,
  });
  try {
    return await work({
      folder,
      keyring,
      databaseUrl: postgres.superuserUrl(databaseName),
      running,
    });
  } finally {
    // A server that runs on the folder needs it still.
    if (readServerLock(folder) === undefined) await postgres.stop();
  }
}

export type StartOptions = GlobalOptions & {
  readonly host?: string;
  readonly port: number;
  readonly roles?: ReadonlySet<ProcessRole>;
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
  options: GlobalOptions,
  work: (bank: Bank) => Promise<Result>,
): Promise<Result> {
  const running = readServerLock(options.data);
  if (running !== undefined) {
    const keyring = openKeyring(options.data, { random: systemRandom(), create: false });
    say(`using the server at ${running.url}`);
    return work({ url: running.url, operatorKey: operatorSecret(keyring), server: undefined });
  }
  const server = await startServer({ ...options, port: 0 });
  try {
    return await work({ url: server.url, operatorKey: server.operatorKey, server });
  } finally {
    await server.stop();
  }
}

function operatorSecret(keyring: Keyring): string {
  return keyring.apiKeySecret('system/bootstrap#key');
}
