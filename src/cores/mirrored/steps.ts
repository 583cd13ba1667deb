// The calls of a core that an intent stands for: made in their order, or looked up where they may
// have been made before.
import { Fault, type Json } from '#core';
import type { CoreStep, IntentRow, PostingItem } from '#money';
import type { Adapter, AdapterOperations, LookUp, MoveAnswer } from '../adapter.ts';
import { markOf } from './reference.ts';

/** As the adapter answers the last of them; `not_found` where the core has none by now. */
export type StepsAnswer = MoveAnswer | { readonly status: 'not_found' };

export type Asking = {
  readonly adapter: Adapter;
  /** Nobody can have asked before. */
  readonly isFirst: boolean;
  /** Whether a call that the core does not know is made: asked before each. */
  readonly mayAsk: () => boolean;
};

export const onlyLooking = () => false;

type Asked = Pick<IntentRow, 'steps' | 'digest'> & {
  /** Overrides of the core that people have accepted, by id. */
  readonly accepted?: readonly string[] | undefined;
};

/**
 * Throws `idempotency_key_reused` where the core knows another command under one of the references,
 * and what the adapter throws: then nothing was done.
 */
export async function goThrough(asked: Asked, asking: Asking): Promise<StepsAnswer> {
  let last: StepsAnswer = { status: 'not_found' };
  for (const [at, step] of asked.steps.entries()) {
    const found = asking.isFirst ? undefined : await lookedUp(asked, step, asking.adapter);
    const isAccepted = found?.status === 'needs_override' && asked.accepted !== undefined;
    const isToAsk = (!found || isAccepted) && asking.mayAsk();
    if (!found && !isToAsk) return { status: 'not_found' };
    last = found && !isToAsk ? found : await call(asked, step, asking.adapter, at > 0);
    if (isGone(step, last)) last = { status: 'completed', coreReference: '', replayed: true };
    if (last.status !== 'completed') return last;
  }
  return last;
}

/** What is to be given back is not there any more. */
function isGone({ operation }: CoreStep, answer: StepsAnswer): boolean {
  return (
    operation === 'releaseHold' &&
    answer.status === 'rejected' &&
    ['hold_not_found', 'hold_voided', 'hold_expired'].includes(answer.code)
  );
}

async function call(
  asked: Asked,
  { operation, order }: CoreStep,
  { operations }: Adapter,
  isFurther: boolean,
): Promise<MoveAnswer> {
  const work = operations[operation as keyof AdapterOperations] as Calling | undefined;
  if (!work) throw new Fault('core_operation_missing', `the core has no operation ${operation}`);
  const accepted = operation === 'transfer' && asked.accepted ? { accepted: asked.accepted } : {};
  try {
    return await work({ ...order, mark: markOf(asked), ...accepted });
  } catch (error) {
    // A call before it was made: of the whole, nobody can say that nothing has happened.
    if (isFurther && error instanceof Fault) return { status: 'unknown' };
    throw error;
  }
}

type Calling = (order: Readonly<Record<string, Json>>) => Promise<MoveAnswer>;

const kinds: Readonly<Record<string, LookUp['kind']>> = {
  transfer: 'transfer',
  placeHold: 'hold',
  increaseHold: 'hold',
  captureHold: 'capture',
  releaseHold: 'release',
  reverse: 'reverse',
};

async function lookedUp(
  asked: Asked,
  { operation, order }: CoreStep,
  { operations }: Adapter,
): Promise<MoveAnswer | undefined> {
  const { reference, hold, of, debtor, account } = order as Record<string, string | undefined>;
  const found = await operations.lookUp({
    reference: reference ?? '',
    kind: kinds[operation] ?? 'transfer',
    account: debtor ?? account ?? '',
    ...(hold === undefined ? {} : { hold }),
    ...(of === undefined ? {} : { of }),
  });
  if (!found) return undefined;
  if (found.mark !== null && found.mark !== markOf(asked)) {
    throw new Fault('idempotency_key_reused', 'the core knows another command by this reference');
  }
  return found.answer;
}

/** Of what is stored; `telling` becomes what it tells again. */
export type TellOf = (item: PostingItem) => PostingItem['tell'];
