// What the answer of a core comes to: posted in the mirror where it is over, and else written down.
import { type Clock, Fault, type Pool } from '#core';
import {
  type IntentRow,
  noteIntent,
  type PostingEngine,
  type PostingItem,
  type RejectionCode,
} from '#money';
import type { Adapter, MoveAnswer } from '../adapter.ts';
import { resultOf } from '../own/moves.ts';
import type { MoveResult } from '../port.ts';
import type { StepsAnswer, TellOf } from './steps.ts';

export type ConcludingParts = {
  readonly adapter: Pick<Adapter, 'name'>;
  readonly engine: Pick<PostingEngine, 'submit'>;
  /** Of the role money. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly tellOf: TellOf;
};

export type Open = IntentRow & {
  readonly item: PostingItem;
  readonly accepted?: readonly string[] | undefined;
};

type Concluding = {
  readonly answer: StepsAnswer;
  /** Who is told: the command may be an earlier one under the same key. */
  readonly asker: PostingItem;
};

/** Posts what is over, and writes down what is not. */
export async function concluded(
  parts: ConcludingParts,
  row: Open,
  { answer, asker }: Concluding,
): Promise<MoveResult> {
  switch (answer.status) {
    case 'completed':
    case 'rejected': {
      const result = await recorded(parts, row, answer);
      if (!('effects' in result)) return unknown(asker);
      const isOther = row.item.command.id !== asker.command.id;
      return isOther ? { ...result, replayed: true, effects: null } : result;
    }
    case 'needs_override':
      await noted(parts, row, answer);
      return { status: 'needs_override', overrides: answer.overrides };
    case 'pending_approval':
      await noted(parts, row, answer);
      return { status: 'pending_approval', reference: answer.coreReference };
    case 'unknown':
      await noted(parts, row, answer);
      return unknown(asker);
    case 'not_found':
      return unknown(asker);
  }
}

/** What the core has moved and our ledger cannot write is left open, with the reason. */
async function recorded(
  on: ConcludingParts,
  row: Open,
  answer: MoveAnswer & { status: 'completed' | 'rejected' },
): Promise<MoveResult> {
  try {
    return await posted(on, answeredBy(on, row, answer));
  } catch (error) {
    const why = error instanceof Fault ? error.detail['unpostable'] : undefined;
    if (typeof why !== 'string' || answer.status !== 'completed') throw error;
    const { coreReference } = answer;
    const note = { state: 'unknown', refusal: `ledger: ${why}`, coreReference } as const;
    await noteIntent(on.pool, row, { ...note, at: on.clock.now() });
    return unknown(row.item);
  }
}

function answeredBy(
  { adapter: { name }, clock, tellOf }: ConcludingParts,
  { item, reference }: Open,
  answer: MoveAnswer & { status: 'completed' | 'rejected' },
): PostingItem {
  const tell = tellOf(item);
  const whole = { ...item, ...(tell ? { tell } : {}) };
  const at = clock.now();
  if (answer.status === 'completed') {
    const core = { name, reference: answer.coreReference || reference };
    return { ...whole, book: { kind: 'answered', answer: { core }, at } };
  }
  const core = { name, reference: null, reason: answer.coreReason };
  const refusal = { code: answer.code as RejectionCode };
  return { ...whole, book: { kind: 'answered', answer: { core, refusal }, at } };
}

export async function noted(
  { pool, clock }: ConcludingParts,
  row: IntentRow,
  answer: MoveAnswer,
): Promise<void> {
  if (answer.status === 'completed' || answer.status === 'rejected') return;
  const overrides = answer.status === 'needs_override' ? { overrides: answer.overrides } : {};
  const reference =
    answer.status === 'pending_approval' ? { coreReference: answer.coreReference } : {};
  const note = { state: answer.status, ...overrides, ...reference, at: clock.now() };
  await noteIntent(pool, row, note);
}

// Our ledger --------------------------------------------------------------------------------------

/** A fault after which a commit may stand is `unknown`: the intent finds what became of it. */
export async function posted({ engine }: ConcludingParts, item: PostingItem): Promise<MoveResult> {
  try {
    const { outcome, commandId, effects } = await engine.submit(item);
    return resultOf(outcome, { commandId, replayed: commandId !== item.command.id, effects });
  } catch (error) {
    const codes = ['database_unavailable', 'deadline_exceeded'];
    if (error instanceof Fault && codes.includes(error.code)) return unknown(item);
    throw error;
  }
}

export function unknown({ command }: PostingItem): MoveResult {
  const { tenant, idempotencyKey, digest } = command;
  return { status: 'unknown', lookUp: { tenant, idempotencyKey, digest } };
}
