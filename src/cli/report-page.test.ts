import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DayReport, type Fate, fates } from './demo-day.ts';
import { reportPage } from './report-page.ts';

const latency = { count: 10, p50Ms: 12, p95Ms: 40, p99Ms: 60, maxMs: 90 };
const sum = { payments: 3, amount: 123_456 };
const byFate = <Value>(value: Value) =>
  Object.fromEntries(fates.map((fate) => [fate, value])) as Record<Fate, Value>;
const rate = { value: 0.5, low: 0.4, high: 0.6, n: 10 };

const day: DayReport = {
  title: { tenant: 'demo-bank', day: '2026-03-27', seed: 42 },
  currency: 'EUR',
  traffic: {
    ...{ operationsPerSecond: 400, requestsPerSecond: 410, elapsedMs: 80_000, latency },
    ...{ done: 90, waiting: 4, rejected: 6, leftOut: 0, known: 0, kinds: [], rejections: {} },
    duplicates: { sent: 5, sameAnswer: 5 },
    repeats: { sent: 2, withoutEffect: 2 },
    collisions: { sent: 1, refused: 1 },
    routes: [{ route: '/v1/payments', ...latency }],
    setup: { accounts: 20, journals: 2, elapsedMs: 1_000 },
    retries: {},
  },
  byFate: byFate(sum),
  hours: Array.from({ length: 24 }, (_, hour) => ({
    fates: byFate(hour),
    latency: { ...latency, count: hour },
  })),
  scenarios: [
    {
      scenario: 'stolen_card',
      ...{ all: sum, stopped: sum, passed: { payments: 0, amount: 0 } },
      by: { policy: 1, stepUp: 1, review: 1 },
    },
  ],
  scores: { latency, answers: { scored: 10 }, fraud: [0, 3], genuine: [7, 0] },
  model: {
    ...{ name: 'payment-fraud', version: 1, threshold: 0.06 },
    performance: { precision: rate, recall: rate } as never,
    curve: [{ threshold: 0.5, precision: 0.5, recall: null }],
  },
  stepUps: { asked: 3, confirmed: 1, failed: 1, silent: 1 },
  cases: {
    ...{ opened: 2, approved: 1, rejected: 1, waiting: 0, overruled: 1 },
    ages: [{ upToSeconds: Number.POSITIVE_INFINITY, approved: 1, rejected: 1 }],
  },
  policyChange: {
    ...{ at: 12.5, before: 'p@1', after: 'p@2', decisions: 100, changed: 3, driftRate: 0.03 },
    ...{ backtestMs: 80, publishMs: 20 },
  },
  modelChange: {
    ...{ at: 15, rolledBackAt: 16.25, name: 'payment-fraud', version: 2, previous: 1 },
    ...{ registerMs: 100, deployMs: 50, rollbackMs: 5 },
  },
  proofs: [
    { holds: true, text: 'debits = credits' },
    { holds: false, text: 'a <finding>' },
  ],
};

test('the page needs nothing that is not in it', () => {
  const page = reportPage(day);
  assert.doesNotMatch(page, /https?:|<script|<link|<img|@import|url\(/);
  assert.match(page, /prefers-color-scheme: dark/);
});

test('every chart says what it shows, and its figures stand beside it', () => {
  const page = reportPage(day);
  const charts = [...page.matchAll(/<svg [^>]*role="img" aria-label="[^"]+"/g)];
  assert.equal(charts.length, 8);
  assert.equal([...page.matchAll(/<details>/g)].length, 6);
  assert.match(page, /1,234\.56 EUR/);
  assert.match(page, /policy 12:30.*model 2 15:00.*rollback 16:15/s);
  assert.doesNotMatch(page, /NaN|Infinity|undefined/);
});

test('what is broken is marked, and text stays text', () => {
  const page = reportPage(day);
  assert.match(page, /<li class="broken">a &lt;finding&gt;<\/li>/);
});

test('a day without a model and without changes has a page as well', () => {
  const bare = { ...day, model: undefined, policyChange: undefined, modelChange: undefined };
  const page = reportPage(bare);
  assert.doesNotMatch(page, /NaN|undefined|Precision/);
  assert.equal([...page.matchAll(/<svg /g)].length, 6);
});
