// Arms: who is offered what he is eligible for, and who is not, so that the difference can be told.
//
// A hash of the customer draws them, so that nobody can choose: the same customer always gets the
// same answer, and one who is out at 5 % is out at 10 %. What was decided once is stored and counts
// from then on, whatever the shares become.
import { type Instant, instantToText, dayMs } from '#core';
import { isInShare } from '#policy';
import type { LearningSettings } from './settings.ts';

/**
 * `holdout` is offered nothing for a period, `control` not this action. To `explored`, what he is
 * eligible for is offered by chance, for a month.
 */
export const arms = ['treated', 'explored', 'control', 'holdout'] as const;
export type Arm = (typeof arms)[number];

/** To whom something is shown. */
export const armsShown: readonly string[] = ['treated', 'explored'] satisfies readonly Arm[];

export type ArmQuestion = {
  readonly tenant: string;
  readonly customer: string;
  readonly action: string;
  readonly at: Instant;
  /** What was decided before, of this action and of the hold-out of this period. */
  readonly stored?: Arm | undefined;
  /** While the circuit breaker is open nothing is tried. */
  readonly isFrozen?: boolean;
};

export type Drawn = {
  readonly arm: Arm;
  /** Until when it is a hold-out; `ever` of an action's control; the month of exploring. */
  readonly period: string;
};

export function drawArm(settings: LearningSettings, question: ArmQuestion): Drawn {
  return armDrawer(settings, question)(question.action, question.stored);
}

/** Of one customer, whatever the action: what is the same for all of them is drawn once. */
export function armDrawer(
  settings: LearningSettings,
  question: Omit<ArmQuestion, 'action' | 'stored'>,
): (action: string, stored: Arm | undefined) => Drawn {
  const { tenant, customer, at } = question;
  const period = holdoutPeriod(settings, at);
  const isHeldOut = isInShare(
    settings.holdout_bps,
    `${tenant}/offers holdout ${period}/${customer}`,
  );
  const isTried = !isHeldOut && isExplored(settings, question);
  return (action, stored) => {
    // The next period asks others: what was decided of one action does not keep anybody in.
    if (stored === 'holdout' || isHeldOut) return { arm: 'holdout', period };
    if (isTried) return { arm: 'explored', period: monthOf(at) };
    if (stored === 'treated' || stored === 'control') return { arm: stored, period: 'ever' };
    const isControl = isInShare(settings.control_bps, `${tenant}/offers ${action}/${customer}`);
    return { arm: isControl ? 'control' : 'treated', period: 'ever' };
  };
}

/** Whether offers are drawn by chance for a customer this month: then no order ranks them. */
export function isExplored(
  { exploration_bps }: LearningSettings,
  { tenant, customer, at, isFrozen }: Omit<ArmQuestion, 'action' | 'stored'>,
): boolean {
  if (isFrozen) return false;
  return isInShare(exploration_bps, `${tenant}/offers explored ${monthOf(at)}/${customer}`);
}

/** By its first month, such as `2026-01` of the first half of a year. */
export function holdoutPeriod({ holdout_months }: LearningSettings, at: Instant): string {
  const [year = '', month = '01'] = instantToText(at).split('-');
  const first = Math.floor((Number(month) - 1) / holdout_months) * holdout_months + 1;
  return `${year}-${String(first).padStart(2, '0')}`;
}

/** Until when those are watched who were held out in the period of an instant. */
export function holdoutWatchedUntil(settings: LearningSettings, at: Instant): Instant {
  const [year = '', month = '01'] = holdoutPeriod(settings, at).split('-');
  const end = Date.UTC(Number(year), Number(month) - 1 + settings.holdout_months);
  return end + settings.analysis_days * dayMs;
}

function monthOf(at: Instant): string {
  return instantToText(at).slice(0, 7);
}

export type Draw<Candidate> = {
  readonly candidate: Candidate;
  /** In millionths: with which probability it was this one. */
  readonly chosenPpm: number;
};

/**
 * One of the candidates, each as likely as any other; of one month and the same candidates always
 * the same. Others are drawn from anew: what a draw before has left over is no draw.
 */
export function drawByChance<Candidate extends { readonly code: string }>(
  candidates: readonly Candidate[],
  { tenant, customer, at }: Pick<ArmQuestion, 'tenant' | 'customer' | 'at'>,
): Draw<Candidate> | undefined {
  const sorted = [...candidates].sort((one, other) => (one.code < other.code ? -1 : 1));
  const among = sorted.map(({ code }) => code).join(' ');
  const named = `${tenant}/offers drawn ${monthOf(at)}/${customer}/${among}`;
  // The first of n is taken with 1/n, else the first of the rest with 1/(n - 1), and so on.
  for (const [index, candidate] of sorted.entries()) {
    const left = sorted.length - index;
    if (left === 1 || isInShare(Math.round(10_000 / left), `${named}/${candidate.code}`)) {
      return { candidate, chosenPpm: Math.round(1_000_000 / sorted.length) };
    }
  }
  return undefined;
}
