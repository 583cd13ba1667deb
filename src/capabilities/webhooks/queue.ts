// The delivery queue: pg-boss over the pool of the role that sends, in a schema of its own.
import type { Pool, Tx, Uuid } from '#core';
import { type Db, type JobWithMetadata, PgBoss } from 'pg-boss';

/** A job names its delivery; what is sent is read from the log when it is sent. */
export type JobData = {
  readonly tenant: string;
  readonly webhookId: Uuid;
  readonly deliveryId: Uuid;
  /** How often it was put into the queue. A job of an earlier round is of no more meaning. */
  readonly round: number;
};
export type Job = JobWithMetadata<JobData>;

export type NewJob = JobData & { readonly jobId: Uuid };

export type Queue = {
  /** Puts jobs into the queue, within a transaction of the caller. An id is put there once. */
  readonly put: (tx: Tx, jobs: readonly NewJob[]) => Promise<void>;
  /** Takes due jobs, a few of each endpoint, and none of those in `without`. */
  readonly take: (options: { limit: number; without: readonly Uuid[] }) => Promise<Job[]>;
  readonly done: (tx: Tx, jobs: readonly Job[]) => Promise<void>;
  /** Tries again later. */
  readonly again: (tx: Tx, jobs: readonly Job[]) => Promise<void>;
  /** Jobs whose process has died at their last try. */
  readonly takeDead: (limit: number) => Promise<Job[]>;
  readonly doneDead: (tx: Tx, jobs: readonly Job[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type QueuePace = {
  readonly retriesMax: number;
  /** Before the first retry; each further one may wait twice as long. A half of it is chance. */
  readonly retryDelayS: number;
  /** After which a job is taken from a process that has not finished it. */
  readonly jobTimeoutS: number;
  /** Between looks for such jobs. */
  readonly superviseS: number;
  /** Jobs of one endpoint that are sent at a time, by all processes. */
  readonly endpointConcurrencyMax: number;
};

/** Twelve retries within about 25 hours: 15 s × 0.75 × (2 + 4 + … + 2¹²). */
export const usualPace: QueuePace = {
  retriesMax: 12,
  retryDelayS: 15,
  jobTimeoutS: 30,
  superviseS: 30,
  endpointConcurrencyMax: 16,
};

const name = 'webhook';
const deadName = 'webhook-dead';
/** What has ended is on record as a delivery: the job itself is of no more use. */
const keepEndedS = 60 * 60;
/** Longer than any job waits, behind a circuit that is open included. */
const keepWaitingS = 30 * 24 * 60 * 60;

export async function openQueue(
  pool: Pool,
  { pace, onError }: { pace: QueuePace; onError: (error: unknown) => void },
): Promise<Queue> {
  const boss = new PgBoss({
    db: executor(pool),
    schema: 'pgboss',
    createSchema: false,
    // Nothing is repeated by the calendar.
    schedule: false,
    superviseIntervalSeconds: pace.superviseS,
    monitorIntervalSeconds: pace.superviseS,
  });
  boss.on('error', onError);
  // The pool is not ours to close, and nothing of pg-boss's own is under way but its upkeep.
  const stop = () => boss.stop({ close: false, graceful: false });
  try {
    await boss.start();
    const kept = { retentionSeconds: keepWaitingS, deleteAfterSeconds: keepEndedS };
    await boss.createQueue(deadName, kept);
    await boss.createQueue(name, { ...kept, deadLetter: deadName });
  } catch (error) {
    await stop().catch(onError);
    throw error;
  }
  const perJob = {
    retryLimit: pace.retriesMax,
    retryDelay: pace.retryDelayS,
    retryBackoff: true,
    expireInSeconds: pace.jobTimeoutS,
    deadLetter: deadName,
  };
  return {
    async put(tx, jobs) {
      const rows = jobs.map(({ jobId, ...data }) => ({
        ...perJob,
        id: jobId,
        group: { id: data.webhookId },
        data,
      }));
      if (rows.length > 0) await boss.insert(name, rows, { db: executor(tx) });
    },
    take: ({ limit, without }) =>
      boss.fetch<JobData>(name, {
        includeMetadata: true,
        batchSize: limit,
        groupConcurrency: pace.endpointConcurrencyMax,
        ignoreGroups: [...without],
      }),
    async done(tx, jobs) {
      if (jobs.length > 0) await boss.complete(name, idsOf(jobs), null, { db: executor(tx) });
    },
    async again(tx, jobs) {
      if (jobs.length > 0) await boss.fail(name, idsOf(jobs), null, { db: executor(tx) });
    },
    takeDead: (limit) => boss.fetch<JobData>(deadName, { includeMetadata: true, batchSize: limit }),
    async doneDead(tx, jobs) {
      await boss.complete(deadName, idsOf(jobs), null, { db: executor(tx) });
    },
    stop,
  };
}

function idsOf(jobs: readonly Job[]): Uuid[] {
  return jobs.map(({ id }) => id);
}

function executor(on: Pool | Tx): Db {
  return { executeSql: (text, values) => on.query(text, values) };
}
