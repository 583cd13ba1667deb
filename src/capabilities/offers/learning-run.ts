// What goes on by itself around learning: triggers, labels, the breaker, and work at night.
import { type Consumer, type ConsumerOptions, followLog, type Keyring } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatchParts, runBatch } from './batch.ts';
import { batchStarter } from './batch-clock.ts';
import { type PresentingParts, presentBatch } from './batch-allocate.ts';
import { type BreakerParts, watchBreaker } from './breaker-watch.ts';
import { offerLabels } from './learning/labels.ts';
import type { Offering, OfferingParts } from './session.ts';
import { openReading } from './session-read.ts';
import {
  lifeEventNoting,
  lifeEventOffers,
  maturityTeller,
  type TriggerParts,
} from './trigger-reactors.ts';

export type LearningOptions = ConsumerOptions &
  Pick<OfferingParts, 'database' | 'clock' | 'library'> & {
    readonly keyring: Keyring;
    readonly execute: TriggerParts['execute'] &
      BreakerParts['execute'] &
      PresentingParts['execute'];
    readonly offering: Offering;
  };

const [batchIntervalMs, batchClockIntervalMs] = [5_000, 60_000];
const maturityIntervalMs = 3_600_000;
const batchesMax = 20;

export async function runLearning(options: LearningOptions): Promise<void> {
  const { database, signal, onError } = options;
  const parts = { ...options, pool: database.pool('read'), offer: offerBy(options.offering) };
  const follow = (consumer: Consumer) => followLog(consumer, database.pool('app'), options);
  const every = async (intervalMs: number, work: () => Promise<unknown>) => {
    while (!signal.aborted) {
      await work().catch(onError);
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all([
    follow(lifeEventNoting(parts)),
    follow(lifeEventOffers(parts)),
    follow(offerLabels(parts)),
    watchBreaker(options),
    every(maturityIntervalMs, maturityTeller(parts, options)),
    every(batchClockIntervalMs, batchStarter(options)),
    every(batchIntervalMs, batchRounds(options)),
  ]);
}

/** In the app: whoever opens it next sees what the life event has brought. */
function offerBy(offering: Offering): TriggerParts['offer'] {
  return async ({ tenant, customer, events, because }) => {
    await offering.consider({
      principal: { kind: 'service', id: 'offers', tenant },
      ...{ customer, channel: 'in_app', path: 'trigger', events, because },
      ...{ placesMax: 1, key: `trigger ${because}` },
    });
  };
}

/** Goes on with every batch that is under way, whoever has begun it. */
function batchRounds(options: LearningOptions): () => Promise<void> {
  const { database, clock, signal, onError } = options;
  const reading = openReading({
    pipeline: database.pipeline('read', 2),
    read: database.pool('read'),
    policy: database.pool('policy'),
  });
  const parts: BatchParts = { ...options, published: reading.published };
  return async () => {
    const { rows } = await database.pool('app').query<{
      readonly tenant: string;
      readonly id: string;
      readonly channel: Parameters<typeof presentBatch>[2]['channel'];
    }>(
      `select tenant_id as tenant, id, channel from offers.batch where ended_at is null
        order by started_at, tenant_id limit ${batchesMax}`,
    );
    for (const { tenant, id, channel } of rows) {
      if (signal.aborted) return;
      const goOn = async () => {
        await runBatch(parts, tenant, id);
        const at = new Date(clock.now()).toISOString();
        await presentBatch(options, tenant, { id, channel, at });
      };
      // What fails of one tenant keeps no other waiting.
      await goOn().catch(onError);
    }
  };
}
