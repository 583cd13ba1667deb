// The trees that a sealer grows: restored from what is stored, fed with leaves, recorded, and
// compared with the heads that were signed before.
import type pg from 'pg';
import { Fault } from './fault.ts';
import { type Heads, logOrigin, parseOrigin } from './heads.ts';
import type { Keyring } from './keyring.ts';
import { type CompleteSubtree, type Frontier, restoreFrontier, rootOf } from './merkle.ts';
import { databaseSubtrees } from './receipt.ts';

export type Tree = {
  readonly origin: string;
  readonly frontier: Frontier;
  /** The size under the last signed head. */
  signed: number;
};

export type SealedRow = {
  readonly sealed_position: bigint;
  readonly tenant: string;
  readonly tenant_position: bigint;
  readonly seq: bigint;
  readonly hash: Buffer;
};

export type NodeRow = CompleteSubtree & { readonly tenant: string };

export type HeadRow = {
  readonly tenant: string;
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly at: number;
};

/** Feeds the frontiers with new leaves; answers the subtrees that became complete. */
export async function grow(
  client: pg.Client,
  trees: Map<string, Tree>,
  keyring: Keyring,
  rows: readonly SealedRow[],
): Promise<NodeRow[]> {
  const nodes: NodeRow[] = [];
  for (const { tenant, tenant_position, hash } of rows) {
    let tree = trees.get(tenant);
    if (tree === undefined) {
      tree = await restoreTree(client, keyring, tenant, Number(tenant_position) - 1);
      trees.set(tenant, tree);
    }
    if (tree.frontier.size !== Number(tenant_position) - 1) {
      throw new Error(`the tree of ${tenant} does not grow at position ${tenant_position}`);
    }
    for (const node of tree.frontier.append(hash)) nodes.push({ tenant, ...node });
  }
  return nodes;
}

async function restoreTree(
  client: pg.Client,
  keyring: Keyring,
  tenant: string,
  size: number,
): Promise<Tree> {
  const { rows } = await client.query<{ generation: number; signed: bigint }>(
    `select generation, coalesce((select max(tree_size) from core.checkpoint c
        where c.tenant_id = t.tenant_id), 0) as signed
       from core.tree t where tenant_id = $1`,
    [tenant],
  );
  const origin = logOrigin(keyring.logId, tenant, rows[0]?.generation ?? 1);
  const frontier = await restoreFrontier(size, databaseSubtrees(client, tenant));
  return { origin, frontier, signed: Number(rows[0]?.signed ?? 0) };
}

/** The trees that a leader before us has left larger than their last head. */
export async function unsignedTrees(
  client: pg.Client,
  keyring: Keyring,
): Promise<Map<string, Tree>> {
  const { rows } = await client.query<{ tenant_id: string; size: bigint }>(
    `select tenant_id, size from core.tree t
      where size > coalesce((select max(tree_size) from core.checkpoint c
                              where c.tenant_id = t.tenant_id), 0)`,
  );
  const trees = new Map<string, Tree>();
  for (const { tenant_id: tenant, size } of rows) {
    trees.set(tenant, await restoreTree(client, keyring, tenant, Number(size)));
  }
  return trees;
}

/** Refuses to sign on a log that lacks, or contradicts, what was signed before. */
export async function checkHeads(client: pg.Client, keyring: Keyring, heads: Heads): Promise<void> {
  const { rows } = await client.query<{ tenant_id: string; size: bigint; generation: number }>(
    'select tenant_id, size, generation from core.tree',
  );
  const state = await client.query<{ generation: number }>(
    'select generation from core.seal_state',
  );
  for (const [origin, head] of heads.all()) {
    const log = parseOrigin(origin, keyring.logId);
    if (log === undefined) continue;
    const tree = rows.find(({ tenant_id: tenant }) => tenant === log.tenant);
    // A restore has ended that log, and began another.
    if ((tree?.generation ?? state.rows[0]?.generation ?? 1) > log.generation) continue;
    if (tree?.generation !== log.generation || Number(tree.size) < head.size) {
      throw new Fault(
        'log_behind_head',
        `a head of size ${head.size} was signed for ${origin}, and the database holds ` +
          `${tree?.size ?? 0} of its events: bring the lost ones back, or restore a backup with ` +
          '`countersign restore`, which begins a new log',
      );
    }
    const root = await rootOf(head.size, databaseSubtrees(client, tree.tenant_id));
    if (root.toString('base64') !== head.root) {
      throw new Fault(
        'log_behind_head',
        `the log ${origin} differs from the head of size ${head.size} that was signed for it`,
      );
    }
  }
}

export async function recordTree(
  client: pg.Client,
  nodes: readonly NodeRow[],
  heads: readonly HeadRow[],
): Promise<void> {
  await client.query('select core.record_tree($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    nodes.map((node) => node.tenant),
    nodes.map((node) => node.level),
    nodes.map((node) => node.index),
    nodes.map((node) => node.hash),
    heads.map((head) => head.tenant),
    heads.map((head) => head.size),
    heads.map((head) => head.root),
    heads.map((head) => head.note),
    heads.map((head) => new Date(head.at)),
  ]);
}
