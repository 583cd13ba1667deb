// Expressions: the part of CEL that a bundle may use, checked for its types before it is published.
//
// CEL has no clock, no chance and no I/O, and always ends; what is added here is that a name that
// is not declared, a function that is not listed, or an operator between unlike types is refused
// when the bundle is compiled rather than found out when a payment waits.
import { celEnv, isCelError, isCelList, parse, plan } from '@bufbuild/cel';
import type { FactType } from './bundle.ts';
import { listMax, textMax } from './facts.ts';

export type Scalar = bigint | number | string | boolean;
/** Integers are bigints, so that money stays exact. */
export type Value = Scalar | readonly Scalar[];
export type Bindings = Readonly<Record<string, Value>>;

/** A value, or why there is none. */
export type Evaluated = { readonly value: Value } | { readonly error: string };

export type Expression = {
  readonly text: string;
  readonly type: FactType;
  /** The facts and nodes that it reads: all of them must be bound when it is evaluated. */
  readonly reads: readonly string[];
  /** Operations that it may take at most; within a macro, for the longest list that there is. */
  readonly steps: number;
  readonly evaluate: (bindings: Bindings) => Evaluated;
};

export type Scope = ReadonlyMap<string, FactType>;

const environment = celEnv();
const depthMax = 40;

/** Throws an Error whose message says what is wrong with the text, for who wrote it. */
export function compileExpression(text: string, scope: Scope, expected?: FactType): Expression {
  const { expr } = parse(text);
  const reads = new Set<string>();
  const type = typeOf(expr, { scope, bound: new Map(), reads }, 0);
  if (type === emptyList && expected?.endsWith('[]')) return finish(text, expr, expected, reads);
  if (expected !== undefined && type !== expected) {
    throw new Error(`is of type ${type}, and ${expected} is wanted`);
  }
  return finish(text, expr, type as FactType, reads);
}

function finish(text: string, expr: Node, type: FactType, reads: ReadonlySet<string>): Expression {
  const run = memberOf(expr) ?? { steps: stepsOf(expr), evaluate: runner(expr) };
  return { text, type, reads: [...reads].sort(), ...run };
}

function runner(expr: Node): Expression['evaluate'] {
  const run = plan(environment, expr);
  return (bindings) => {
    const result = run(bindings as Parameters<typeof run>[0]);
    if (isCelError(result)) return { error: result.message };
    const value = isCelList(result) ? ([...result] as Scalar[]) : (result as Scalar);
    return isBounded(value) ? { value } : { error: 'the result is too large, or not finite' };
  };
}

/** What a node works out feeds the next: texts that double would not end with the sixteenth. */
function isBounded(value: Value): boolean {
  switch (typeof value) {
    case 'string':
      return value.length <= textMax;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return value.length <= listMax && value.every(isBounded);
    default:
      return true;
  }
}

/** `x in [constants]`: CEL makes the list anew each time, and lists of countries are long. */
function memberOf({ exprKind: kind }: Node): Pick<Expression, 'steps' | 'evaluate'> | undefined {
  if (kind.case !== 'callExpr' || kind.value.function !== '@in') return undefined;
  const [member, list] = kind.value.args;
  if (!member || list?.exprKind.case !== 'listExpr') return undefined;
  const constants = list.exprKind.value.elements.map(({ exprKind }) =>
    exprKind.case === 'constExpr' ? exprKind.value.constantKind : undefined,
  );
  const isExact = (each: (typeof constants)[number]) =>
    each?.case === 'stringValue' || each?.case === 'int64Value';
  if (!constants.every(isExact)) return undefined;
  const values = new Set(constants.map((each) => each?.value as Value));
  const run = runner(member);
  return {
    steps: stepsOf(member),
    evaluate(bindings) {
      const result = run(bindings);
      return 'error' in result ? result : { value: values.has(result.value) };
    },
  };
}

