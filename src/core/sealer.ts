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
import type { Head, Heads } from './heads.ts';
import type { Keyring } from './keyring.ts';
import { checkpointText, signNote } from './note.ts';
import {
  checkHeads,
  grow,
  type HeadRow,
  recordTree,
  type SealedRow,
  unsignedTrees,
} from './trees.ts';

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
    const isDry = (await leader.pass()) < passMax;
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

type Leader = {
  /** Seals one page of new events; answers how many there were. */
  readonly pass: () => Promise<number>;
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

  async function pass(): Promise<number> {
    if (isQuiet) {
      const [seen] = await lookAhead(client);
      if (seen?.seq === low) return 0;
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
    return rows.length;
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

const sealPage = 'select * from core.seal($1, $2)';

async function lookAhead(client: pg.Client): Promise<{ seq: bigint; xmin: bigint }[]> {
  const { rows } = await client.query<{ seq: bigint; xmin: bigint }>(
    `select case when is_called then last_value else 0 end as seq,
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xmin
       from core.event_seq`,
  );
  return rows;
}
