// A log lived again: its commands, as they were fixed at ingress and in the order in which they
// were serialized, are carried out in an empty database, and what comes of them is compared.
//
// From the record come the commands with their instants and ids, the scores (no model is asked),
// what payments were decided on, what other cores have answered, and in which order independent
// events were sealed. All else is worked out again: other facts from the rows that the commands
// before have made, decisions, postings, texts of events, and so the roots.
import { recordedScorer } from '#ai';
import {
  type Command,
  createFrontier,
  Fault,
  type Keyring,
  openDatabase,
  seededRandom,
  type Uuid,
} from '#core';
import { openPlanes, type Planes } from '#main';
import type { Outcome } from '#money';
import type { Bound } from '#policy';
import type pg from 'pg';
import { compareAccounts, compareTables, type RowsCompared, tableDigests } from './compare.ts';
import { type Difference, findAddition, tellDifference } from './difference.ts';
import { extentOf, readRecord, type RecordedEvent, type RecordPage } from './record.ts';
import { withClient } from './scratch.ts';

export type { Difference } from './difference.ts';

export type ReliveOptions = {
  /** Of the bank's database, by a user who sees the rows of all tenants. Nothing is written. */
  readonly url: string;
  /** Of an empty database with the schema of this version. */
  readonly scratchUrl: string;
  readonly password: Keyring['databasePassword'];
  readonly keyring: Keyring;
  /** All of them without it. */
  readonly tenant?: string | undefined;
  /** What is there is no part of it. Without it all is lived that is sealed. */
  readonly to?: Bound | undefined;
  readonly progress?: (done: number, total: number) => void;
};

export type Relived = {
  readonly tenants: readonly RelivedTenant[];
  readonly commands: number;
  /** Commands with the same decision and the same outcome. */
  readonly identical: number;
  /** Account balances; null where the record goes on beyond what was lived. */
  readonly balances: { readonly accounts: number; readonly identical: number } | null;
  /** By table, what was written beside the log; null as above. */
  readonly rows: readonly RowsCompared[] | null;
  /** Replay determinism score: identical outcomes and balances / all of them. */
  readonly score: number;
  /** Whether nothing differs: events, roots, outcomes, rows. */
  readonly isSame: boolean;
};

export type RelivedTenant = {
  readonly tenant: string;
  readonly events: number;
  /** Events that came out otherwise, or not at all; and those that are on no record. */
  readonly differing: number;
  readonly added: number;
  readonly root: { readonly recorded: string; readonly lived: string };
  /** The first one. */
  readonly difference: Difference | null;
};

export async function reliveLog(options: ReliveOptions): Promise<Relived> {
  return withClient(options.url, (record) =>
    withClient(options.scratchUrl, async (scratch) => {
      await record.query('begin isolation level repeatable read, read only');
      await layInputs(record, scratch);
      const life = openLife(options);
      try {
        return await relive({ ...options, record, scratch, life });
      } finally {
        await life.close();
      }
    }),
  );
}

type Parts = ReliveOptions & {
  readonly record: pg.ClientBase;
  readonly scratch: pg.ClientBase;
  readonly life: Life;
};

async function relive(parts: Parts): Promise<Relived> {
  const { record, scratch, life, progress = () => undefined } = parts;
  const extent = await extentOf(record, parts);
  // Only then the rows are those of the log.
  const isWhole = parts.to === undefined && !(await hasUnsealed(record));
  const logs = new Map([...extent.keys()].map((tenant) => [tenant, openLog(tenant)]));
  const total = [...extent.values()].reduce((sum, size) => sum + size, 0);
  let [done, commands, identical] = [0, 0, 0];
  for await (const page of readRecord(record, extent)) {
    const troubles = await life.live(page);
    commands += page.commands.length;
    identical += await countIdentical(scratch, page);
    await compareEvents({ record, scratch, logs, troubles }, page.events);
    done += page.events.length;
    progress(done, total);
  }
  const tenants: RelivedTenant[] = [];
  for (const log of logs.values()) {
    const { added, difference } = await findAddition(record, scratch, log);
    tenants.push({ ...log.report(), added, difference: log.difference ?? difference });
  }
  const names = [...extent.keys()];
  const balances = isWhole ? await compareAccounts(record, scratch, names) : null;
  const rows = isWhole
    ? compareTables(await tableDigests(record, names), await tableDigests(scratch, names))
    : null;
  const compared = commands + (balances?.accounts ?? 0);
  const same = identical + (balances?.identical ?? 0);
  const isSame =
    same === compared &&
    tenants.every(({ differing, added }) => differing + added === 0) &&
    (rows ?? []).every((table) => table.isSame);
  const score = compared === 0 ? 1 : same / compared;
  return { tenants, commands, identical, balances, rows, score, isSame };
}

