// Figures of models as they are read: shares, indices, times, and which figure a control is about.
import type { Tone } from '../../parts/state.tsx';
import type { Control, Tested } from './shapes.ts';

export function shareText(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? '–' : `${(share * 100).toFixed(digits)} %`;
}

export function figureText(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) return '–';
  return Math.abs(value) >= 1_000 ? countText(Math.round(value)) : value.toFixed(digits);
}

/** Microseconds, as they are measured, in the unit of the budget. */
export function msText(us: number | null | undefined): string {
  if (us === null || us === undefined) return '–';
  return `${(us / 1000).toFixed(us < 9_950 ? 1 : 0)} ms`;
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** A number of any size, with as many digits as tell something. */
export function plainText(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 4 });
}

export function intervalText(
  of: { readonly low: number; readonly high: number },
  format: (value: number) => string = figureText,
): string {
  return `${format(of.low)} to ${format(of.high)}`;
}

/** `a 10 %`, of ten thousandths. */
export function bpsText(bps: number): string {
  return `${(bps / 100).toLocaleString('en', { maximumFractionDigits: 2 })} %`;
}

// Controls ---------------------------------------------------------------------------------------

type Figures = Tested['figures'];
type Reading = {
  /** The figure of its runs that is worth a line. */
  readonly of: (figures: Figures) => number | null;
  readonly name: string;
  readonly format: (value: number) => string;
};

const named = (name: string) => (figures: Figures) => {
  const value = figures[name];
  return typeof value === 'number' ? value : null;
};

/** Controls that are not here are shown by their result alone: the bank may have more. */
const readings: Readonly<Record<string, Reading>> = {
  drift: {
    ...{ name: 'largest PSI', format: figureText },
    of: (figures) => {
      const known = [named('score_psi')(figures), named('input_psi')(figures)];
      return known.every((each) => each === null)
        ? null
        : Math.max(...known.map((each) => each ?? 0));
    },
  },
  performance: { of: named('auc'), name: 'AUC', format: figureText },
  calibration: { of: named('expected_error'), name: 'mean distance', format: figureText },
  fairness: { of: named('least_impact_ratio'), name: 'least impact ratio', format: figureText },
  latency: { of: named('p99_us'), name: 'p99', format: msText },
  fallback: { of: named('rate'), name: 'fell back', format: shareText },
  leakage: { of: named('found'), name: 'leaks', format: countText },
};

export function readingOf(control: string): Reading | undefined {
  return readings[control];
}

export function figureOf(run: Tested): number | null {
  // What too few cases say is no figure.
  if (run.result === 'insufficient') return null;
  return readings[run.control]?.of(run.figures) ?? null;
}

const resultLooks = {
  passed: { word: 'passed', text: 'passed' },
  failed: { word: 'failed', text: 'failed' },
  insufficient: { word: 'none', text: 'too few cases' },
} as const;

export function resultLook(result: Tested['result']) {
  return resultLooks[result];
}

export const toneColors: Readonly<Record<Tone, string>> = {
  ...{ good: '--good', bad: '--bad', wait: '--wait', look: '--look', still: '--still' },
};

/** Where a figure begins to fail, and where severely: the lines of charts. None are made up. */
export function limitsOf(control: Control | undefined, figure: string): readonly number[] {
  const limit = control?.limits.find((each) => each.figure === figure);
  return [limit?.warn, limit?.severe].filter((each) => typeof each === 'number');
}

/** What a run was held against: a number of the control, or one of its card. */
export function limitOf(control: Control, { figures }: Tested): number | undefined {
  const [limit] = control.limits;
  return limit?.warn ?? named(limit?.warn_figure ?? '')(figures) ?? undefined;
}

// Drift ------------------------------------------------------------------------------------------

type Level = 'unknown' | 'none' | 'moderate' | 'large';
const levelLooks: Readonly<
  Record<Level, { readonly word: string; readonly tone: Tone; readonly text: string }>
> = {
  unknown: { word: 'none', tone: 'still', text: 'too few cases' },
  none: { word: 'ok', tone: 'good', text: 'as in training' },
  moderate: { word: 'warn', tone: 'wait', text: 'moved' },
  large: { word: 'failed', tone: 'bad', text: 'moved far' },
};

export function levelLook(level: Level) {
  return levelLooks[level];
}
