// Due: work whose instant has come, of all tenants. A round goes through all of it once, so that
// what cannot be done holds up nothing that stands behind it.
import { Fault } from './fault.ts';
import type { Instant } from './clock.ts';

export type Due = { readonly tenant: string; readonly id: string };

export type DueWork<Item extends Due> = {
  readonly now: () => Instant;
  readonly onError: (error: unknown) => void;
  /** Of these, all are worked on at the same time. */
  readonly pageSize: number;
  /** What is due behind `after`, in an order in which everything keeps its place. */
  readonly readPage: (after: Item | undefined) => Promise<readonly Item[]>;
  /** Answers whether it is done now; `isAgain` says that it was tried and could not be. */
  readonly perform: (item: Item, isAgain: boolean) => Promise<boolean>;
};

/** For what could not be done. */
const leftAloneMs = 10 * 60_000;
/** How many of those are known by name; the others are tried sooner. */
const failedMax = 10_000;

/** Answers what does one round, and says how much is done by it. */
export function dueRounds<Item extends Due>(work: DueWork<Item>): () => Promise<number> {
  /** Until when each is left alone, the oldest first. */
  const failed = new Map<string, Instant>();
  return async () => {
    let done = 0;
    let after: Item | undefined;
    // Where something could not be done, the rest of the tenant is for the next round.
    const refusing = new Set<string>();
    for (;;) {
      const page = await work.readPage(after);
      const isWanted = (item: Item) =>
        !refusing.has(item.tenant) && (failed.get(nameOf(item)) ?? 0) <= work.now();
      const tried = page.filter(isWanted);
      const results = await Promise.allSettled(tried.map((item) => attempt(work, failed, item)));
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled' && result.value) done += 1;
        else refusing.add(tried[index]?.tenant ?? '');
      }
      // When the database is away all of them say the same.
      const lost = results.find((result) => result.status === 'rejected');
      if (lost) work.onError(lost.reason);
      if (page.length < work.pageSize) return done;
      after = page.at(-1);
    }
  };
}

/** Throws what another try may do away with. */
async function attempt<Item extends Due>(
  { now, onError, perform }: DueWork<Item>,
  failed: Map<string, Instant>,
  item: Item,
): Promise<boolean> {
  const name = nameOf(item);
  let isDone = false;
  try {
    isDone = await perform(item, failed.has(name));
  } catch (error) {
    if (error instanceof Fault && error.retryable) throw error;
    onError(error);
  }
  failed.delete(name);
  if (isDone) return true;
  const [oldest] = failed.keys();
  if (oldest !== undefined && failed.size >= failedMax) failed.delete(oldest);
  failed.set(name, now() + leftAloneMs);
  return false;
}

function nameOf({ tenant, id }: Due): string {
  return `${tenant} ${id}`;
}
