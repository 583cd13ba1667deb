// Projections: read models folded from the sealed log, followed live, rebuilt beside and swapped.
import {
  applyPage,
  type Consumer,
  isWanted,
  lockCheckpoint,
  type PageOptions,
  readSealed,
  type SealedEvent,
} from './consumer.ts';
import { type Pool, type Tx, withTx } from './database.ts';
import { Fault } from './fault.ts';

export type Projection = {
  readonly name: string;
  /** The types of events that it folds. */
  readonly types: readonly string[];
  /** Its tables, by qualified name; every row has a `tenant_id` and a `generation`. */
  readonly tables: readonly string[];
  /** The column of all of its tables that a part of a tenant may be chosen by. */
  readonly keyedBy?: string;
  /** Folds a page of events into the rows of a generation. */
  readonly fold: (tx: Tx, generation: number, events: readonly SealedEvent[]) => Promise<void>;
  /** For a rebuild, which may keep rows in memory between pages; without it pages are folded. */
  readonly folder?: (generation: number, part: Part | undefined) => Folder;
};

/** Folds pages one after the other; what it keeps in memory is written by `flush`. */
export type Folder = {
  readonly fold: (tx: Tx, events: readonly SealedEvent[]) => Promise<void>;
  readonly flush: (tx: Tx) => Promise<void>;
};

