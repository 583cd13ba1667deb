// In which book a decided command is posted: our ledger's, or that of the core which keeps the
// accounts that it moves.
import { type Command, Fault } from '#core';
import {
  answerOf,
  isJournal,
  isPayment,
  type Outcome,
  type PostingEngine,
  type PostingItem,
} from '#money';
import type { MirroredCore } from './mirrored/core.ts';
import type { KeptElsewhere } from './mirrored/elsewhere.ts';
import { answerMirrored } from './mirrored/mirror.ts';
import type { Core } from './port.ts';
import { type Settled, settle } from './settle.ts';

export type PosterOptions = {
  /** Guarded. */
  readonly core: Core;
  readonly engine: Pick<PostingEngine, 'submit'>;
  /** Undefined where our ledger is the book. */
  readonly mirrored: MirroredCore | undefined;
  /** Of a command that is lived once more: what a core has answered to it stands. */
  readonly recordedOutcome: ((command: Command) => Outcome | undefined) | undefined;
  readonly keptElsewhere: KeptElsewhere;
};

export function poster(options: PosterOptions): (item: PostingItem) => Promise<Settled> {
  const { core, engine, mirrored, recordedOutcome, keptElsewhere } = options;
  return async (item) => {
    const { command } = item;
    const answer = answerOf(recordedOutcome?.(command)) ?? answerMirrored(command);
    if (answer) {
      const book = { kind: 'answered', answer, at: command.receivedAt } as const;
      return engine.submit({ ...item, book });
    }
    // Lived once more: nobody else is asked, and the order is that of the record.
    if (recordedOutcome) return engine.submit(item);
    // Asked for every command: those that wait for the answer keep their order.
    const keeper = await keptElsewhere(command.tenant);
    if (isJournal(command.operation)) notElsewhere(command, keeper);
    if (!mirrored) return isPayment(command.operation) ? settle(core, item) : engine.submit(item);
    if (!isJournal(command.operation)) return engine.submit(item);
    // What the core has nothing to do with is not held up when it is away.
    return settle((await mirrored.isAtCore(item)) ? core : mirrored.core, item);
  };
}

/** Nothing has happened: a process that is connected to that core does it under the same key. */
function notElsewhere({ tenant }: Command, keeper: string | undefined): void {
  if (keeper === undefined) return;
  const why = 'to which this process is not connected: start it with --core';
  throw new Fault('core_unavailable', `${keeper} keeps accounts of ${tenant}, ${why} ${keeper}`, {
    detail: { core: keeper },
  });
}