function stepsOf(node: Node | undefined): number {
  const kind = node?.exprKind;
  const sum = (nodes: readonly (Node | undefined)[]) =>
    nodes.reduce((steps, each) => steps + stepsOf(each), 1);
  switch (kind?.case) {
    case 'listExpr':
      return sum(kind.value.elements);
    case 'callExpr': {
      const { function: name, target, args } = kind.value;
      return sum([target, ...args]) + (name === '@in' ? listMax : 0);
    }
    case 'comprehensionExpr': {
      const { iterRange, loopCondition, loopStep, result } = kind.value;
      return sum([iterRange, result]) + listMax * sum([loopCondition, loopStep]);
    }
    default:
      return 1;
  }
}

// Types -------------------------------------------------------------------------------------------

type Node = ReturnType<typeof parse>['expr'];
/** The empty list fits every type of list. */
const emptyList = 'empty list';
type ExpressionType = FactType | typeof emptyList;

type Checking = {
  readonly scope: Scope;
  /** Variables of a macro: `x` in `list.exists(x, …)`. */
  readonly bound: ReadonlyMap<string, ExpressionType>;
  readonly reads: Set<string>;
};

function typeOf(node: Node | undefined, checking: Checking, depth: number): ExpressionType {
  if (depth > depthMax) throw new Error(`is nested more than ${depthMax} deep`);
  const kind = node?.exprKind;
  switch (kind?.case) {
    case 'constExpr':
      return typeOfConstant(kind.value.constantKind);
    case 'identExpr':
      return typeOfName(kind.value.name, checking);
    case 'listExpr':
      return typeOfList(kind.value.elements.map((each) => typeOf(each, checking, depth + 1)));
    case 'callExpr': {
      const { target, args } = kind.value;
      const operands = target === undefined ? args : [target, ...args];
      return typeOfCall(
        kind.value.function,
        operands.map((each) => typeOf(each, checking, depth + 1)),
      );
    }
    case 'comprehensionExpr':
      return typeOfMacro(kind.value, checking, depth);
    case 'selectExpr':
      throw new Error(`a fact has no fields: there is no .${kind.value.field}`);
    default:
      throw new Error('maps and messages are no values here');
  }
}

type Constant = Extract<Node['exprKind'], { case: 'constExpr' }>['value']['constantKind'];

function typeOfConstant(constant: Constant): ExpressionType {
  switch (constant.case) {
    case 'int64Value':
      if (BigInt.asIntN(64, constant.value) !== constant.value) {
        throw new Error(`has ${constant.value}, which is beyond 64 bits`);
      }
      return 'integer';
    case 'doubleValue':
      return 'number';
    case 'stringValue':
      return 'string';
    case 'boolValue':
      return 'boolean';
    case 'nullValue':
      throw new Error('there is no null: a fact that may be missing has a default');
    default:
      throw new Error('unsigned integers and bytes are no values here');
  }
}

function typeOfName(name: string, { scope, bound, reads }: Checking): ExpressionType {
  const own = bound.get(name);
  if (own !== undefined) return own;
  const type = scope.get(name);
  if (type === undefined) {
    throw new Error(`nothing is called "${name}": declare it as a fact or a node`);
  }
  reads.add(name);
  return type;
}

function typeOfList(elements: readonly ExpressionType[]): ExpressionType {
  const [first] = elements;
  if (first === undefined) return emptyList;
  if (elements.some((each) => each !== first)) throw new Error('mixes types in one list');
  if (!isElement(first)) throw new Error(`has a list of ${first}`);
  return `${first}[]` as FactType;
}

function isElement(type: ExpressionType): boolean {
  return type === 'integer' || type === 'number' || type === 'string';
}

type Comprehension = Extract<Node['exprKind'], { case: 'comprehensionExpr' }>['value'];

