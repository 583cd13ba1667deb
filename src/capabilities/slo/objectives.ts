// What is promised: the objectives, the rules by which their alerts are raised, and the figures of
// maturity. All of it is data.
import { hourMs, minuteMs, type SeriesName } from './series.ts';

export const windowsMs = {
  '1h': hourMs,
  '24h': 24 * hourMs,
  '7d': 168 * hourMs,
  '30d': 720 * hourMs,
} as const;
export type Window = keyof typeof windowsMs;
export const windows = Object.keys(windowsMs) as readonly Window[];

/**
 * Raises an alert while the budget of what may fail burns this many times as fast as it may: at 1
 * it is just used up when its period ends. What allows nothing is broken by one failure.
 */
export type AlertRule = {
  readonly name: 'fast' | 'slow' | 'any';
  readonly window: '1h' | '24h';
  readonly burn_rate: number;
  /** Fewer cases say nothing. */
  readonly cases_min: number;
  readonly severity: 'page' | 'ticket';
};

export type Objective = {
  readonly name: string;
  readonly title: string;
  /** Of all cases, how many have to be good. */
  readonly share: number;
  readonly measure: Durations | Counts;
  /** Where the figures come from. */
  readonly sources: readonly string[];
  readonly rules: readonly AlertRule[];
};
/** Good is what takes less than the target; what failed outright is bad, however long it took. */
type Durations = {
  readonly kind: 'durations';
  readonly of: SeriesName;
  readonly failed?: SeriesName;
  readonly targetMs: number;
};
type Counts = { readonly kind: 'counts'; readonly bad: SeriesName; readonly of: SeriesName };

/** Of a percentile: a fast fire is seen within the hour, a slow one within the day. */
const burning: readonly AlertRule[] = [
  { name: 'fast', window: '1h', burn_rate: 6, cases_min: 100, severity: 'page' },
  { name: 'slow', window: '24h', burn_rate: 1, cases_min: 100, severity: 'ticket' },
];
const never: readonly AlertRule[] = [
  { name: 'any', window: '24h', burn_rate: 0, cases_min: 1, severity: 'page' },
];

export const rollbackTargetMs = 5 * minuteMs;

export const objectives: readonly Objective[] = [
  {
    name: 'authorization-latency',
    title: 'A payment is authorized in less than 250 ms, 95 of 100',
    share: 0.95,
    measure: {
      kind: 'durations',
      of: 'authorization',
      failed: 'authorization_failed',
      targetMs: 250,
    },
    sources: ['POST /v1/payments', 'POST /v1/card-authorizations'],
    rules: burning,
  },
  {
    name: 'scoring-latency',
    title: 'A score is made in less than 150 ms, 95 of 100',
    share: 0.95,
    measure: { kind: 'durations', of: 'scoring', targetMs: 150 },
    sources: ['score.produced'],
    rules: burning,
  },
  {
    name: 'exactly-once',
    title: 'Nothing is in the journal twice, and nothing is there that the log does not tell',
    share: 1,
    measure: { kind: 'counts', bad: 'journal_violations', of: 'journal_rows' },
    sources: ['money.transfer', 'core.event'],
    rules: never,
  },
  {
    name: 'reconciliation',
    title: 'A mismatch is found in less than 5 minutes',
    share: 1,
    measure: { kind: 'durations', of: 'reconciliation_mismatch', targetMs: 5 * minuteMs },
    sources: [],
    rules: never,
  },
  {
    name: 'model-rollback',
    title: 'The version that was gone back to is heard in less than 5 minutes',
    share: 1,
    measure: { kind: 'durations', of: 'model_rollback', targetMs: rollbackTargetMs },
    sources: ['model.rolled_back', 'score.produced'],
    rules: never,
  },
  {
    name: 'cohort-backfill',
    title: 'The features of a cohort are folded anew in less than an hour',
    share: 1,
    measure: { kind: 'durations', of: 'feature_backfill', targetMs: hourMs },
    sources: ['countersign features backfill'],
    rules: never,
  },
];

export function seriesOf({ measure }: Objective): readonly SeriesName[] {
  if (measure.kind === 'counts') return [measure.bad, measure.of];
  return measure.failed === undefined ? [measure.of] : [measure.of, measure.failed];
}

export type MaturityFigure = {
  readonly name: string;
  readonly title: string;
  /** A share of the denominator, or how many there were. */
  readonly unit: 'share' | 'incidents';
  readonly numerator: SeriesName;
  readonly denominator: SeriesName;
  readonly sources: readonly string[];
};

export const maturityFigures: readonly MaturityFigure[] = [
  {
    name: 'idempotency_collision_rate',
    title: 'Requests that reused a key with another body, of all with a key',
    unit: 'share',
    numerator: 'idempotency_reused',
    denominator: 'idempotency_keyed',
    sources: ['requests with an Idempotency-Key'],
  },
  {
    name: 'policy_drift_rate',
    title: 'Outcomes that another version of the policy changed, of all judged by one',
    unit: 'share',
    numerator: 'policy_rejudged_changed',
    denominator: 'policy_rejudged',
    sources: ['decision.made', 'replay.completed'],
  },
  {
    name: 'human_overrule_rate',
    title: 'Proposals of models that people reversed, of all that they reviewed',
    unit: 'share',
    numerator: 'case_overruled',
    denominator: 'case_reviewed',
    sources: ['case.decided'],
  },
  {
    name: 'masked_field_leakage_incidents',
    title: 'Recorded texts in which a personal value was found, of those that were looked into',
    unit: 'incidents',
    numerator: 'leakage_found',
    denominator: 'leakage_texts',
    sources: ['control.tested'],
  },
  {
    name: 'replay_determinism_score',
    title: 'Decisions that came out identical when they were replayed, of all replayed',
    unit: 'share',
    numerator: 'replay_identical',
    denominator: 'replay_decisions',
    sources: ['replay.completed'],
  },
];
