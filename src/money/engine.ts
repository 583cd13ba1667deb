// The posting engine: commands gather while a batch is in flight, and every batch is one commit.
//
// A writer takes up to `batchMax` commands as soon as it is free, so batches grow with the load and
// a lone command waits for nobody. The queue is bounded: beyond it the caller hears `overloaded` at
// once. A batch whose connection breaks is run again; commands that were committed after all are
// found by their idempotency keys, so running twice is harmless.
//
// While one batch is in flight, the next takes only commands that name none of its accounts, holds
// and transfers: it would wait for their locks otherwise, and everybody in it with it.
import { assert, type Clock, Fault, isConnectionError, type VerifyCountersignature } from '#core';
import type pg from 'pg';
import { type Answer, runBatch } from './batch.ts';
import { namedBy } from './batch-read.ts';
import type { PostingItem } from './journal.ts';
import { NotLocked } from './state.ts';
import { isSettings } from './settings.ts';

export type EngineOptions = {
  /** Connections of the money role, in pipeline mode. */
  readonly pool: Pick<pg.Pool, 'connect'>;
  readonly verify: VerifyCountersignature;
  readonly clock: Clock;
  /** Called after every commit: the sealer may look for new events. */
  readonly onCommit?: () => void;
  /** Commands per batch: past 200 a batch costs more latency than it saves. */
  readonly batchMax?: number;
  /** Batches in flight: while one waits for the disk, the next is evaluated. */
  readonly writers?: number;
  /** Commands waiting; beyond it the answer is `overloaded`. */
  readonly queueMax?: number;
  /** How long a command may wait for its answer, in milliseconds. */
  readonly deadlineMs?: number;
};

export type PostingEngine = {
  /** Posts one countersigned command. Rejections are answers; faults are thrown. */
  readonly submit: (item: PostingItem) => Promise<Answer & { kind: 'done' }>;
  /** Commands waiting and in flight. */
  readonly load: () => { readonly queued: number; readonly writing: number };
  /** Finishes what is queued and refuses the rest. */
  readonly stop: () => Promise<void>;
};

type Waiting = {
  readonly item: PostingItem;
  /** What it names: commands that share one of these run one after the other. */
  readonly names: readonly string[];
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
};

/**
 * Names per batch: 2,000 legs take about a tenth of a second, in which nobody else is served. One
 * journal may be longer than what is left of a batch, and is taken all the same.
 */
const namesMax = 4_000;
/** How far a batch looks past commands that have to wait. */
const lookAheadMax = 1_000;
const retriesMax = 60;
const retryFirstMs = 5;
const retryMaxMs = 500;

