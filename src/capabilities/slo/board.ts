// The board: how each objective stands over real windows, its history, and the figures of maturity.
// Where nothing was measured it says so: no data is never nought, and never good.
import { assert, type Instant, instantToText, type Tx } from '#core';
import { type Alert, openAlerts } from './alerts.ts';
import { countFrom, quantile } from './histogram.ts';
import {
  type AlertRule,
  type MaturityFigure,
  maturityFigures,
  type Objective,
  objectives,
  seriesOf,
  type Window,
  windows,
  windowsMs,
} from './objectives.ts';
import {
  floorTo,
  futureSeries,
  type SeriesName,
  sloGeneration,
  stepOf,
  type Sum,
  type SpanOfSeries,
  readSums,
} from './series.ts';

export type Board = {
  readonly as_of: string;
  /** How far the log was folded: what is derived from events is as of there. */
  readonly folded_through: FoldedThrough | null;
  readonly items: readonly BoardItem[];
};
export type FoldedThrough = { readonly position: number; readonly at: string };
export type BoardItem = {
  readonly name: string;
  readonly title: string;
  readonly share: number;
  readonly target_ms: number | null;
  readonly sources: readonly string[];
  readonly rules: readonly AlertRule[];
  readonly windows: readonly Reading[];
  /** Those that are raised now. */
  readonly alerts: readonly Alert[];
};

export type Reading = Figures & {
  readonly window: Window;
  readonly from: string;
  readonly as_of: string;
};
export type Figures = {
  readonly status: 'met' | 'missed' | 'no_data';
  /** Milliseconds within which the share lies; of what is counted, how many were bad. */
  readonly value: number | null;
  /** Cases that were bad, of all. */
  readonly numerator: number;
  readonly denominator: number;
  /** How many times as fast as it may the budget burns; null where nothing is allowed to fail. */
  readonly burn_rate: number | null;
};

/** Of the caller's tenant, as everything here. */
export async function readBoard(tx: Tx, now: Instant): Promise<Board> {
  const alerts = await openAlerts(tx);
  const read = new Map<Window, Sums>();
  for (const window of windows) read.set(window, await sumsOf(tx, spanOf(window, now)));
  return {
    as_of: instantToText(now),
    folded_through: await readFolded(tx),
    items: objectives.map((objective) => ({
      name: objective.name,
      title: objective.title,
      share: objective.share,
      target_ms: targetOf(objective),
      sources: objective.sources,
      rules: objective.rules,
      windows: windows.map((window) => ({
        window,
        from: instantToText(spanOf(window, now).from),
        as_of: instantToText(now),
        ...figuresOf(objective, read.get(window) as Sums),
      })),
      alerts: alerts.filter(({ slo }) => slo === objective.name),
    })),
  };
}

export type Sums = ReadonlyMap<SeriesName, Sum>;

export function targetOf({ measure }: Objective): number | null {
  return measure.kind === 'durations' ? measure.targetMs : null;
}

/** How an objective stands by the sums of a span. */
export function figuresOf({ measure, share }: Objective, sums: Sums): Figures {
  const of = sums.get(measure.of);
  const isCounted = measure.kind === 'counts';
  const failed = isCounted || !measure.failed ? 0 : (sums.get(measure.failed)?.count ?? 0);
  const denominator = (of?.count ?? 0) + failed;
  const numerator = isCounted
    ? (sums.get(measure.bad)?.count ?? 0)
    : countFrom(of?.histogram ?? none, measure.targetMs * 1000) + failed;
  // What is wrong though nothing was there to be looked at is wrong all the same.
  if (denominator === 0 && numerator === 0) return noData;
  const us = isCounted ? null : quantile(of?.histogram ?? none, share);
  const bad = denominator === 0 ? 1 : numerator / denominator;
  return {
    // Compared in whole cases: 1 − 0.95 is a little more than 0.05.
    status: isWithin({ numerator, denominator }, share) ? 'met' : 'missed',
    value: isCounted ? numerator : us === null ? null : rounded(us / 1000),
    numerator,
    denominator,
    burn_rate: share === 1 ? null : rounded(bad / (1 - share)),
  };
}

function isWithin(
  { numerator, denominator }: Pick<Figures, 'numerator' | 'denominator'>,
  share: number,
) {
  return numerator <= denominator * (1 - share) + 1e-6;
}

const none: ReadonlyMap<number, number> = new Map();
const noData: Figures = {
  ...{ status: 'no_data', value: null, numerator: 0, denominator: 0, burn_rate: null },
};

