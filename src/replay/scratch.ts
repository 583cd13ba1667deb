// A scratch database on the server of the bank: empty, of the same schema, gone after use.
import { withSession, Fault, type Keyring, migrate } from '#core';
import pg from 'pg';

export type ScratchOptions = {
  /** Of the bank's database, by a user who may create another beside it. */
  readonly url: string;
  readonly password: Keyring['databasePassword'];
};

/** Runs `work` on the URL of a database that begins empty. One per bank at a time. */
export async function withScratch<Result>(
  { url, password }: ScratchOptions,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const scratch = new URL(url);
  const name = `${decodeURIComponent(scratch.pathname.slice(1))}_replay`;
  scratch.pathname = `/${encodeURIComponent(name)}`;
  return withClient(url, async (client) => {
    await dropAbandoned(client, name);
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
    try {
      await migrate({ url: scratch.href, password, progress: () => undefined });
      return await work(scratch.href);
    } finally {
      await client.query(`drop database ${pg.escapeIdentifier(name)} with (force)`);
    }
  });
}

/** What a replay that was killed has left behind; one that is under way is left alone. */
async function dropAbandoned(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ sessions: number }>(
    `select (select count(*) from pg_stat_activity a where a.datname = d.datname)::int as sessions
       from pg_database d where d.datname = $1`,
    [name],
  );
  if (rows[0] === undefined) return;
  if (rows[0].sessions > 0) {
    throw new Fault('conflict', `a replay is under way in the database ${name}: wait for it`);
  }
  await client.query(`drop database ${pg.escapeIdentifier(name)}`);
}

/**
 * A session that sees the rows of all tenants, and joins by keys whatever the statistics say, which
 * a database that is being filled has not.
 */
export function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const settings = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
  return withSession(url, { name: 'replay', settings }, work);
}
