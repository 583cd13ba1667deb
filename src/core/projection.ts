// Projections: read models folded from the sealed log, followed live, rebuilt beside and swapped.
import { type Consumer, consumePage, readSealed, type SealedEvent } from './consumer.ts';
import { type Pool, type Tx, withTx } from './database.ts';
import { Fault } from './fault.ts';

export type Projection = {
  readonly name: string;
  /** Its tables, by qualified name; every row has a `generation`. */
  readonly tables: readonly string[];
  /** Folds a page of events into the rows of a generation. */
  readonly fold: (tx: Tx, generation: number, events: readonly SealedEvent[]) => Promise<void>;
};

export type Rebuilt = {
  readonly events: number;
  readonly generation: number;
  /** Rows that differ between what was live and what was rebuilt, at the same position. */
  readonly differences: number;
};

const rebuildPage = 5_000;
const deletePage = 20_000;

/** The consumer that keeps a projection live, whichever of its generations that is. */
export async function followProjection(projection: Projection, pool: Pool): Promise<number> {
  const generation = await withTx(pool, (tx) => liveGeneration(tx, projection, 'share'));
  return consumePage(
    {
      name: consumerName(projection, generation),
      async apply(tx, events) {
        const live = await liveGeneration(tx, projection, 'share');
        // Swapped meanwhile: nothing of this page was for us.
        if (live !== generation) throw new Fault('conflict', `${projection.name} was rebuilt`);
        await projection.fold(tx, generation, events);
      },
    },
    pool,
  );
}

/** Folds the whole log into a new generation while the live one goes on, then swaps them. */
export async function rebuildProjection(
  projection: Projection,
  pool: Pool,
  progress: (done: number, total: number) => void,
): Promise<Rebuilt> {
  const guard = await pool.connect();
  try {
    const lock = `select pg_try_advisory_lock(hashtextextended($1, 2)) as won`;
    const { rows } = await guard.query<{ won: boolean }>(lock, [projection.name]);
    if (rows[0]?.won !== true) {
      throw new Fault('conflict', `${projection.name} is being rebuilt already: wait for it`);
    }
    return await rebuild(projection, pool, progress);
  } finally {
    await guard.query('select pg_advisory_unlock_all()').catch(() => undefined);
    guard.release();
  }
}

async function rebuild(
  projection: Projection,
  pool: Pool,
  progress: (done: number, total: number) => void,
): Promise<Rebuilt> {
  const old = await withTx(pool, (tx) => liveGeneration(tx, projection, 'share'));
  const generation = old + 1;
  // What a rebuild that was interrupted has left behind.
  await dropGeneration(projection, pool, generation);
  const beside: Consumer = {
    name: consumerName(projection, generation),
    apply: (tx, events) => projection.fold(tx, generation, events),
  };
  let events = 0;
  for (;;) {
    const consumed = await consumePage(beside, pool, rebuildPage);
    events += consumed;
    progress(events, Math.max(events, await sealedPosition(pool)));
    if (consumed < rebuildPage) break;
  }
  const differences = await withTx(pool, async (tx) => {
    // From here the live consumer waits: both are brought to the same position and compared. Its
    // checkpoint is locked before the projection, in the order in which it locks them itself.
    await catchUp(tx, projection, old);
    await liveGeneration(tx, projection, 'update');
    events += await catchUp(tx, projection, generation);
    const found = await compare(tx, projection, old, generation);
    await tx.query('update core.projection set generation = $2 where name = $1', [
      projection.name,
      generation,
    ]);
    return found;
  });
  await dropGeneration(projection, pool, old);
  return { events, generation, differences };
}

function consumerName({ name }: Projection, generation: number): string {
  return `${name}@${generation}`;
}

async function liveGeneration(
  tx: Tx,
  { name }: Projection,
  lock: 'share' | 'update',
): Promise<number> {
  const found = await tx.query<{ generation: number }>(
    `select generation from core.projection where name = $1 for ${lock}`,
    [name],
  );
  if (found.rows[0] !== undefined) return found.rows[0].generation;
  await tx.query(
    'insert into core.projection (name, generation) values ($1, 1) on conflict do nothing',
    [name],
  );
  return 1;
}

async function catchUp(tx: Tx, projection: Projection, generation: number): Promise<number> {
  const name = consumerName(projection, generation);
  const { rows } = await tx.query<{ position: bigint }>(
    'select position from core.consumer where name = $1 for update',
    [name],
  );
  let position = rows[0]?.position ?? 0n;
  let count = 0;
  for (;;) {
    const events = await readSealed(tx, position, rebuildPage);
    if (events.length === 0) break;
    await projection.fold(tx, generation, events);
    position = events.at(-1)?.position ?? position;
    count += events.length;
  }
  await tx.query(
    `insert into core.consumer (name, position) values ($1, $2)
     on conflict (name) do update set position = excluded.position`,
    [name, position],
  );
  return count;
}

async function compare(tx: Tx, { tables }: Projection, one: number, other: number) {
  let differences = 0;
  for (const table of tables) {
    const rowsOf = (generation: number) =>
      `select (to_jsonb(t) - 'generation')::text from ${table} t where generation = ${generation}`;
    const { rows } = await tx.query<{ count: bigint }>(
      `select count(*) from (
         (${rowsOf(one)} except ${rowsOf(other)}) union all
         (${rowsOf(other)} except ${rowsOf(one)})) as difference`,
    );
    differences += Number(rows[0]?.count ?? 0n);
  }
  return differences;
}

async function dropGeneration(
  projection: Projection,
  pool: Pool,
  generation: number,
): Promise<void> {
  const name = consumerName(projection, generation);
  await withTx(pool, (tx) => tx.query('delete from core.consumer where name = $1', [name]));
  for (const table of projection.tables) {
    let deleted: number;
    do {
      deleted = await withTx(pool, async (tx) => {
        const { rowCount } = await tx.query(
          `delete from ${table} where ctid in
             (select ctid from ${table} where generation = $1 limit ${deletePage})`,
          [generation],
        );
        return rowCount ?? 0;
      });
    } while (deleted > 0);
  }
}

async function sealedPosition(pool: Pool): Promise<number> {
  return withTx(pool, async (tx) => {
    const { rows } = await tx.query<{ position: bigint }>(
      'select core.sealed_position() as position',
    );
    return Number(rows[0]?.position ?? 0n);
  });
}
