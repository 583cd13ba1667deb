// What was asked of a core and not finished: whoever was to finish it has died, or the core has not
// told. Several processes may look; the mirror is posted once.
import { type Clock, dueRounds, type Pool } from '#core';
import { type DueIntent, dueIntents } from '#money';
import type { Core } from '../port.ts';
import type { Moves } from './moves.ts';

export type RoundOptions = Pick<Moves, 'finish'> & {
  readonly core: Pick<Core, 'name'>;
  /** Of the role money. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
};

/** Looks after which only people go on: with the pauses between, about a day. */
export const looksMax = 24;
/** Of intents that are looked up at the same time. */
const pageSize = 20;

/** Answers what does one round, and says at how many it has looked. */
export function finishRound(options: RoundOptions): () => Promise<number> {
  const { finish, pool, clock, onError } = options;
  const { name: core } = options.core;
  return dueRounds<DueIntent>({
    ...{ now: () => clock.now(), onError, pageSize },
    readPage: (after) => {
      return dueIntents(pool, { core, now: clock.now(), page: pageSize, looksMax, after });
    },
    async perform({ tenant, key }) {
      // The next look is written down before each, so what fails waits longer each time.
      await finish({ tenant, key }).catch(onError);
      return true;
    },
  });
}
