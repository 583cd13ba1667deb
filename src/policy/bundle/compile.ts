// From a bundle to a program: every expression compiled and typed, nodes in the order they need.
import {
  type Bundle,
  bundleDigest,
  type Conditions,
  engineVersion,
  type FactType,
  type Flaw,
  type Formula,
  type Limit,
  type Obligations,
  pointer,
  policyVersion,
  type Rule,
  refuseBundle,
  type Table,
} from './bundle.ts';
import { compileExpression, type Expression, type Scope, type Value } from './expression.ts';
import { factValue } from './facts.ts';

export type Condition = {
  readonly key: string;
  readonly cell: string;
  /** Equal conditions share a slot: however many rules ask, it is worked out once. */
  readonly slot: number;
} & Expression;

export type ProgramRule = Pick<Rule, 'id' | 'outcome' | 'reason'> & {
  readonly conditions: readonly Condition[];
  readonly obligations: Obligations;
};
export type ProgramTableRule = {
  readonly id: string;
  readonly conditions: readonly Condition[];
  readonly value: Expression;
};
export type ProgramNode = { readonly name: string } & (
  | { readonly kind: 'formula'; readonly value: Expression }
  | {
      readonly kind: 'table';
      readonly hit: Table['hit'];
      readonly rules: readonly ProgramTableRule[];
    }
);
export type ProgramLimit = Pick<Limit, 'id' | 'window' | 'measure'> & {
  readonly conditions: readonly Condition[];
  readonly key: Expression;
  readonly amount: Expression;
  readonly cap: Expression;
};
export type ProgramFact = {
  readonly name: string;
  readonly type: FactType;
  /** Undefined where nothing stands in for a missing fact. */
  readonly fallback: Value | undefined;
};

export type Program = {
  readonly bundle: Bundle;
  readonly digest: string;
  readonly version: string;
  readonly engine: string;
  readonly facts: readonly ProgramFact[];
  /** Facts that come from a model: what it says, and whether one was heard. */
  readonly scoreFacts: { readonly values: readonly string[]; readonly statuses: readonly string[] };
  /** Each after those that it reads. */
  readonly nodes: readonly ProgramNode[];
  /** In order, as are the answers. */
  readonly nodeNames: readonly string[];
  readonly answers: readonly string[];
  readonly rules: readonly ProgramRule[];
  readonly limits: readonly ProgramLimit[];
};

/** Throws `bundle_invalid` with the place and the reason of each flaw. Runs no tests. */
export function compileBundle(bundle: Bundle): Program {
  refuseSize(bundle);
  const flaws: Flaw[] = [];
  const compiler = createCompiler(scopeOf(bundle, flaws), flaws);
  const digest = bundleDigest(bundle);
  const program: Program = {
    bundle,
    digest,
    version: policyVersion(bundle.name, digest),
    engine: engineVersion,
    facts: compileFacts(bundle, flaws),
    scoreFacts: { values: scoreFacts(bundle, 'value'), statuses: scoreFacts(bundle, 'status') },
    nodes: inOrder(compileNodes(bundle, compiler), flaws),
    nodeNames: Object.keys(bundle.nodes ?? {}).sort(),
    answers: [...(bundle.answers ?? [])].sort(),
    rules: compileRules(bundle, compiler),
    limits: compileLimits(bundle, compiler),
  };
  bundle.answers?.forEach((name, index) => {
    if (Object.hasOwn(bundle.nodes ?? {}, name)) return;
    flaws.push({ pointer: pointer('answers', index), detail: `there is no node "${name}"` });
  });
  if (flaws.length > 0) refuseBundle(flaws);
  return program;
}

/** Rules and different conditions of a bundle: what a server can compile between two requests. */
const conditionsMax = 2_000;
/** Of all its expressions together, in characters: some forty are parsed within a millisecond. */
const textMax = 100_000;

