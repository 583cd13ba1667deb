// Reads a tenant's sealed log for verification: pages of leaves beside their events, in a snapshot.
import pg from 'pg';
import type { StoredSubtrees } from './audit.ts';
import { beginText, columnTypes } from './database.ts';
import type { Uuid } from './id.ts';
import { storedLevels } from './merkle.ts';
import { type SessionOptions, withSession } from './session.ts';

const verifySession: SessionOptions = { name: 'verify', types: columnTypes };

export type LeafRow = {
  tenant_position: number;
  position: number;
  hash: Buffer;
  id: Uuid | null;
  event_tenant: string | null;
  type: string | null;
  body: string | null;
};

export type HeadRow = { tree_size: number; root: Buffer; note: string };
export type LogPage = {
  /** The last position of the page, whether or not there is a leaf. */
  to: number;
  leaves: LeafRow[];
  /** Heads over sizes that end in the page, and subtrees that do. */
  heads: HeadRow[];
  subtrees: StoredSubtrees;
};

/** Positions per page: small enough that the database reads ahead while a page is judged. */
const pageSize = 2_048;

/** Two sessions that see the same snapshot: one reads ahead while the other compares. */
export async function withSnapshot<Result>(
  url: string,
  work: (client: pg.Client, reader: pg.Client) => Promise<Result>,
): Promise<Result> {
  return withSession(url, verifySession, (client) =>
    withSession(url, verifySession, async (reader) => {
      await shareSnapshot(client, reader);
      return work(client, reader);
    }),
  );
}

/** Of two sessions; of one tenant's rows alone where its name is given. */
export async function shareSnapshot(
  client: pg.Client,
  reader: pg.Client,
  tenant?: string,
): Promise<void> {
  const isolation = 'repeatable read';
  const begin = beginText({
    isolation,
    readOnly: true,
    ...(tenant === undefined ? {} : { tenant }),
  });
  await client.query(begin);
  const { rows } = await client.query<{ name: string }>('select pg_export_snapshot() as name');
  await reader.query(begin);
  await reader.query(`set transaction snapshot ${pg.escapeLiteral(rows[0]?.name ?? '')}`);
  // A page joins by keys whatever the statistics say, which may be missing.
  await reader.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
}

/** Pages of positions, each read while the one before it is judged. */
export async function* readLog(reader: pg.Client, tenant: string): AsyncGenerator<LogPage> {
  const { rows } = await reader.query<{ last: number }>(
    'select coalesce(max(tenant_position), 0)::float8 as last from core.leaf where tenant_id = $1',
    [tenant],
  );
  const last = rows[0]?.last ?? 0;
  let ahead: Promise<LogPage> | undefined;
  for (let from = 0; from < last; from += pageSize) {
    const page = await (ahead ?? readPage(reader, tenant, { from, to: pageEnd(from, last) }));
    if (page.to < last) {
      ahead = readPage(reader, tenant, { from: page.to, to: pageEnd(page.to, last) });
      // It is awaited in the next round; a failure before that is not an unhandled one.
      ahead.catch(() => undefined);
    }
    yield page;
  }
}

function pageEnd(from: number, last: number): number {
  return Math.min(from + pageSize, last);
}

/** The positions behind `from` up to `to`. */
async function readPage(
  reader: pg.Client,
  tenant: string,
  { from, to }: { from: number; to: number },
): Promise<LogPage> {
  const leaves = await reader.query<LeafRow>(
    `select l.tenant_position::float8, l.position::float8, l.hash,
            e.id, e.tenant_id as event_tenant, e.type, e.body
       from core.leaf l left join core.event e on e.seq = l.seq
      where l.tenant_id = $1 and l.tenant_position > $2 and l.tenant_position <= $3
      order by l.tenant_position`,
    [tenant, from, to],
  );
  const heads = await reader.query<HeadRow>(
    `select tree_size::float8, root, note from core.checkpoint
      where tenant_id = $1 and tree_size > $2 and tree_size <= $3 order by tree_size`,
    [tenant, from, to],
  );
  const subtrees = new Map<string, Buffer>();
  for (let level = storedLevels; 2 ** level <= to; level += storedLevels) {
    const [start, end] = [Math.floor(from / 2 ** level), Math.floor(to / 2 ** level)];
    if (start === end) continue;
    const { rows } = await reader.query<{ index: number; hash: Buffer }>(
      `select index::float8, hash from core.node
        where tenant_id = $1 and level = $2 and index >= $3 and index < $4`,
      [tenant, level, start, end],
    );
    for (const { index, hash } of rows) subtrees.set(`${level}/${index}`, hash);
  }
  return {
    to,
    leaves: leaves.rows,
    heads: heads.rows,
    subtrees: (level, index) => subtrees.get(`${level}/${index}`),
  };
}
