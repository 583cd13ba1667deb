// Webhooks at work in a process: the queue is opened, endpoints are fed, deliveries are sent, and
// old records go, until the signal.
import {
  type Bell,
  type Clock,
  type CommandInput,
  createBell,
  type Database,
  type Json,
  type Keyring,
  type Pool,
  runConsumer,
  withTx,
} from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliverWebhooks } from './deliver.ts';
import { feedDeliveries, requeuePending } from './feed.ts';
import { openQueue, type QueuePace, usualPace } from './queue.ts';
import { openSender } from './send.ts';
import type { Targets } from './targets.ts';

export type WebhookOptions = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  readonly targets: Targets;
  /** Rung when something was sealed. */
  readonly sealed: Bell;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  readonly pace?: QueuePace;
  /** Of one attempt. */
  readonly timeoutMs?: number;
};

const startRetryMs = 5_000;

export async function runWebhooks(options: WebhookOptions): Promise<void> {
  const { database, keyring, clock, execute, targets, sealed, signal, onError } = options;
  const { timeoutMs, pace = usualPace } = options;
  const pool = database.pool('app');
  const queue = await untilDone(() => openQueue(pool, { pace, onError }), options);
  if (queue === undefined) return;
  const sender = openSender({ targets, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const [work, now] = [createBell(), () => clock.now()];
  const parts = { pool, queue, now, work, signal, onError };
  const deadIntervalMs = pace.superviseS * 1_000;
  await Promise.all([
    untilDone(() => requeuePending(parts), options),
    runConsumer(() => feedDeliveries(parts), { sealed, signal, onError }),
    deliverWebhooks({ ...parts, sender, keyring, execute, deadIntervalMs }),
    forgetOld(parts),
  ]);
  await queue.stop();
  await sender.close();
}

/** Does it once the database lets us; undefined when the signal comes first. */
async function untilDone<Done>(
  work: () => Promise<Done>,
  { signal, onError }: Pick<WebhookOptions, 'signal' | 'onError'>,
): Promise<Done | undefined> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      onError(error);
      await sleep(startRetryMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

// Records -----------------------------------------------------------------------------------------

const forgetIntervalMs = 60 * 60_000;
const forgetPage = 5_000;
/** How long one can look up what became of a delivery, and retry it. */
const keptMs = 30 * 24 * 60 * 60_000;

type Forgetting = {
  readonly pool: Pool;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

async function forgetOld({ pool, now, signal, onError }: Forgetting): Promise<void> {
  while (!signal.aborted) {
    try {
      const before = new Date(now() - keptMs);
      let forgotten = forgetPage;
      while (forgotten === forgetPage && !signal.aborted) {
        forgotten = await forgetPageOf(pool, before);
      }
    } catch (error) {
      onError(error);
    }
    await sleep(forgetIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function forgetPageOf(pool: Pool, before: Date): Promise<number> {
  return withTx(pool, async (tx) => {
    await tx.query(
      `delete from webhooks.feed where through_position <= position and requested_at < $1`,
      [before],
    );
    const { rowCount } = await tx.query(
      `delete from webhooks.delivery where ctid in
         (select ctid from webhooks.delivery
           where status <> 'pending' and created_at < $1 limit ${forgetPage})`,
      [before],
    );
    return rowCount ?? 0;
  });
}