/** Whether rows are committed whose events are not sealed yet. */
async function hasUnsealed(record: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await record.query(
    `select from core.event e, core.seal_state s
      where e.seq > s.low_seq and not exists (select from core.leaf l where l.seq = e.seq) limit 1`,
  );
  return rowCount !== 0;
}

// Living ------------------------------------------------------------------------------------------

type Life = {
  /** Carries out what begins in a page; answers what went wrong, by idempotency key. */
  readonly live: (page: RecordPage) => Promise<ReadonlyMap<string, string>>;
  readonly close: () => Promise<void>;
};

/** Planes whose clock stands at the receipt of each command, and which hear the recorded scores. */
function openLife({ scratchUrl, password, keyring }: ReliveOptions): Life {
  const database = openDatabase({
    url: scratchUrl,
    password,
    applicationName: 'countersign replay',
  });
  const time = { now: 0 };
  let scorer = recordedScorer([]);
  let facts: RecordPage['facts'] = new Map();
  let answers: RecordPage['answers'] = new Map();
  let outcomes: ReadonlyMap<Uuid, Outcome> = new Map();
  const planes: Planes = openPlanes({
    database,
    keyring,
    clock: { now: () => time.now },
    // Nothing may come of it: ids and instants are those of the commands.
    random: seededRandom(0),
    scorer: { score: (question) => scorer.score(question) },
    recordedFacts: ({ id }) => facts.get(id),
    recordedAnswer: ({ id }) => answers.get(id),
    recordedOutcome: ({ id }) => outcomes.get(id),
  });
  return {
    async live({ commands, scores, ...known }) {
      scorer = recordedScorer(scores);
      ({ facts, answers } = known);
      const told = commands.map(({ command, outcome }) => {
        return [command.id, JSON.parse(outcome) as Outcome] as const;
      });
      outcomes = new Map(told);
      const troubles: Troubles = new Map();
      for (const window of windowsOf(commands)) {
        time.now = window.at(-1)?.receivedAt ?? time.now;
        await carryOut(planes, window, troubles);
      }
      return troubles;
    },
    async close() {
      await planes.close();
      await database.close();
    },
  };
}

type Troubles = Map<string, string>;

/** What is posted together in one batch, which evaluates its commands in their order. */
const windowMax = 100;
/** Their facts are of themselves and of what administration has set: of no other of these. */
const independent: ReadonlySet<string> = new Set([
  'account.open',
  'decision.make',
  'journal.post',
  'payment.authorize',
  'payment.cancel',
  'payment.capture',
  'payment.expire',
  'payment.increase',
  'payment.initiate',
  'tool.call',
]);

/** Commands that can be decided side by side; each other one stands alone. */
function windowsOf(commands: RecordPage['commands']): readonly (readonly Command[])[] {
  const windows: Command[][] = [];
  let isOpen = false;
  for (const { command } of commands) {
    // What people post by hand is decided by amounts that were posted before.
    const isJoining = independent.has(command.operation) && command.principal.kind !== 'user';
    const last = windows.at(-1);
    if (isOpen && isJoining && last && last.length < windowMax) last.push(command);
    else windows.push([command]);
    isOpen = isJoining;
  }
  return windows;
}

async function carryOut(
  planes: Planes,
  window: readonly Command[],
  troubles: Troubles,
): Promise<void> {
  const [first] = window;
  if (!first) return;
  const done = await Promise.allSettled(
    window.length === 1 ? [planes.executeCommand(first)] : await submitAll(planes, window),
  );
  for (const [at, { tenant, idempotencyKey }] of window.entries()) {
    const answer = done[at];
    if (answer?.status !== 'rejected') continue;
    const { reason } = answer;
    if (!(reason instanceof Fault) || reason.retryable) throw reason;
    troubles.set(`${tenant} ${idempotencyKey}`, reason.message);
  }
}

