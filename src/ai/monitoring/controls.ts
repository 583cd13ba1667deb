// Controls: what is tested of every model in production, against which threshold, and for whom.
import type { ModelCard } from '../models/card.ts';
import { ksModerate, psiLarge, psiModerate } from './drift.ts';
import { groupMin, impactRatioMin, opportunityDifferenceMax } from './fairness.ts';
import type { Leakage } from './leakage.ts';
import type { Report } from './report.ts';
import { z95 } from './statistics.ts';

export const results = ['passed', 'failed', 'insufficient'] as const;
/** `severe` is a model that does harm for as long as it is heard. */
export const severities = ['none', 'warning', 'severe'] as const;

export type Figures = Readonly<Record<string, number | string | null>>;

/** What a control found, in figures and in words. */
export type Verdict = {
  readonly result: (typeof results)[number];
  readonly severity: (typeof severities)[number];
  readonly figures: Figures;
  readonly summary: string;
};

export const limitDirections = ['at_most', 'at_least'] as const;
export const limitUnits = ['index', 'ratio', 'share', 'microseconds', 'count'] as const;

export type Limit = {
  readonly figure: string;
  readonly direction: (typeof limitDirections)[number];
  readonly unit: (typeof limitUnits)[number];
  /** Beyond which it fails; null where each card has its own, as `warn_figure` of its runs says. */
  readonly warn: number | null;
  readonly warn_figure: string | null;
  /** Beyond which the failure is severe. */
  readonly severe: number | null;
};

export type Control = {
  readonly id: string;
  readonly title: string;
  /** Who answers for it: a function of the bank, never a person. */
  readonly owner: string;
  readonly threshold: string;
  /** The same in numbers, by the figures of its runs. Chance may excuse what lies beyond. */
  readonly limits: readonly Limit[];
  readonly schedule: 'daily';
  /** Whether a severe failure stops the model, until people resume it. */
  readonly suspends: boolean;
  readonly test: (found: Found) => Verdict;
};

export type Found = {
  readonly card: ModelCard;
  readonly report: Report;
  readonly leakage: Leakage;
  /** Whether it is in production, and its model has been so for all of the period. */
  readonly wasInProduction: boolean;
};

/** Cases of either outcome below which performance says nothing. */
const outcomesMin = 20;
const calibratedMin = 100;
const calibrationErrorMax = 0.05;
/** How far below what its card promises a ranking is no ranking any more. */
const collapse = 0.1;
const timedMin = 100;
const fallbackRateMax = 0.05;
/** Decisions looked into from which on a model that was not asked once is missing. */
const silentFrom = 20;
/** What a model leaks of its own, it leaks again and again; a caller's slip is not its doing. */
const ownLeaksMin = 3;
const ownLeakRate = 0.05;

const none = { warn: null, warn_figure: null, severe: null } as const;
const atMost = { ...none, direction: 'at_most' } as const;
const atLeast = { ...none, direction: 'at_least' } as const;

