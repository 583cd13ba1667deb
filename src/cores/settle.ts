// A money move seen through to its end: what is not known is looked up, and never tried blindly.
import { Fault, internalId, type Uuid } from '#core';
import type { Effects, Outcome, PostingItem, RejectionCode } from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Core, LookedUp, MoveKey, MoveResult } from './port.ts';

/** What became of a command in the core. */
export type Settled = {
  readonly commandId: Uuid;
  readonly outcome: Outcome;
  readonly effects: Effects | null;
};

/** Of a look-up, with the pauses between, in milliseconds. */
const lookUpsMax = 4;
const pauseMs = 150;

/** Throws `outcome_unknown` where the core does not tell in time: the same key finds it later. */
export async function settle({ operations }: Core, item: PostingItem): Promise<Settled> {
  const moved = await operations.transfer(item);
  const result = moved.status === 'unknown' ? await lookedUp(operations, moved.lookUp) : moved;
  switch (result.status) {
    case 'completed':
      return { ...settled(result, item), outcome: { status: 'accepted' } };
    case 'rejected': {
      const { code, leg, limit, reasons } = result;
      const more = {
        ...(leg === undefined ? {} : { leg }),
        ...(limit === undefined ? {} : { limit }),
        ...(reasons === undefined ? {} : { reasons }),
      };
      const outcome = { status: 'rejected', code: code as RejectionCode, ...more } as const;
      return { ...settled(result, item), outcome };
    }
    default:
      throw new Fault('outcome_unknown', 'whether it was carried out is not known: ask again');
  }
}

async function lookedUp(
  { lookUp }: Core['operations'],
  key: MoveKey,
): Promise<Exclude<LookedUp, { status: 'unknown' }> | { readonly status: 'not_found' }> {
  for (let look = 1; look <= lookUpsMax; look += 1) {
    await sleep(pauseMs);
    const found = await lookUp(key).catch(() => undefined);
    if (found && found.status !== 'unknown' && found.status !== 'not_found') return found;
  }
  return { status: 'not_found' };
}

function settled(
  { reference, effects }: Extract<MoveResult, { effects: Effects | null }>,
  { command }: PostingItem,
): Pick<Settled, 'commandId' | 'effects'> {
  return { commandId: internalId('command', reference) ?? command.id, effects };
}
