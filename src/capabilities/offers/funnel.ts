// The funnel: of all that may be offered, what this customer is offered here and now, and of all
// else why not. It reads nothing: what it goes by was read before.
import type { Instant } from '#core';
import type { Bindings } from '#policy';
import { type ActionClass, classOf, type OfferChannel, registeredCodes } from './action.ts';
import { type CompiledAction, holds } from './action-facts.ts';
import { inOrder, type Ranked, type Terms, termsOf } from './arbitrate.ts';
import type { ContactPolicy } from './contact-policy.ts';
import {
  contactReasons,
  isBereaved,
  isOfAge,
  type Known,
  standingOf,
  tooMany,
} from './exposure.ts';
import type { Propensity } from './learning/propensity.ts';

export const funnelStages = [
  'in_force',
  'channel',
  'eligibility',
  'applicability',
  'suitability',
  'consent',
  'contact_policy',
  'volume',
  'breaker',
  'experiment',
  'arbitration',
] as const;
export type FunnelStage = (typeof funnelStages)[number];

export type Refusal = {
  readonly stage: FunnelStage;
  /** Of a condition, its id; else one of our own words. */
  readonly rule: string;
  readonly says: string;
};

/** Of the experiment: whether the action may be shown, and with which chance it was chosen. */
export type Arm = {
  readonly arm: string;
  readonly is_held_out: boolean;
  /** Of a million: how likely this action was to be chosen for this customer. */
  readonly chosen_ppm: number;
};

export type FunnelQuestion = {
  readonly customer: string;
  readonly at: Instant;
  readonly channel: OfferChannel;
  /** How many may be offered at most. */
  readonly places: number;
  /** Where one of them is presented in the end: none takes room from another one. */
  readonly areAlternatives?: boolean;
  readonly known: Known;
  readonly bindings: Bindings;
  /** Whether the customer agrees to marketing by this channel. */
  readonly hasConsent: boolean;
  readonly contactPolicy: ContactPolicy;
  readonly actions: readonly CompiledAction[];
  /** Scarce offers of which none is left, by the code of the action. */
  readonly exhausted: ReadonlySet<string>;
  /** Whether something went wrong with these offers, and they were stopped. */
  readonly isBroken: (action: CompiledAction) => boolean;
  readonly propensityOf: (action: CompiledAction) => Propensity;
  readonly armOf: (action: CompiledAction) => Arm;
};

export type Offered = Ranked & { readonly arm: Arm };

export type Candidate = {
  readonly action: string;
  readonly version: number;
  readonly class: ActionClass;
  readonly rank: number | null;
  readonly arm: string;
  readonly terms: Terms | null;
  readonly reasons: Propensity['reasons'];
  /** Empty for what is offered. */
  readonly refused: readonly Refusal[];
};

export type Funnel = {
  readonly offered: readonly Offered[];
  /** Every action, those that were ranked first, by their rank, then by code. */
  readonly candidates: readonly Candidate[];
};

type Sifting = Omit<FunnelQuestion, 'armOf' | 'propensityOf'>;
type Stage<Question = Sifting> = (action: CompiledAction, question: Question) => readonly Refusal[];

export function funnel(question: FunnelQuestion): Funnel {
  const { customer, places, bindings, contactPolicy, armOf } = question;
  const refused = new Map<string, readonly Refusal[]>();
  const left = question.actions.filter((action) => {
    const found = firstRefusal(action, allStages, question);
    if (found.length > 0) refused.set(action.code, found);
    return found.length === 0;
  });
  const used = contactPolicy.arbitration;
  const rank = (action: CompiledAction): Ranked => {
    const propensity = question.propensityOf(action);
    return { action, propensity, terms: termsOf(action, propensity, { bindings, used }) };
  };
  const ranked = inOrder(customer, left.map(rank));
  const offered = withinCaps(ranked, question, refused);
  const isOffered = new Set(offered.map(({ action }) => action.code));
  for (const [index, { action }] of ranked.entries()) {
    if (isOffered.has(action.code) || refused.has(action.code)) continue;
    const says = `is number ${index + 1}, and ${places} can be shown`;
    refused.set(action.code, [{ stage: 'arbitration', rule: 'outranked', says }]);
  }
  return {
    offered: offered.map((each) => ({ ...each, arm: armOf(each.action) })),
    candidates: candidatesOf(question, ranked, refused),
  };
}

