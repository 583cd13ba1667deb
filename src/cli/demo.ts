// `countersign demo`: a demo bank, one day of its life, and whether every promise was kept.
import { seededRandom, systemClock } from '#core';
import { bankDay } from '../../simulators/bank-day.ts';
import { createLoadClient } from '../../simulators/load-client.ts';
import { runTraffic } from '../../simulators/run-traffic.ts';
import { type GlobalOptions, say, withBank } from './installation.ts';
import { createProgress } from './progress.ts';
import { printDecisions, printReport, proveBank } from './report.ts';
import { keepKey } from './start.ts';
import { freshTenant } from './tenants.ts';

export type DemoOptions = GlobalOptions & {
  readonly seed: number;
  readonly customers: number;
  readonly transactions: number;
  readonly connections: number;
};

/** A Friday: pay day for some, cards for all. */
const day = '2026-03-27';
/** Of the operations, how many are sent twice, and how many keys are used for something else. */
const [duplicates, collisions] = [0.02, 0.002];
const callDeadlineMs = 60_000;

export async function demo(options: DemoOptions): Promise<void> {
  const { seed, customers, transactions, connections } = options;
  await withBank(options, async (bank) => {
    const tenant = await freshTenant(bank, 'demo-bank', 'Demo bank');
    const keyFile = keepKey(options.data, tenant.id, tenant.apiKey);
    say(`tenant ${tenant.id} is open: ${customers} customers, seed ${seed}`);
    const traffic = bankDay({ seed, customers, transactions, day });
    const client = createLoadClient({
      url: bank.url,
      apiKey: tenant.systemKey,
      connections,
      deadlineMs: callDeadlineMs,
      random: seededRandom(seed + 1),
    });
    const bar = createProgress({ label: `a day at ${tenant.id}`, unit: 'operations' });
    const report = await runTraffic({
      client,
      traffic,
      concurrency: connections,
      duplicates,
      collisions,
      random: seededRandom(seed + 2),
      clock: systemClock(),
      onProgress: (done) => bar.update(done, traffic.count?.()),
    });
    bar.finish();
    printReport(report);
    await printDecisions(bank, client);
    const isProven = await proveBank({ bank, client, report, tenant: tenant.id, options });
    await client.close();
    process.exitCode = isProven ? 0 : 1;
    console.log(`\nThe key of ${tenant.id} is in ${keyFile}; \`npm start\` serves this bank.`);
  });
}
