// A bell: whoever waits for news in this process is woken by a ring, and misses none.

export type Bell = {
  /** There is news, of these kinds; of any where they are not known. */
  readonly ring: (kinds?: readonly string[]) => void;
  /** How often it had rung when last for one of the kinds. Read it before looking for news. */
  readonly count: (kinds?: readonly string[]) => number;
  /**
   * Resolves once it has rung for one of the kinds since (true), or when the time is up (false).
   * `since` is what `count` said of the same kinds.
   */
  readonly wait: (
    since: number,
    timeoutMs: number,
    signal?: AbortSignal,
    kinds?: readonly string[],
  ) => Promise<boolean>;
};

export function createBell(): Bell {
  let [count, countOfAny] = [0, 0];
  const counts = new Map<string, number>();
  const waiting = new Set<() => void>();
  const countOf = (kinds: readonly string[] | undefined) =>
    kinds === undefined
      ? count
      : Math.max(countOfAny, ...kinds.map((kind) => counts.get(kind) ?? 0));
  return {
    ring(kinds) {
      count += 1;
      if (kinds === undefined) countOfAny = count;
      for (const kind of kinds ?? []) counts.set(kind, count);
      for (const wake of waiting) wake();
    },
    count: countOf,
    wait(since, timeoutMs, signal, kinds) {
      if (countOf(kinds) > since) return Promise.resolve(true);
      if (signal?.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const wake = () => {
          if (countOf(kinds) > since) finish();
        };
        const finish = () => {
          waiting.delete(wake);
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve(countOf(kinds) > since);
        };
        const timer = setTimeout(finish, timeoutMs);
        waiting.add(wake);
        signal?.addEventListener('abort', finish, { once: true });
      });
    },
  };
}