/** `all`, `exists` and `exists_one`: one look at each element, never a list made in the loop. */
function typeOfMacro(
  { iterVar, iterVar2, iterRange, accuVar, accuInit, loopStep, result }: Comprehension,
  checking: Checking,
  depth: number,
): ExpressionType {
  if (checking.bound.size > 0) throw new Error('uses a macro inside a macro');
  const range = typeOf(iterRange, checking, depth + 1);
  if (!range.endsWith('[]')) throw new Error(`walks through a ${range}, which is no list`);
  const accumulated = typeOf(accuInit, checking, depth + 1);
  if (accumulated === emptyList || iterVar2 !== '') {
    throw new Error('of the macros only all, exists and exists_one may be used');
  }
  const bound = new Map<string, ExpressionType>([
    [iterVar, range.slice(0, -2) as FactType],
    [accuVar, accumulated],
  ]);
  const inside = { ...checking, bound };
  typeOf(loopStep, inside, depth + 1);
  return typeOf(result, inside, depth + 1);
}

const ordered: readonly ExpressionType[] = ['integer', 'number', 'string'];
const numeric: readonly ExpressionType[] = ['integer', 'number'];

function typeOfCall(name: string, operands: readonly ExpressionType[]): ExpressionType {
  const [first, second, third] = operands;
  const is = (...types: readonly ExpressionType[]) =>
    operands.length === types.length && types.every((type, index) => operands[index] === type);
  const isPairOf = (types: readonly ExpressionType[]) =>
    operands.length === 2 && first === second && first !== undefined && types.includes(first);
  let type: ExpressionType | undefined;
  switch (name) {
    case '_&&_':
    case '_||_':
      type = is('boolean', 'boolean') ? 'boolean' : undefined;
      break;
    case '!_':
    case '@not_strictly_false':
      type = is('boolean') ? 'boolean' : undefined;
      break;
    case '_?_:_':
      type = first === 'boolean' && second === third ? second : undefined;
      break;
    case '_==_':
    case '_!=_':
      type = isPairOf([...ordered, 'boolean']) ? 'boolean' : undefined;
      break;
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      type = isPairOf(ordered) ? 'boolean' : undefined;
      break;
    case '@in':
      type = second === emptyList || second === `${first}[]` ? 'boolean' : undefined;
      break;
    case '_+_':
      type = isPairOf(ordered) ? first : undefined;
      break;
    case '_-_':
    case '_*_':
    case '_/_':
      type = isPairOf(numeric) ? first : undefined;
      break;
    case '_%_':
      type = isPairOf(['integer']) ? first : undefined;
      break;
    case '-_':
      type = is('integer') || is('number') ? first : undefined;
      break;
    default:
      type = typeOfFunction(name, operands);
  }
  if (type === undefined) throw new Error(mismatch(name, operands));
  return type;
}

/** Every function that may be called, and its result; all are pure, and take bounded time. */
const functions: Readonly<Record<string, readonly (readonly [readonly string[], FactType])[]>> = {
  size: [
    [['string'], 'integer'],
    [['integer[]'], 'integer'],
    [['number[]'], 'integer'],
    [['string[]'], 'integer'],
  ],
  startsWith: [[['string', 'string'], 'boolean']],
  endsWith: [[['string', 'string'], 'boolean']],
  contains: [[['string', 'string'], 'boolean']],
  double: [[['integer'], 'number']],
  int: [[['number'], 'integer']],
  string: [[['integer'], 'string']],
};

function typeOfFunction(
  name: string,
  operands: readonly ExpressionType[],
): ExpressionType | undefined {
  const overloads = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (overloads === undefined) {
    const known = Object.keys(functions).join(', ');
    throw new Error(`calls ${name}, which is not among the functions of a bundle: ${known}`);
  }
  return overloads.find(([types]) => types.join() === operands.join())?.[1];
}

function mismatch(name: string, operands: readonly ExpressionType[]): string {
  const word = name.replaceAll('_', '').replace('@', '');
  const hint =
    operands.includes('integer') && operands.includes('number')
      ? ': write both as integers (1) or both as numbers (1.0), or convert by double()'
      : '';
  return `${word} does not go with ${operands.join(' and ')}${hint}`;
}
