// `countersign decisions export`: a tenant's decisions as lines that anybody can verify offline.
import { exportEvents, Fault, type Instant, instantFromText, type Tx, withTx } from '#core';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type GlobalOptions, say, withDatabase } from './installation.ts';

export type ExportOptions = GlobalOptions & {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly out: string;
};

export async function exportDecisions(options: ExportOptions): Promise<void> {
  const { tenant, out } = options;
  const from = instantOf('--from', options.from);
  const to = instantOf('--to', options.to);
  if (to <= from) throw new Fault('input_invalid', '--to must lie after --from');
  await withDatabase(options, 'decisions', async (database, { keyring }) => {
    const read = <Found>(work: (tx: Tx) => Promise<Found>) =>
      withTx(database.pool('read'), work, { tenant, readOnly: true });
    const { rowCount } = await read((tx) => tx.query('select from core.tenant'));
    if (rowCount === 0) throw new Fault('input_invalid', `there is no tenant ${tenant}`);
    const lines = await exportEvents({ type: 'decision.made', from, to, keyring, read });
    const count = await writeLines(out, lines);
    say(`${out}: ${count} decisions of ${tenant}, to be verified with the key of its log`);
  });
}

/** Writes a new file, and leaves none that is not whole. Answers how many events are in it. */
async function writeLines(path: string, chunks: AsyncIterable<string>): Promise<number> {
  const file = createWriteStream(path, { flags: 'wx' });
  await once(file, 'open');
  let lines = 0;
  try {
    for await (const chunk of chunks) {
      lines += chunk.split('\n').length - 1;
      if (!file.write(chunk)) await once(file, 'drain');
    }
    file.end();
    await finished(file);
  } catch (error) {
    file.destroy();
    rmSync(path, { force: true });
    throw error;
  }
  // The first line is the header, the last one the seal.
  return lines - 2;
}

/** An instant, or a day, which begins at midnight in UTC. */
function instantOf(option: string, text: string): Instant {
  const instant = instantFromText(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return instant;
  throw new Fault('input_invalid', `${option} is a day or an RFC 3339 instant, not ${text}`);
}
