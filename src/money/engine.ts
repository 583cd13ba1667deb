// The posting engine: commands gather while a batch is in flight, and every batch is one commit.
//
// A writer takes up to `batchMax` commands as soon as it is free, so batches grow with the load and
// a lone command waits for nobody. The queue is bounded: beyond it the caller hears `overloaded` at
// once. A batch whose connection breaks is run again; commands that were committed after all are
// found by their idempotency keys, so running twice is harmless.
import {
  assert,
  type Clock,
  externalId,
  Fault,
  isConnectionError,
  type VerifyCountersignature,
} from '#core';
import type pg from 'pg';
import { type Answer, runBatch } from './batch.ts';
import type { Book } from './book.ts';
import { underWayFault } from './intents.ts';
import type { PostingItem } from './journal.ts';
import { createQueue, namesOf, type Waiting } from './queue.ts';
import { NotLocked } from './state.ts';

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

type Done = Answer & { readonly kind: 'done' };
type Intended = Answer & { readonly kind: 'intended' };
type Intending = PostingItem & { readonly book: Extract<Book, { kind: 'intent' }> };

export type PostingEngine = {
  /** Posts one countersigned command. Rejections are answers; faults are thrown. */
  readonly submit: (item: PostingItem) => Promise<Done>;
  /**
   * Examines one whose accounts another core keeps, as if it were posted, and writes down that the
   * core is asked. What would be refused is, and is recorded so.
   */
  readonly intend: (item: Intending) => Promise<Done | Intended>;
  /** Commands waiting and in flight. */
  readonly load: () => { readonly queued: number; readonly writing: number };
  /** Finishes what is queued and refuses the rest. */
  readonly stop: () => Promise<void>;
};

const retriesMax = 60;
const retryFirstMs = 5;
const retryMaxMs = 500;

export function createPostingEngine(options: EngineOptions): PostingEngine {
  const { verify, clock, onCommit } = options;
  const { batchMax = 200, writers = 2, queueMax = 5000, deadlineMs = 15_000 } = options;
  const queue = createQueue(batchMax);
  let writing = 0;
  let stopping = false;
  let isWaking = false;
  let idle: (() => void) | undefined;

  function wake(): void {
    isWaking = false;
    while (writing < writers) {
      const batch = queue.take();
      if (batch.length === 0) return;
      writing += 1;
      void writeBatch(options, batch).finally(() => {
        writing -= 1;
        queue.finish(batch);
        onCommit?.();
        if (queue.length() > 0) wake();
        else if (writing === 0) idle?.();
      });
    }
  }

  async function ask(item: PostingItem): Promise<Done | Intended> {
    verify(item);
    if (stopping) throw new Fault('shutting_down', 'the server is stopping: try again');
    if (queue.length() >= queueMax) {
      throw new Fault('overloaded', `${queueMax} commands are waiting: try again shortly`);
    }
    const deadline = clock.now() + deadlineMs;
    const answer = await new Promise<Answer>((resolve, reject) => {
      queue.push({ item, names: namesOf(item), deadline, resolve, reject });
      // One turn of the event loop lets requests that arrived together share the batch.
      if (writing < writers && !isWaking) {
        isWaking = true;
        setImmediate(wake);
      }
    });
    return answerOrFault(answer, item);
  }

  return {
    async submit(item) {
      const answer = await ask(item);
      if (answer.kind === 'done') return answer;
      throw new Fault('outcome_unknown', 'it was sent to the core already: ask again');
    },
    intend: ask,
    load: () => ({ queued: queue.length(), writing }),
    async stop() {
      stopping = true;
      if (queue.length() > 0 || writing > 0) {
        await new Promise<void>((resolve) => {
          idle = resolve;
        });
      }
      assert(queue.length() === 0, 'the queue is drained before the engine stops');
    },
  };
}

/** Answers everybody in the batch, one way or the other. */
async function writeBatch(
  options: EngineOptions,
  batch: readonly Waiting[],
  attemptsBefore = 0,
): Promise<void> {
  let live = batch;
  for (let attempt = attemptsBefore; ; attempt += 1) {
    live = attempt === 0 ? live : withoutLate(live, options.clock.now());
    if (live.length === 0) return;
    try {
      const answers = await inConnection(options, live);
      live.forEach((waiting, index) => {
        waiting.resolve(answers[index] as Answer);
      });
      return;
    } catch (error) {
      const isPassing = isRetryable(error);
      if (!isPassing && live.length > 1) {
        // A command that the database cannot take must not fail those beside it.
        const half = Math.ceil(live.length / 2);
        await writeBatch(options, live.slice(0, half), attempt + 1);
        return writeBatch(options, live.slice(half), attempt + 1);
      }
      if (!isPassing || attempt >= retriesMax) {
        const reason = callerFault(error);
        for (const waiting of live) waiting.reject(reason);
        return;
      }
      await delay(Math.min(retryFirstMs * 2 ** attempt, retryMaxMs));
    }
  }
}

/** Those that are still waited for. */
function withoutLate(batch: readonly Waiting[], now: number): Waiting[] {
  return batch.filter((waiting) => {
    if (waiting.deadline > now) return true;
    waiting.reject(new Fault('deadline_exceeded', 'the database did not answer in time'));
    return false;
  });
}

async function inConnection({ pool }: EngineOptions, batch: readonly Waiting[]): Promise<Answer[]> {
  const client = await pool.connect();
  try {
    const answers = await runBatch(
      client,
      batch.map(({ item }) => item),
    );
    client.release();
    return answers;
  } catch (error) {
    const kept = !isConnectionError(error) && (await rolledBack(client));
    client.release(!kept);
    throw error;
  }
}

function answerOrFault(answer: Answer, { command }: PostingItem): Done | Intended {
  switch (answer.kind) {
    case 'done':
    case 'intended':
      return answer;
    case 'unpostable': {
      const id = externalId('command', command.id);
      throw new Fault(
        'internal',
        `the core has moved what the ledger refuses: ${answer.code} (${id})`,
        { detail: { unpostable: answer.code } },
      );
    }
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
  return underWayFault(error) ?? timeoutFault(error) ?? error;
}

/** 57014: the statement ran out of time, most likely while it waited for a lock. */
function timeoutFault(error: unknown): Fault | undefined {
  if ((error as { code?: unknown }).code !== '57014') return undefined;
  return new Fault('deadline_exceeded', 'the database did not answer in time', { cause: error });
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
