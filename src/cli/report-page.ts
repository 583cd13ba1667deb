// The report of a demo day as one HTML page that needs nothing else: no script, no font, no image.
import { readFileSync } from 'node:fs';
import { type DayReport, type Fate, fates, fateWords, scoreBins } from './demo-day.ts';
import { clock } from './demo-print.ts';
import { money, ms, percent } from './report.ts';
import {
  groupedBars,
  legend,
  lines,
  type Mark,
  rows,
  type Series,
  stackedBars,
  text,
} from './report-charts.ts';
import { grouped as n } from './table.ts';

const styles = new URL('report.css', import.meta.url);

export function reportPage(report: DayReport): string {
  const { tenant, day, seed } = report.title;
  const sections = [
    payments(report),
    notAtOnce(report),
    latency(report),
    fraud(report),
    scores(report),
    people(report),
    changes(report),
    proofs(report),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A day at ${text(tenant)}</title>
<style>
${readFileSync(styles, 'utf8')}</style>
</head>
<body>
<main>
<header>
<h1>A day at ${text(tenant)}</h1>
<p>${longDate(day)}, lived through the API with seed ${seed}</p>
</header>
${tiles(report)}
${sections.filter(Boolean).join('\n')}
<footer>Synthetic customers, planted fraud. Amounts in ${text(report.currency)}.</footer>
</main>
</body>
</html>
`;
}

function longDate(day: string): string {
  const options = { dateStyle: 'full', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(Date.parse(`${day}T00:00:00Z`));
}

// Parts -------------------------------------------------------------------------------------------

type Part = {
  readonly title: string;
  readonly words: string;
  readonly figure: string;
  readonly table?: string;
};

function section({ title, words, figure, table }: Part): string {
  const figures = table ? `<details><summary>The figures</summary>${table}</details>` : '';
  return `<section>
<h2>${text(title)}</h2>
<p>${words}</p>
${figure}
${figures}
</section>`;
}

function tableOf(head: readonly string[], body: readonly (readonly string[])[]): string {
  const row = (tag: string, cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${text(cell)}</${tag}>`).join('')}</tr>`;
  const all = [row('th', head), ...body.map((cells) => row('td', cells))];
  return `<div class="scroll"><table>${all.join('\n')}</table></div>`;
}

function tiles({ byFate, traffic, scenarios, stepUps, cases, currency }: DayReport): string {
  const all = Object.values(byFate).reduce((sum, { payments: count }) => sum + count, 0);
  const amount = Object.values(byFate).reduce((sum, each) => sum + each.amount, 0);
  const found = scenarios.find(({ scenario }) => scenario === 'all fraud');
  const saved = found?.stopped.amount ?? 0;
  const share = found && found.all.amount > 0 ? percent(saved / found.all.amount) : '–';
  const speed = n(Math.round(traffic.operationsPerSecond));
  const { p95Ms, p99Ms } = traffic.latency;
  const decided = cases.approved + cases.rejected;
  const { duplicates, repeats } = traffic;
  const twice = duplicates.sent - duplicates.sameAnswer + repeats.sent - repeats.withoutEffect;
  const told: readonly [string, string, string][] = [
    ['Payments', n(all), money(BigInt(amount), currency)],
    ['Operations a second', speed, `${n(traffic.done)} in ${seconds(traffic.elapsedMs)}`],
    ['Answered within', ms(p95Ms), `95 of 100; 99 within ${ms(p99Ms)}`],
    ['Fraud stopped', share, `${money(BigInt(saved), currency)} saved`],
    ['Confirmed by customers', `${n(stepUps.confirmed)}`, `of ${n(stepUps.asked)} asked`],
    ['Cases decided', n(decided), `of ${n(cases.opened)}; model overruled ${n(cases.overruled)}×`],
    ['Done twice', n(twice), `of ${n(duplicates.sent + repeats.sent)} repeated`],
    ['Requests failed', n(failed(traffic)), `of ${n(traffic.latency.count)}`],
  ];
  const items = told.map(
    ([name, figure, more]) =>
      `<div><dt>${name}</dt><dd>${text(figure)}<small>${text(more)}</small></dd></div>`,
  );
  return `<dl class="tiles">${items.join('\n')}</dl>`;
}

function failed({ retries }: DayReport['traffic']): number {
  return Object.values(retries).reduce((sum, times) => sum + times, 0);
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}

const hourLabels = Array.from({ length: 24 }, (_, hour) =>
  hour % 3 === 0 ? `${String(hour).padStart(2, '0')}:00` : '',
);

/** The changes of the day, as lines across the charts that have its hours. */
function marksOf({ policyChange, modelChange }: DayReport): Mark[] {
  return [
    ...(policyChange ? [{ at: policyChange.at, text: `policy ${clock(policyChange.at)}` }] : []),
    ...(modelChange
      ? [
          { at: modelChange.at, text: `model ${modelChange.version} ${clock(modelChange.at)}` },
          { at: modelChange.rolledBackAt, text: `rollback ${clock(modelChange.rolledBackAt)}` },
        ]
      : []),
  ];
}

function seriesOf({ hours }: DayReport, wanted: readonly Fate[]): Series[] {
  return wanted
    .map((fate) => ({
      name: fateWords[fate],
      style: fate,
      values: hours.map((hour) => hour.fates[fate]),
    }))
    .filter(({ values }) => values.some((value) => value > 0));
}

function hourTable(series: readonly Series[]): string {
  const head = ['hour', ...series.map(({ name }) => name)];
  const body = hourLabels.map((_, hour) => [
    `${String(hour).padStart(2, '0')}:00`,
    ...series.map(({ values }) => n(values[hour] ?? 0)),
  ]);
  return tableOf(head, body);
}

function payments(report: DayReport): string {
  const series = seriesOf(report, fates);
  const { byFate, currency } = report;
  const sums = fates
    .filter((fate) => byFate[fate].payments > 0)
    .map((fate) => [
      ...[fateWords[fate], n(byFate[fate].payments)],
      money(BigInt(byFate[fate].amount), currency),
    ]);
  return section({
    title: 'Payments by hour',
    words: 'Everything that customers asked for, by what became of it.',
    figure:
      stackedBars({
        title: 'Payments by hour and outcome',
        ...{ labels: hourLabels, series, tell: n, marks: marksOf(report) },
      }) + legend(series),
    table: `${tableOf(['outcome', 'payments', 'amount'], sums)}${hourTable(series)}`,
  });
}

function notAtOnce(report: DayReport): string {
  const series = seriesOf(
    report,
    fates.filter((fate) => fate !== 'allowed'),
  );
  return section({
    title: 'What was not allowed at once',
    words:
      'The same without what was allowed at once. Customers confirmed, people looked, policy ' +
      'denied, the ledger had no funds to take.',
    figure:
      stackedBars({
        title: 'Payments by hour that were not allowed at once',
        ...{ labels: hourLabels, series, tell: n, marks: marksOf(report) },
      }) + legend(series),
    table: hourTable(series),
  });
}

function latency(report: DayReport): string {
  const of = (name: string, style: string, key: 'p50Ms' | 'p95Ms' | 'p99Ms'): Series => ({
    ...{ name, style },
    values: report.hours.map(({ latency: each }) => (each.count > 0 ? each[key] : Number.NaN)),
  });
  const series = [
    of('p99', 'denied', 'p99Ms'),
    of('p95', 'unconfirmed', 'p95Ms'),
    of('p50', 'allowed', 'p50Ms'),
  ];
  const routes = report.traffic.routes
    .toSorted((one, other) => other.count - one.count)
    .map(({ route, count, p50Ms, p95Ms, p99Ms }) => [
      ...[`POST ${route}`, n(count), ms(p50Ms), ms(p95Ms), ms(p99Ms)],
    ]);
  return section({
    title: 'How long answers took',
    words:
      'From the request to the answer, as a client sees it: facts, score, decision and commit, ' +
      'with the database, the server and the clients on one machine.',
    figure:
      lines({
        title: 'Percentiles of latency by hour',
        ...{ labels: hourLabels, series, tell: wholeMs, marks: marksOf(report) },
      }) + legend(series),
    table: tableOf(['route', 'requests', 'p50', 'p95', 'p99'], routes),
  });
}

function wholeMs(value: number): string {
  return `${n(Math.round(value))} ms`;
}

function fraud({ scenarios, currency }: DayReport): string {
  const tell = (amount: number) => money(BigInt(Math.round(amount)), currency);
  const planted = scenarios.filter(({ scenario }) => scenario !== 'honest, but looks like it');
  const each = planted.filter(({ scenario }) => scenario !== 'all fraud');
  const series: Series[] = [
    { name: 'saved', style: 'confirmed', values: each.map(({ stopped }) => stopped.amount) },
    { name: 'lost', style: 'denied', values: each.map(({ passed }) => passed.amount) },
  ];
  const body = scenarios.map(({ scenario, all, stopped, by, passed }) => [
    ...[words(scenario), n(all.payments), n(stopped.payments)],
    ...[by.policy, by.stepUp, by.review].map(n),
    ...(scenario === 'honest, but looks like it'
      ? ['–', '–']
      : [tell(stopped.amount), tell(passed.amount)]),
  ]);
  const head = ['planted', 'payments', 'stopped', 'by policy', 'by step-up', 'by review'];
  return section({
    title: 'Planted fraud',
    words: 'What thieves tried to take, by their trick: what was saved, and what was lost.',
    figure:
      rows({
        title: 'Fraud saved and lost by scenario',
        labels: each.map(({ scenario }) => words(scenario)),
        ...{ series, tell },
      }) + legend(series),
    table: tableOf([...head, 'saved', 'lost'], body),
  });
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function scores({ scores: told, model }: DayReport): string {
  if (!model) return '';
  const share = (counts: readonly number[]) => {
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
    return counts.map((count) => count / total);
  };
  const bins = Array.from({ length: scoreBins }, (_, bin) => bin / scoreBins);
  const series: Series[] = [
    { name: 'genuine', style: 'allowed', values: share(told.genuine) },
    { name: 'fraud', style: 'denied', values: share(told.fraud) },
  ];
  const { curve, threshold, performance } = model;
  const figures = (key: 'precision' | 'recall') =>
    curve.map((point) => (point[key] === null ? Number.NaN : point[key]));
  const curves: Series[] = [
    { name: 'precision', style: 'allowed', values: figures('precision') },
    { name: 'recall', style: 'unconfirmed', values: figures('recall') },
  ];
  const label = (at: number, index: number) => (index % 4 === 0 ? at.toFixed(1) : '');
  const thresholds = curve.map((point, index) =>
    (index + 1) % 4 ? '' : point.threshold.toFixed(1),
  );
  const whole = (value: number) => `${Math.round(value * 100)} %`;
  const { precision, recall } = performance;
  const judged =
    precision && recall
      ? `At its threshold of ${threshold} it found ${percent(recall.value)} of the fraud, and ` +
        `${percent(precision.value)} of what it flagged was fraud.`
      : 'There was nothing to judge it by.';
  const body = bins.map((bin, index) => [
    ...[bin.toFixed(2), n(told.genuine[index] ?? 0), n(told.fraud[index] ?? 0)],
    whole(curve[index - 1]?.precision ?? Number.NaN).replace('NaN %', '–'),
    whole(curve[index - 1]?.recall ?? Number.NaN).replace('NaN %', '–'),
  ]);
  return section({
    title: 'Scores',
    words: `How ${text(model.name)} ${model.version} scored fraud and all else. ${judged}`,
    figure: `<div class="pair">
