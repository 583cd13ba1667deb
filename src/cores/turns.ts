// Work under one name: done one by one, in its order, or once for all who ask at the same time.
import { type Clock, Fault } from '#core';

export type Turns = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;

export function turns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settledOne = mine.catch(() => undefined);
    last.set(name, settledOne);
    try {
      return await mine;
    } finally {
      if (last.get(name) === settledOne) last.delete(name);
    }
  };
}

/** Whoever is waited for is not to be kept longer than this, before anything is asked for him. */
const waitMaxMs = 10_000;

/** Throws `overloaded` where the turn comes too late: nothing has happened then. */
export function soon<Result>(
  { now }: Pick<Clock, 'now'>,
  work: () => Promise<Result>,
): () => Promise<Result> {
  const since = now();
  return async () => {
    if (now() - since <= waitMaxMs) return work();
    throw new Fault('overloaded', 'too many moves of this account wait for its core: try again');
  };
}

/** Who asks while work under the same name is done hears what came of that. */
export function sharedWork(): Turns {
  const underWay = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const begun = underWay.get(name) as ReturnType<typeof work> | undefined;
    if (begun) return begun;
    const working = work().finally(() => underWay.delete(name));
    underWay.set(name, working);
    return working;
  };
}