export const controls: readonly Control[] = [
  {
    id: 'drift',
    title: 'What the model reads and says looks as in its training',
    owner: 'model risk',
    threshold:
      `index ≤ ${psiModerate} and gap ≤ ${ksModerate}, or what chance explains; ` +
      `severe: the index of the score > ${psiLarge}`,
    limits: [
      { ...atMost, figure: 'score_psi', unit: 'index', warn: psiModerate, severe: psiLarge },
      { ...atMost, figure: 'input_psi', unit: 'index', warn: psiModerate },
      { ...atMost, figure: 'score_ks', unit: 'share', warn: ksModerate },
    ],
    schedule: 'daily',
    suspends: true,
    test: testDrift,
  },
  {
    id: 'performance',
    title: 'The model still ranks what turned out badly before what turned out well',
    owner: 'model risk',
    threshold: `area under the curve within the interval of the card; severe: ${collapse} below it`,
    limits: [{ ...atLeast, figure: 'auc', unit: 'share', warn_figure: 'card_low' }],
    schedule: 'daily',
    suspends: true,
    test: testPerformance,
  },
  {
    id: 'calibration',
    title: 'A score is as likely as it says',
    owner: 'model risk',
    threshold: `mean distance ≤ ${calibrationErrorMax}, or what chance explains`,
    limits: [{ ...atMost, figure: 'expected_error', unit: 'share', warn: calibrationErrorMax }],
    schedule: 'daily',
    suspends: false,
    test: testCalibration,
  },
  {
    id: 'fairness',
    title: 'The threshold lets through all groups alike, and the deserving among them',
    owner: 'compliance',
    threshold:
      `impact ratio ≥ ${impactRatioMin}, ` +
      `opportunity difference ≤ ${opportunityDifferenceMax}, or what chance explains`,
    limits: [
      { ...atLeast, figure: 'least_impact_ratio', unit: 'ratio', warn: impactRatioMin },
      {
        ...{ ...atMost, figure: 'most_opportunity_difference', unit: 'share' },
        warn: opportunityDifferenceMax,
      },
    ],
    schedule: 'daily',
    suspends: false,
    test: testFairness,
  },
  {
    id: 'latency',
    title: 'Scores come within their budget',
    owner: 'operations',
    threshold: 'p99 ≤ budget of the card',
    limits: [{ ...atMost, figure: 'p99_us', unit: 'microseconds', warn_figure: 'budget_us' }],
    schedule: 'daily',
    suspends: false,
    test: testLatency,
  },
  {
    id: 'fallback',
    title: 'The model itself is heard',
    owner: 'operations',
    threshold: `asked where its point decides; surely no more than ${fallbackRateMax} fall back`,
    limits: [{ ...atMost, figure: 'rate', unit: 'share', warn: fallbackRateMax }],
    schedule: 'daily',
    suspends: false,
    test: testFallback,
  },
  {
    id: 'leakage',
    title: 'No personal value stands in what was recorded of scores and decisions',
    owner: 'data protection',
    threshold: `none; severe: in ${ownLeakRate} of the model's scores, ${ownLeaksMin} at least`,
    limits: [{ ...atMost, figure: 'found', unit: 'count', warn: 0 }],
    schedule: 'daily',
    suspends: true,
    test: testLeakage,
  },
];

function testDrift({ report }: Found): Verdict {
  const { drift } = report;
  const [widest] = drift.inputs;
  const figures = {
    level: drift.level,
    score_psi: drift.score.psi,
    score_psi_critical: drift.score.psi_critical,
    score_ks: drift.score.ks,
    input: widest?.input ?? null,
    input_psi: widest?.psi ?? null,
    n: drift.score.current_n,
  };
  if (drift.level === 'unknown') return insufficient(figures, 'too few cases to compare');
  if (drift.level === 'none') return passed(figures);
  const drifted = drift.inputs.filter(({ level }) => level === 'moderate' || level === 'large');
  const what = drift.score.level === 'none' ? [] : ['its score'];
  const named = [...what, ...drifted.slice(0, 5).map(({ input }) => input)].join(', ');
  const isSevere = drift.score.level === 'large';
  return failed(figures, `no longer as in training: ${named}`, isSevere);
}

function testPerformance({ card, report }: Found): Verdict {
  const { n, positives, auc } = report.settled;
  const promised = card.metrics.filter(({ name }) => /^(roc[ _-]?)?auc$/i.test(name));
  const low = promised.length === 0 ? null : Math.min(...promised.map((metric) => metric.low));
  const figures = {
    auc: auc?.value ?? null,
    auc_high: auc?.high ?? null,
    card_low: low,
    n,
    positives,
  };
  const isEnough = Math.min(positives, n - positives) >= outcomesMin;
  if (!isEnough || auc === null) return insufficient(figures, 'too few cases have turned out');
  if (low === null) return insufficient(figures, 'the card promises no area under the curve');
  if (auc.high >= low) return passed(figures);
  const words = `ranks worse than its card promises: at most ${told(auc.high)}, not ${told(low)}`;
  return failed(figures, words, auc.high < low - collapse);
}

