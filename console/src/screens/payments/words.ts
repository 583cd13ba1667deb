// The shapes of a payment's path under short names, and which steps it can still take.
import type { Answer } from '../../api/client.ts';
import { wordsOf } from '../../parts/state.tsx';

export type Payment = Answer<'GET /v1/payments/{id}'>;
export type Listed = Answer<'GET /v1/payments'>['items'][number];
export type Step = Payment['history'][number];
export type Decided = Payment['decisions'][number];

/** Of the event that scored it, as it is on record. */
export type Score = {
  readonly score_id: string;
  readonly value: number | null;
  readonly status: string;
  readonly stage: string;
  readonly latency_us: number;
  readonly fallback_reason: string | null;
  readonly model: { readonly name: string; readonly version: number } | null;
  readonly served_by: { readonly name: string; readonly version: number } | null;
  readonly reasons: readonly {
    readonly input: string;
    readonly value: number | null;
    readonly contribution: number;
  }[];
  readonly inputs: Readonly<Record<string, number | null>>;
  readonly shadows: readonly {
    readonly name: string;
    readonly version: number;
    readonly value: number | null;
  }[];
};

/** What a step has told. */
export type Told = {
  readonly status?: string;
  readonly code?: string | null;
  readonly limit?: string | null;
  readonly reason?: string | null;
  readonly amount?: number;
  readonly currency?: string;
  readonly review_queue?: string | null;
  readonly requested_by?: string;
  readonly step_up?: boolean;
  readonly merchant?: string | null;
  readonly clearing_id?: string | null;
};

export function toldBy(step: Step | undefined): Told {
  return (step?.payload ?? {}) as Told;
}

/** `card, card present` says it twice. */
export function kindText({ kind, channel }: Pick<Listed, 'kind' | 'channel'>): string {
  const way = wordsOf(channel);
  return way.startsWith(wordsOf(kind)) ? way : `${wordsOf(kind)}, ${way}`;
}

export type ActName = 'cancel' | 'refund' | 'return' | 'chargeback' | 'represent';
export const actNames: readonly ActName[] = [
  ...(['cancel', 'refund', 'return', 'chargeback', 'represent'] as const),
];

const waiting = ['authorized', 'partially_captured', 'step_up_required', 'held', 'review'];
const moved = [
  ...['posted', 'captured', 'partially_captured', 'partially_refunded', 'refunded', 'returned'],
  ...['charged_back', 'represented'],
];

/** Why an act makes no sense as the payment stands; the API has the last word. */
export function whyNot(act: ActName, { status, kind, ...payment }: Payment): string | undefined {
  const left = leftOf({ status, kind, ...payment });
  const stands = `It is ${wordsOf(status)}:`;
  switch (act) {
    case 'cancel':
      return waiting.includes(status) ? undefined : `${stands} nothing is held any more.`;
    case 'chargeback':
      if (kind !== 'card') return 'Only card payments are charged back.';
      break;
    case 'represent':
      return status === 'charged_back' ? undefined : `${stands} there is no chargeback to contest.`;
    default:
      break;
  }
  if (!moved.includes(status)) return `${stands} no money has moved that could go back.`;
  return left > 0 ? undefined : 'All of it has gone back already.';
}

/** What can still go back, in minor units. */
export function leftOf({ kind, amount, captured, returned }: Payment): number {
  return (kind === 'card' ? captured : amount) - returned;
}