/** Before anybody asks how likely it is: what is left when all but the experiment has spoken. */
export function survivors(
  question: Omit<FunnelQuestion, 'armOf' | 'propensityOf'>,
): readonly CompiledAction[] {
  return question.actions.filter((action) => firstRefusal(action, stages, question).length === 0);
}

/**
 * From the first rank on as many as there are places and the caps leave room for: what is offered
 * here counts for what comes after it, but for alternatives.
 */
function withinCaps(
  ranked: readonly Ranked[],
  question: FunnelQuestion,
  refused: Map<string, readonly Refusal[]>,
): readonly Ranked[] {
  const { known, at, channel, contactPolicy, places, areAlternatives = false } = question;
  const offered: Ranked[] = [];
  let counted = 0;
  for (const each of ranked) {
    if (offered.length >= places) break;
    const ofClass = classOf(each.action.action);
    const standing = standingOf(known, { at, action: each.action.code, channel, contactPolicy });
    const withThese = {
      ...standing,
      offers_this_month: standing.offers_this_month + counted,
      offers_by_channel: standing.offers_by_channel + counted,
    };
    const reasons = tooMany(withThese, contactPolicy, ofClass);
    if (reasons.length > 0) {
      refused.set(each.action.code, reasons.map(contactRefusal));
      continue;
    }
    offered.push(each);
    if (ofClass === 'default' && !areAlternatives) counted += 1;
  }
  return offered;
}

function contactRefusal(reason: keyof typeof contactReasons): Refusal {
  return { stage: 'contact_policy', rule: reason, says: contactReasons[reason] };
}

/** All that a stage has to say; the stages behind it are not asked any more. */
function firstRefusal<Question>(
  action: CompiledAction,
  asked: readonly Stage<Question>[],
  question: Question,
): readonly Refusal[] {
  for (const stage of asked) {
    const found = stage(action, question);
    if (found.length > 0) return found;
  }
  return [];
}

/** Last, so that only those count as held out who would have been offered it. */
const experiment: Stage<FunnelQuestion> = (action, { armOf }) => {
  const isHeldOut = classOf(action.action) === 'default' && armOf(action).is_held_out;
  const says = 'The customer is of the control group.';
  return refusalsOf('experiment', [[isHeldOut, 'control_group', says]]);
};

/** Most rules refuse nobody, and this is asked a dozen times of each customer and action. */
function refusalsOf(
  stage: FunnelStage,
  rules: readonly (readonly [isRefused: boolean, rule: string, says: string])[],
): readonly Refusal[] {
  let found = none;
  for (const [isRefused, rule, says] of rules) {
    if (isRefused) found = [...found, { stage, rule, says }];
  }
  return found;
}

const none: readonly Refusal[] = [];

function both(one: readonly Refusal[], other: readonly Refusal[]): readonly Refusal[] {
  if (one.length === 0) return other;
  return other.length === 0 ? one : [...one, ...other];
}

const stages: readonly Stage[] = [
  ({ action: { from, until } }, { at }) =>
    refusalsOf('in_force', [
      [from !== undefined && Date.parse(from) > at, 'not_yet', `is offered from ${from} on`],
      [until !== undefined && Date.parse(until) <= at, 'ended', `was offered until ${until}`],
    ]),
  ({ action: { treatments } }, { channel }) => {
    const isTreated = treatments.some((each) => each.channel === channel);
    return refusalsOf('channel', [
      [!isTreated, 'no_treatment', `has no words for the channel ${channel}`],
    ]);
  },
  (action, question) => both(standsFor(action, question), own('eligibility', action, question)),
  (action, question) => own('applicability', action, question),
  (action, question) => both(care(action, question), own('suitability', action, question)),
  ({ action }, { hasConsent, channel }) => {
    const isAsked = classOf(action) === 'default' && !hasConsent;
    const says = `The customer has not agreed to marketing by ${channel}.`;
    return refusalsOf('consent', [[isAsked, 'no_consent', says]]);
  },
  ({ action, code }, { known, at, channel, contactPolicy }) => {
    const standing = standingOf(known, { at, action: code, channel, contactPolicy });
    return tooMany(standing, contactPolicy, classOf(action)).map(contactRefusal);
  },
  ({ code }, { exhausted }) =>
    refusalsOf('volume', [[exhausted.has(code), 'none_left', 'None of these offers is left.']]),
  (action, { isBroken }) => {
    const isStopped = classOf(action.action) !== 'mandatory' && isBroken(action);
    const says = 'Offers were stopped, because something went wrong with them.';
    return refusalsOf('breaker', [[isStopped, 'stopped', says]]);
  },
];

