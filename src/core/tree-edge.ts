// A tenant's tree as it can be drawn: the complete subtrees that it consists of, how they join to
// the root, and the heads that were signed.
import type pg from 'pg';
import { nodeHash, restoreFrontier } from './merkle.ts';
import { type Page, pageOf } from './page.ts';
import { databaseSubtrees } from './receipt.ts';

export type TreeEdge = {
  readonly size: number;
  /** Levels above the leaves; 0 for a tree of one leaf. */
  readonly height: number;
  /** Hashes are told in hex. */
  readonly root: string;
  /** Complete subtrees from left to right, the largest first: positions from 1, both included. */
  readonly subtrees: readonly {
    readonly level: number;
    readonly from: number;
    readonly to: number;
    readonly hash: string;
  }[];
  /** From the right end upwards: of a subtree and all to its right. The last is the root. */
  readonly joins: readonly { readonly from: number; readonly hash: string }[];
};

type Session = Pick<pg.ClientBase, 'query'>;

/** The tree of so many leaves, or of all; undefined where there are not so many. */
export async function readTreeEdge(tx: Session, wanted?: number): Promise<TreeEdge | undefined> {
  const { rows } = await tx.query<{ tenant_id: string; size: bigint }>(
    'select tenant_id, size from core.tree where tenant_id = core.current_tenant()',
  );
  const [tree] = rows;
  const size = wanted ?? Number(tree?.size ?? 0);
  if (tree === undefined || size > Number(tree.size)) return undefined;
  const frontier = await restoreFrontier(size, databaseSubtrees(tx, tree.tenant_id));
  const hashes = frontier.ranges();
  let from = 1;
  const subtrees = levelsOf(size).map((level, index) => {
    const to = from + 2 ** level - 1;
    const subtree = { level, from, to, hash: (hashes[index] as Buffer).toString('hex') };
    from = to + 1;
    return subtree;
  });
  const joins: { from: number; hash: string }[] = [];
  let joined = hashes.at(-1);
  for (let index = hashes.length - 2; index >= 0 && joined !== undefined; index -= 1) {
    joined = nodeHash(hashes[index] as Buffer, joined);
    joins.push({ from: subtrees[index]?.from as number, hash: joined.toString('hex') });
  }
  const height = size > 1 ? Math.ceil(Math.log2(size)) : 0;
  return { size, height, root: frontier.root().toString('hex'), subtrees, joins };
}

/** Of the complete subtrees: one for each one-bit of the size, the largest first. */
function levelsOf(size: number): number[] {
  const levels: number[] = [];
  for (let rest = size, level = 0; rest > 0; rest = Math.floor(rest / 2), level += 1) {
    if (rest % 2 === 1) levels.unshift(level);
  }
  return levels;
}

export type CheckpointView = {
  readonly size: number;
  readonly root: string;
  readonly signed_at: string;
  /** The signed note itself (c2sp.org/tlog-checkpoint). */
  readonly note: string;
};

/** Newest first; `before` is the size of the last one seen. */
export async function listCheckpoints(
  tx: Session,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<Page<CheckpointView>> {
  const { rows } = await tx.query<{ size: number; root: string; note: string; signed_at: Date }>(
    `select tree_size::float8 as size, encode(root, 'hex') as root, note, signed_at
       from core.checkpoint
      where tenant_id = core.current_tenant() and ($1::bigint is null or tree_size < $1)
      order by tree_size desc limit $2`,
    [before ?? null, limit + 1],
  );
  const items = rows.map((row) => ({ ...row, signed_at: row.signed_at.toISOString() }));
  return pageOf(items, limit, ({ size }) => String(size));
}
