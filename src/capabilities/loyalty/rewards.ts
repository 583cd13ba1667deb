// Rewards, campaigns, claims and tiers together: what may be done about them, what is told of it,
// and what goes on by itself.
import { type Clock, followLog, type Consumer, type ConsumerOptions, runConsumer } from '#core';
import type { GuardedCore } from '#cores';
import type { PolicyOperations } from '#policy';
import { setTimeout as sleep } from 'node:timers/promises';
import type Type from 'typebox';
import type { SystemParts } from './accounts.ts';
import { campaignOperations, campaignPayloads } from './campaigns.ts';
import { catalogueOperations, cataloguePayloads } from './catalogue.ts';
import { quoteOperations, quotePayloads } from './catalogue-quotes.ts';
import { claimConsumer, claimFinisher } from './claims-credit.ts';
import { claimOperations, claimPayloads } from './claims.ts';
import { redemptionFinisher } from './redeem-steps.ts';
import { redemptionOperations, redemptionPayloads } from './redeem.ts';
import {
  benefitConsumer,
  benefitOperations,
  benefitPayloads,
  benefitProvisioner,
} from './tier-benefits.ts';
import { tierClock, tierFollower, tierOperations, tierPayloads } from './tier-moves.ts';

export const rewardOperations: PolicyOperations = {
  ...catalogueOperations,
  ...quoteOperations,
  ...redemptionOperations,
  ...campaignOperations,
  ...claimOperations,
  ...tierOperations,
  ...benefitOperations,
};

export const rewardPayloads: Readonly<Record<string, Type.TSchema>> = {
  ...cataloguePayloads,
  ...quotePayloads,
  ...redemptionPayloads,
  ...campaignPayloads,
  ...claimPayloads,
  ...tierPayloads,
  ...benefitPayloads,
};

const lookIntervalMs = 5_000;

/** Tiers follow what is earned; what was broken off is finished; benefits reach the core. */
export async function runRewards(
  parts: SystemParts & { readonly clock: Clock; readonly core: GuardedCore } & ConsumerOptions,
): Promise<void> {
  const follow = (consumer: Consumer) => followLog(consumer, parts.database.pool('app'), parts);
  await Promise.all([
    runConsumer(tierFollower(parts, parts.sealed.rows), parts),
    follow(benefitConsumer()),
    follow(claimConsumer(parts)),
    ...[
      tierClock(parts, parts),
      benefitProvisioner(parts, parts),
      redemptionFinisher(parts, parts),
      claimFinisher(parts, parts),
    ].map((round) => everyNow(round, parts)),
  ]);
}

async function everyNow(
  round: () => Promise<number>,
  { signal, onError }: ConsumerOptions,
): Promise<void> {
  while (!signal.aborted) {
    await round().catch(onError);
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}
