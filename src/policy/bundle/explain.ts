// Why and why not: every rule of a program on some facts, condition by condition, with the values.
import type { Json } from '#core';
import type { Condition, Program } from './compile.ts';
import type { Doubted } from './doubts.ts';
import { evaluate, type Facts, prepare, truthOf, type Verdict, type Work } from './evaluate.ts';
import { jsonValue } from './facts.ts';

export type ConditionExplained = {
  /** What was looked at, and the cell that it was held against. */
  readonly key: string;
  readonly cell: string;
  readonly held: 'yes' | 'no' | 'unknown';
  /** The values that were read; null for what is missing. */
  readonly read: Readonly<Record<string, Json>>;
  /** Why it could not be said. */
  readonly doubt: string | null;
};
export type RuleExplained = {
  readonly rule: string;
  readonly outcome: string;
  readonly reason: string;
  readonly held: 'yes' | 'no' | 'unknown';
  readonly conditions: readonly ConditionExplained[];
};
export type Explanation = { readonly verdict: Verdict; readonly rules: readonly RuleExplained[] };

export function explain(
  program: Program,
  facts: Facts,
  settled: readonly Doubted[] = [],
): Explanation {
  const work = prepare(program, facts);
  const rules = program.rules.map(({ id, outcome, reason, conditions }) => {
    const explained = conditions.map((condition) => explainCondition(work, condition));
    const all = explained.map(({ held }) => held);
    const held = all.includes('no') ? 'no' : all.includes('unknown') ? 'unknown' : 'yes';
    return { rule: id, outcome, reason, held, conditions: explained } as const;
  });
  return { verdict: evaluate(program, facts, settled), rules };
}

function explainCondition(work: Work, condition: Condition): ConditionExplained {
  const { key, cell, reads } = condition;
  const truth = truthOf(work, condition);
  const read = reads.map((name) => {
    const value = work.bindings[name];
    return [name, value === undefined ? null : jsonValue(value)] as const;
  });
  return {
    key,
    cell,
    held: truth === true ? 'yes' : truth === false ? 'no' : 'unknown',
    read: Object.fromEntries(read),
    doubt: typeof truth === 'boolean' ? null : `${truth.kind}: ${truth.detail}`,
  };
}
