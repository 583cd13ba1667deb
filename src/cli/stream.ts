// `countersign stream`: somebody else's transactions, posted once however often it is run.
import { Fault, seededRandom, systemClock } from '#core';
import { access, constants } from 'node:fs/promises';
import { csvTraffic, parseCsvMap } from '../../simulators/csv-stream.ts';
import { createLoadClient } from '../../simulators/load-client.ts';
import { runTraffic } from '../../simulators/run-traffic.ts';
import { type GlobalOptions, say, withBank } from './installation.ts';
import { createProgress } from './progress.ts';
import { printDecisions, printProofs, printReport, proveBank } from './report.ts';
import { keepKey } from './start.ts';
import { openTenant } from './tenants.ts';

export type StreamOptions = GlobalOptions & {
  readonly map: string;
  readonly tenant: string;
  readonly currency: string;
  readonly debitPrefix: string;
  readonly creditPrefix: string;
  readonly day?: string;
  readonly limit?: number;
  readonly connections: number;
};

const callDeadlineMs = 60_000;

export async function stream(file: string, options: StreamOptions): Promise<void> {
  const { day, limit, currency, debitPrefix, creditPrefix, connections } = options;
  const map = parseCsvMap(options.map);
  await checkReadable(file);
  const traffic = csvTraffic({ file, map, day, limit, currency, debitPrefix, creditPrefix });
  await withBank(options, async (bank) => {
    const tenant = await openTenant(bank, options.tenant, `Streamed into ${options.tenant}`);
    keepKey(options.data, tenant.id, tenant.apiKey);
    const client = createLoadClient({
      url: bank.url,
      apiKey: tenant.systemKey,
      connections,
      deadlineMs: callDeadlineMs,
      random: seededRandom(1),
    });
    const bar = createProgress({ label: `streaming into ${tenant.id}`, unit: 'operations' });
    const report = await runTraffic({
      client,
      traffic,
      concurrency: connections,
      duplicates: 0,
      collisions: 0,
      random: seededRandom(1),
      clock: systemClock(),
      onProgress: bar.update,
    });
    bar.finish();
    const { taken, empty, mended } = traffic.rows;
    if (taken === 0) say(`no row of ${file} was taken: is the day right?`);
    if (empty > 0) say(`${empty} rows were passed over: their amount is zero`);
    if (mended > 0) say(`${mended} amounts were binary fractions, and were read to the cent`);
    printReport(report);
    await printDecisions(bank, client);
    const proofs = await proveBank({ bank, client, report, tenant: tenant.id, options });
    const isProven = printProofs(proofs);
    await client.close();
    process.exitCode = isProven && taken > 0 ? 0 : 1;
  });
}

/** Before anything is started or opened for it. */
async function checkReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    throw new Fault('input_invalid', `${file} cannot be read: name a .csv or .csv.gz file`, {
      cause,
    });
  }
}
