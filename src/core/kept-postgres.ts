// The embedded PostgreSQL for as long as a server runs: started again when it dies under us.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from './fault.ts';
import { type Postgres, startPostgres } from './postgres.ts';

export type KeptPostgresOptions = {
  readonly folder: string;
  readonly log: Readonly<Record<'info' | 'warn' | 'error', (message: string) => void>>;
  readonly progress: (message: string) => void;
  /** Told when it cannot be started again. */
  readonly fail: (error: Error) => void;
};

export type KeptPostgres = {
  /** The superuser's, of a database. */
  readonly superuserUrl: (database: string) => string;
  readonly stop: () => Promise<void>;
};

const restartDelayMs = 200;

export async function keepPostgres(options: KeptPostgresOptions): Promise<KeptPostgres> {
  const { folder, log, progress, fail } = options;
  const messages = {
    info: (message: string) => log.info(message),
    warn: (message: string) => log.warn(message),
  };
  let isStopping = false;
  let restart = Promise.resolve();
  let postgres: Postgres = await startPostgres({ folder, log: messages, progress });
  const { port } = postgres;
  const watch = () => {
    restart = postgres.exited.then(async () => {
      if (isStopping) return;
      log.error('PostgreSQL has ended and is started again');
      await sleep(restartDelayMs);
      if (isStopping) return;
      try {
        postgres = await startPostgres({ folder, log: messages, progress: () => undefined });
        if (postgres.port === port) watch();
        else fail(new Fault('postgres_failed', `port ${port} was taken meanwhile: start again`));
      } catch (error) {
        fail(error as Error);
      }
    });
  };
  watch();
  return {
    superuserUrl: (database) => postgres.superuserUrl(database),
    async stop() {
      isStopping = true;
      await postgres.stop();
      // One that was just being started again is stopped too, before the lock is released.
      await restart;
      await postgres.stop();
    },
  };
}

/** Makes the database of a URL where it is not there yet. */
export async function ensureDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
