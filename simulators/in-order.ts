// Runs many tasks at once and yet in order where order matters: along the chains that they share.

export type InOrder<T> = {
  /** A task waits for every earlier one that shares a chain with it. */
  readonly chainsOf: (item: T) => readonly string[];
  readonly work: (item: T) => Promise<void>;
  /** How many run at once. */
  readonly concurrency: number;
  /** Stops reading; what was read is finished. */
  readonly signal?: AbortSignal | undefined;
};

/** How far ahead items are read, per running task: chains block, so others must be known. */
const readAhead = 32;

type Task<T> = {
  readonly item: T;
  readonly chains: readonly string[];
  /** The earlier tasks that are not done. */
  waiting: number;
  readonly followers: Task<T>[];
};

/**
 * Tasks that are free to run start in the order of `items`, of which only a window is in memory.
 * The first failure stops everything: what runs is awaited, nothing else starts, and it is thrown.
 */
export async function runInOrder<T>(
  items: Iterable<T> | AsyncIterable<T>,
  { chainsOf, work, concurrency, signal }: InOrder<T>,
): Promise<void> {
  /** The latest unfinished task of each chain. */
  const tails = new Map<string, Task<T>>();
  const ready: Task<T>[] = [];
  let unfinished = 0;
  let running = 0;
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const change = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  function add(item: T): void {
    const chains = chainsOf(item);
    const task: Task<T> = { item, chains, waiting: 0, followers: [] };
    for (const chain of chains) {
      const tail = tails.get(chain);
      if (tail === task) continue;
      if (tail) {
        tail.followers.push(task);
        task.waiting += 1;
      }
      tails.set(chain, task);
    }
    unfinished += 1;
    if (task.waiting === 0) ready.push(task);
  }

  function startReady(): void {
    while (running < concurrency && !failure) {
      const task = ready.shift();
      if (!task) return;
      running += 1;
      void work(task.item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .then(() => finish(task));
    }
  }

  function finish(task: Task<T>): void {
    running -= 1;
    unfinished -= 1;
    for (const chain of task.chains) if (tails.get(chain) === task) tails.delete(chain);
    for (const follower of task.followers) {
      follower.waiting -= 1;
      if (follower.waiting === 0) ready.push(follower);
    }
    startReady();
    wake?.();
  }

  for await (const item of items) {
    while (unfinished >= concurrency * readAhead && !failure) await change();
    if (failure || signal?.aborted) break;
    add(item);
    startReady();
  }
  while (running > 0) await change();
  if (failure) throw failure.error;
}