export function createPostingEngine(options: EngineOptions): PostingEngine {
  const { pool, verify, clock, onCommit } = options;
  const { batchMax = 200, writers = 2, queueMax = 5000, deadlineMs = 15_000 } = options;
  let queue: Waiting[] = [];
  /** What the batches in flight name. */
  const inFlight = new Set<string>();
  let writing = 0;
  let stopping = false;
  let isWaking = false;
  let idle: (() => void) | undefined;

  function wake(): void {
    isWaking = false;
    while (writing < writers && queue.length > 0) {
      const batch = takeBatch();
      if (batch.length === 0) return;
      writing += 1;
      void writeBatch(batch).finally(() => {
        writing -= 1;
        for (const { names } of batch) for (const name of names) inFlight.delete(name);
        if (queue.length > 0) wake();
        else if (writing === 0) idle?.();
      });
    }
  }

  /**
   * The first commands whose names are not in flight, nor named by one that has to wait: commands
   * on one account keep their order. Settings run alone, because they wait for the tenant's other
   * postings.
   */
  function takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const blocked: Waiting[] = [];
    const blockedNames = new Set<string>();
    const end = Math.min(queue.length, lookAheadMax);
    let names = 0;
    let index = 0;
    for (; index < end && batch.length < batchMax && names < namesMax; index += 1) {
      const waiting = queue[index] as Waiting;
      const isAlone = isSettings(waiting.item.command.operation);
      if (isAlone && index > 0) break;
      if (waiting.names.some((name) => inFlight.has(name) || blockedNames.has(name))) {
        blocked.push(waiting);
        for (const name of waiting.names) blockedNames.add(name);
        continue;
      }
      batch.push(waiting);
      names += waiting.names.length;
      if (!isAlone) continue;
      index += 1;
      break;
    }
    // Names are marked once the batch is whole: within it, commands may share them.
    for (const { names } of batch) for (const name of names) inFlight.add(name);
    queue = [...blocked, ...queue.slice(index)];
    return batch;
  }

  async function writeBatch(batch: Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const now = clock.now();
      const live = batch.filter((waiting) => {
        if (attempt > 0 && waiting.deadline <= now) {
          waiting.reject(new Fault('deadline_exceeded', 'the database did not answer in time'));
          return false;
        }
        return true;
      });
      if (live.length === 0) return;
      try {
        const answers = await inConnection(live.map(({ item }) => item));
        live.forEach((waiting, index) => {
          waiting.resolve(answers[index] as Answer);
        });
        onCommit?.();
        return;
      } catch (error) {
        if (!isRetryable(error) && live.length > 1) {
          // A command that the database cannot take must not fail those beside it.
          const half = Math.ceil(live.length / 2);
          await writeBatch(live.slice(0, half));
          return writeBatch(live.slice(half));
        }
        if (!isRetryable(error) || attempt >= retriesMax) {
          const reason = callerFault(error);
          for (const waiting of live) waiting.reject(reason);
          return;
        }
        batch = live;
        await delay(Math.min(retryFirstMs * 2 ** attempt, retryMaxMs));
      }
    }
  }

  async function inConnection(items: PostingItem[]): Promise<Answer[]> {
    const client = await pool.connect();
    try {
      const answers = await runBatch(client, items);
      client.release();
      return answers;
    } catch (error) {
      const kept = !isConnectionError(error) && (await rolledBack(client));
      client.release(!kept);
      throw error;
    }
  }

  return {
    async submit(item) {
      verify(item);
      if (stopping) throw new Fault('shutting_down', 'the server is stopping: try again');
      if (queue.length >= queueMax) {
        throw new Fault('overloaded', `${queueMax} commands are waiting: try again shortly`);
      }
      const answer = await new Promise<Answer>((resolve, reject) => {
        queue.push({
          item,
          names: namesOf(item),
          deadline: clock.now() + deadlineMs,
          resolve,
          reject,
        });
        // One turn of the event loop lets requests that arrived together share the batch.
        if (writing < writers && !isWaking) {
          isWaking = true;
          setImmediate(wake);
        }
      });
      return doneOrFault(answer, item);
    },
    load: () => ({ queued: queue.length, writing }),
    async stop() {
      stopping = true;
      if (queue.length > 0 || writing > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      assert(queue.length === 0, 'the queue is drained before the engine stops');
    },
  };
}

/** Public ids are unique over all tenants, so they need no tenant before them. */
function namesOf({ command }: PostingItem): string[] {
  const { accounts, holds, transfers } = namedBy(command);
  return [...accounts, ...holds, ...transfers];
}

function doneOrFault(answer: Answer, { command }: PostingItem): Answer & { kind: 'done' } {
  switch (answer.kind) {
    case 'done':
      return answer;
    case 'key_reused':
      throw new Fault(
        'idempotency_key_reused',
        'this Idempotency-Key was used before with another request: choose a new key',
      );
    case 'rights_changed':
      throw new Fault('rights_changed', 'rights changed while the command waited: try again');
    case 'unknown_tenant':
      throw new Fault('not_found', `there is no tenant ${command.tenant}`);
  }
}

/** Another writer recorded one of the keys first, or something the batch needs was not locked. */
function isRetryable(error: unknown): boolean {
  if (error instanceof NotLocked || isConnectionError(error)) return true;
  const code = (error as { code?: unknown }).code;
  return code === 'CS001' || code === '40001' || code === '40P01' || code === '23505';
}

function callerFault(error: unknown): unknown {
  if (isConnectionError(error)) {
    return new Fault('database_unavailable', 'the database is not reachable', { cause: error });
  }
  // 57014: the statement ran out of time, most likely while it waited for a lock.
  if ((error as { code?: unknown }).code === '57014') {
    return new Fault('deadline_exceeded', 'the database did not answer in time', { cause: error });
  }
  return error;
}

async function rolledBack(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

function delay(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