<div>${groupedBars({
      title: 'Distribution of scores of fraud and of genuine payments',
      ...{ labels: bins.map(label), series, tell: whole, size: 'half', scale: 'root' },
      below: 'score, with the share of each kind on a root scale',
    })}${legend(series)}</div>
<div>${lines({
      title: 'Precision and recall by threshold',
      ...{ labels: thresholds, series: curves, tell: whole, size: 'half' },
      below: 'flagged from this score on',
    })}${legend(curves)}</div>
</div>`,
    table: tableOf(['score from', 'genuine', 'fraud', 'precision', 'recall'], body),
  });
}

function people({ stepUps, cases }: DayReport): string {
  const labels = cases.ages.map(({ upToSeconds }) =>
    Number.isFinite(upToSeconds) ? `≤ ${upToSeconds} s` : 'later',
  );
  const series: Series[] = [
    { name: 'approved', style: 'confirmed', values: cases.ages.map(({ approved }) => approved) },
    { name: 'rejected', style: 'rejected', values: cases.ages.map(({ rejected }) => rejected) },
  ];
  const asked: Series[] = [
    { name: 'confirmed', style: 'confirmed', values: [stepUps.confirmed] },
    { name: 'failed', style: 'denied', values: [stepUps.failed] },
    { name: 'not answered', style: 'refused', values: [stepUps.silent] },
  ];
  const body = cases.ages.map(({ approved, rejected }, index) => [
    ...[labels[index] ?? '', n(approved), n(rejected)],
  ]);
  return section({
    title: 'Customers and analysts',
    words:
      'Who was asked to confirm by a second factor, and how old cases were when two analysts had ' +
      `decided them. ${n(cases.waiting)} of ${n(cases.opened)} cases were left open.`,
    figure:
      rows({ title: 'Step-ups by result', labels: ['step-ups'], series: asked, tell: n }) +
      legend(asked) +
      stackedBars({
        title: 'Cases by age at the verdict',
        ...{ labels, series, tell: n, below: 'from opening to verdict' },
      }) +
      legend(series),
    table: tableOf(['age', 'approved', 'rejected'], body),
  });
}

function changes({ policyChange, modelChange, traffic }: DayReport): string {
  if (!policyChange) return '';
  const { before, after, decisions, changed, driftRate, backtestMs, publishMs } = policyChange;
  const body = [
    ['policy published', clock(policyChange.at), `${before} → ${after}`],
    ['back-test', '', `${n(changed)} of ${n(decisions)} decisions, ${ms(backtestMs)}`],
    ['drift', '', percent(driftRate)],
    ['approved and in force', '', ms(publishMs)],
    ...(modelChange
      ? [
          [
            'model deployed',
            clock(modelChange.at),
            `${modelChange.name} ${modelChange.version}, ${ms(modelChange.deployMs)}`,
          ],
          [
            'model rolled back',
            clock(modelChange.rolledBackAt),
            `to ${modelChange.previous}, ${ms(modelChange.rollbackMs)}`,
          ],
        ]
      : []),
  ];
  return section({
    title: 'Changed while payments went on',
    words:
      'A tighter policy and a new model, each made by one person and approved by another; the ' +
      `model was taken back. Requests that failed on that day: ${n(failed(traffic))}.`,
    figure: tableOf(['what', 'at', 'how'], body),
  });
}

function proofs({ proofs: all, traffic }: DayReport): string {
  const { duplicates, repeats, collisions } = traffic;
  const items = all.map(
    ({ holds, text: told }) => `<li${holds ? '' : ' class="broken"'}>${text(told)}</li>`,
  );
  return section({
    title: 'What must hold',
    words:
      `${n(duplicates.sent)} requests were sent twice, ${n(repeats.sent)} clearing messages came ` +
      `again, ${n(collisions.sent)} keys were used for something else.`,
    figure: `<ul class="proofs">${items.join('\n')}</ul>`,
  });
}
