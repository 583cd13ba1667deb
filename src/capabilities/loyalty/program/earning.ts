// What earning is asked and answers: a transaction, what the member has had, points and why.
import { type Instant, instantFromText } from '#core';
import type { EarnKind } from './earning-terms.ts';
import type { EarnTransaction } from './program.ts';

export type EarnFacts = {
  readonly kind: EarnKind;
  /** Minor units of the home currency; a safe integer, not negative. Of a milestone the balance. */
  readonly amount: number;
  /** ISO 4217; another one than the programme's earns nothing. */
  readonly currency: string;
  /** ISO 18245. What is null is not known, and a condition on it does not hold. */
  readonly mcc: string | null;
  readonly merchant: string | null;
  readonly partner: string | null;
  readonly channel: string | null;
  /** ISO 3166-1, two letters. */
  readonly country: string | null;
  readonly tier: string | null;
  readonly customer: string | null;
  /** When it was posted: from then on points wait, and live. */
  readonly occurredAt: Instant;
  /** When the card was authorized, where it was. */
  readonly authorizedAt: Instant | null;
};

/**
 * What counts towards a cap: a counter of the member, such as `rule dining-2x month 2026-05`. Its
 * name says what is counted and when, so that whoever keeps it needs to know no more.
 */
export type Counter = string;

export type EarnState = {
  /** What the member has had of each counter before; one that is not there is at 0. */
  readonly used: Readonly<Record<Counter, number>>;
};

/** What one rule, rate or tier has said. */
export type EarnStep = {
  /** `rate`, `tier:gold`, `exclusion:cash` or the id of a rule. */
  readonly rule: string;
  readonly campaign: string | null;
  readonly held: boolean;
  readonly why: EarnWhy;
  /** The facts that it has looked at; null where one is missing. */
  readonly saw: Readonly<Record<string, string | number | boolean | null>>;
  /** Before caps, as an exact fraction: `14999/100`. */
  readonly worth: string;
  /** What it gives in the end. */
  readonly points: number;
  readonly cuts: readonly {
    /** The counter, `reward of spend`, or `largest number`. */
    readonly by: string;
    /** What was cut, as an exact fraction. */
    readonly worth: string;
  }[];
};

export const earnWhys = [
  'gives',
  'excludes',
  'condition_does_not_hold',
  'fact_missing',
  'condition_failed',
  'not_yet',
  'over',
  'another_multiplies_more',
  'had_as_often_as_it_may',
  'nothing_to_multiply',
] as const;
export type EarnWhy = (typeof earnWhys)[number];

export type EarnPart = {
  readonly points: number;
  /** Whose budget it is taken from; null for what the programme itself gives. */
  readonly campaign: string | null;
  readonly rules: readonly string[];
  /** The kind of the transaction, in a word. */
  readonly reason: EarnKind;
};

export type Earning = {
  readonly parts: readonly EarnPart[];
  /** The sum of the parts. */
  readonly points: number;
  /** Minor units that count as spending. */
  readonly spend: number;
  /** The id of the exclusion that held, or `other_currency`; null where points may be earned. */
  readonly excluded: string | null;
  readonly trace: readonly EarnStep[];
  /** What counters grow by with this earning. */
  readonly counted: Readonly<Record<Counter, number>>;
  /** Null: active at once. */
  readonly maturesAt: Instant | null;
  /** Null: never. */
  readonly expiresAt: Instant | null;
  /** `everyday@3f1c09ab52de`. */
  readonly version: string;
};

/** A transaction as written down; what it leaves open is filled in. */
export function earnFacts(
  transaction: EarnTransaction,
  { currency, now }: { readonly currency: string; readonly now: Instant },
): EarnFacts {
  const { occurred_at, authorized_at, ...given } = transaction;
  return {
    ...{ mcc: null, merchant: null, partner: null, channel: null, country: null },
    ...{ tier: null, customer: null, currency },
    ...given,
    occurredAt: instantOr(occurred_at, now),
    authorizedAt: authorized_at === undefined ? null : instantOr(authorized_at, now),
  };
}

function instantOr(text: string | undefined, otherwise: Instant): Instant {
  return (text === undefined ? undefined : instantFromText(text)) ?? otherwise;
}
