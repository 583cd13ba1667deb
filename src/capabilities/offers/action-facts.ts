// What conditions of an action may look at, and the conditions compiled: checked before they are
// published, so that no customer meets a mistake in one.
import {
  type Bindings,
  compileExpression,
  type Expression,
  type ExpressionScope,
  factValue,
  type Facts,
} from '#policy';
import type { Action, Condition, PublishedAction } from './action.ts';

const names = {
  kind: 'string',
  status: 'string',
  country: 'string',
  relationship_days: 'integer',
  products: 'string[]',
  balance: 'integer',
  of_age: 'boolean',
  hardship: 'boolean',
  days_past_due: 'integer',
  approval_likelihood: 'number',
  segment: 'string',
  tier: 'string',
  life_events: 'string[]',
  page: 'string',
  activity: 'string[]',
  categories: 'string[]',
  largest_purchase: 'integer',
  avg_monthly_balance: 'integer',
  account_age_days: 'integer',
  events: 'string[]',
} as const;
export type ConditionFact = keyof typeof names;

/** What each of them is, for whoever writes conditions. */
export const conditionFacts: Readonly<Record<ConditionFact, string>> = {
  kind: 'Whether the customer banks as a person or as a business.',
  status: 'prospect, customer or former.',
  country: 'ISO 3166-1 alpha-2, of residence or seat.',
  relationship_days: 'For how many days the register knows the customer.',
  products: 'Codes of the products that the customer holds.',
  balance: 'Of all accounts in the home currency, in minor units.',
  of_age: 'Whether the customer is of legal age.',
  hardship: 'Whether the customer is marked as vulnerable or in hardship.',
  days_past_due: 'By how many days the customer is behind with a debt.',
  approval_likelihood: 'How likely an application for credit would be approved, 0 to 1.',
  segment: 'As the bank groups its customers.',
  tier: 'Of the loyalty programme.',
  life_events: 'What the bank has been told, such as moved, married, new_child.',
  page: 'Where the customer is: in session only, else empty.',
  activity: 'What the customer has done lately, as the channel says.',
  categories: 'Of recent transactions, as the channel says.',
  largest_purchase: 'Of recent transactions, in minor units of the home currency.',
  avg_monthly_balance: 'As the channel says, in minor units of the home currency.',
  account_age_days: 'As the channel says.',
  events: 'By which an offer was triggered, such as large_deposit.',
};

const scope: ExpressionScope = new Map(Object.entries(names));

export type CompiledCondition = { readonly condition: Condition; readonly expression: Expression };

export type CompiledAction = PublishedAction & {
  readonly eligibility: readonly CompiledCondition[];
  readonly applicability: readonly CompiledCondition[];
  readonly suitability: readonly CompiledCondition[];
  readonly context: readonly { readonly expression: Expression; readonly percent: number }[];
};

export type Flaw = { readonly pointer: string; readonly detail: string };

/** Tells of each flaw where it stands. */
export function compileAction(published: PublishedAction, flaws: Flaw[] = []): CompiledAction {
  const { action } = published;
  const compile = (text: string, pointer: string): Expression | undefined => {
    try {
      return compileExpression(text, scope, 'boolean');
    } catch (error) {
      flaws.push({ pointer, detail: (error as Error).message });
      return undefined;
    }
  };
  const stage = (name: 'eligibility' | 'applicability' | 'suitability') =>
    (action[name] ?? []).flatMap((condition, index) => {
      const expression = compile(condition.when, `/${name}/${index}/when`);
      return expression ? [{ condition, expression }] : [];
    });
  return {
    ...published,
    eligibility: stage('eligibility'),
    applicability: stage('applicability'),
    suitability: stage('suitability'),
    context: (action.context ?? []).flatMap(({ when, percent }, index) => {
      const expression = compile(when, `/context/${index}/when`);
      return expression ? [{ expression, percent }] : [];
    }),
  };
}

/** Facts as expressions read them; what is not of its type is not known. */
export function bindingsOf(facts: Facts): Bindings {
  const bound: Record<string, Bindings[string]> = {};
  for (const [name, type] of Object.entries(names)) {
    const value = factValue(facts[name], type);
    if (value !== undefined) bound[name] = value;
  }
  return bound;
}

/** Whether it holds; a text says why nobody knows. */
export function holds({ reads, evaluate }: Expression, bindings: Bindings): boolean | string {
  const missing = reads.filter((name) => !Object.hasOwn(bindings, name));
  if (missing.length > 0) return `not known of the customer: ${missing.join(', ')}`;
  const evaluated = evaluate(bindings);
  return 'error' in evaluated ? evaluated.error : evaluated.value === true;
}

/** Actions whose texts, conditions and prices contradict themselves are refused with each flaw. */
export function flawsOf(action: Action): readonly Flaw[] {
  const flaws: Flaw[] = [];
  compileAction({ code: action.code, version: 0, action }, flaws);
  return flaws;
}
