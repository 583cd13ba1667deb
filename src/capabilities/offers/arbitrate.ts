// Arbitration: which of the offers that may be made is made first: P × C × V × L, terms shown.
import { sha256Hex } from '#core';
import type { Bindings } from '#policy';
import { classOf } from './action.ts';
import { type CompiledAction, holds } from './action-facts.ts';
import type { ArbitrationTerm } from './contact-policy.ts';
import type { Propensity } from './learning/propensity.ts';

export type Terms = {
  readonly p_ppm: number;
  readonly p_source: Propensity['source'];
  readonly c_percent: number;
  /** Minor units of the home currency. */
  readonly v: number;
  readonly l_percent: number;
  /** Those that counted. */
  readonly used: readonly ArbitrationTerm[];
  /** Their product: a large integer, as text. */
  readonly priority: string;
};

export type Ranked = {
  readonly action: CompiledAction;
  readonly propensity: Propensity;
  readonly terms: Terms;
};

export function termsOf(
  action: CompiledAction,
  propensity: Propensity,
  { bindings, used }: { readonly bindings: Bindings; readonly used: readonly ArbitrationTerm[] },
): Terms {
  const { value, lever_percent: lever = 100 } = action.action;
  const fitting = action.context.find(({ expression }) => holds(expression, bindings) === true);
  const context = fitting?.percent ?? 100;
  const factors: Readonly<Record<ArbitrationTerm, number>> = {
    propensity: propensity.ppm,
    context,
    value,
    lever,
  };
  // Integers throughout: two servers must never rank by different roundings.
  const priority = used.reduce((product, term) => product * BigInt(factors[term]), 1n);
  return {
    ...{ p_ppm: propensity.ppm, p_source: propensity.source, c_percent: context },
    ...{ v: value, l_percent: lever, used, priority: String(priority) },
  };
}

/**
 * The first is made first: what the bank has to tell, then by priority, then by the action's own
 * number. Of what is still equal, an order that is another for each customer and always the same,
 * so that no action is always the last.
 */
export function inOrder(customer: string, ranked: readonly Ranked[]): readonly Ranked[] {
  const keyed = ranked.map((each) => ({
    each,
    isMandatory: classOf(each.action.action) === 'mandatory',
    priority: BigInt(each.terms.priority),
    own: each.action.action.priority ?? 0,
  }));
  const lotOf = ({ action }: Ranked) => sha256Hex(`${customer}/${action.code}`);
  keyed.sort((one, other) => {
    if (one.isMandatory !== other.isMandatory) return one.isMandatory ? -1 : 1;
    if (one.priority !== other.priority) return one.priority > other.priority ? -1 : 1;
    if (one.own !== other.own) return other.own - one.own;
    return lotOf(one.each) < lotOf(other.each) ? -1 : 1;
  });
  return keyed.map(({ each }) => each);
}
