// How points, redemptions, claims and offers are called in the bank app.
import { countText } from '../parts/figures.ts';
import type { Tone } from '../parts/state.tsx';
import type { Claim, Membership, Offer, Redemption } from './grow-reads.ts';

export function pointsWords(points: number, signed = false): string {
  const sign = points < 0 ? '−' : signed && points > 0 ? '+' : '';
  const count = Math.abs(points);
  return `${sign}${countText(count)} ${count === 1 ? 'point' : 'points'}`;
}

export function PointsText({
  points,
  signed = false,
}: {
  readonly points: number;
  readonly signed?: boolean;
}) {
  return <span className="amount">{pointsWords(points, signed)}</span>;
}

/** What has made it more or less than usual says more than that it was a purchase. */
export function entryWords({ rules, words }: Membership['entries'][number]): string {
  const [first, ...others] = rules;
  if (first === undefined) return words.replace(/\.$/, '');
  return others.length === 0 ? first : `${first}, and more`;
}

/** Of a reward that is offered no more only its code is left: `cashback-10` reads `Cashback 10`. */
export function codeWords(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function redemptionStanding({ status }: Redemption): readonly [Tone, string] {
  switch (status) {
    case 'begun':
      return ['wait', 'On its way'];
    case 'redeemed':
      return ['good', 'Redeemed'];
    case 'refused':
      return ['bad', 'Not done'];
    case 'reversing':
      return ['wait', 'Being reversed'];
    case 'reversed':
      return ['still', 'Reversed'];
  }
}

/** What the standing of a redemption means for the points. */
export function redemptionWords({ status }: Redemption): string {
  switch (status) {
    case 'begun':
      return 'It is on its way. Your points are taken once it is there.';
    case 'redeemed':
      return 'Your points are redeemed.';
    case 'refused':
      return 'It could not be done. Your points are yours as before.';
    case 'reversing':
      return 'It is being reversed. Your points come back when it is done.';
    case 'reversed':
      return 'It was reversed. Your points are back, and run out when they would have.';
  }
}

/** Why it could not be done, where that is for customers to know. */
export function failureWords({ failure }: Redemption): string {
  switch (failure) {
    case null:
      return '';
    case 'insufficient_funds':
    case 'insufficient_points':
      return 'There were too few points left.';
    case 'policy_denied':
      return 'Our rules do not let it at the moment.';
    default:
      return /^(credit|debit)_account_/.test(failure)
        ? 'The account it is paid to cannot take it at the moment.'
        : 'Please ask us why.';
  }
}

export function claimStanding({ status }: Claim): readonly [Tone, string] {
  switch (status) {
    case 'crediting':
      return ['wait', 'On their way'];
    case 'waiting':
      return ['look', 'We look at it'];
    case 'appealed':
      return ['look', 'A person looks at it'];
    case 'credited':
      return ['good', 'Given'];
    case 'refused':
      return ['still', 'None are due'];
    case 'upheld':
      return ['still', 'None are due, for good'];
  }
}

export const declineWords = {
  not_interested: 'I am not interested',
  not_now: 'Not now',
  have_it_elsewhere: 'I have it elsewhere',
  too_expensive: 'It costs too much',
  do_not_understand: 'I do not understand it',
  other: 'Something else',
} as const;
export type DeclineReason = keyof typeof declineWords;

/** How an offer that is no longer open stands. */
export function offerStanding({ status, reason }: Offer): readonly [Tone, string] {
  switch (status) {
    case 'presented':
    case 'viewed':
    case 'expired':
      return ['still', 'Its time is over'];
    case 'accepted':
      return ['good', 'You said yes'];
    case 'booked':
      return ['good', 'It is yours'];
    case 'declined':
      return ['still', 'You said no'];
    case 'withdrawn':
      return ['still', reason === 'consent_withdrawn' ? 'Consent withdrawn' : 'Taken back'];
  }
}

/** What became of an offer, in a sentence. */
export function offerWords({ status, reason }: Offer): string {
  switch (status) {
    case 'presented':
    case 'viewed':
    case 'expired':
      return 'This offer was good until its day, and ended.';
    case 'accepted':
      return 'You said yes. We carry it on from here.';
    case 'booked':
      return 'You have it.';
    case 'declined':
      return 'You said no. We keep it from you for a while.';
    case 'withdrawn':
      return reason === 'consent_withdrawn'
        ? 'You have withdrawn your consent, so this offer is withdrawn, too.'
        : 'We have taken this offer back. You need not do anything.';
  }
}

/** `PREM_SAVINGS` reads `Prem savings`. */
export function productWords(code: string): string {
  return codeWords(code.toLowerCase().replaceAll('_', '-'));
}

/** Basis points a year: `350` reads `3.50 %`. */
export function rateText(bps: number): string {
  return `${Math.trunc(bps / 100)}.${String(bps % 100).padStart(2, '0')} %`;
}
