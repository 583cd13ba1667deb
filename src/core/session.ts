// One session of its own, for work on a whole database: it ends with the work.
import pg from 'pg';

export type SessionOptions = Pick<pg.ClientConfig, 'types'> & {
  /** Named in `pg_stat_activity`, behind `countersign`. */
  readonly name: string;
  /** Settings of the planner and the like, besides the time zone: `-c name=value …`. */
  readonly settings?: string;
};

export async function withSession<Result>(
  url: string,
  { name, settings = '', types }: SessionOptions,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `countersign ${name}`,
    options: `-c TimeZone=UTC ${settings}`.trim(),
    ...(types === undefined ? {} : { types }),
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
