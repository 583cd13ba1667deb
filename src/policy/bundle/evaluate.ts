// What a program says of some facts: a pure function, with the reasons and the trace of its answer.
//
// Conditions are heard in three values: a condition whose fact is missing is neither true nor
// false. A rule with a false condition does not hold, whatever else is missing; a rule that may
// hold makes the answer `review` at least. So no order of rules or conditions matters, and what is
// not known is never an `allow`, unless people were shown just that and have answered for it.
import { type Consume, type Json, unreachable } from '#core';
import type { Obligations, outcomes } from './bundle.ts';
import type {
  Condition,
  Program,
  ProgramLimit,
  ProgramNode,
  ProgramRule,
  ProgramTableRule,
} from './compile.ts';
import { type Doubt, type Doubted, noRuleHeld, settling } from './doubts.ts';
import type { Expression, Scalar, Value } from './expression.ts';
import { factValue, jsonValue } from './facts.ts';

export type VerdictOutcome = (typeof outcomes)[number];
export type Facts = Readonly<Record<string, Json | undefined>>;

export type Trace = {
  /** What the nodes have come to, and by which rules. */
  readonly nodes: Readonly<Record<string, { readonly value: Json; readonly rules: string[] }>>;
  /** Rules that held. */
  readonly rules: readonly string[];
  /** What could not be said, and for which rule, node or limit. */
  readonly doubts: readonly Doubted[];
};

export type Verdict = {
  readonly outcome: VerdictOutcome;
  /** Of the rules that led to the outcome, in their order; or why there is a doubt. */
  readonly reasons: readonly string[];
  readonly obligations: Obligations;
  /** What posting must take from limits, or refuse. */
  readonly consume: readonly Consume[];
  /** What the bundle answers besides: values of nodes; a node without a value is left out. */
  readonly answers: Readonly<Record<string, Json>>;
  readonly trace: Trace;
  /** The declared facts that were given. */
  readonly facts: Readonly<Record<string, Json>>;
};

const strictness: Readonly<Record<VerdictOutcome, number>> = {
  allow: 0,
  hold: 1,
  review: 2,
  deny: 3,
};

/**
 * `settled` are doubts that people were shown and have approved. Each counts in favour: the rule
 * that allows holds, any other does not, and the limit takes nothing. What holds without a doubt
 * holds as ever, so that nothing that is denied is released by it.
 */
export function evaluate(
  program: Program,
  facts: Facts,
  settled: readonly Doubted[] = [],
): Verdict {
  try {
    return judge(program, facts, settled);
  } catch (error) {
    // What nobody has foreseen is looked at as well.
    const detail = (error as Error).message;
    const doubts = [{ at: program.bundle.name, detail, kind: 'engine_error' }];
    return { ...undecided, trace: { doubts, nodes: {}, rules: [] } };
  }
}

const undecided: Omit<Verdict, 'trace'> = {
  outcome: 'review',
  reasons: ['engine_error'],
  obligations: {},
  consume: [],
  answers: {},
  facts: {},
};

function judge(program: Program, facts: Facts, settled: readonly Doubted[]): Verdict {
  const work = prepare(program, facts, settled);
  const fired = program.rules.filter((rule) => holds(work, rule));
  const isUnruled = fired.length === 0 && !work.isSettled(noRuleHeld(program.bundle));
  let outcome = strictest(fired, isUnruled ? 'review' : 'allow');
  const consume = outcome === 'deny' ? [] : consumption(work, program.limits);
  const open = work.doubts.filter((each) => !work.isSettled(each));
  if (open.length > 0) outcome = stricter(outcome, 'review');
  const deciding = fired.filter((rule) => rule.outcome === outcome);
  return {
    outcome,
    reasons: reasonsOf(outcome, {
      ...{ deciding, open, isUnruled },
      hasSettled: open.length < work.doubts.length || (fired.length === 0 && !isUnruled),
    }),
    obligations: merge(deciding),
    consume,
    answers: answersOf(program, work),
    trace: {
      doubts: work.doubts,
      nodes: nodesOf(program, work),
      rules: fired.map(({ id }) => id),
    },
    facts: work.given,
  };
}

/** What is known while a program runs. */
export type Work = {
  /** Facts and nodes that have a value. */
  readonly bindings: Record<string, Value>;
  /** Why a fact or a node has none. */
  readonly unknown: Map<string, Doubt>;
  readonly given: Record<string, Json>;
  /** By slot. */
  readonly truths: (boolean | Doubt)[];
  readonly nodes: Record<string, { value: Json; rules: string[] }>;
  readonly doubts: Doubted[];
  /** Whether people have answered for it. */
  readonly isSettled: (doubted: Doubted) => boolean;
};

