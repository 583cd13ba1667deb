// How long anybody waits in a call of a tool, for the tool or for the calls before it.
import { Fault } from '#core';
import { changesAnything } from './entry.ts';
import type { Tool } from './tool.ts';

/** In milliseconds. */
const toolTimeoutMs = 10_000;

/** An answer, or the reason why nobody waits for it any more; of an answer no timer is left. */
export async function inTime<Result>(
  left: AbortSignal,
  tell: () => Fault,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController();
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => undefined);
  const end = () => {
    ending.abort();
    over.reject(tell());
  };
  const timer = setTimeout(end, toolTimeoutMs);
  if (left.aborted) end();
  else left.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work(ending.signal), over.promise]);
  } finally {
    clearTimeout(timer);
    left.removeEventListener('abort', end);
  }
}

/** What changes something goes on without its caller: it may have happened, or happen yet. */
export function late(tool: Tool): () => Fault {
  return () =>
    changesAnything(tool)
      ? new Fault('outcome_unknown', 'whether it was carried out is not known: call again')
      : new Fault('deadline_exceeded', 'the core did not answer in time');
}
