// One after another: calls for one customer that would change something, so that each is decided on
// what those before have moved. Where that is not enough, as with two servers, its use is refused.
import { Fault } from '#core';
import { inTime } from './in-time.ts';

/** Does the work when all that was asked for before with the same key is done, or has failed. */
export type Turns = <Result>(of: Turn, work: () => Promise<Result>) => Promise<Result>;

type Turn = {
  readonly key: string;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal;
};

type Line = { length: number; last: Promise<void> };

/** In one line; each takes some hundredths of a second. */
const lineMax = 100;
const retryMs = 1_000;

/** Throws `overloaded` where too many wait, or one has waited too long: nothing has happened. */
export function createTurns(): Turns {
  const lines = new Map<string, Line>();
  return async ({ key, signal }, work) => {
    const line = lines.get(key) ?? { length: 0, last: Promise.resolve() };
    if (line.length >= lineMax) throw overloaded();
    lines.set(key, line);
    line.length += 1;
    const before = line.last;
    const done = Promise.withResolvers<void>();
    // Whoever leaves the line lets nobody pass who stands before him.
    line.last = before.then(() => done.promise);
    try {
      await inTime(signal, overloaded, () => before);
      return await work();
    } finally {
      done.resolve();
      line.length -= 1;
      if (line.length === 0) lines.delete(key);
    }
  };
}

function overloaded(): Fault {
  return new Fault(
    'overloaded',
    'many changes for this customer are under way: try again shortly',
    {
      detail: { retry_after_ms: retryMs },
    },
  );
}