/** Takes the facts in, and works out the nodes. */
export function prepare(program: Program, facts: Facts, settled: readonly Doubted[] = []): Work {
  const bindings: Record<string, Value> = {};
  const given: Record<string, Json> = {};
  const unknown = new Map<string, Doubt>();
  for (const { name, type, fallback } of program.facts) {
    const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
    if (fact === undefined || fact === null) {
      if (fallback === undefined) unknown.set(name, { kind: 'fact_missing', detail: name });
      else bindings[name] = fallback;
      continue;
    }
    given[name] = fact;
    const value = factValue(fact, type);
    if (value === undefined) {
      unknown.set(name, { kind: 'fact_invalid', detail: `${name} is no ${type}` });
    } else bindings[name] = value;
  }
  const work: Work = {
    ...{ bindings, unknown, given, truths: [], nodes: {}, doubts: [] },
    isSettled: settling(settled),
  };
  for (const node of program.nodes) workOut(work, node);
  return work;
}

/** By name, as canonical JSON has them. */
function nodesOf({ nodeNames }: Program, work: Work): Trace['nodes'] {
  const nodes: Record<string, Trace['nodes'][string]> = {};
  for (const name of nodeNames) {
    const node = work.nodes[name];
    if (node !== undefined) nodes[name] = node;
  }
  return nodes;
}

function answersOf({ answers: names }: Program, work: Work): Record<string, Json> {
  const answers: Record<string, Json> = {};
  for (const name of names) {
    const node = work.nodes[name];
    if (node !== undefined) answers[name] = node.value;
  }
  return answers;
}

function doubt(work: Work, at: string, { kind, detail }: Doubt): Doubted {
  const doubted = { at, detail, kind };
  work.doubts.push(doubted);
  return doubted;
}

// Conditions --------------------------------------------------------------------------------------

/** True, false, or why it cannot be said. */
export function truthOf(work: Work, condition: Condition): boolean | Doubt {
  const known = work.truths[condition.slot];
  if (known !== undefined) return known;
  const value = resultOf(work, condition);
  const truth = 'doubt' in value ? value.doubt : value.value === true;
  work.truths[condition.slot] = truth;
  return truth;
}

export function resultOf(
  work: Work,
  expression: Expression,
): { readonly value: Value } | { readonly doubt: Doubt } {
  if (work.unknown.size > 0) {
    for (const name of expression.reads) {
      const reason = work.unknown.get(name);
      if (reason) return { doubt: reason };
    }
  }
  const evaluated = expression.evaluate(work.bindings);
  if ('error' in evaluated) {
    return { doubt: { kind: 'engine_error', detail: `${expression.text}: ${evaluated.error}` } };
  }
  return evaluated;
}

/** False wins over what is not known: what is left then is a doubt, and the rule does not hold. */
function holds(work: Work, rule: Pick<ProgramRule, 'id' | 'conditions'> & { outcome?: string }) {
  const truth = allOf(work, rule.conditions);
  if (typeof truth === 'boolean') return truth;
  const doubted = doubt(work, rule.id, truth);
  return rule.outcome === 'allow' && work.isSettled(doubted);
}

function allOf(work: Work, conditions: readonly Condition[]): boolean | Doubt {
  let reason: Doubt | undefined;
  for (const condition of conditions) {
    const truth = truthOf(work, condition);
    if (truth === false) return false;
    if (truth !== true) reason ??= truth;
  }
  return reason ?? true;
}

// Nodes -------------------------------------------------------------------------------------------

function workOut(work: Work, node: ProgramNode): void {
  const result =
    node.kind === 'formula' ? formulaResult(work, node.value) : tableResult(work, node);
  if ('doubt' in result) {
    work.unknown.set(node.name, result.doubt);
    return;
  }
  work.bindings[node.name] = result.value;
  work.nodes[node.name] = { rules: result.rules, value: jsonValue(result.value) };
}

type Result = { value: Value; rules: string[] } | { doubt: Doubt };

function formulaResult(work: Work, expression: Expression): Result {
  const value = resultOf(work, expression);
  return 'doubt' in value ? value : { value: value.value, rules: [] };
}

type TableNode = Extract<ProgramNode, { kind: 'table' }>;