/** What is rebuilt, where it is not everything: a tenant, or some of its rows. */
export type Part = {
  readonly tenant: string;
  /** Values of the column `keyedBy`. */
  readonly keys?: ReadonlySet<string>;
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
export async function followProjection(
  projection: Projection,
  pool: Pool,
  options: PageOptions = {},
): Promise<number> {
  const follow = async (tx: Tx) => {
    const generation = await liveGeneration(tx, projection);
    const consumer: Consumer = {
      name: consumerName(projection, generation),
      types: projection.types,
      async apply(_, events) {
        // The checkpoint is locked by now, and the projection after it, as whoever swaps does.
        const live = await liveGeneration(tx, projection, 'share');
        // Swapped meanwhile: nothing of this page was for us.
        if (live !== generation) throw new Fault('conflict', `${projection.name} was rebuilt`);
        await projection.fold(tx, generation, events);
      },
    };
    return applyPage(tx, consumer, options);
  };
  return withTx(pool, follow, { isDerived: true });
}

/**
 * Folds the whole log, or that of a part, into a new generation while the live one goes on, then
 * swaps them. What dies on the way leaves the live rows as they are.
 */
export async function rebuildProjection(
  projection: Projection,
  pool: Pool,
  progress: (done: number, total: number) => void,
  part?: Part,
): Promise<Rebuilt> {
  if (part?.keys && !projection.keyedBy) {
    throw new Fault('input_invalid', `${projection.name} is rebuilt by whole tenants`);
  }
  const guard = await pool.connect();
  try {
    const lock = `select pg_try_advisory_lock(hashtextextended($1, 2)) as won`;
    const { rows } = await guard.query<{ won: boolean }>(lock, [projection.name]);
    if (rows[0]?.won !== true) {
      throw new Fault('conflict', `${projection.name} is being rebuilt already: wait for it`);
    }
    return await rebuild({ projection, pool, progress, part });
  } finally {
    await guard.query('select pg_advisory_unlock_all()').catch(() => undefined);
    guard.release();
  }
}

type Rebuild = {
  readonly projection: Projection;
  readonly pool: Pool;
  readonly progress: (done: number, total: number) => void;
  readonly part: Part | undefined;
};

async function rebuild(options: Rebuild): Promise<Rebuilt> {
  const { projection, pool, progress, part } = options;
  const live = await withTx(pool, (tx) => liveGeneration(tx, projection, 'share'));
  const beside = live + 1;
  // What a rebuild that was interrupted has left behind.
  await dropGeneration(projection, pool, beside);
  const folder = projection.folder?.(beside, part) ?? folderOf(projection, beside);
  const log = logOf(projection, part);
  const total = await withTx(pool, (tx) => log.length(tx));
  for (let isBehind = true; isBehind; ) {
    isBehind = await withTx(pool, async (tx) => {
      const folded = await log.next(tx, folder);
      if (folded < rebuildPage) await folder.flush(tx);
      return folded === rebuildPage;
    });
    progress(log.folded(), Math.max(log.folded(), total));
  }
  const differences = await withTx(pool, async (tx) => {
    await tx.query(`set local statement_timeout = 0`);
    // From here the live consumer waits: both are brought to the same position and compared. Its
    // checkpoint is locked before the projection, in the order in which it locks them itself.
    const position = await catchUp(tx, projection, live);
    await liveGeneration(tx, projection, 'update');
    while ((await log.next(tx, folder, position)) === rebuildPage);
    await folder.flush(tx);
    const rows = { projection, part, live, beside };
    const found = await compare(tx, rows);
    await (part ? replaceRows(tx, rows) : swap(tx, rows, position));
    return found;
  });
  // Of a part nothing is left there but what nobody reads.
  await dropGeneration(projection, pool, part ? beside : live);
  return { events: log.folded(), generation: part ? live : beside, differences };
}

function folderOf(projection: Projection, generation: number): Folder {
  return {
    fold: (tx, events) => projection.fold(tx, generation, events),
    flush: async () => undefined,
  };
}

/** The log, or a tenant's, page by page. */
function logOf({ types }: Projection, part: Part | undefined) {
  let at = 0n;
  let folded = 0;
  return {
    folded: () => folded,
    async length(tx: Tx): Promise<number> {
      const length = part ? 'core.tenant_length($1)' : 'core.sealed_position()';
      const sql = `select ${length} as length`;
      const { rows } = await tx.query<{ length: bigint }>(sql, part ? [part.tenant] : []);
      return Number(rows[0]?.length ?? 0n);
    },
    /** Folds the next page, up to a position of the whole log; answers how many events it had. */
    async next(tx: Tx, folder: Folder, until?: bigint): Promise<number> {
      const span = { after: at, limit: rebuildPage, types, tenant: part?.tenant };
      const page = await readSealed(tx, span);
      const rows = page.filter(({ position }) => until === undefined || position <= until);
      const last = rows.at(-1);
      if (last === undefined) return 0;
      await folder.fold(tx, rows.filter(isWanted));
      at = part ? last.tenantPosition : last.position;
      folded += rows.length;
      return rows.length;
    },
  };
}

type Rows = {
  readonly projection: Projection;
  readonly part: Part | undefined;
  readonly live: number;
  readonly beside: number;
};

/** Makes the new generation the live one, at the position of the old. */
async function swap(tx: Tx, { projection, beside }: Rows, position: bigint): Promise<void> {
  await tx.query(
    `insert into core.consumer (name, position) values ($1, $2)
     on conflict (name) do update set position = excluded.position`,
    [consumerName(projection, beside), position],
  );
  await tx.query('update core.projection set generation = $2 where name = $1', [
    projection.name,
    beside,
  ]);
}

/** Puts the rows of a part in the place of the live ones. */
async function replaceRows(tx: Tx, { projection, part, live, beside }: Rows): Promise<void> {
  const { where, values } = ofPart(projection, part);
  for (const table of projection.tables) {
    await tx.query(`delete from ${table} where generation = $1${where}`, [live, ...values]);
    await tx.query(`update ${table} set generation = $1 where generation = $2`, [live, beside]);
  }
}

/** The rows of a part, as a condition behind that of the generation, which is $1. */
function ofPart({ keyedBy }: Projection, part: Part | undefined) {
  if (part === undefined) return { where: '', values: [] };
  const { tenant, keys } = part;
  const where = ' and tenant_id = $2';
  if (keys === undefined) return { where, values: [tenant] };
  return { where: `${where} and ${keyedBy}::text = any ($3)`, values: [tenant, [...keys]] };
}

/** The shard-wide position up to which the live rows are folded; zero before the first page. */
export async function foldedPosition(tx: Tx, projection: Projection): Promise<bigint> {
  const { rows } = await tx.query<{ position: bigint }>(
    `select c.position from core.projection p join core.consumer c
         on c.name = p.name || '@' || p.generation
      where p.name = $1`,
    [projection.name],
  );
  return rows[0]?.position ?? 0n;
}

function consumerName({ name }: Projection, generation: number): string {
  return `${name}@${generation}`;
}

/**
 * The generation that is read, as SQL: the first before anything was folded. `name` is SQL as well,
 * such as a parameter.
 */
export function generationSql(name: string): string {
  return `coalesce((select generation from core.projection where name = ${name}), 1)`;
}

export async function liveGenerationOf(tx: Tx, name: string): Promise<number> {
  const sql = `select ${generationSql('$1')} as generation`;
  const { rows } = await tx.query<{ generation: number }>(sql, [name]);
  return rows[0]?.generation ?? 1;
}

async function liveGeneration(
  tx: Tx,
  { name }: Projection,
  lock?: 'share' | 'update',
): Promise<number> {
  const found = await tx.query<{ generation: number }>(
    `select generation from core.projection where name = $1 ${lock ? `for ${lock}` : ''}`,
    [name],
  );
  if (found.rows[0] !== undefined) return found.rows[0].generation;
  await tx.query(
    'insert into core.projection (name, generation) values ($1, 1) on conflict do nothing',
    [name],
  );
  return 1;
}

/** Folds what the live generation has not seen yet; answers its position. */
async function catchUp(tx: Tx, projection: Projection, generation: number): Promise<bigint> {
  const { types, fold } = projection;
  const name = consumerName(projection, generation);
  const consumer = {
    name,
    types,
    apply: (_: Tx, events: readonly SealedEvent[]) => fold(tx, generation, events),
  };
  while ((await applyPage(tx, consumer, { pageSize: rebuildPage })) > 0);
  return lockCheckpoint(tx, name);
}

async function compare(tx: Tx, { projection, part, live, beside }: Rows): Promise<number> {
  const { where, values } = ofPart(projection, part);
  let differences = 0;
  for (const table of projection.tables) {
    const { rows } = await tx.query<{ count: bigint }>(
      `with one as (
         select (to_jsonb(t) - 'generation')::text as row from ${table} t
          where generation = $1${where}),
       other as (
         select (to_jsonb(t) - 'generation')::text as row from ${table} t
          where generation = ${beside})
       select count(*) from (
         (table one except table other) union all (table other except table one)) as difference`,
      [live, ...values],
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
