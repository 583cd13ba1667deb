// What a demo bank learns after its day: which payments were fraud, and how they had been judged.
import { performanceOf } from '#ai';
import { fraudScenarios, isFraud, lookAlikes } from '../../simulators/fraud.ts';
import { createLatencies } from '../../simulators/latency.ts';
import type { Truth } from '../../simulators/truth.ts';
import type { LoggedPayment } from './bank-log.ts';
import type { Client } from './client.ts';
import { percent, percentiles } from './report.ts';
import { grouped as n, table } from './table.ts';

/** A payment, as it was judged and as it was meant. */
type Known = LoggedPayment & { readonly what: WhatItWas };
type WhatItWas = Truth extends ReadonlyMap<string, infer What> ? What : never;

/** The most that one call may carry. */
const labelsPerCall = 500;

/** Whoever tells: customers through the card schemes' systems, and a person who has looked. */
export type Tellers = { readonly chargebacks: Client; readonly reviewer: Client };

/** Records the truth as labels: what was paid may be charged back, the rest is looked at. */
export async function tellTruth(
  tellers: Tellers,
  { payments, truth }: { payments: readonly LoggedPayment[]; truth: Truth },
  onProgress: (done: number) => void,
): Promise<void> {
  const known = knownOf(payments, truth);
  const paid = known.flatMap(({ transferId, what }) =>
    transferId === undefined ? [] : [{ transfer_id: transferId, ...labelOf(what, 'chargeback') }],
  );
  const refused = known.flatMap(({ transferId, decisionId, what }) =>
    transferId === undefined ? [{ decision_id: decisionId, ...labelOf(what, 'review') }] : [],
  );
  let done = 0;
  const told = (count: number) => {
    done += count;
    onProgress(done);
  };
  await post(tellers.chargebacks, paid, told);
  await post(tellers.reviewer, refused, told);
}

function labelOf(what: WhatItWas, source: 'chargeback' | 'review') {
  return { label: what !== 'ordinary' && isFraud(what) ? 'fraud' : 'genuine', source };
}

async function post(
  client: Client,
  labels: readonly object[],
  told: (count: number) => void,
): Promise<void> {
  for (let from = 0; from < labels.length; from += labelsPerCall) {
    const part = labels.slice(from, from + labelsPerCall);
    await client.post('/v1/labels', { labels: part });
    told(part.length);
  }
}

function knownOf(payments: readonly LoggedPayment[], truth: Truth): Known[] {
  return payments.flatMap((payment) => {
    const what = truth.get(payment.key);
    return what === undefined ? [] : [{ ...payment, what }];
  });
}

/** What policy made of fraud, of what looks like it, and of the rest; then how the model did. */
export function printTruth(
  payments: readonly LoggedPayment[],
  truth: Truth,
  threshold: number | undefined,
): void {
  const known = knownOf(payments, truth);
  const groups: Record<string, (each: Known) => boolean> = {
    ...Object.fromEntries(fraudScenarios.map((each) => [each, ({ what }: Known) => what === each])),
    'all fraud': isFraudulent,
    'honest, but looks like it': ({ what }) => lookAlikes.some((each) => each === what),
    'all other payments': ({ what }) => what === 'ordinary',
  };
  const head = ['', 'payments', 'paid', 'no funds', 'to confirm', 'to review', 'denied'];
  const flagged = threshold === undefined ? [] : ['flagged', ''];
  const rows = Object.entries(groups).map(([name, holds]) => {
    const those = known.filter(holds);
    return [name.replaceAll('_', ' '), ...figuresOf(those).map(n), ...flaggedOf(those, threshold)];
  });
  console.log(`\n${table([...head, ...flagged], rows)}`);
  if (threshold !== undefined) console.log(`\n${tellModel(known, threshold).join('\n')}`);
}

function figuresOf(known: readonly Known[]): number[] {
  const count = (holds: (each: Known) => boolean) => known.filter(holds).length;
  return [
    known.length,
    count(({ transferId }) => transferId !== undefined),
    count(({ outcome, transferId }) => outcome === 'allow' && transferId === undefined),
    ...(['hold', 'review', 'deny'] as const).map((wanted) =>
      count(({ outcome }) => outcome === wanted),
    ),
  ];
}

function flaggedOf(known: readonly Known[], threshold: number | undefined): string[] {
  if (threshold === undefined) return [];
  const flagged = known.filter(({ score }) => (modelled(score) ?? -1) >= threshold).length;
  return [n(flagged), known.length === 0 ? '' : percent(flagged / known.length)];
}

function tellModel(known: readonly Known[], threshold: number): string[] {
  const latencies = createLatencies();
  const answers = new Map<string, number>();
  for (const { score } of known) {
    if (score) latencies.record(score.latencyUs / 1_000);
    const answer = answerOf(score);
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  const told = [...answers].map(
    ([answer, times]) => `${n(times)} ${answer} (${percent(times / known.length)})`,
  );
  const lines: [string, string][] = [
    ['fraud', tellPerformance(known, threshold)],
    ['scores', told.join(', ') || 'none'],
    ['scoring', `${percentiles(latencies.summary())}, features included`],
  ];
  return lines.map(([name, text]) => `${name.padEnd(12)}${text}`);
}

/** Of the model's own answers: what stood in for it is judged by nobody here. */
function tellPerformance(known: readonly Known[], threshold: number): string {
  const judged = known.flatMap((each) => {
    const value = modelled(each.score);
    return value === null ? [] : [{ value, isPositive: isFraudulent(each) }];
  });
  const { precision, recall, average_precision: average } = performanceOf(judged, threshold);
  const flags = `flagged from ${threshold} on`;
  if (precision === null || recall === null || average === null) {
    return `nothing to judge the model by: ${n(judged.length)} scores of its own, ${flags}`;
  }
  const [p, r] = [precision.value, recall.value];
  const f1 = p + r === 0 ? 0 : (2 * p * r) / (p + r);
  const figures = `precision ${percent(p)}, recall ${percent(r)}, F1 ${f1.toFixed(2)}`;
  return `${figures}, average precision ${average.toFixed(2)}; ${flags}`;
}

function isFraudulent({ what }: Known): boolean {
  return what !== 'ordinary' && isFraud(what);
}

/** What a model has said; plain points and no answer at all are not its own. */
function modelled(score: LoggedPayment['score']): number | null {
  return score?.status === 'scored' ? score.value : null;
}

function answerOf(score: LoggedPayment['score']): string {
  if (!score) return 'not asked for';
  const { status, fallbackReason } = score;
  if (fallbackReason === null) return status;
  return `${status === 'scored' ? 'scored by the version before' : status}: ${fallbackReason}`;
}
