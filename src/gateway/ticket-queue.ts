// The queue of calls for later: pg-boss, in the schema and with the role of the other queue. A job
// names its ticket and nothing else.
import type { Pool, Tx, Uuid } from '#core';
import { type Db, type JobWithMetadata, PgBoss } from 'pg-boss';

export type TicketJob = JobWithMetadata<{ readonly tenant: string; readonly ticket: Uuid }>;

export type TicketQueue = {
  readonly retriesMax: number;
  /** Before the first transaction: it needs connections of the same pool besides. */
  readonly open: () => Promise<void>;
  /** Within a transaction of the caller. An id is put there once. */
  readonly put: (tx: Tx, job: { readonly tenant: string; readonly ticket: Uuid }) => Promise<void>;
  readonly take: (limit: number) => Promise<TicketJob[]>;
  readonly done: (tx: Tx, job: TicketJob) => Promise<void>;
  /** Tries again later; `retriesMax` times, those of workers that have died among them. */
  readonly again: (tx: Tx, job: TicketJob) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type TicketPace = {
  readonly retriesMax: number;
  /** Before the first retry; each further one waits twice as long, with chance in it. */
  readonly retryDelayS: number;
  /** After which a job is taken from a process that has not finished it. */
  readonly jobTimeoutS: number;
  /** Between looks for such jobs. */
  readonly superviseS: number;
};

/** Within the 15 minutes that a token lives. */
export const usualPace: TicketPace = {
  ...{ retriesMax: 6, retryDelayS: 2, jobTimeoutS: 30, superviseS: 30 },
};

const name = 'tool-call';
/** The ticket tells what became of it: the job itself is of no more use. */
const [keepWaitingS, keepEndedS] = [60 * 60, 60 * 60];

/** Opened by the first who asks: a process in which nobody does has none. */
export function openTicketQueue(
  pool: Pool,
  { pace, onError }: { pace: TicketPace; onError: (error: unknown) => void },
): TicketQueue {
  let opening: Promise<PgBoss> | undefined;
  const opened = async () => {
    opening ??= open(pool, pace, onError).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
  const perJob = {
    ...{ retryLimit: pace.retriesMax, retryDelay: pace.retryDelayS, retryBackoff: true },
    expireInSeconds: pace.jobTimeoutS,
  };
  return {
    retriesMax: pace.retriesMax,
    async open() {
      await opened();
    },
    async put(tx, data) {
      const boss = await opened();
      await boss.insert(name, [{ ...perJob, id: data.ticket, data }], { db: executor(tx) });
    },
    async take(limit) {
      const boss = await opened();
      return boss.fetch<TicketJob['data']>(name, { includeMetadata: true, batchSize: limit });
    },
    async done(tx, { id }) {
      await (await opened()).complete(name, id, null, { db: executor(tx) });
    },
    async again(tx, { id }) {
      await (await opened()).fail(name, id, null, { db: executor(tx) });
    },
    async stop() {
      const boss = await opening?.catch(() => undefined);
      // The pool is not ours to close.
      await boss?.stop({ close: false, graceful: false });
    },
  };
}

async function open(pool: Pool, pace: TicketPace, onError: (error: unknown) => void) {
  const boss = new PgBoss({
    ...{ db: executor(pool), schema: 'pgboss', createSchema: false, schedule: false },
    superviseIntervalSeconds: pace.superviseS,
    monitorIntervalSeconds: pace.superviseS,
  });
  boss.on('error', onError);
  try {
    await boss.start();
    await boss.createQueue(name, {
      ...{ retentionSeconds: keepWaitingS, deleteAfterSeconds: keepEndedS },
    });
    // From now on it knows the queue, and does not ask for it from within a transaction.
    await boss.insert(name, []);
    return boss;
  } catch (error) {
    await boss.stop({ close: false, graceful: false }).catch(onError);
    throw error;
  }
}

function executor(on: Pool | Tx): Db {
  return { executeSql: (text, values) => on.query(text, values) };
}
