// What goes on by itself in loyalty: points follow transactions, returns, the clock and approvals.
import {
  type Clock,
  type CommandInput,
  type Consumer,
  type ConsumerOptions,
  followLog,
  type Database,
  type Json,
  type Random,
} from '#core';
import type { GuardedCore } from '#cores';
import type { Outcome } from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import { accrual } from './accrual.ts';
import { askedAnswers, askedSweep } from './asked.ts';
import { raiseBudgets } from './asked-budgets.ts';
import { warnOfExpiry } from './clockwork-warnings.ts';
import { clockwork } from './clockwork.ts';
import { forfeiting } from './clockwork-closed.ts';
import { liabilityKeeper } from './liability/daily.ts';
import { settling } from './returns.ts';
import { runRewards } from './rewards.ts';

export type LoyaltyOptions = ConsumerOptions & {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly core: GuardedCore;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly commandId: string; readonly outcome: Outcome }>;
};

/** Points are to be there before the receipt is put away. */
const accrualPauseMs = 10;
/** Somebody who has asked for a run is looking at the screen. */
const liabilityMs = 5_000;
const [settleMs, clockworkMs, closedMs, askedMs] = [250, 1_000, 10_000, 5_000];
const warningMs = 10 * 60_000;

export async function runLoyalty(options: LoyaltyOptions): Promise<void> {
  const { database } = options;
  const follow = (consumer: Consumer, pauseMs?: number) =>
    followLog(consumer, database.pool('app'), {
      ...options,
      ...(pauseMs === undefined ? {} : { pauseMs }),
    });
  await Promise.all([
    follow(accrual(options), accrualPauseMs),
    follow(askedAnswers(options)),
    everyRound(options, { work: settling(options), everyMs: settleMs }),
    everyRound(options, { work: clockwork(options), everyMs: clockworkMs }),
    everyRound(options, { work: forfeiting(options), everyMs: closedMs }),
    everyRound(options, { work: () => raiseBudgets(options), everyMs: clockworkMs }),
    everyRound(options, { work: askedSweep(options), everyMs: askedMs }),
    everyRound(options, { work: () => warnOfExpiry(options), everyMs: warningMs }),
    everyRound(options, { work: liabilityKeeper(options), everyMs: liabilityMs }),
    runRewards(options),
  ]);
}

type Round = {
  readonly work: () => Promise<number>;
  /** At least so long after another. */
  readonly everyMs: number;
};

async function everyRound(
  { signal, onError }: ConsumerOptions,
  { work, everyMs }: Round,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch(onError);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
