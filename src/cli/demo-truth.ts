// What a demo bank learns after its day: which payments were fraud.
import { isFraud } from '../../simulators/fraud.ts';
import type { WhatItWas } from '../../simulators/truth.ts';
import type { Client } from './client.ts';
import type { KnownPayment } from './demo-day.ts';

/** The most that one call may carry. */
const labelsPerCall = 500;

/** Whoever tells: customers through the card schemes' systems, and a person who has looked. */
export type Tellers = { readonly chargebacks: Client; readonly reviewer: Client };

type Told = Pick<KnownPayment, 'decisionId' | 'transferId' | 'isAllowed' | 'what'>;

/** Records the truth as labels: what was paid may be charged back, the rest is looked at. */
export async function tellTruth(
  tellers: Tellers,
  payments: readonly Told[],
  onProgress: (done: number) => void,
): Promise<void> {
  const paid = payments.flatMap(({ isAllowed, transferId, what }) =>
    isAllowed && transferId !== undefined
      ? [{ transfer_id: transferId, ...labelOf(what, 'chargeback') }]
      : [],
  );
  const stopped = payments
    .filter(({ isAllowed, transferId }) => !isAllowed || transferId === undefined)
    .map(({ decisionId, what }) => ({ decision_id: decisionId, ...labelOf(what, 'review') }));
  let done = 0;
  const told = (count: number) => {
    done += count;
    onProgress(done);
  };
  await post(tellers.chargebacks, paid, told);
  await post(tellers.reviewer, stopped, told);
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
