// What goes on by itself in offers: consumers of the log, and clocks.
import { type Consumer, type ConsumerOptions, followLog, type Keyring } from '#core';
import type { GuardedCore } from '#cores';
import type { Vault } from '#privacy';
import { setTimeout as sleep } from 'node:timers/promises';
import { offerReactions } from './deliver.ts';
import { adviceTeller, expiryTeller } from './deliver-clock.ts';
import { coreTeller, offerWriteBack } from './deliver-core.ts';
import { runLearning } from './learning-run.ts';
import { openPropensities } from './learning/propensity.ts';
import { type OfferingParts, openOffering } from './session.ts';

export type OffersOptions = ConsumerOptions &
  Omit<OfferingParts, 'propensities' | 'onError'> & {
    readonly core: GuardedCore;
    readonly vault: Vault;
    readonly keyring: Keyring;
  };

/** What is due is looked for so often; an expiry counts from its instant on in any case. */
const lookIntervalMs = 5_000;

export async function runOffers(options: OffersOptions): Promise<void> {
  const { database, signal, onError } = options;
  const parts = { ...options, pool: database.pool('read') };
  const offering = openOffering({ ...options, propensities: openPropensities(options) });
  const follow = (consumer: Consumer) => followLog(consumer, database.pool('app'), options);
  await Promise.all([
    ...offerConsumers(parts).map(follow),
    runLearning({ ...options, offering }),
    ...[expiryTeller(parts), adviceTeller(parts), coreTeller(parts)].map((tell) =>
      again(tell, { signal, onError }),
    ),
  ]);
  await offering.settled();
}

/** Each with a checkpoint of its own: none waits for another. */
export function offerConsumers(
  parts: Parameters<typeof offerReactions>[0] & Parameters<typeof offerWriteBack>[0],
): readonly Consumer[] {
  return [offerReactions(parts), offerWriteBack(parts)];
}

async function again(
  round: () => Promise<number>,
  { signal, onError }: Pick<OffersOptions, 'signal' | 'onError'>,
): Promise<void> {
  while (!signal.aborted) {
    await round().catch(onError);
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}