function refuseSize({ nodes = {}, rules, limits = [] }: Bundle): void {
  const tables = Object.values(nodes).flatMap((node) => (node.kind === 'table' ? node.rules : []));
  const formulas = Object.values(nodes).flatMap((node) => (node.kind === 'formula' ? node : []));
  const all = [...tables, ...rules, ...limits];
  const different = new Set(
    all.flatMap((each) => Object.entries(each.if ?? {}).map((condition) => condition.join(' '))),
  );
  const size = all.length + different.size;
  if (size > conditionsMax) {
    const detail = `has ${size} rules and different conditions: ${conditionsMax} are the most`;
    refuseBundle([{ pointer: '', detail }]);
  }
  const values = [...tables, ...formulas].map(({ value }) => value);
  const ofLimits = limits.flatMap(({ key, amount, cap }) => [key, amount, cap]);
  const { length } = [...different, ...values, ...ofLimits].join('');
  if (length <= textMax) return;
  const detail = `has expressions of ${length} characters: ${textMax} are the most`;
  refuseBundle([{ pointer: '', detail }]);
}

function scoreFacts({ facts }: Bundle, score: 'value' | 'status'): string[] {
  return Object.keys(facts).filter((name) => facts[name]?.score === score);
}

function scopeOf({ facts, nodes = {} }: Bundle, flaws: Flaw[]): Scope {
  const scope = new Map(Object.entries(facts).map(([name, { type }]) => [name, type]));
  for (const [name, { type }] of Object.entries(nodes)) {
    if (scope.has(name)) {
      flaws.push({ pointer: pointer('nodes', name), detail: 'is called like a fact' });
    }
    scope.set(name, type);
  }
  return scope;
}

/**
 * By name: equal bundles are equal programs however their members are ordered, with the same doubts
 * first, and what is recorded of them stands in order.
 */
function inNameOrder<T>(record: Readonly<Record<string, T>>): (readonly [string, T])[] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
}

const scoreTypes = { value: 'number', status: 'string' } as const;

function compileFacts({ facts }: Bundle, flaws: Flaw[]): ProgramFact[] {
  return inNameOrder(facts).map(([name, declared]) => {
    const { type, score } = declared;
    const wanted = score && scoreTypes[score];
    if (wanted && type !== wanted) {
      const detail = `is the ${score} of a score, and so a ${wanted}`;
      flaws.push({ pointer: pointer('facts', name, 'type'), detail });
    }
    if (!('default' in declared)) return { name, type, fallback: undefined };
    const fallback = factValue(declared.default, type);
    if (fallback === undefined) {
      const detail = `is no ${type}, which the fact is`;
      flaws.push({ pointer: pointer('facts', name, 'default'), detail });
    }
    return { name, type, fallback };
  });
}

type Compiler = {
  readonly flaw: (at: string, detail: string) => void;
  readonly expression: (text: string, type: FactType | undefined, at: string) => Expression;
  readonly conditions: (conditions: Conditions | undefined, at: string) => Condition[];
};

function createCompiler(scope: Scope, flaws: Flaw[]): Compiler {
  const flaw = (at: string, detail: string) => {
    flaws.push({ pointer: at, detail });
  };
  const expression: Compiler['expression'] = (text, type, at) => {
    try {
      return compileExpression(text, scope, type);
    } catch (error) {
      flaw(at, (error as Error).message);
      return neverRun;
    }
  };
  const slots = new Map<string, Condition>();
  const keys = new Set<string>();
  return {
    flaw,
    expression,
    conditions: (conditions = {}, at) =>
      inNameOrder(conditions)
        .filter(([, cell]) => cell.trim() !== '-')
        .map(([key, cell]) => {
          const text = `(${key}) ${cell}`;
          const known = slots.get(text);
          if (known) return known;
          const place = `${at}${pointer('if', key)}`;
          // What is looked at stands by itself: a cell must not reach into it.
          const isSound = keys.has(key) || expression(key, undefined, place) !== neverRun;
          if (isSound) keys.add(key);
          const compiled = isSound ? expression(text, 'boolean', place) : neverRun;
          const condition = { ...compiled, key, cell, slot: slots.size };
          slots.set(text, condition);
          return condition;
        }),
  };
}

/** Stands for an expression with a flaw, in a program that is thrown away. */
const neverRun: Expression = {
  text: '',
  type: 'boolean',
  reads: [],
  steps: 0,
  evaluate: () => ({ error: 'the bundle has flaws' }),
};

function compileRules({ rules, reasons }: Bundle, compiler: Compiler): ProgramRule[] {
  refuseTwins(rules, '/rules', compiler);
  return rules.map((rule, index) => {
    const at = pointer('rules', index);
    if (!Object.hasOwn(reasons, rule.reason)) {
      compiler.flaw(`${at}/reason`, `"${rule.reason}" is not among the reasons of the bundle`);
    }
    return {
      id: rule.id,
      outcome: rule.outcome,
      reason: rule.reason,
      conditions: compiler.conditions(rule.if, at),
      obligations: rule.obligations ?? {},
    };
  });
}