function tableResult(work: Work, { name, hit, rules }: TableNode): Result {
  const matches: { rule: ProgramTableRule; value: Value }[] = [];
  for (const rule of rules) {
    const truth = allOf(work, rule.conditions);
    if (truth === false) continue;
    // A rule that may match makes the whole table uncertain.
    if (truth !== true) return { doubt: truth };
    const value = resultOf(work, rule.value);
    if ('doubt' in value) return value;
    matches.push({ rule, value: value.value });
    if (hit === 'first') break;
  }
  const values = matches.map(({ value }) => value);
  const [first] = values;
  const error = (detail: string): Result => ({
    doubt: { kind: 'engine_error', detail: `${name}: ${detail}` },
  });
  const found = (value: Value): Result => ({ value, rules: matches.map(({ rule }) => rule.id) });
  switch (hit) {
    case 'first':
      return first === undefined ? error('no rule matches') : found(first);
    case 'unique':
      if (first === undefined) return error('no rule matches');
      return values.length > 1 ? error('more than one rule matches') : found(first);
    case 'any': {
      if (first === undefined) return error('no rule matches');
      const isOne = values.every((value) => textOf(value) === textOf(first));
      return isOne ? found(first) : error('rules that match do not agree');
    }
    case 'rule_order':
      return found(values as Scalar[]);
    case 'collect':
      return found([...(values as Scalar[])].sort(compare));
    case 'sum':
    case 'min':
    case 'max':
      return aggregate(hit, values as (bigint | number)[], rules, found, error);
    default:
      return unreachable(hit);
  }
}

function textOf(value: Value): string {
  return JSON.stringify(jsonValue(value));
}

function compare(one: Scalar, other: Scalar): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function aggregate(
  hit: 'sum' | 'min' | 'max',
  values: readonly (bigint | number)[],
  rules: readonly ProgramTableRule[],
  found: (value: Value) => Result,
  error: (detail: string) => Result,
): Result {
  if (hit !== 'sum') {
    const sorted = [...values].sort(compare);
    const end = hit === 'min' ? sorted[0] : sorted.at(-1);
    return end === undefined ? error('no rule matches') : found(end);
  }
  if (rules[0]?.value.type === 'number') {
    return found((values as number[]).reduce((sum, value) => sum + value, 0));
  }
  const sum = (values as bigint[]).reduce((total, value) => total + value, 0n);
  return BigInt.asIntN(64, sum) === sum ? found(sum) : error('the sum is beyond 64 bits');
}

// The answer --------------------------------------------------------------------------------------

function strictest(fired: readonly ProgramRule[], least: VerdictOutcome): VerdictOutcome {
  return fired.reduce((outcome, rule) => stricter(outcome, rule.outcome), least);
}

function stricter(one: VerdictOutcome, other: VerdictOutcome): VerdictOutcome {
  return strictness[other] > strictness[one] ? other : one;
}

function reasonsOf(
  outcome: VerdictOutcome,
  known: {
    readonly deciding: readonly ProgramRule[];
    readonly open: readonly Doubted[];
    readonly isUnruled: boolean;
    /** Whether people have answered for something that would have been doubted. */
    readonly hasSettled: boolean;
  },
): string[] {
  const { deciding, open, isUnruled, hasSettled } = known;
  const reasons = new Set(deciding.map(({ reason }) => reason));
  if (outcome === 'review') {
    for (const { kind } of open) reasons.add(kind);
    if (isUnruled && open.length === 0) reasons.add('no_rule_held');
  }
  if (outcome === 'allow' && hasSettled) reasons.add('doubts_settled');
  return [...reasons];
}

/** All obligations of the rules that led to the outcome: the more demanding of two. */
function merge(rules: readonly ProgramRule[]): Obligations {
  const merged: Obligations = {};
  for (const { obligations } of rules) {
    const { step_up, review_queue, approvals } = obligations;
    if (step_up) merged.step_up = [...new Set([...(merged.step_up ?? []), ...step_up])];
    if (review_queue && merged.review_queue === undefined) merged.review_queue = review_queue;
    if (approvals) merged.approvals = Math.max(merged.approvals ?? 0, approvals);
  }
  return merged;
}

function consumption(work: Work, limits: readonly ProgramLimit[]): Consume[] {
  const consume: Consume[] = [];
  for (const limit of limits) {
    if (!holds(work, limit)) continue;
    const key = resultOf(work, limit.key);
    const amount = resultOf(work, limit.amount);
    const cap = resultOf(work, limit.cap);
    const failed = [key, amount, cap].find((each) => 'doubt' in each);
    if (failed !== undefined && 'doubt' in failed) {
      doubt(work, limit.id, failed.doubt);
      continue;
    }
    const taken = Number((amount as { value: bigint }).value);
    const most = Number((cap as { value: bigint }).value);
    if (!Number.isSafeInteger(taken) || !Number.isSafeInteger(most) || taken < 0 || most < 0) {
      const detail = 'its amount and cap must be integers from 0 to 2^53 - 1';
      doubt(work, limit.id, { kind: 'engine_error', detail });
      continue;
    }
    // Members in order, as canonical JSON has them.
    consume.push({
      amount: taken,
      cap: most,
      key: (key as { value: string }).value,
      leg: 0,
      limit: limit.id,
      measure: limit.measure,
      window: limit.window,
    });
  }
  return consume;
}
