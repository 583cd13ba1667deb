// `countersign models simulate`: a registered version over the cases that were scored before.
import { simulateModel, type SimulationReport } from '#ai';
import { type GlobalOptions, withDatabase } from './installation.ts';
import { createProgress } from './progress.ts';
import { spanOf } from './span.ts';
import { grouped as n, table } from './table.ts';

export type SimulateOptions = GlobalOptions & {
  readonly tenant: string;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
};

export async function simulate(
  { name, version }: { readonly name: string; readonly version: number },
  options: SimulateOptions,
): Promise<void> {
  const span = { tenant: options.tenant, ...spanOf(options) };
  await withDatabase(options, 'simulate', async (database) => {
    const bar = createProgress({ label: `simulating ${name} ${version}`, unit: 'scores' });
    const report = await simulateModel(database.pool('sim'), span, {
      ...{ name, version },
      progress: bar.update,
    });
    bar.finish();
    if (options.json) console.log(JSON.stringify(report));
    else printSimulation(report);
  });
}

export function printSimulation(report: SimulationReport): void {
  const { scores, unscored, above, crossed, drift, before, after, latency_us: took } = report;
  console.log(`${n(scores)} cases scored again, ${n(unscored)} not: it needs what they have not`);
  if (scores === 0) return;
  const rows = [
    ['5 of 100 below', figure(before.p05), figure(after.p05)],
    ['half below', figure(before.p50), figure(after.p50)],
    ['95 of 100 below', figure(before.p95), figure(after.p95)],
    ['reach the threshold', n(above.before), n(above.after)],
  ];
  console.log(table(['', 'on record', 'this version'], rows));
  console.log(
    `\n${n(crossed.up)} would reach the threshold and did not; ${n(crossed.down)} the other way`,
  );
  const { psi, psi_critical: critical, level } = drift;
  const told = level === 'unknown' ? 'too few to tell' : level;
  console.log(`shift: ${told}, PSI ${psi.toFixed(3)} (${critical.toFixed(3)} by chance alone)`);
  console.log(`time: ${n(took.p50)} µs in the middle, ${n(took.p99)} µs for 99 of 100`);
  for (const { input, scores: cases } of report.inputs_missing) {
    console.log(`${input} was missing in ${n(cases)}`);
  }
  for (const { score_id, before: was, after: is } of report.examples) {
    console.log(`  ${score_id}  ${figure(was)} → ${figure(is)}`);
  }
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