function compileLimits({ limits = [] }: Bundle, compiler: Compiler): ProgramLimit[] {
  refuseTwins(limits, '/limits', compiler);
  return limits.map((limit, index) => {
    const at = pointer('limits', index);
    if (limit.window.kind === 'calendar' && !isTimeZone(limit.window.time_zone)) {
      compiler.flaw(`${at}/window/time_zone`, 'is no IANA time zone');
    }
    return {
      id: limit.id,
      window: windowOf(limit),
      measure: limit.measure,
      conditions: compiler.conditions(limit.if, at),
      key: compiler.expression(limit.key, 'string', `${at}/key`),
      amount: compiler.expression(limit.amount, 'integer', `${at}/amount`),
      cap: compiler.expression(limit.cap, 'integer', `${at}/cap`),
    };
  });
}

/** Members in order, as canonical JSON has them. */
function windowOf({ window }: Limit): Limit['window'] {
  if (window.kind === 'sliding') return { kind: window.kind, seconds: window.seconds };
  return { kind: window.kind, time_zone: window.time_zone, unit: window.unit };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function refuseTwins(rules: readonly { id: string }[], at: string, compiler: Compiler): void {
  const seen = new Set<string>();
  rules.forEach(({ id }, index) => {
    if (seen.has(id)) compiler.flaw(`${at}/${index}/id`, `"${id}" is there twice`);
    seen.add(id);
  });
}

// Nodes -------------------------------------------------------------------------------------------

function compileNodes({ nodes = {} }: Bundle, compiler: Compiler): ProgramNode[] {
  return inNameOrder(nodes).map(([name, node]) => {
    const at = pointer('nodes', name);
    if (node.kind === 'table') return { name, ...compileTable(node, compiler, at) };
    return { name, ...compileFormula(node, compiler, at) };
  });
}

function compileFormula({ type, value }: Formula, compiler: Compiler, at: string) {
  return { kind: 'formula', value: compiler.expression(value, type, `${at}/value`) } as const;
}

function compileTable(table: Table, compiler: Compiler, at: string) {
  const { hit, type } = table;
  const isList = type.endsWith('[]');
  if ((hit === 'collect' || hit === 'rule_order') && !isList) {
    compiler.flaw(`${at}/type`, `a table with the hit policy ${hit} gives a list`);
  }
  if ((hit === 'sum' || hit === 'min' || hit === 'max') && !/^(integer|number)$/.test(type)) {
    compiler.flaw(`${at}/type`, `the ${hit} of a table is an integer or a number`);
  }
  const isEach = isList && (hit === 'collect' || hit === 'rule_order');
  const valueType = isEach ? (type.slice(0, -2) as FactType) : type;
  refuseTwins(table.rules, `${at}/rules`, compiler);
  const rules = table.rules.map((rule, index) => {
    const place = `${at}/rules/${index}`;
    return {
      id: rule.id,
      conditions: compiler.conditions(rule.if, place),
      value: compiler.expression(rule.value, valueType, `${place}/value`),
    };
  });
  return { kind: 'table', hit, rules } as const;
}

export function readsOf(node: ProgramNode): string[] {
  if (node.kind === 'formula') return [...node.value.reads];
  return node.rules.flatMap(({ conditions, value }) => [
    ...conditions.flatMap(({ reads }) => reads),
    ...value.reads,
  ]);
}

/** A requirement graph has an order, or a circle, which is told. */
function inOrder(nodes: readonly ProgramNode[], flaws: Flaw[]): ProgramNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const done = new Set<string>();
  const ordered: ProgramNode[] = [];
  const visit = (node: ProgramNode, path: readonly string[]): void => {
    if (done.has(node.name)) return;
    if (path.includes(node.name)) {
      const circle = [...path.slice(path.indexOf(node.name)), node.name].join(' → ');
      flaws.push({ pointer: pointer('nodes', node.name), detail: `needs itself: ${circle}` });
      return;
    }
    for (const name of readsOf(node)) {
      const needed = byName.get(name);
      if (needed) visit(needed, [...path, node.name]);
    }
    if (done.has(node.name)) return;
    done.add(node.name);
    ordered.push(node);
  };
  for (const node of nodes) visit(node, []);
  return ordered;
}
