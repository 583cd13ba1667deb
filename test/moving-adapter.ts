// An adapter over the book of a simulated bank that moves money, too: for tests of what stands
// behind adapters, which may lose its answers, fail, or be stopped in the middle.
import { Fault } from '#core';
import type {
  AdapterOperations,
  CaptureOrder,
  HoldChange,
  HoldOrder,
  MoveAnswer,
  ReverseOrder,
  TransferOrder,
} from '../src/cores/adapter.ts';
import {
  type Book,
  type BookHold,
  type BookMove,
  captureHold,
  type Done,
  leftOf,
  placeHold,
  releaseHold,
  reverse,
  transfer,
} from '../simulators/cores/book.ts';
import { type BookAdapter, bookAdapter } from './book-adapter.ts';

export type MovingAdapter = BookAdapter & {
  /** What befalls the next calls that move something, in turn; nothing when it is empty. */
  readonly trouble: Trouble[];
  /** The references of all calls that moved or were to move something. */
  readonly called: string[];
};

/**
 * `lost`: it is done, and the answer never comes. `vanished`: it is not done, and nobody hears so.
 * `away`: it is not done, and the adapter knows. `dead`: the process ends before it, so to say.
 */
export type Trouble = 'lost' | 'vanished' | 'away' | 'dead' | 'fine';

export const never = new Error('the process has ended here');

export function movingAdapter(book: Book, { holds = true } = {}): MovingAdapter {
  const reads = bookAdapter(book);
  const trouble: Trouble[] = [];
  const called: string[] = [];
  /** As a core that dedupes by our reference. */
  const answers = new Map<string, { readonly answer: MoveAnswer; readonly mark: string }>();

  const moving =
    <Order extends { readonly reference: string; readonly mark: string }>(
      work: (order: Order) => MoveAnswer,
    ) =>
    async (order: Order): Promise<MoveAnswer> => {
      called.push(order.reference);
      const now = trouble.shift() ?? 'fine';
      if (now === 'dead') throw never;
      if (now === 'away') throw new Fault('core_failed', 'the core is away');
      if (now === 'vanished') return { status: 'unknown' };
      const known = answers.get(order.reference)?.answer;
      const again = known?.status === 'completed' ? { ...known, replayed: true } : known;
      const answer = again ?? work(order);
      if (answer.status !== 'needs_override') {
        answers.set(order.reference, { answer, mark: order.mark });
      }
      return now === 'lost' ? { status: 'unknown' } : answer;
    };

  const operations: Partial<AdapterOperations> = {
    transfer: moving((order: TransferOrder) => {
      const warning = book.accounts.get(order.debtor)?.warns;
      if (warning && !order.accepted?.includes(warning.code)) {
        return { status: 'needs_override', overrides: [{ ...warning, id: warning.code }] };
      }
      return answerOf(transfer(book, order));
    }),
    reverse: moving(({ of, ...order }: ReverseOrder) => {
      const [move] = book.movesByReference.get(of) ?? [];
      return answerOf(reverse(book, move?.id ?? '', order));
    }),
    lookUp: async ({ reference }) => {
      const found = answers.get(reference);
      if (found?.answer.status !== 'pending_approval') return found;
      const [move] = book.movesByReference.get(reference) ?? [];
      return move ? { ...found, answer: answerOf({ done: move }) } : undefined;
    },
  };
  const { placeHold: _none, ...plain } = { ...reads.operations, ...operations };
  const all = holds ? { ...plain, ...holding(book, moving) } : plain;
  return { ...reads, trouble, called, operations: all as AdapterOperations };
}

type Moving = <Order extends { readonly reference: string; readonly mark: string }>(
  work: (order: Order) => MoveAnswer,
) => (order: Order) => Promise<MoveAnswer>;

function holding(book: Book, moving: Moving): Partial<AdapterOperations> {
  const idOf = (reference: string) =>
    [...book.holds.values()].find((hold) => hold.reference === reference)?.id ?? '';
  return {
    placeHold: moving(({ expiresAt, ...order }: HoldOrder) => {
      const until = expiresAt === undefined ? null : Date.parse(expiresAt);
      return answerOf(placeHold(book, { ...order, expiresAt: until }));
    }),
    captureHold: moving(({ hold, account, final, ...order }: CaptureOrder) => {
      const of = { ...order, debtor: account, isFinal: final };
      return answerOf(captureHold(book, idOf(hold), of));
    }),
    releaseHold: moving(({ hold }: HoldChange) => answerOf(releaseHold(book, idOf(hold)))),
    readHold: async ({ id, account }) => {
      const hold = book.holds.get(idOf(id));
      if (!hold) return undefined;
      const { amount, captured, released } = hold;
      const status = leftOf(hold) > 0 ? 'open' : captured > 0 ? 'captured' : 'voided';
      const told = { reference: id, account, currency: 'EUR', amount, captured, released };
      return { ...told, status, expires_at: null };
    },
  };
}

const codes: Readonly<Record<string, string>> = {
  insufficient_funds: 'insufficient_funds',
  hold_over: 'hold_voided',
  hold_not_found: 'hold_not_found',
  amount_exceeds_hold: 'amount_exceeds_hold',
  already_reversed: 'already_reversed',
};

function answerOf(done: Done<BookMove | BookHold>): MoveAnswer {
  if ('refused' in done) {
    const code = (codes[done.refused] ?? 'core_rejected') as 'core_rejected';
    return { status: 'rejected', code, coreReason: done.refused };
  }
  const { id: coreReference, status } = done.done;
  if (status === 'pending') return { status: 'pending_approval', coreReference };
  if (status === 'declined') {
    return { status: 'rejected', code: 'core_rejected', coreReason: 'declined' };
  }
  return { status: 'completed', coreReference, replayed: false };
}
