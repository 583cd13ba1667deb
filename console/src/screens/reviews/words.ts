// The words of reviews on the screen: of cases and of time.
import type { Answer, Call } from '../../api/client.ts';

export type Case = Answer<'GET /v1/cases'>['items'][number];
export type CaseDetail = Answer<'GET /v1/cases/{id}'>;
export type Verdict = NonNullable<Case['verdict']>;
export type ReasonCode = Call<'POST /v1/cases/{id}/decide'>['body']['reason_code'];

export type Outlook = NonNullable<CaseDetail['outlook']>;

/** Whether the payment would not come back to people once they have approved it. */
export function goesOn({ outcome }: Pick<Outlook, 'outcome'>): boolean {
  return outcome === 'allow' || outcome === 'hold';
}

/** What became of the payment. */
export const kindWords: Readonly<Record<Case['kind'], string>> = {
  release: 'waits for release',
  denied: 'denied',
  clearing: 'came back',
};

export function hasEnded({ status }: Pick<Case, 'status'>): boolean {
  return status === 'decided' || status === 'expired' || status === 'closed';
}

const spans = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** `3 h 20 min`, and of less than a minute `1 min`. */
export function leftText(ms: number): string {
  const at = spans.findIndex(([, size]) => ms >= size);
  if (at === -1) return '1 min';
  const [unit, size] = spans[at] as (typeof spans)[number];
  const whole = Math.floor(ms / size);
  const [nextUnit, nextSize] = spans[at + 1] ?? [undefined, 1];
  const rest = Math.floor((ms % size) / nextSize);
  return nextUnit !== undefined && whole < 4 && rest > 0
    ? `${whole} ${unit} ${rest} ${nextUnit}`
    : `${whole} ${unit}`;
}
