// Scoring a page of customers: the same funnel as in session, without waiting for anything.
import { type BatchScorer, smoothPropensity } from '#ai';
import type { Instant } from '#core';
import { rolloutOf } from '#policy';
import { classOf, type OfferChannel, registeredCodes } from './action.ts';
import { bindingsOf, type CompiledAction } from './action-facts.ts';
import type { Terms } from './arbitrate.ts';
import type { BatchCustomer } from './batch-read.ts';
import type { Offered } from './funnel.ts';
import type { Evidence } from './learning/evidence.ts';
import { tryFunnel } from './session-experiment.ts';
import { modelInputsOf, type Propensity, propensityOf } from './learning/propensity.ts';
import type { LearningSettings } from './learning/settings.ts';
import { offerUseCase } from './present.ts';
import { factsOf, historyOf } from './session.ts';
import type { Published } from './session-read.ts';

/** All that a night's work goes by: it stays the same from its first customer to its last. */
export type Night = {
  readonly tenant: string;
  readonly channel: OfferChannel;
  readonly at: Instant;
  readonly published: Published;
  readonly learning: LearningSettings;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly scorer: BatchScorer | undefined;
  /** Scopes of open breakers. */
  readonly isBroken: (action: CompiledAction) => boolean;
  readonly isFrozen: boolean;
  readonly exhausted: ReadonlySet<string>;
  /** Actions of which only so many are left. */
  readonly scarce: ReadonlySet<string>;
};

/** Columns rather than objects: a page of them is one parameter each. */
export type Candidates = {
  readonly customer: string[];
  readonly action: string[];
  readonly version: number[];
  readonly arm: string[];
  readonly period: string[];
  readonly chosen_ppm: number[];
  readonly propensity_ppm: number[];
  readonly priority: string[];
  /** Which of `allTerms`, from 1. */
  readonly terms: number[];
  /** Each as JSON, once: thousands of customers share them. */
  readonly allTerms: Map<string, number>;
  readonly tie: number[];
  readonly status: string[];
};

/** Of each customer the best and, as long as those are scarce, the next for when none is left. */
export const candidatesMax = 4;

export function scorePage(night: Night, customers: readonly BatchCustomer[]): Candidates {
  const found = noCandidates();
  const open = openActions(night);
  for (const customer of customers) scoreCustomer(night, open, customer, found);
  return found;
}

/** What is decided for nobody in particular is decided once. */
function openActions({ published, channel, at, isBroken, exhausted }: Night) {
  return published.actions.filter((each) => {
    const { from, until, treatments } = each.action;
    const isInForce =
      (from === undefined || Date.parse(from) <= at) &&
      (until === undefined || Date.parse(until) > at);
    const isSpoken = treatments.some((treatment) => treatment.channel === channel);
    const isLeft = !exhausted.has(each.code) && !isBroken(each);
    return isInForce && isSpoken && isLeft && classOf(each.action) === 'default';
  });
}

function scoreCustomer(
  night: Night,
  open: readonly CompiledAction[],
  person: BatchCustomer,
  found: Candidates,
): void {
  const { customer, known, marketing } = person;
  // Most customers have not agreed to anything: nothing more is worked out for them.
  if (!marketing) return;
  const { channel, at, published, learning: settings } = night;
  const actions = open.filter((each) => isLetGo(night, each, person));
  if (actions.length === 0) return;
  const { isBroken, isFrozen, exhausted, tenant } = night;
  const facts = factsOf({ asking: {}, looked: person, at });
  const { funnel, withheld } = tryFunnel(
    {
      ...{ customer, at, channel, places: candidatesMax, areAlternatives: true, known },
      ...{
        hasConsent: marketing,
        contactPolicy: published.contactPolicy,
        actions,
        exhausted,
        isBroken,
      },
      bindings: bindingsOf(facts),
      propensityOf: (action) => propensityIn(night, action, person),
    },
    { tenant, settings, stored: person.stored, isFrozen },
  );
  for (const offered of funnel.offered) {
    add(found, customer, offered, 'waiting', 'ever');
    // Of this one there is enough for everybody: nothing behind it will be asked for.
    if (!night.scarce.has(offered.action.code)) break;
  }
  // What comes second is for whom nothing of the first is left: nobody else would have seen it.
  const [first] = funnel.offered;
  const [held] = withheld;
  if (held && (!first || !isBefore(first, held.offered))) {
    add(found, customer, held.offered, 'withheld', held.period);
  }
}

function isBefore(one: Offered, other: Offered): boolean {
  return BigInt(one.terms.priority) > BigInt(other.terms.priority);
}

function isLetGo(
  { published: { rollout }, channel }: Night,
  { action }: CompiledAction,
  { customer, known }: BatchCustomer,
): boolean {
  const { mode } = rolloutOf(rollout, {
    ...{ useCase: offerUseCase, channel, product: registeredCodes(action)[0] ?? '', key: customer },
    cohort: known.told.cohort ?? 'none',
  });
  return mode !== 'off' && mode !== 'shadow';
}

/** As `propensityOf` says it, with what the model says within the process. */
function propensityIn(
  { scorer, evidence, channel, at }: Night,
  published: CompiledAction,
  { known, data }: BatchCustomer,
): Propensity {
  const { code, action } = published;
  const answered = evidence.get(code);
  const plain = propensityOf(published, answered);
  const isModelled = data && action.uses_model !== false && action.product.kind === 'savings';
  if (!scorer || !isModelled || plain.evidence === 0) return plain;
  const said = scorer.score(modelInputsOf(historyOf(known, { channel, code, at })));
  if (said === null) return plain;
  const { starting_ppm, evidence: worth } = action.propensity;
  const expected = { propensity: starting_ppm / 1_000_000, evidence: worth };
  const smooth = smoothPropensity(expected, { propensity: said, evidence: plain.evidence });
  const { name, version } = scorer;
  const ppm = Math.min(1_000_000, Math.max(0, Math.round(smooth * 1_000_000)));
  return { ...plain, ppm, source: 'model', model: { name, version } };
}

function add(
  found: Candidates,
  customer: string,
  { action, propensity, terms, arm }: Offered,
  status: 'waiting' | 'withheld',
  period: string,
): void {
  found.customer.push(customer);
  found.action.push(action.code);
  found.version.push(action.version);
  found.arm.push(arm.arm);
  found.period.push(period);
  found.chosen_ppm.push(arm.chosen_ppm);
  found.propensity_ppm.push(propensity.ppm);
  found.priority.push(terms.priority);
  found.terms.push(termsIn(found, terms));
  found.tie.push(tieOf(`${customer}/${action.code}`));
  found.status.push(status);
}

function termsIn({ allTerms }: Candidates, terms: Terms): number {
  const text = JSON.stringify(terms);
  const known = allTerms.get(text) ?? allTerms.size + 1;
  allTerms.set(text, known);
  return known;
}

/** FNV-1a, 31 bits: it has to spread customers and stay what it is, and guards nothing. */
function tieOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 1;
}

function noCandidates(): Candidates {
  return {
    ...{ customer: [], action: [], version: [], arm: [], period: [], chosen_ppm: [] },
    ...{ propensity_ppm: [], priority: [], terms: [], tie: [], status: [], allTerms: new Map() },
  };
}
