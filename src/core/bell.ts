// A bell: whoever waits for news in this process is woken by a ring, and misses none.

export type Bell = {
  readonly ring: () => void;
  /** How often it has rung. Read it before looking for news, and hand it to `wait`. */
  readonly count: () => number;
  /** Resolves once it has rung more often than `since` (true), or when the time is up (false). */
  readonly wait: (since: number, timeoutMs: number, signal?: AbortSignal) => Promise<boolean>;
};

export function createBell(): Bell {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    ring() {
      count += 1;
      for (const wake of waiting) wake();
    },
    count: () => count,
    wait(since, timeoutMs, signal) {
      if (count > since) return Promise.resolve(true);
      if (signal?.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const finish = () => {
          waiting.delete(finish);
          clearTimeout(timer);
          signal?.removeEventListener('abort', finish);
          resolve(count > since);
        };
        const timer = setTimeout(finish, timeoutMs);
        waiting.add(finish);
        signal?.addEventListener('abort', finish, { once: true });
      });
    },
  };
}
