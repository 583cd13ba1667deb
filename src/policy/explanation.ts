// A decision in words: why it came out so, why not otherwise, and whether it would again.
import { canonicalJson, type Json } from '#core';
import type { Program } from './bundle/compile.ts';
import { engineReasons } from './bundle/doubts.ts';
import { evaluate, type Verdict } from './bundle/evaluate.ts';
import { type ConditionExplained, explain, type RuleExplained } from './bundle/explain.ts';
import type { DecisionRecord } from './decision-log.ts';

export type ReasonInWords = { readonly code: string; readonly text: string };

export type DecisionExplained = {
  /** Whether the recorded bundle says on the recorded facts what was recorded. */
  readonly repeated: boolean;
  readonly reasons: readonly ReasonInWords[];
  /** A sentence for each rule that held, or that could not be judged. */
  readonly why: readonly string[];
  /** A sentence for each other rule, with the conditions that kept it from holding. */
  readonly why_not: readonly string[];
  readonly rules: readonly (RuleExplained & {
    readonly note: string | null;
    /** Whether the outcome is this rule's. */
    readonly decisive: boolean;
  })[];
};

/** `program` is the recorded bundle's, so that later publications change no explanation. */
export function explainDecision(program: Program, record: DecisionRecord): DecisionExplained {
  const { verdict, rules } = explain(program, record.facts, record.settled);
  const notes = new Map(program.bundle.rules.map(({ id, note }) => [id, note]));
  const answered = new Set(record.settled?.map(({ at }) => at));
  const isHeld = ({ held }: RuleExplained) => held !== 'no';
  return {
    repeated: differences(record, verdict).length === 0,
    reasons: reasonsInWords(program, record.reasons),
    why: rules.filter(isHeld).map((rule) => {
      const isAnswered = rule.held === 'unknown' && answered.has(rule.rule);
      const more = isAnswered ? ' People have answered for that.' : '';
      return `${sentenceOf(program, rule)}${more}`;
    }),
    why_not: rules.filter((rule) => !isHeld(rule)).map((rule) => sentenceOf(program, rule)),
    rules: rules.map((rule) => ({
      ...rule,
      note: notes.get(rule.rule) ?? null,
      decisive: rule.held === 'yes' && rule.outcome === verdict.outcome,
    })),
  };
}

export function reasonsInWords({ bundle }: Program, codes: readonly string[]): ReasonInWords[] {
  const words: Readonly<Record<string, string>> = { ...engineReasons, ...bundle.reasons };
  return codes.map((code) => ({ code, text: words[code] ?? code }));
}

/** What of a record another evaluation of the same facts gives otherwise. */
export function differences(record: DecisionRecord, verdict: Verdict): string[] {
  const fields = [
    'answers',
    'consume',
    'facts',
    'obligations',
    'outcome',
    'reasons',
    'trace',
  ] as const;
  return fields.filter((field) => {
    return canonicalJson(record[field] as Json) !== canonicalJson(verdict[field] as Json);
  });
}

/** The same of a recorded decision: on its facts, by the program of its bundle. */
export function repeat(program: Program, record: DecisionRecord): string[] {
  return differences(record, evaluate(program, record.facts, record.settled));
}

function sentenceOf(program: Program, { rule, outcome, reason, held, conditions }: RuleExplained) {
  const text = reasonsInWords(program, [reason])[0]?.text;
  const about = conditions.filter((each) => each.held === held).map(conditionInWords);
  const because = about.length === 0 ? '' : `: ${about.join('; ')}`;
  switch (held) {
    case 'yes':
      return `${rule} says ${outcome}${because}. ${text}`;
    case 'unknown':
      return `${rule} (${outcome}) cannot be judged${because}.`;
    case 'no':
      return `${rule} (${outcome}) does not hold${because}.`;
  }
}

/** The condition as it is written, with what was read where that says more. */
function conditionInWords({ key, cell, read, doubt }: ConditionExplained): string {
  const values = Object.entries(read).map(([name, value]) => `${name} is ${JSON.stringify(value)}`);
  const known = doubt ?? values.join(', ');
  return known === '' ? `${key} ${cell}` : `${key} ${cell}, and ${known}`;
}
