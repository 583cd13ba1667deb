// A money move seen through to its end: what is not known is looked up, and never tried blindly.
import { Fault, inTime, internalId, type Uuid } from '#core';
import {
  type Effects,
  type JournalBody,
  type Leg,
  legsUnder,
  type Outcome,
  type PostingItem,
  type RejectionCode,
} from '#money';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Core,
  CoreOperations,
  LookedUp,
  MoneyMove,
  MoveKey,
  MoveResult,
  Operations,
  Override,
} from './port.ts';

/** What became of a command in the core. */
export type Settled = {
  readonly commandId: Uuid;
  readonly outcome: Outcome;
  readonly effects: Effects | null;
};

/** Of a look-up, with the pauses between, in milliseconds. */
const lookUpsMax = 4;
const pauseMs = 150;
const lookUpTimeoutMs = 1_000;

/**
 * Throws `outcome_unknown` where the core does not tell in time: the same key finds it later. A
 * core that wants something of its own first has moved nothing, and the fault says what it wants.
 */
export async function settle({ name, operations }: Core, item: PostingItem): Promise<Settled> {
  const moved = await moveFor(name, operations, item)(item);
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
    case 'pending_approval':
      throw new Fault('core_approval_pending', 'the core wants a checker of its own first', {
        detail: { reference: result.reference },
      });
    case 'needs_override':
      throw new Fault('core_override_needed', 'the core warns: a person has to accept that first', {
        detail: { overrides: result.overrides.map(toldOf) },
      });
    case 'not_found':
      throw new Fault('outcome_unknown', 'whether it was carried out is not known: ask again');
  }
}

/** Of an override: its text is the core's own, for those who accept it there. */
function toldOf({ id, code }: Override): Omit<Override, 'text'> {
  return { id, code };
}

// Which move --------------------------------------------------------------------------------------

type Move = {
  [Name in keyof CoreOperations]: CoreOperations[Name] extends MoneyMove ? Name : never;
}[keyof CoreOperations];

const moveByLeg: Readonly<Record<Leg['kind'], Move>> = {
  post: 'transfer',
  hold: 'placeHold',
  increase: 'increaseHold',
  capture: 'captureHold',
  void: 'releaseHold',
  expire: 'releaseHold',
  reverse: 'reverse',
};

/** Of what the decision has left of its legs; what is given back before is part of the move. */
function moveFor(name: string, operations: Operations, { command, countersignature }: PostingItem) {
  const { legs } = command.body as JournalBody;
  const last = (legsUnder(command, countersignature.decision.outcome) ?? legs).at(-1);
  const move = last ? moveByLeg[last.kind] : 'transfer';
  const operation: MoneyMove | undefined = operations[move];
  if (operation) return operation;
  throw new Fault('core_operation_missing', `the core ${name} has no operation ${move}`);
}

/** Every look that fails is followed by another, but for the answer that it is not this command. */
async function lookedUp(
  { lookUp }: Core['operations'],
  key: MoveKey,
): Promise<Exclude<LookedUp, { status: 'unknown' }> | { readonly status: 'not_found' }> {
  for (let look = 1; look <= lookUpsMax; look += 1) {
    await sleep(pauseMs);
    const looking = lookUp(key).catch((error: unknown) => {
      return error instanceof Fault && error.code === 'idempotency_key_reused' ? error : undefined;
    });
    const found = await inTime(looking, lookUpTimeoutMs);
    if (found instanceof Fault) throw found;
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
