// The schema of the report on a model.
import { nullable } from '#core';
import Type from 'typebox';

const text = Type.String();
const count = Type.Integer();
const number = Type.Number();
const counts = Type.Record(text, count);
const instant = Type.String({ format: 'date-time' });
const interval = { value: number, low: number, high: number };
const rate = nullable(
  Type.Object({ ...interval, n: count }, { description: 'With its 95 % interval.' }),
);

const drift = {
  level: Type.Enum(['unknown', 'none', 'moderate', 'large']),
  psi: Type.Number({ description: 'Population stability index.' }),
  psi_critical: Type.Number({ description: 'What chance alone makes of it at these sizes.' }),
  ks: Type.Number({ description: 'Kolmogorov and Smirnov: the widest gap.' }),
  ks_critical: number,
  reference_n: count,
  current_n: count,
  missing_rate: number,
};

const performance = Type.Object({
  n: count,
  positives: count,
  auc: nullable(Type.Object(interval)),
  average_precision: nullable(number),
  precision: rate,
  recall: rate,
  calibration: nullable(
    Type.Object({
      brier: number,
      expected_error: number,
      z: number,
      bins: Type.Array(Type.Object({ n: count, mean_score: number, positive_rate: number })),
    }),
  ),
});

const group = Type.Object({
  group: text,
  n: count,
  favourable_rate: number,
  impact_ratio: nullable(number),
  impact_z: nullable(number),
  deserving_n: count,
  deserving_rate: nullable(number),
  opportunity_difference: nullable(number),
  opportunity_z: nullable(number),
  is_flagged: Type.Boolean(),
});

export const reportView = Type.Object({
  model: text,
  version: count,
  from: instant,
  to: instant,
  cases: count,
  is_truncated: Type.Boolean(),
  positions: nullable(Type.Object({ first: count, last: count })),
  asked: Type.Integer({ description: 'Cases for which this version was to be heard.' }),
  by_stage: counts,
  outcomes: counts,
  fallbacks: Type.Object({ rate, by_reason: counts }),
  latency_us: Type.Object({
    p50: nullable(number),
    p95: nullable(number),
    p99: nullable(number),
  }),
  drift: Type.Object({
    level: drift.level,
    significance: number,
    score: Type.Object(drift),
    inputs: Type.Array(Type.Object({ input: text, ...drift })),
  }),
  coverage: rate,
  settled: performance,
  reviewed: performance,
  overruled: rate,
  fairness: Type.Array(Type.Object({ attribute: text, groups: Type.Array(group) })),
});
