// What goes on by itself in loyalty.
import type { Clock, CommandInput, ConsumerOptions, Database, Json, Random } from '#core';
import type { GuardedCore } from '#cores';
import type { Outcome } from '#money';

export type LoyaltyOptions = ConsumerOptions & {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly core: GuardedCore;
  readonly execute: (
    input: CommandInput<Json>,
  ) => Promise<{ readonly commandId: string; readonly outcome: Outcome }>;
};

export async function runLoyalty(_options: LoyaltyOptions): Promise<void> {}
