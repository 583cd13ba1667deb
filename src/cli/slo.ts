// `countersign slo`: how the service levels stand, and how mature the bank runs.
import type { Board, Maturity } from '#slo';
import { clientOf, type ServedOptions } from './client.ts';
import { grouped, table } from './table.ts';

const marks = { met: '✓ met', missed: '✗ missed', no_data: '– no data' } as const;

/** Exit code 1 while an alert is raised. */
export async function showSlos(options: ServedOptions): Promise<void> {
  const client = clientOf(options);
  const board = await client.get<Board>('/v1/slos');
  const maturity = await client.get<Maturity>('/v1/maturity');
  const isRaised = board.items.some(({ alerts }) => alerts.length > 0);
  const told = { slos: board, maturity };
  console.log(options.json ? JSON.stringify(told) : boardLines(board, maturity).join('\n'));
  if (isRaised) process.exitCode = 1;
}

export function boardLines(board: Board, maturity: Maturity): string[] {
  const windows = board.items[0]?.windows.map(({ window }) => window) ?? [];
  const through = board.folded_through;
  return [
    `as of ${board.as_of}, the log folded through ${through ? grouped(through.position) : '–'}`,
    '',
    table(['objective', ...windows], board.items.map(objectiveRow), 1 + windows.length),
    '',
    table(['maturity', ...windows], maturity.items.map(maturityRow), 1 + windows.length),
    ...board.items.flatMap(({ alerts }) => alerts.map(alertLine)),
  ];
}

function objectiveRow({ name, target_ms, windows }: Board['items'][number]): string[] {
  const cells = windows.map(({ status, value, denominator }) => {
    if (status === 'no_data') return marks.no_data;
    const told = target_ms === null ? `${value} found` : duration(value);
    return `${marks[status]} ${told} (${grouped(denominator)} cases)`;
  });
  return [target_ms === null ? name : `${name} ≤ ${duration(target_ms)}`, ...cells];
}

function duration(ms: number | null): string {
  if (ms === null) return 'failed';
  if (ms < 10_000) return `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
  return `${(ms / 60_000).toFixed(1)} min`;
}

function maturityRow({ name, unit, windows }: Maturity['items'][number]): string[] {
  const cells = windows.map(({ value, denominator }) => {
    if (value === null) return marks.no_data;
    const told = unit === 'share' ? `${(value * 100).toFixed(2)} %` : `${value} found`;
    return `${told} of ${grouped(denominator)}`;
  });
  return [name.replaceAll('_', ' '), ...cells];
}

function alertLine(alert: Board['items'][number]['alerts'][number]): string {
  const { slo, rule, severity, window, numerator, denominator, raised_at } = alert;
  const found = `${grouped(numerator)} of ${grouped(denominator)} within ${window}`;
  return `✗ alert (${severity}): ${slo}, ${rule}: ${found} when it was raised, ${raised_at}`;
}
