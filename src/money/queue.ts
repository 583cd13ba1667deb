// Commands that wait, and which of them may be posted together.
//
// While one batch is in flight, the next takes only commands that name none of its accounts, holds
// and transfers: it would wait for their locks otherwise, and everybody in it with it.
import type { Answer } from './batch.ts';
import { namedBy } from './batch-read.ts';
import type { PostingItem } from './journal.ts';
import { accountKey } from './limits.ts';
import { isSettings } from './settings.ts';
import { key } from './state.ts';

export type Waiting = {
  readonly item: PostingItem;
  /** What it names: commands that share one of these run one after the other. */
  readonly names: readonly string[];
  readonly deadline: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
};

export type Queue = {
  readonly length: () => number;
  readonly push: (waiting: Waiting) => void;
  /** The next batch, in flight from now on; empty when all that wait must wait for others. */
  readonly take: () => readonly Waiting[];
  /** The batch is in flight no longer. */
  readonly finish: (batch: readonly Waiting[]) => void;
};

/**
 * Names per batch: 2,000 legs take about a tenth of a second, in which nobody else is served. One
 * journal may be longer than what is left of a batch, and is taken all the same.
 */
const namesMax = 4_000;
/** How far a batch looks past commands that have to wait. */
const lookAheadMax = 1_000;

export function createQueue(batchMax: number): Queue {
  let queue: Waiting[] = [];
  /** What the batches in flight name. */
  const inFlight = new Set<string>();

  /**
   * The first commands whose names are not in flight, nor named by one that has to wait: commands
   * on one account keep their order. Settings run alone, because they wait for the tenant's other
   * postings.
   */
  function take(): Waiting[] {
    const batch: Waiting[] = [];
    const blocked: Waiting[] = [];
    const blockedNames = new Set<string>();
    const end = Math.min(queue.length, lookAheadMax);
    let names = 0;
    let index = 0;
    for (; index < end && batch.length < batchMax && names < namesMax; index += 1) {
      const waiting = queue[index] as Waiting;
      const isAlone = isSettings(waiting.item.command.operation);
      if (isAlone && index > 0) break;
      if (waiting.names.some((name) => inFlight.has(name) || blockedNames.has(name))) {
        blocked.push(waiting);
        for (const name of waiting.names) blockedNames.add(name);
        continue;
      }
      batch.push(waiting);
      names += waiting.names.length;
      if (!isAlone) continue;
      index += 1;
      break;
    }
    // Names are marked once the batch is whole: within it, commands may share them.
    for (const { names: each } of batch) for (const name of each) inFlight.add(name);
    queue = [...blocked, ...queue.slice(index)];
    return batch;
  }

  return {
    length: () => queue.length,
    push: (waiting) => void queue.push(waiting),
    take,
    finish(batch) {
      for (const { names } of batch) for (const name of names) inFlight.delete(name);
    },
  };
}

/** With the tenant before them: nobody can hold up others by naming what is theirs. */
export function namesOf(item: PostingItem): string[] {
  const { command, countersignature } = item;
  const { accounts, holds, transfers } = namedBy(command);
  const names = [...accounts, ...holds, ...transfers];
  for (const { key: name } of countersignature.decision.consume) {
    const account = name.startsWith(accountKey) && name.slice(accountKey.length);
    if (account && !names.includes(account)) names.push(account);
  }
  return names.map((name) => key(command.tenant, name));
}
