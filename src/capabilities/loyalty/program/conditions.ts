// Conditions of a programme: CEL over what is known of a transaction, by the engine of policy.
import { localTime } from '#core';
import {
  type Bindings,
  compileExpression,
  type Expression,
  type ExpressionScope,
  factValue,
} from '#policy';
import type { Conditions } from './earning-terms.ts';
import type { EarnFacts, EarnWhy } from './earning.ts';
import { type Flaw, pointer } from './program.ts';

type FactType = 'string' | 'integer';

/** All that a condition may look at. */
export const conditionFacts = {
  kind: 'string',
  amount: 'integer',
  currency: 'string',
  mcc: 'string',
  merchant: 'string',
  partner: 'string',
  channel: 'string',
  country: 'string',
  tier: 'string',
  customer: 'string',
  date: 'string',
  month: 'integer',
  day: 'integer',
  weekday: 'integer',
  hour: 'integer',
} as const satisfies Readonly<Record<string, FactType>>;
type FactName = keyof typeof conditionFacts;

const scope: ExpressionScope = new Map(Object.entries(conditionFacts));

/** Equal conditions share a slot: however many rules ask, it is worked out once. */
export type Condition = Omit<Expression, 'reads'> & {
  readonly reads: readonly FactName[];
  readonly slot: number;
};

export type Compiler = {
  readonly conditions: (conditions: Conditions | undefined, at: string) => readonly Condition[];
  readonly flaws: Flaw[];
};

/** Different conditions of a programme: what is worked out for every transaction. */
const conditionsMax = 500;
/** Of all of them together, in characters: each is compiled, and then run for every transaction. */
export const conditionTextMax = 20_000;

export function conditionCompiler(): Compiler {
  const slots = new Map<string, Condition>();
  const flaws: Flaw[] = [];
  let textLeft = conditionTextMax;
  return {
    flaws,
    conditions: (conditions = {}, at) =>
      Object.entries(conditions)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .flatMap(([key, cell]) => {
          const text = `(${key}) ${cell}`;
          const known = slots.get(text);
          if (known) return known;
          const place = `${at}${pointer('if', key)}`;
          if (slots.size >= conditionsMax) {
            flaws.push({
              pointer: place,
              detail: `is one of more than ${conditionsMax} conditions`,
            });
            return [];
          }
          // The first that is too much is told, and no other is looked at.
          if (textLeft < 0) return [];
          textLeft -= text.length;
          if (textLeft < 0) {
            const most = `the ${conditionTextMax} characters that different conditions may have`;
            const hint = 'shorten lists, or ask the same in the same words, which counts once';
            flaws.push({ pointer: place, detail: `goes past ${most} together: ${hint}` });
            return [];
          }
          try {
            // What is looked at stands by itself: a cell must not reach into it.
            compileExpression(key, scope);
            const compiled = compileExpression(text, scope, 'boolean');
            const reads = compiled.reads as readonly FactName[];
            const condition = { ...compiled, reads, slot: slots.size };
            slots.set(text, condition);
            return condition;
          } catch (error) {
            flaws.push({ pointer: place, detail: told(error as Error) });
            return [];
          }
        }),
  };
}

/** The engine tells where a text stops to make sense; who wrote it also needs to know the facts. */
function told({ message }: Error): string {
  if (!message.startsWith('nothing is called')) return message;
  const [what] = message.split(':');
  return `${what}: a condition may read ${Object.keys(conditionFacts).join(', ')}`;
}

/** What one look at the conditions of a rule has found. */
export type Look = {
  readonly held: boolean;
  readonly why: Extract<EarnWhy, 'gives' | `condition_${string}` | 'fact_missing'>;
  readonly saw: Readonly<Record<string, string | number | null>>;
};

/**
 * Looks at the conditions for one transaction; `local` is where its day is told. All of them must
 * hold. One that cannot be said, because a fact is missing or the engine has no value, does not.
 */
export function looker(
  facts: EarnFacts,
  local: { readonly at: number; readonly timeZone: string },
): (conditions: readonly Condition[]) => Look {
  const known = factsOf(facts, local);
  const bindings: Record<string, Bindings[string]> = {};
  const results = new Map<number, Look['why']>();
  const bind = (name: FactName): boolean => {
    if (Object.hasOwn(bindings, name)) return true;
    const value = factValue(known(name), conditionFacts[name]);
    if (value === undefined) return false;
    bindings[name] = value;
    return true;
  };
  const judge = ({ reads, evaluate }: Condition): Look['why'] => {
    if (!reads.every(bind)) return 'fact_missing';
    const result = evaluate(bindings);
    if ('error' in result) return 'condition_failed';
    return result.value === true ? 'gives' : 'condition_does_not_hold';
  };
  return (conditions) => {
    const saw: Record<string, string | number | null> = {};
    let why: Look['why'] = 'gives';
    for (const condition of conditions) {
      for (const name of condition.reads) saw[name] = known(name);
      const { slot } = condition;
      const result = results.get(slot) ?? judge(condition);
      results.set(slot, result);
      if (why === 'gives') why = result;
    }
    return { held: why === 'gives', why, saw };
  };
}

/** What is known by name; the day and the clock are worked out when somebody asks. */
function factsOf(
  facts: EarnFacts,
  { at, timeZone }: { readonly at: number; readonly timeZone: string },
): (name: FactName) => string | number | null {
  let time: ReturnType<typeof localTime> | undefined;
  const local = () => {
    time ??= localTime(at, timeZone);
    return time;
  };
  return (name) => {
    switch (name) {
      case 'date':
        return local().date;
      case 'month':
        return Number(local().date.slice(5, 7));
      case 'day':
        return Number(local().date.slice(8, 10));
      case 'weekday':
        return local().weekday;
      case 'hour':
        return local().hour;
      default:
        return facts[name];
    }
  };
}
