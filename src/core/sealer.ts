// The sealer gives committed events their dense positions and signs the heads of their trees.
//
// One leader per database, by a session advisory lock on the connection that it also works on: who
// loses the connection has lost the lock, and nothing of it can commit any more. Everybody else
// asks for the lock again and again. A leader begins from the database alone.
//
// Which events are new? Writers draw `seq` while they hold their locks, so conflicting effects have
// the order of their seqs, but independent ones commit out of order and aborted ones leave gaps. A
// pass therefore takes every visible event above `low` that has no leaf. `low` rises by proof: a
// writer has a transaction id before it draws a seq (record_events sees to that). So a pass reads
// M, the last seq drawn, and only then draws its own transaction id A: whoever drew a seq up to M
// has an id below A. Once a snapshot's xmin has reached A, all of those have ended; the pass after
// that seals what is visible of them, and nothing at or below M can appear later.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Bell, createBell } from './bell.ts';
import { sealedChannel } from './consumer.ts';
import type { Clock } from './clock.ts';
import { type Database, inOneWrite, isConnectionError } from './database.ts';
import { Fault } from './fault.ts';
import { type Head, type Heads, logOrigin, parseOrigin } from './heads.ts';
import type { Keyring } from './keyring.ts';
import { type CompleteSubtree, type Frontier, restoreFrontier, rootOf } from './merkle.ts';
import { checkpointText, signNote } from './note.ts';
import { databaseSubtrees } from './receipt.ts';

export type SealerLog = {
  readonly info: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

export type SealerOptions = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly heads: Heads;
  readonly clock: Clock;
  readonly log: SealerLog;
};

export type Sealer = {
  /** Something was committed: seal soon rather than at the next look. */
  readonly poke: () => void;
  /** Resolves when everything committed before the call is sealed and under signed heads. */
  readonly sealNow: () => Promise<void>;
  readonly isLeader: () => boolean;
  /** Why this sealer has stopped for good, if it has. */
  readonly failure: () => Fault | undefined;
  readonly stop: () => Promise<void>;
};

/** Events sealed by one transaction. */
const passMax = 2_000;
/** Between passes, so that each commit seals what gathered meanwhile. */
const passIntervalMs = 4;
/** Proofs in waiting: while a long transaction holds the horizon, more would prove no more. */
const horizonsMax = 64;
/** How often to look when nobody pokes: writers of other processes do not. */
const lookIntervalMs = 10;
const headIntervalMs = 1_000;
const electionIntervalMs = 250;
const sealNowTimeoutMs = 30_000;
/** The advisory lock of the leader: any number that nothing else in the database uses. */
const leaderLock = 7_310_579_001n;

/** What the sealer's loop and its callers tell each other. */
type Office = {
  /** Rings when something may be there to be sealed. */
  readonly work: Bell;
  /** Rings when heads were signed. */
  readonly progress: Bell;
  readonly stopping: AbortController;
  /** How often somebody asked for all to be sealed and signed, and how often that was done. */
  asked: number;
  done: number;
  isLeader: boolean;
  failure: Fault | undefined;
};

export function startSealer(options: SealerOptions): Sealer {
  const office: Office = {
    work: createBell(),
    progress: createBell(),
    stopping: new AbortController(),
    asked: 0,
    done: 0,
    isLeader: false,
    failure: undefined,
  };
  const ended = runForOffice(options, office);
  return {
    poke: () => office.work.ring(),
    sealNow: () => sealNow(office),
    isLeader: () => office.isLeader,
    failure: () => office.failure,
    async stop() {
      office.stopping.abort();
      await ended;
    },
  };
}

async function sealNow(office: Office): Promise<void> {
  office.asked += 1;
  const mine = office.asked;
  const deadline = performance.now() + sealNowTimeoutMs;
  office.work.ring();
  while (office.done < mine) {
    if (office.failure !== undefined) throw office.failure;
    const since = office.progress.count();
    const left = deadline - performance.now();
    if (left <= 0) throw new Fault('deadline_exceeded', 'nobody sealed the log in time');
    await office.progress.wait(since, Math.min(left, 10 * lookIntervalMs));
  }
}

