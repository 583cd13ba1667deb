import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '#ai';
import { inWords } from './monitor.ts';

const drift = {
  level: 'none' as const,
  ...{ psi: 0.01, psi_critical: 0.02, ks: 0.03, ks_critical: 0.05 },
  ...{ reference_n: 1_000, current_n: 1_000, missing_rate: 0.125 },
};
const rate = { value: 0.25, low: 0.2, high: 0.3, n: 400 };
const performance = {
  ...{ n: 400, positives: 100, average_precision: 0.5, precision: rate, recall: rate },
  auc: { value: 0.8, low: 0.75, high: 0.85 },
  calibration: { brier: 0.1, expected_error: 0.02, z: 1, bins: [] },
};
const nothing = { n: 0, positives: 0, auc: null, average_precision: null };

const report: Report = {
  ...{ model: 'payment-fraud', version: 2, from: 'Monday', to: 'Tuesday', cases: 50_000 },
  ...{ is_truncated: true, positions: null, asked: 1_234, coverage: rate, overruled: null },
  by_stage: { production: 1_200, rule: 34 },
  outcomes: { allow: 1_000 },
  fallbacks: { rate, by_reason: { timeout: 34 } },
  latency_us: { p50: 900, p95: 2_100, p99: null },
  drift: {
    level: 'large',
    ...{ significance: 0.01, score: drift },
    inputs: [{ input: 'amount_home', ...drift, level: 'large', psi: 0.7 }],
  },
  settled: performance,
  reviewed: { ...nothing, precision: null, recall: null, calibration: null },
  fairness: [],
};

test('a report is told in words, with what is not known as a dash', () => {
  const text = inWords(report).join('\n');
  for (const line of [
    /^payment-fraud 2, Monday to Tuesday: 50,000 cases, a sample of more$/m,
    /^fell back +25\.0 % \(20\.0 % to 30\.0 % of 400\) 34 timeout$/m,
    /^half, 95 and 99 of 100 within +0\.9 ms, 2\.1 ms, –$/m,
    /^ranks \(area under the curve\) +0\.800 \(0\.750 to 0\.850\)$/m,
    /^people said the contrary +–$/m,
    /^Drift: large$/m,
    /^amount_home +0\.700 +0\.020 +0\.030 +12\.5 % +large$/m,
  ]) {
    assert.match(text, line);
  }
});
