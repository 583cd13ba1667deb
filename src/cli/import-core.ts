// `countersign import-core`: parties, products and accounts of a core become ours, linked to it.
import { Fault, readServerLock } from '#core';
import { importAll, importedText, openMirror } from '#cores';
import { readFileSync } from 'node:fs';
import { connectedCore, type CoreOptions } from './core-options.ts';
import { type GlobalOptions, say, startServer } from './installation.ts';
import { createProgress } from './progress.ts';
import { keepKey } from './start.ts';

export type ImportCoreOptions = GlobalOptions & CoreOptions & { readonly parties?: string };

export async function importFromCore(options: ImportCoreOptions): Promise<void> {
  const parties = options.parties === undefined ? undefined : idsIn(options.parties);
  const running = readServerLock(options.data);
  if (running !== undefined) {
    throw new Fault('data_folder_in_use', `stop the server at ${running.url} first`);
  }
  const connected = await connectedCore(options, () => undefined);
  if (!connected) throw new Fault('input_invalid', 'name the core with --core and --core-url');
  if (connected.trouble !== undefined) {
    await connected.adapter.close();
    throw new Fault('input_invalid', connected.trouble);
  }
  // The API and the workers stay out of it: nobody mirrors what is not there yet.
  const roles = new Set(['sealer'] as const);
  const server = await startServer({ ...options, port: 0, roles, connected });
  try {
    if (server.bankKey !== undefined) keepKey(options.data, connected.tenant, server.bankKey);
    const mirror = openMirror({ ...server.planes, ...connected });
    const bar = createProgress({ label: `importing from ${mirror.core}`, unit: 'accounts' });
    const done = await importAll(mirror, {
      ...(parties === undefined ? {} : { parties }),
      progress: ({ accounts }) => bar.update(accounts),
    });
    bar.finish();
    say(importedText(done));
  } finally {
    await server.stop();
  }
}

/** One id a line. */
function idsIn(file: string): readonly string[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const ids = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (ids.length > 0) return ids;
  throw new Fault('input_invalid', `the file of --parties names nobody: ${file}`);
}
