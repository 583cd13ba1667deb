import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Board, Maturity } from '#slo';
import { boardLines } from './slo.ts';

const span = { window: '24h', from: '2026-01-04T09:00:00.000Z', as_of: '2026-01-05T09:00:00.000Z' };
const of = { share: 0.95, sources: [], rules: [], title: '', alerts: [] };
const nothing = { value: null, numerator: 0, denominator: 0 };

test('the board has a mark and a word for each objective, and never takes nothing for good', () => {
  const reading = { ...span, burn_rate: null };
  const alert = { slo: 'exactly-once', rule: 'any', severity: 'page', window: '24h' };
  const raised = { ...alert, numerator: 1, denominator: 5_000, raised_at: span.as_of };
  const board = {
    as_of: span.as_of,
    folded_through: { position: 12_345, at: span.as_of },
    items: [
      {
        ...{ ...of, name: 'authorization-latency', target_ms: 250 },
        windows: [{ ...reading, status: 'met', value: 21.5, numerator: 3, denominator: 12_000 }],
      },
      {
        ...{ ...of, name: 'exactly-once', target_ms: null, alerts: [raised] },
        windows: [{ ...reading, status: 'missed', value: 1, numerator: 1, denominator: 5_000 }],
      },
      {
        ...{ ...of, name: 'reconciliation', target_ms: 300_000 },
        windows: [{ ...reading, status: 'no_data', ...nothing }],
      },
    ],
  } as unknown as Board;
  const maturity = {
    items: [
      {
        ...{ ...of, name: 'policy_drift_rate', unit: 'share' },
        windows: [{ ...span, status: 'measured', value: 0.02, numerator: 2, denominator: 100 }],
      },
      {
        ...{ ...of, name: 'masked_field_leakage_incidents', unit: 'incidents' },
        windows: [{ ...span, status: 'no_data', ...nothing }],
      },
    ],
  } as unknown as Maturity;
  assert.deepEqual(boardLines(board, maturity).join('\n').split('\n'), [
    'as of 2026-01-05T09:00:00.000Z, the log folded through 12,345',
    '',
    'objective                       24h',
    'authorization-latency ≤ 250 ms  ✓ met 21.5 ms (12,000 cases)',
    'exactly-once                    ✗ missed 1 found (5,000 cases)',
    'reconciliation ≤ 5.0 min        – no data',
    '',
    'maturity                        24h',
    'policy drift rate               2.00 % of 100',
    'masked field leakage incidents  – no data',
    '✗ alert (page): exactly-once, any: 1 of 5,000 within 24h when it was raised, ' +
      '2026-01-05T09:00:00.000Z',
  ]);
});
