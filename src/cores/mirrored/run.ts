// The mirror of a core as a process runs it: filled once, then kept up to date and compared.
import { Fault } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepComparing } from './consistency.ts';
import { followCore } from './follow.ts';
import { importCore, type Imported } from './import.ts';
import { readCursor, writeCursor } from './incoming.ts';
import type { Mirror } from './mirror.ts';

export type RunOptions = {
  readonly mirror: Mirror;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  /** Told what a person may want to know. */
  readonly say: (message: string) => void;
};

const retryMs = 15_000;
const marker = 'imported';

/** Ends with the signal. */
export async function runMirror(options: RunOptions): Promise<void> {
  await fill(options);
  if (options.signal.aborted) return;
  await Promise.all([followCore(options), keepComparing(options)]);
}

/** Imports a core that was not imported as a whole yet. */
async function fill({ mirror, signal, onError, say }: RunOptions): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await isImported(mirror)) return;
      if (!mirror.adapter.operations.listParties) {
        say(`the core ${mirror.core} cannot list its parties: ${importHelp}`);
        return;
      }
      say(`importing the core ${mirror.core}`);
      const done = await importAll(mirror, { signal });
      say(importedText(done));
      return;
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      // What no other try will do away with is left to people; events are followed all the same.
      if (error instanceof Fault && !error.retryable) {
        say(`the import of the core ${mirror.core} has ended: ${error.message}`);
        return;
      }
      await sleep(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

const importHelp = 'give their ids with countersign import-core --parties FILE';

export function importedText({ parties, accounts, opened, left }: Imported): string {
  const done = `imported ${parties} parties and ${accounts} accounts, ${opened} of them new`;
  return left === 0 ? done : `${done}; ${left} are left to people: see the differences`;
}

/** With a mark that it is done. */
export async function importAll(
  mirror: Mirror,
  options: Parameters<typeof importCore>[1] = {},
): Promise<Imported> {
  const done = await importCore(mirror, options);
  await writeCursor(mirror, { name: marker, value: String(done.accounts) });
  return done;
}

export async function isImported(mirror: Mirror): Promise<boolean> {
  return (await readCursor(mirror, marker)) !== undefined;
}
