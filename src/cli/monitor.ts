// `countersign models monitor` and `control`: how a model does, and what its controls find.
import type { ControlRun, Report } from '#ai';
import { clientOf, type ServedOptions } from './client.ts';
import { grouped, table } from './table.ts';

export type MonitorOptions = ServedOptions & {
  readonly from?: string;
  readonly to?: string;
  readonly modelVersion?: number;
  readonly assumeGood?: boolean;
};

/** Inputs that are shown of those that have not drifted. */
const inputsShown = 10;

export async function monitorModel(name: string, options: MonitorOptions): Promise<void> {
  const { from, to, modelVersion, assumeGood } = options;
  const query = new URLSearchParams({
    ...(from === undefined ? {} : { from: instantOf(from) }),
    ...(to === undefined ? {} : { to: instantOf(to) }),
    ...(modelVersion === undefined ? {} : { version: String(modelVersion) }),
    ...(assumeGood ? { unlabelled: 'negative' } : {}),
  });
  const path = `/v1/models/${encodeURIComponent(name)}/monitoring?${query.toString()}`;
  const report = await clientOf(options).get<Report>(path);
  console.log(options.json ? JSON.stringify(report) : inWords(report).join('\n'));
}

/** A day is its beginning, UTC. */
function instantOf(text: string): string {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
}

export function inWords(report: Report): string[] {
  const { model, version, from, to, cases, is_truncated } = report;
  const bound = is_truncated ? ', a sample of more' : '';
  return [
    `${model} ${version}, ${from} to ${to}: ${grouped(cases)} cases${bound}`,
    '',
    table(['', ''], servingRows(report), 2),
    '',
    table(['', ''], outcomeRows(report), 2),
    '',
    `Drift: ${report.drift.level}`,
    table(['', 'index', 'by chance', 'gap', 'missing', ''], driftRows(report), 1),
    ...report.fairness.flatMap(({ attribute, groups }) => [
      '',
      `By ${attribute}`,
      table(['', 'cases', 'let through', 'of the highest', ''], groups.map(groupRow), 1),
    ]),
  ];
}

function servingRows({ asked, by_stage, fallbacks, latency_us, outcomes }: Report): string[][] {
  const { p50, p95, p99 } = latency_us;
  const times = [p50, p95, p99].map((us) => (us === null ? '–' : `${(us / 1000).toFixed(1)} ms`));
  return [
    ['asked', grouped(asked)],
    ['answered by', countsOf(by_stage)],
    ['fell back', `${shareOf(fallbacks.rate)} ${countsOf(fallbacks.by_reason)}`.trim()],
    ['half, 95 and 99 of 100 within', times.join(', ')],
    ['decided', countsOf(outcomes)],
  ];
}

function outcomeRows({ coverage, settled, reviewed, overruled }: Report): string[][] {
  const { calibration } = settled;
  const auc = (of: typeof settled) =>
    of.auc === null
      ? '–'
      : `${figure(of.auc.value)} (${figure(of.auc.low)} to ${figure(of.auc.high)})`;
  return [
    ['turned out', `${grouped(settled.n)}, ${grouped(settled.positives)} of them badly`],
    ['labels for', shareOf(coverage)],
    ['ranks (area under the curve)', auc(settled)],
    ['average precision', figure(settled.average_precision)],
    ['flagged and right', shareOf(settled.precision)],
    ['bad and flagged', shareOf(settled.recall)],
    ['as likely as said, off by', figure(calibration?.expected_error ?? null)],
    ['Brier score', figure(calibration?.brier ?? null)],
    ['reviewed', `${grouped(reviewed.n)}, ranks ${auc(reviewed)}`],
    ['people said the contrary', shareOf(overruled)],
  ];
}

function driftRows({ drift }: Report): string[][] {
  const rows = [{ input: 'score', ...drift.score }, ...drift.inputs];
  const shown = rows.filter(({ level }, index) => index <= inputsShown || level !== 'none');
  return shown.map(({ input, psi, psi_critical, ks, missing_rate, level }) => [
    ...[input, figure(psi), figure(psi_critical), figure(ks), percent(missing_rate)],
    level === 'none' ? '' : level,
  ]);
}

function groupRow(group: Report['fairness'][number]['groups'][number]): string[] {
  const { n, favourable_rate, impact_ratio, is_flagged } = group;
  return [
    ...[group.group, grouped(n), percent(favourable_rate), figure(impact_ratio)],
    is_flagged ? 'flagged' : '',
  ];
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  const told = Object.entries(counts).map(([name, count]) => `${grouped(count)} ${name}`);
  return told.join(', ') || '–';
}

function shareOf(rate: Report['coverage']): string {
  if (rate === null) return '–';
  const [value, low, high] = [rate.value, rate.low, rate.high].map(percent);
  return `${value} (${low} to ${high} of ${grouped(rate.n)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function figure(value: number | null): string {
  return value === null ? '–' : value.toFixed(3);
}

export type ControlOptions = ServedOptions & { readonly from?: string; readonly to?: string };

/** Exit code 1 when a control fails. */
export async function runControls(
  name: string | undefined,
  options: ControlOptions,
): Promise<void> {
  const { from, to, json } = options;
  const { items } = await clientOf(options).post<{ items: ControlRun[] }>('/v1/controls/run', {
    ...(name === undefined ? {} : { model: name }),
    ...(from === undefined ? {} : { from: instantOf(from) }),
    ...(to === undefined ? {} : { to: instantOf(to) }),
  });
  const rows = items.flatMap(({ model, version, results }) =>
    results.map(({ control, result, summary, suspends }) => [
      ...[`${model} ${version}`, control, result],
      suspends ? `${summary}: it is stopped` : summary,
    ]),
  );
  console.log(json ? JSON.stringify(items) : table(['model', 'control', 'result', ''], rows, 4));
  const hasFailed = items.some(({ results }) => results.some(({ result }) => result === 'failed'));
  if (hasFailed) process.exitCode = 1;
}
