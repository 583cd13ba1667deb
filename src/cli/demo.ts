// `countersign demo`: a demo bank, one day of its life, and whether every promise was kept.
import { seededRandom, systemClock } from '#core';
import { bankDay } from '../../simulators/bank-day.ts';
import { createLoadClient, type LoadClient } from '../../simulators/load-client.ts';
import type { Traffic } from '../../simulators/operation.ts';
import { runTraffic } from '../../simulators/run-traffic.ts';
import { truthOf } from '../../simulators/truth.ts';
import { readPayments } from './bank-log.ts';
import { clientAt } from './client.ts';
import { deployShippedModel } from './demo-model.ts';
import { printTruth, tellTruth } from './demo-truth.ts';
import { type Bank, type GlobalOptions, say, withBank } from './installation.ts';
import { createProgress } from './progress.ts';
import { printDecisions, printReport, proveBank } from './report.ts';
import { keepKey } from './start.ts';
import { freshTenant, type OpenTenant } from './tenants.ts';

export type DemoOptions = GlobalOptions & {
  readonly seed: number;
  readonly customers: number;
  readonly transactions: number;
  readonly connections: number;
  readonly fraud: number;
  readonly model: boolean;
};

/** A Friday: pay day for some, cards for all. */
const day = '2026-03-27';
/** Of the operations, how many are sent twice, and how many keys are used for something else. */
const [duplicates, collisions] = [0.02, 0.002];
const callDeadlineMs = 60_000;

export async function demo(options: DemoOptions): Promise<void> {
  const { seed, customers, transactions, connections, fraud } = options;
  await withBank(options, async (bank) => {
    const tenant = await freshTenant(bank, 'demo-bank', 'Demo bank');
    const keyFile = keepKey(options.data, tenant.id, tenant.apiKey);
    say(`tenant ${tenant.id} is open: ${customers} customers, seed ${seed}`);
    const threshold = options.model ? await deployShippedModel(bank, tenant, options) : undefined;
    const traffic = bankDay({ seed, customers, transactions, day, fraud });
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
    await settle({ bank, tenant, client, traffic, threshold });
    const isProven = await proveBank({ bank, client, report, tenant: tenant.id, options });
    await client.close();
    process.exitCode = isProven ? 0 : 1;
    const start =
      options.data === '.countersign' ? 'npm start' : `npm start -- --data ${options.data}`;
    console.log(`\nThe key of ${tenant.id} is in ${keyFile}; \`${start}\` serves this bank.`);
  });
}

type Settling = {
  readonly bank: Bank;
  readonly tenant: OpenTenant;
  readonly client: LoadClient;
  readonly traffic: Traffic;
  readonly threshold: number | undefined;
};

/** Weeks later, as it were, the bank learns what was fraud. */
async function settle({ bank, tenant, client, traffic, threshold }: Settling): Promise<void> {
  const truth = await truthOf(traffic);
  const reading = createProgress({ label: `the log of ${tenant.id}`, unit: 'events' });
  const payments = await readPayments(client, (events) => reading.update(events, undefined));
  reading.finish();
  const telling = createProgress({ label: 'chargebacks and reviews', unit: 'labels' });
  const tellers = {
    chargebacks: clientAt(bank.url, tenant.systemKey),
    reviewer: clientAt(bank.url, tenant.apiKey),
  };
  const told = { payments, truth };
  await tellTruth(tellers, told, (labels) => telling.update(labels, truth.size));
  telling.finish();
  printTruth(payments, truth, threshold);
}
