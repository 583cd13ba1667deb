// What the log tells of offers, as the rows that learning folds it into.
import type { SealedEvent } from '#core';
import type { Arm } from './arms.ts';

/** Names the projection. */
export const learningName = 'offer_learning';

export type Outcome =
  | 'presented'
  | 'viewed'
  | 'accepted'
  | 'declined'
  | 'expired'
  | 'withdrawn'
  | 'booked'
  | 'withheld';

/** What happened to whom, by which action. */
export type OfferStep = {
  readonly what: Outcome;
  readonly at: string;
  readonly customer: string;
  readonly action: string;
  /** Of what was presented or withheld; null later on. */
  readonly shown: Shown | null;
  /** The life event that it follows from; null of all else. */
  readonly because: string | null;
};

export type Shown = {
  readonly arm: Arm;
  /** The code by which the register knows what is offered. */
  readonly product: string;
  readonly channel: string;
  readonly chosen_ppm: number;
  readonly propensity_ppm: number;
};

export type Step =
  | OfferStep
  | { readonly what: 'product'; readonly product_id: string; readonly code: string }
  | {
      readonly what: 'opened';
      readonly at: string;
      readonly customer: string;
      readonly product_id: string;
    };

const outcomes: Readonly<Record<string, Outcome>> = {
  'offer.presented': 'presented',
  'offer.viewed': 'viewed',
  'offer.accepted': 'accepted',
  'offer.declined': 'declined',
  'offer.expired': 'expired',
  'offer.withdrawn': 'withdrawn',
  'offer.booked': 'booked',
  'offer.withheld': 'withheld',
};

export const learnedTypes: readonly string[] = [
  ...Object.keys(outcomes),
  ...['product.defined', 'product.changed', 'account.linked'],
];

type Told = Partial<Shown> & {
  readonly path?: string;
  readonly because?: string | null;
  readonly customer: string;
  readonly action: string;
  readonly code: string;
  readonly party_id: string;
  readonly product_id: string | null;
  readonly role: string;
};

/** What an event says; undefined where it says nothing of it. */
export function stepOf({ type, body }: SealedEvent): Step | undefined {
  const { data } = JSON.parse(body) as { data: { occurred_at: string; payload: Told } };
  const { payload, occurred_at: at } = data;
  const { customer, action, product_id } = payload;
  const what = outcomes[type];
  if (what) {
    const isShown = what === 'presented' || what === 'withheld';
    const because = payload.path === 'trigger' ? (payload.because ?? null) : null;
    return { what, at, customer, action, because, shown: isShown ? shownIn(payload) : null };
  }
  if (product_id === null) return undefined;
  if (type !== 'account.linked') return { what: 'product', product_id, code: payload.code };
  if (payload.role === 'former') return undefined;
  return { what: 'opened', at, customer: payload.party_id, product_id };
}

function shownIn({ arm, product, channel, chosen_ppm, propensity_ppm }: Told): Shown {
  return {
    arm: arm ?? 'treated',
    product: product ?? '',
    channel: channel ?? '',
    chosen_ppm: chosen_ppm ?? 1_000_000,
    propensity_ppm: propensity_ppm ?? 0,
  };
}

/** One customer's part in the experiment that an action is. */
export type Participant = Shown & {
  readonly action: string;
  readonly customer: string;
  readonly first_at: string;
  readonly last_at: string;
  readonly accepted_at: string | null;
  readonly declined_at: string | null;
  readonly opened_at: string | null;
};

/** What a step makes of a participant: the arm of the first time counts. */
export function participantAfter(
  before: Participant | undefined,
  { what, at, customer, action, shown }: OfferStep,
): Participant | undefined {
  if (shown) {
    if (before) return { ...before, last_at: at };
    const none = { accepted_at: null, declined_at: null, opened_at: null };
    return { ...shown, ...none, action, customer, first_at: at, last_at: at };
  }
  if (what === 'accepted') return before && { ...before, accepted_at: before.accepted_at ?? at };
  if (what === 'declined') return before && { ...before, declined_at: before.declined_at ?? at };
  return before;
}
