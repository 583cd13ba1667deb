// What goes on by itself in offers.
import type { Clock, CommandInput, ConsumerOptions, Database, Json, Random } from '#core';
import type { GuardedCore } from '#cores';
import type { Outcome } from '#money';

export type OffersOptions = ConsumerOptions & {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly core: GuardedCore;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly commandId: string; readonly outcome: Outcome }>;
};

export async function runOffers(_options: OffersOptions): Promise<void> {}
