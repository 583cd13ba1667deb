// A demo day on the terminal: few figures, in columns.
import { type DayReport, fates, fateWords, type ScenarioReport, type Sum } from './demo-day.ts';
import { money, ms, percent, percentiles } from './report.ts';
import { grouped as n, table } from './table.ts';

export function printDay(report: DayReport): void {
  const { traffic, currency } = report;
  const { setup, operationsPerSecond: speed } = traffic;
  const seconds = (traffic.elapsedMs / 1_000).toFixed(1);
  const operations = n(traffic.done + traffic.waiting + traffic.rejected);
  console.log(`
opened     ${n(setup.accounts)} accounts, funded by ${n(setup.journals)} journals
lived      ${operations} operations in ${seconds} s: ${n(Math.round(speed))} operations/s
`);
  const sums = fates.filter((fate) => report.byFate[fate].payments > 0);
  const rows = sums.map((fate) => sumRow(fateWords[fate], report.byFate[fate], currency));
  console.log(table(['payments', 'number', 'amount'], rows));
  console.log(`\n${routes(report)}`);
  console.log(`\n${scenarios(report)}`);
  const lines = [...people(report), ...modelLines(report), ...changes(report), ...kept(report)];
  console.log(`\n${lines.map(([name, text]) => `${name.padEnd(14)}${text}`).join('\n')}`);
}

type Line = readonly [string, string];

function sumRow(name: string, { payments, amount }: Sum, currency: string): string[] {
  return [name, n(payments), money(BigInt(amount), currency)];
}

function routes({ traffic }: DayReport): string {
  const rows = traffic.routes
    .toSorted((one, other) => other.count - one.count)
    .map(({ route, count, p50Ms, p95Ms, p99Ms, maxMs }) => [
      ...[`POST ${route}`, n(count), ms(p50Ms), ms(p95Ms), ms(p99Ms), ms(maxMs)],
    ]);
  return table(['', 'requests', 'p50', 'p95', 'p99', 'max'], rows);
}

function scenarios({ scenarios: all, currency }: DayReport): string {
  const head = ['planted', 'payments', 'stopped', 'policy', 'step-up', 'review', 'saved', 'lost'];
  return table(
    head,
    all.map((each) => scenarioRow(each, currency)),
  );
}

function scenarioRow({ scenario, all, stopped, by, passed }: ScenarioReport, currency: string) {
  const isFraud = scenario !== 'honest, but looks like it';
  const amounts = [stopped, passed].map(({ amount }) => money(BigInt(amount), currency));
  return [
    ...[scenario.replaceAll('_', ' '), n(all.payments), n(stopped.payments)],
    ...[by.policy, by.stepUp, by.review].map(n),
    // What honest people could not pay is neither saved nor lost.
    ...(isFraud ? amounts : []),
  ];
}

function people({ stepUps, cases }: DayReport): Line[] {
  const { asked, confirmed, failed, silent } = stepUps;
  const { opened, approved, rejected, waiting, overruled } = cases;
  return [
    [
      'step-ups',
      `${n(asked)} asked, ${n(confirmed)} confirmed, ${n(failed)} failed, ` +
        `${n(silent)} not answered`,
    ],
    [
      'cases',
      `${n(opened)} opened, ${n(approved)} approved, ${n(rejected)} rejected, ` +
        `${n(waiting)} open; a model was overruled ${n(overruled)} times`,
    ],
  ];
}

function modelLines({ model, scores }: DayReport): Line[] {
  const total = Object.values(scores.answers).reduce((sum, each) => sum + each, 0);
  const answers = Object.entries(scores.answers).map(
    ([answer, times]) => `${n(times)} ${answer} (${percent(times / total)})`,
  );
  const lines: Line[] = [['scores', answers.join(', ') || 'none']];
  if (!model) return lines;
  const { precision, recall, average_precision: average } = model.performance;
  const figures =
    precision && recall && average
      ? `precision ${percent(precision.value)}, recall ${percent(recall.value)}, ` +
        `average precision ${average.toFixed(2)}`
      : 'nothing to judge the model by';
  return [
    ['model', `${figures}; flagged from ${model.threshold} on`],
    ...lines,
    ['scoring', `${percentiles(scores.latency)}, features included`],
  ];
}

function changes({ policyChange, modelChange }: DayReport): Line[] {
  const lines: Line[] = [];
  if (policyChange) {
    const { at, after, decisions, changed, driftRate, publishMs } = policyChange;
    const [, digest = after] = after.split('@');
    lines.push([
      'policy',
      `${clock(at)} tightened to ${digest}: drift ${percent(driftRate)} (${n(changed)} of ` +
        `${n(decisions)} decisions), in force in ${ms(publishMs)}`,
    ]);
  }
  if (modelChange) {
    const { at, name, version, deployMs, rollbackMs, rolledBackAt } = modelChange;
    lines.push([
      'rollback',
      `${clock(at)} ${name} ${version} in production in ${ms(deployMs)}; ` +
        `${clock(rolledBackAt)} back in ${ms(rollbackMs)}`,
    ]);
  }
  return lines;
}

function kept({ traffic }: DayReport): Line[] {
  const { duplicates, repeats, collisions, retries } = traffic;
  const again = Object.entries(retries).map(([why, times]) => `${n(times)} × ${why}`);
  return [
    ['duplicates', `${n(duplicates.sent)} sent twice, ${n(duplicates.sameAnswer)} answered alike`],
    [
      'clearing',
      `${n(repeats.sent)} messages came again, late and in no order, ` +
        `${n(repeats.withoutEffect)} moved nothing`,
    ],
    ['reused keys', `${n(collisions.sent)} with another body, ${n(collisions.refused)} refused`],
    ['failed', again.join(', ') || 'no request'],
  ];
}

/** `13:45`. */
export function clock(hours: number): string {
  const minutes = Math.floor(hours * 60);
  return [Math.floor(minutes / 60), minutes % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