const allStages: readonly Stage<FunnelQuestion>[] = [...stages, experiment];

/** What every product asks for, whatever its action says. */
function standsFor({ action }: CompiledAction, { known }: Sifting): readonly Refusal[] {
  const held = registeredCodes(action).find((code) => known.products.includes(code));
  const ofAge = isOfAge(known);
  const isDefault = classOf(action) === 'default';
  const isPerson = known.party?.status === 'customer';
  return refusalsOf('eligibility', [
    [!isPerson, 'no_customer', 'The register has no such customer.'],
    [isDefault && held !== undefined, 'already_holds', `The customer has ${held}.`],
    [isDefault && ofAge === false, 'under_age', 'No offers to minors.'],
    [isDefault && ofAge === undefined, 'age_unknown', 'Nobody has told whether he is of age.'],
  ]);
}

const creditUnlikely = 500_000;

/** What nobody is to be tempted with. Policy says the same of each offer that is presented. */
function care({ action }: CompiledAction, { known, at }: Sifting): readonly Refusal[] {
  const { kind } = action.product;
  const { hardship, days_past_due: late, approval_likelihood_ppm: likely } = known.told;
  const isCredit = kind === 'credit';
  const isRisky = isCredit || kind === 'investment';
  const isDefault = classOf(action) === 'default';
  return refusalsOf('suitability', [
    [isRisky && hardship === true, 'in_hardship', 'The customer needs care rather than this.'],
    [isDefault && isBereaved(known, at), 'bereaved', 'No offers to a household in mourning.'],
    [isCredit && (late ?? 0) > 0, 'behind', 'No credit for who is behind with payments.'],
    [
      isCredit && typeof likely === 'number' && likely < creditUnlikely,
      'likely_declined',
      'The application would probably be declined.',
    ],
    [
      isCredit && (likely ?? null) === null,
      'approval_unknown',
      'Nobody has told how likely it is.',
    ],
  ]);
}

function own(
  stage: 'eligibility' | 'applicability' | 'suitability',
  action: CompiledAction,
  { bindings }: Sifting,
): readonly Refusal[] {
  let found = none;
  for (const { condition, expression } of action[stage]) {
    const held = holds(expression, bindings);
    if (held === true) continue;
    const says = held === false ? condition.says : held;
    found = [...found, { stage, rule: condition.id, says }];
  }
  return found;
}

function candidatesOf(
  { actions, armOf }: FunnelQuestion,
  ranked: readonly Ranked[],
  refused: ReadonlyMap<string, readonly Refusal[]>,
): readonly Candidate[] {
  const ranks = new Map(ranked.map((each, index) => [each.action.code, { each, rank: index + 1 }]));
  const candidates = actions.map((action): Candidate => {
    const { each, rank = null } = ranks.get(action.code) ?? {};
    return {
      ...{ action: action.code, version: action.version, class: classOf(action.action) },
      ...{ rank, arm: armOf(action).arm, terms: each?.terms ?? null },
      reasons: each?.propensity.reasons ?? [],
      refused: refused.get(action.code) ?? [],
    };
  });
  const last = Number.MAX_SAFE_INTEGER;
  return candidates.sort(
    (one, other) =>
      (one.rank ?? last) - (other.rank ?? last) || (one.action < other.action ? -1 : 1),
  );
}