function testCalibration({ report }: Found): Verdict {
  const { n, calibration } = report.settled;
  const figures = {
    expected_error: calibration?.expected_error ?? null,
    brier: calibration?.brier ?? null,
    z: calibration?.z ?? null,
    n,
  };
  if (calibration === null || n < calibratedMin) {
    return insufficient(figures, 'too few cases have turned out');
  }
  const { expected_error, z } = calibration;
  if (expected_error <= calibrationErrorMax || Math.abs(z) <= z95) return passed(figures);
  const way = z > 0 ? 'low' : 'high';
  return failed(figures, `scores are too ${way}, by ${told(expected_error)} on average`);
}

function testFairness({ report }: Found): Verdict {
  const compared = report.fairness.flatMap(({ attribute, groups }) => {
    const large = groups.filter(({ n }) => n >= groupMin);
    return large.length < 2 ? [] : large.map((group) => ({ attribute, ...group }));
  });
  const ratios = compared.flatMap(({ impact_ratio }) => impact_ratio ?? []);
  const differences = compared.flatMap((group) => group.opportunity_difference ?? []);
  const flagged = compared.filter(({ is_flagged }) => is_flagged);
  const figures = {
    groups: compared.length,
    flagged: flagged.map(({ attribute, group }) => `${attribute}=${group}`).join(' '),
    least_impact_ratio: ratios.length === 0 ? null : Math.min(...ratios),
    most_opportunity_difference: differences.length === 0 ? null : Math.max(...differences),
  };
  if (compared.length === 0) return insufficient(figures, `no two groups of ${groupMin} or more`);
  if (flagged.length === 0) return passed(figures);
  return failed(figures, `lets through fewer of ${figures.flagged}`);
}

function testLatency({ card, report }: Found): Verdict {
  const { p95, p99 } = report.latency_us;
  const figures = { p95_us: p95, p99_us: p99, budget_us: card.budget_ms * 1000, n: report.asked };
  if (p99 === null || report.asked < timedMin) return insufficient(figures, 'too few calls');
  if (p99 <= figures.budget_us) return passed(figures);
  return failed(figures, `one call in a hundred takes longer than ${card.budget_ms} ms`);
}

function testFallback({ report, leakage, wasInProduction }: Found): Verdict {
  const { rate, by_reason } = report.fallbacks;
  const figures = { rate: rate?.value ?? null, rate_low: rate?.low ?? null, n: rate?.n ?? 0 };
  if (wasInProduction && leakage.scores === 0 && leakage.decisions >= silentFrom) {
    return failed(figures, 'it was not asked once, though its point has decided');
  }
  if (rate === null || rate.n < timedMin) return insufficient(figures, 'too few calls');
  if (rate.low <= fallbackRateMax) return passed(figures);
  const { suspended: _, ...others } = by_reason;
  const [most = ''] = Object.entries(others).sort(([, one], [, other]) => other - one)[0] ?? [];
  return failed(figures, `${told(rate.value * 100)} % fall back, most of them for ${most}`);
}

function testLeakage({ leakage: { texts, found, own, ownLeaks } }: Found): Verdict {
  const classes = [...new Set(found.flatMap((each) => each.classes))].sort();
  const figures = {
    texts,
    found: found.length,
    own: ownLeaks,
    classes: classes.join(' '),
    first_event: found[0]?.event_id ?? null,
  };
  if (texts === 0) return insufficient(figures, 'nothing was recorded');
  if (found.length === 0) return passed(figures);
  const isSevere = ownLeaks >= Math.max(ownLeaksMin, ownLeakRate * own);
  return failed(figures, `personal values were recorded: ${classes.join(', ')}`, isSevere);
}

function passed(figures: Figures): Verdict {
  return { result: 'passed', severity: 'none', figures, summary: 'as it should be' };
}

function insufficient(figures: Figures, summary: string): Verdict {
  return { result: 'insufficient', severity: 'none', figures, summary };
}

function failed(figures: Figures, summary: string, isSevere = false): Verdict {
  return { result: 'failed', severity: isSevere ? 'severe' : 'warning', figures, summary };
}

function told(figure: number): string {
  return figure.toFixed(3);
}