/** All are decided before the first is handed over; then they are, in their order. */
async function submitAll(
  { decide, carryOut }: Planes,
  window: readonly Command[],
): Promise<Promise<unknown>[]> {
  const decided = await Promise.allSettled(window.map(decide));
  return decided.map(async (each) => {
    if (each.status === 'rejected') throw each.reason;
    return carryOut(each.value);
  });
}

/** What is laid into the database before the command that names it by its digest. */
const laidBefore = [
  { table: 'ai.artefact', columns: ['tenant_id', 'digest', 'bytes'] },
  { table: 'policy.screening_source', columns: ['digest', 'content'] },
];

/** One at a time: each may have some megabytes. */
async function layInputs(record: pg.ClientBase, scratch: pg.ClientBase): Promise<void> {
  for (const { table, columns } of laidBefore) {
    const { rows } = await record.query<{ place: string }>(
      `select ctid::text as place from ${table}`,
    );
    for (const { place } of rows) {
      const found = await record.query(
        `select ${columns.join(', ')} from ${table} where ctid = $1::tid`,
        [place],
      );
      await scratch.query(
        `insert into ${table} (${columns.join(', ')})
         values (${columns.map((_, at) => `$${at + 1}`).join(', ')})`,
        columns.map((column) => found.rows[0]?.[column]),
      );
    }
  }
}

// Comparing ---------------------------------------------------------------------------------------

/** How many of a page were decided and answered as before. */
async function countIdentical(scratch: pg.ClientBase, { commands }: RecordPage): Promise<number> {
  const { rows } = await scratch.query<{ same: number }>(
    `select count(*)::float8 as same
       from unnest($1::text[], $2::text[], $3::text[], $4::text[])
         as w(tenant, key, decision, outcome)
       join core.command c on c.tenant_id = w.tenant and c.idempotency_key = w.key
        and c.decision = w.decision and c.outcome = w.outcome`,
    [
      commands.map(({ command }) => command.tenant),
      commands.map(({ command }) => command.idempotencyKey),
      commands.map(({ decision }) => decision),
      commands.map(({ outcome }) => outcome),
    ],
  );
  return rows[0]?.same ?? 0;
}

/** One tenant's log as it is compared: two trees grow side by side. */
function openLog(tenant: string) {
  const [recorded, lived] = [createFrontier(), createFrontier()];
  let [events, differing] = [0, 0];
  const log = {
    tenant,
    difference: null as Difference | null,
    /** How many of its events were lived, whether or not they are the same. */
    found: 0,
    add(event: RecordedEvent, hash: Buffer | null): boolean {
      events += 1;
      recorded.append(event.hash);
      if (hash !== null) {
        lived.append(hash);
        log.found += 1;
      }
      const isSame = hash?.equals(event.hash) ?? false;
      if (!isSame) differing += 1;
      return isSame;
    },
    report: () => ({
      tenant,
      events,
      differing,
      root: { recorded: recorded.root().toString('hex'), lived: lived.root().toString('hex') },
    }),
  };
  return log;
}

type Comparing = Pick<Parts, 'record' | 'scratch'> & {
  readonly logs: ReadonlyMap<string, ReturnType<typeof openLog>>;
  readonly troubles: ReadonlyMap<string, string>;
};

async function compareEvents(
  { record, scratch, logs, troubles }: Comparing,
  events: readonly RecordedEvent[],
): Promise<void> {
  const hashes = await leafHashes(scratch, events);
  for (const [at, event] of events.entries()) {
    const log = logs.get(event.tenant);
    if (!log || log.add(event, hashes[at] ?? null) || log.difference) continue;
    log.difference = await tellDifference({ record, scratch, troubles }, event);
  }
}

/** Of the events under the same ids; null where there is none. */
async function leafHashes(
  scratch: pg.ClientBase,
  events: readonly { readonly tenant: string; readonly id: Uuid }[],
): Promise<(Buffer | null)[]> {
  const { rows } = await scratch.query<{ hash: Buffer | null }>(
    `select sha256('\\x00'::bytea || convert_to(e.body, 'UTF8')) as hash
       from unnest($1::text[], $2::uuid[]) with ordinality as w(tenant, id, place)
       left join core.event e on e.tenant_id = w.tenant and e.id = w.id
      order by w.place`,
    [events.map(({ tenant }) => tenant), events.map(({ id }) => id)],
  );
  return rows.map(({ hash }) => hash);
}
