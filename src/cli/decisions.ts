// `countersign decisions export`: a tenant's decisions as lines that anybody can verify offline.
import { exportEvents, Fault, type Tx, withTx } from '#core';
import { type GlobalOptions, say, withDatabase } from './installation.ts';
import { instantOf, writeNewFile } from './new-file.ts';

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
    // The first line is the header, the last one the seal.
    const count = (await writeNewFile(out, lines)) - 2;
    say(`${out}: ${count} decisions of ${tenant}, to be verified with the key of its log`);
  });
}