function rounded(figure: number): number {
  return Math.round(figure * 1_000) / 1_000;
}

/** What lies within a window, what begins now included; it begins with a step. */
export function spanOf(window: Window, now: Instant): { from: Instant; to: Instant } {
  const lengthMs = windowsMs[window];
  return { from: floorTo(now - lengthMs, stepOf(lengthMs)), to: now + 1 };
}

export async function sumsOf(tx: Tx, span: Omit<SpanOfSeries, 'series'>): Promise<Sums> {
  const series = [...objectives.flatMap(seriesOf), ...maturityFigures.flatMap(bothOf)];
  const points = await readSums(tx, { ...span, series });
  return points.get(span.from) ?? new Map();
}

async function readFolded(tx: Tx): Promise<FoldedThrough | null> {
  const { rows } = await tx.query<{ tenant_position: bigint; at: Date }>(
    'select tenant_position, at from slo.folded where generation = $1',
    [await sloGeneration(tx)],
  );
  const [row] = rows;
  return row ? { position: Number(row.tenant_position), at: row.at.toISOString() } : null;
}

// History -----------------------------------------------------------------------------------------

export const historyStepsMs = { '5m': 300_000, '1h': 3_600_000, '1d': 86_400_000 } as const;
export type HistoryStep = keyof typeof historyStepsMs;

/** The finest step of which a window has not too many, and of which there are rows. */
export const stepsOf: Readonly<Record<Window, readonly HistoryStep[]>> = {
  '1h': ['5m'],
  '24h': ['5m', '1h'],
  '7d': ['1h', '1d'],
  '30d': ['1h', '1d'],
};

export type HistoryPoint = Figures & { readonly from: string; readonly to: string };

/** Oldest first, a point for each step; the last is not over. Where nothing was, it says so. */
export async function readHistory(
  tx: Tx,
  question: { objective: Objective; window: Window; step: HistoryStep; now: Instant },
): Promise<readonly HistoryPoint[]> {
  const { objective, window, step, now } = question;
  assert(stepsOf[window].includes(step), 'a step is one of the window');
  const stepMs = historyStepsMs[step];
  const from = floorTo(now - windowsMs[window], stepMs);
  const points = await readSums(tx, { series: seriesOf(objective), from, to: now + 1, stepMs });
  const steps = Math.ceil((now + 1 - from) / stepMs);
  return Array.from({ length: steps }, (_, index) => {
    const at = from + index * stepMs;
    const span = { from: instantToText(at), to: instantToText(at + stepMs) };
    return { ...span, ...figuresOf(objective, points.get(at) ?? new Map()) };
  });
}

// Maturity ----------------------------------------------------------------------------------------

export type Maturity = {
  readonly as_of: string;
  readonly folded_through: FoldedThrough | null;
  readonly items: readonly (Pick<MaturityFigure, 'name' | 'title' | 'unit' | 'sources'> & {
    readonly windows: readonly MaturityReading[];
  })[];
};
export type MaturityReading = {
  readonly window: Window;
  readonly from: string;
  readonly as_of: string;
  readonly status: 'measured' | 'no_data';
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number;
};

export async function readMaturity(tx: Tx, now: Instant): Promise<Maturity> {
  const read = new Map<Window, Sums>();
  for (const window of windows) read.set(window, await sumsOf(tx, spanOf(window, now)));
  return {
    as_of: instantToText(now),
    folded_through: await readFolded(tx),
    items: maturityFigures.map((figure) => ({
      name: figure.name,
      title: figure.title,
      unit: figure.unit,
      sources: figure.sources,
      windows: windows.map((window) => ({
        window,
        from: instantToText(spanOf(window, now).from),
        as_of: instantToText(now),
        ...maturityOf(figure, read.get(window) as Sums),
      })),
    })),
  };
}

function maturityOf(figure: MaturityFigure, sums: Sums) {
  const numerator = sums.get(figure.numerator)?.count ?? 0;
  const denominator = sums.get(figure.denominator)?.count ?? 0;
  if (denominator === 0) {
    return { status: 'no_data', value: null, numerator, denominator } as const;
  }
  const value = figure.unit === 'incidents' ? numerator : numerator / denominator;
  return { status: 'measured', value, numerator, denominator } as const;
}

function bothOf({ numerator, denominator }: MaturityFigure): readonly SeriesName[] {
  return [numerator, denominator];
}

/** Whether anything measures an objective at all. */
export function isMeasured({ measure }: Objective): boolean {
  return !(futureSeries as readonly SeriesName[]).includes(measure.of);
}
