// Consumers: code that follows the sealed log. Its effects and its checkpoint are one transaction,
// so that each event has its effect once, however many processes run the same consumer.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bell } from './bell.ts';
import { type Database, type Pool, type Tx, withTx } from './database.ts';
import type { LogTail } from './tail.ts';

/** An event as a consumer receives it. */
export type SealedEvent = {
  /** Dense over all tenants: the order of delivery. */
  readonly position: bigint;
  readonly tenant: string;
  /** Dense within the tenant: the event's place in its evidence. */
  readonly tenantPosition: bigint;
  readonly id: string;
  readonly type: string;
  /** The stored text. */
  readonly body: string;
};

export type Consumer = {
  /** Names its checkpoint; another name starts from the beginning. */
  readonly name: string;
  /** The types of events that it is told of; all of them without. */
  readonly types?: readonly string[];
  /** How many of them it is told of at once, where each takes its time; a page unless given. */
  readonly eventsMax?: number;
  /** Writes the effects of a page of events, in their order, through `tx` alone. */
  readonly apply: (tx: Tx, events: readonly SealedEvent[]) => Promise<void>;
};

export type ConsumerOptions = {
  /** Rung when something was sealed. */
  readonly sealed: Bell & Partial<Pick<LogTail, 'rows'>>;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  /** Between pages that were not full: what gathers meanwhile shares a commit. 200 unless given. */
  readonly pauseMs?: number;
};

/** The channel on which processes hear that positions were sealed. */
export const sealedChannel = 'countersign_sealed';

/** Between attempts to listen, when the database is away. */
const listenRetryMs = 250;
const pageSizeDefault = 1_000;
/** Sealing is announced; this is for an announcement that was lost with its connection. */
const lookIntervalMs = 2_000;
const pauseMsDefault = 200;
const retryMinMs = 100;
const retryMaxMs = 10_000;

/**
 * Follows the log until the signal. `consume` applies a page and answers how many events it had; a
 * page that fails is tried again, never skipped. Whose `types` are named is not woken for others:
 * it passes over them when it looks the next time. `isCut` says whether the page was cut: one may
 * be short, and yet not the last.
 */
export async function runConsumer(
  consume: () => Promise<number>,
  { sealed, signal, onError, pauseMs = pauseMsDefault }: ConsumerOptions,
  { types, isCut }: Pick<Consumer, 'types'> & { readonly isCut?: () => boolean } = {},
): Promise<void> {
  let retryMs = retryMinMs;
  const isLast = (consumed: number) =>
    consumed === 0 || (types && consumed < pageSizeDefault && !isCut?.());
  while (!signal.aborted) {
    const since = sealed.count(types);
    try {
      const consumed = await consume();
      retryMs = retryMinMs;
      if (isLast(consumed)) await sealed.wait(since, lookIntervalMs, signal, types);
      if (consumed < pageSizeDefault) await pause(pauseMs, signal);
    } catch (error) {
      onError(error);
      await pause(retryMs, signal);
      retryMs = Math.min(retryMaxMs, retryMs * 2);
    }
  }
}

/** A consumer whose pages are of the usual size. */
export function followLog(consumer: Consumer, pool: Pool, options: ConsumerOptions): Promise<void> {
  const { rows } = options.sealed;
  const { eventsMax } = consumer;
  let isCut = false;
  const noticing: Consumer = {
    ...consumer,
    apply(tx, events) {
      isCut = events.length === eventsMax;
      return consumer.apply(tx, events);
    },
  };
  const consume = () => {
    isCut = false;
    return consumePage(noticing, pool, { rows });
  };
  return runConsumer(consume, options, { ...consumer, isCut: () => isCut });
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return sleep(durationMs, undefined, { signal }).catch(() => undefined);
}

export type PageOptions = {
  /** A thousand places of the log unless given. */
  readonly pageSize?: number;
  /** The end of the log, where it is at hand. */
  readonly rows?: LogTail['rows'] | undefined;
};

/**
 * Applies the next page; answers how many events it had. What a crash of the database takes back of
 * the effects it takes back of the checkpoint as well, so nobody has to wait for the disk.
 */
export async function consumePage(
  consumer: Consumer,
  pool: Pool,
  options: PageOptions = {},
): Promise<number> {
  return withTx(pool, (tx) => applyPage(tx, consumer, options), { isDerived: true });
}

/** The page within a transaction of the caller. */
export async function applyPage(
  tx: Tx,
  { name, types, eventsMax, apply }: Consumer,
  { pageSize: limit = pageSizeDefault, rows: kept }: PageOptions = {},
): Promise<number> {
  const after = await lockCheckpoint(tx, name);
  const page = kept?.(after, limit) ?? (await readSealed(tx, { after, limit, types }));
  const events = page
    .filter(isWanted)
    .filter(({ type }) => types?.includes(type) ?? true)
    .slice(0, eventsMax);
  // What is not wanted is passed over in great strides; the page ends with the last event told.
  const isCut = events.length === eventsMax;
  const rows = isCut ? page.slice(0, page.indexOf(events.at(-1) as SealedEvent) + 1) : page;
  const last = rows.at(-1);
  if (last === undefined) return 0;
  if (events.length > 0) await apply(tx, events);
  await tx.query('update core.consumer set position = $2 where name = $1', [name, last.position]);
  return rows.length;
}

/** The lock makes a second process wait here, and then begin behind what we have done. */
export async function lockCheckpoint(tx: Tx, name: string): Promise<bigint> {
  const lock = 'select position from core.consumer where name = $1 for update';
  const { rows } = await tx.query<{ position: bigint }>(lock, [name]);
  if (rows[0]) return rows[0].position;
  await tx.query('insert into core.consumer (name) values ($1) on conflict do nothing', [name]);
  const { rows: added } = await tx.query<{ position: bigint }>(lock, [name]);
  return added[0]?.position ?? 0n;
}

/** A place of the log; without the text of an event that is of another type than is wanted. */
export type SealedRow = Omit<SealedEvent, 'body'> & { readonly body: string | null };

export function isWanted(row: SealedRow): row is SealedEvent {
  return row.body !== null;
}

export type Span = {
  readonly after: bigint;
  readonly limit: number;
  readonly types?: readonly string[] | undefined;
  /** Reads this one's log alone: then `after` is one of its own positions. */
  readonly tenant?: string | undefined;
};

export async function readSealed(
  tx: Tx,
  { after, limit, types, tenant }: Span,
): Promise<SealedRow[]> {
  const log = tenant === undefined ? 'sealed_events($1, $2, $3)' : 'tenant_events($4, $1, $2, $3)';
  const { rows } = await tx.query<SealedRow>(
    `select sealed_position as position, tenant, tenant_position as "tenantPosition", id, type, body
       from core.${log}`,
    [after, limit, types ?? null, ...(tenant === undefined ? [] : [tenant])],
  );
  return rows;
}

/** Says in this process whenever any process has sealed; ends with the signal. */
export async function listenForSealed(
  database: Database,
  say: () => unknown,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const client = await database.connect('read');
      const lost = new Promise<void>((resolve) => {
        client.on('end', resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      client.on('notification', say);
      await client.query(`listen ${sealedChannel}`);
      // What was sealed while nobody listened.
      say();
      await lost;
      await client.end();
    } catch {
      // The database is away; it is asked again below.
    }
    await pause(listenRetryMs, signal);
  }
}