/** Until it is stopped, or must never sign again. */
async function runForOffice(options: SealerOptions, office: Office): Promise<void> {
  const { log } = options;
  const { signal } = office.stopping;
  while (!signal.aborted) {
    try {
      await campaign(options, office);
    } catch (error) {
      if (error instanceof Fault && error.code === 'log_behind_head') {
        office.failure = error;
        log.error({ err: error }, 'the sealer refuses to sign');
        return;
      }
      // A database that is away is everybody's matter, and told by others.
      if (office.isLeader || !isConnectionError(error)) {
        log.error({ err: error }, 'the sealer lost its session and starts anew');
      }
    } finally {
      office.isLeader = false;
    }
    await sleep(electionIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Tries to become the leader; leads until stopped or until the session breaks. */
async function campaign(options: SealerOptions, office: Office): Promise<void> {
  const client = await options.database.connect('sealer');
  try {
    const { rows } = await client.query<{ won: boolean }>(
      'select pg_try_advisory_lock($1) as won',
      [leaderLock],
    );
    if (rows[0]?.won !== true) return;
    const leader = await takeOffice(client, options);
    office.isLeader = true;
    options.log.info({}, 'this process seals the log');
    await lead(leader, office);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function lead(leader: Leader, office: Office): Promise<void> {
  const { signal } = office.stopping;
  let headsAt = 0;
  let isLast = false;
  do {
    // Once more after the stop, so that what was committed before it is sealed and signed.
    isLast = signal.aborted;
    const [rung, asked] = [office.work.count(), office.asked];
    const isDry = (await leader.pass()) === 'dry';
    const now = performance.now();
    if (now - headsAt >= headIntervalMs || asked > office.done || isLast) {
      await leader.signHeads();
      headsAt = now;
      if (isDry) office.done = asked;
      office.progress.ring();
    }
    isLast &&= isDry;
    if (isDry && !isLast) await office.work.wait(rung, lookIntervalMs, signal);
    if (!signal.aborted) await sleep(passIntervalMs);
  } while (!isLast);
}

// The leader's term -------------------------------------------------------------------------------

type Tree = {
  readonly origin: string;
  readonly frontier: Frontier;
  /** The size under the last signed head. */
  signed: number;
};

type Leader = {
  /** Seals one page of new events; `dry` when there was no full page. */
  readonly pass: () => Promise<'more' | 'dry'>;
  readonly signHeads: () => Promise<void>;
};

type Horizon = { readonly seq: bigint; readonly xid: bigint };

async function takeOffice(client: pg.Client, options: SealerOptions): Promise<Leader> {
  const { keyring, heads, clock } = options;
  await checkHeads(client, keyring, heads);
  const trees = await unsignedTrees(client, keyring);
  const state = await client.query<{ low_seq: bigint }>('select low_seq from core.seal_state');
  let low = state.rows[0]?.low_seq ?? 0n;
  let horizons: Horizon[] = [];
  /** What a snapshot before the next pass has proven: nothing at or below it is still to come. */
  let provenSeq = low;
  let isQuiet = true;

  async function pass(): Promise<'more' | 'dry'> {
    if (isQuiet) {
      const [seen] = await lookAhead(client);
      if (seen?.seq === low) return 'dry';
    }
    // In one round trip, and in this order: M, then A, then what is visible. What xmin proves is
    // used by the next pass, which begins after it.
    const [[seen], , { rows: ids }, { rows }] = await inOneWrite(client, () =>
      Promise.all([
        lookAhead(client),
        client.query('begin'),
        client.query<{ xid: bigint }>('select pg_current_xact_id()::text::bigint as xid'),
        client.query<SealedRow>(sealPage, [low, passMax]),
      ]),
    );
    const nodes = await grow(client, trees, keyring, rows);
    const last = rows.at(-1);
    const notice = [sealedChannel, String(last?.sealed_position)];
    await inOneWrite(client, () =>
      Promise.all([
        nodes.length > 0 && recordTree(client, nodes, []),
        last !== undefined && client.query('select pg_notify($1, $2)', notice),
        client.query('commit'),
      ]),
    );
    const proven = provenSeq;
    const passed = horizons.filter(({ xid }) => xid <= (seen?.xmin ?? 0n));
    provenSeq = passed.at(-1)?.seq ?? provenSeq;
    horizons = horizons.slice(passed.length);
    if (horizons.length < horizonsMax) {
      horizons.push({ seq: seen?.seq ?? low, xid: ids[0]?.xid ?? 0n });
    }
    const isFull = rows.length === passMax;
    if (!isFull) low = proven > low ? proven : low;
    else if (last !== undefined) low = last.seq < proven ? last.seq : low > proven ? low : proven;
    isQuiet = rows.length === 0;
    return isFull ? 'more' : 'dry';
  }

  async function signHeads(): Promise<void> {
    const grown = [...trees].filter(([, tree]) => tree.frontier.size > tree.signed);
    if (grown.length === 0) return;
    const { checkpointKey } = keyring;
    const signed = new Map<string, Head>();
    const rows = grown.map(([tenant, { origin, frontier }]): HeadRow => {
      const { size } = frontier;
      const root = frontier.root();
      const note = signNote(checkpointText({ origin, size, root }), {
        name: origin,
        publicKey: checkpointKey.publicKey,
        sign: checkpointKey.sign,
      });
      signed.set(origin, { size, root: root.toString('base64'), note });
      return { tenant, size, root, note, at: clock.now() };
    });
    heads.keep(signed);
    await recordTree(client, [], rows);
    for (const [, tree] of grown) tree.signed = tree.frontier.size;
  }

  return { pass, signHeads };
}

type SealedRow = {
  readonly sealed_position: bigint;
  readonly tenant: string;
  readonly tenant_position: bigint;
  readonly seq: bigint;
  readonly hash: Buffer;
};

type NodeRow = CompleteSubtree & { readonly tenant: string };

type HeadRow = {
  readonly tenant: string;
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly at: number;
};

const sealPage = 'select * from core.seal($1, $2)';

async function lookAhead(client: pg.Client): Promise<{ seq: bigint; xmin: bigint }[]> {
  const { rows } = await client.query<{ seq: bigint; xmin: bigint }>(
    `select case when is_called then last_value else 0 end as seq,
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin
       from core.event_seq`,
  );
  return rows;
}

/** Feeds the frontiers with new leaves; answers the subtrees that became complete. */
async function grow(
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
async function unsignedTrees(client: pg.Client, keyring: Keyring): Promise<Map<string, Tree>> {
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
async function checkHeads(client: pg.Client, keyring: Keyring, heads: Heads): Promise<void> {
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

async function recordTree(
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
