// A model out of an ONNX file: a row of numbers in, one number out, and what each input did to it.
import { assert } from '#core';
import { linearOperators, productOperators } from './linear.ts';
import {
  type OnnxFile,
  type OnnxNode,
  type OnnxValue,
  quoted,
  readOnnxFile,
  refuse,
} from './file.ts';
import { type Operator, plainOperators, preparingOperators, widthMax } from './operators.ts';
import type { Column, Row, Value } from './row.ts';
import { treeOperators } from './trees.ts';

/** Not reentrant, and needs no memory per call but for what `explain` answers. */
export type Evaluator = {
  /** How many numbers a vector has; a missing one is not a number. */
  readonly width: number;
  /** The probability of the second class for a classifier, the value for a regressor. */
  readonly score: (vector: Float32Array) => number;
  /**
   * What each input adds to the margin, the number before any sigmoid: they sum to margin − base.
   * Trees: along the path, what each comparison changes of the mean over the leaves still open,
   * those weighted as often as training reached them. Linear models: weight × prepared value.
   */
  readonly explain: (vector: Float32Array) => Float64Array;
  /** The margin of which nothing is known yet. */
  readonly base: number;
};

type Domain = {
  readonly versions: readonly [number, number];
  readonly operators: Readonly<Record<string, Operator>>;
};

/** By domain; what an operator does has not changed between these versions of its domain. */
const domains: Readonly<Record<string, Domain>> = {
  '': { versions: [9, 25], operators: { ...plainOperators, ...productOperators } },
  'ai.onnx.ml': {
    versions: [1, 4],
    operators: { ...preparingOperators, ...linearOperators, ...treeOperators },
  },
};

/** Throws the fault `model_invalid`, which says what and where, for what cannot be evaluated. */
export function loadOnnx(bytes: Uint8Array): Evaluator {
  const file = readOnnxFile(bytes);
  checkOpsets(file);
  const input = readInput(file);
  const values = evaluateGraph(file, input);
  const { row, column, at } = readAnswer(file, values);
  const steps = stepsTo(row);
  const preparing = stepsTo(column.model.reads);
  const { model, weights, offset } = column;
  const width = input.values.length;
  const read = (vector: Float32Array) => {
    assert(vector.length === width, `a vector of ${vector.length} for a model of ${width} inputs`);
    input.values.set(vector);
  };
  return {
    width,
    base: weights.reduce(
      (sum, weight, margin) => sum + weight * (model.bases[margin] as number),
      offset,
    ),
    score(vector) {
      read(vector);
      for (const step of steps) step();
      return row.values[at] as number;
    },
    explain(vector) {
      read(vector);
      for (const step of preparing) step();
      const into = new Float64Array(width);
      for (const [margin, factor] of weights.entries()) {
        if (factor !== 0) model.explain({ margin, factor, into });
      }
      return into;
    },
  };
}

function checkOpsets({ opsets }: OnnxFile): void {
  for (const [name, version] of opsets) {
    const domain = domainOf(name);
    if (domain === undefined) continue;
    const [from, to] = domain.versions;
    if (version < from || version > to) {
      const title = name === '' ? 'ai.onnx' : name;
      refuse('the model', `needs version ${version} of ${title}, not one of ${from} to ${to}`);
    }
  }
}

function domainOf(name: string): Domain | undefined {
  return Object.hasOwn(domains, name) ? domains[name] : undefined;
}

/** The one tensor that a caller gives, [any number of rows, width]. */
function readInput({ inputs, constants }: OnnxFile): Row {
  const given = inputs.filter(({ name }) => !constants.has(name));
  const [input] = given;
  if (input === undefined || given.length !== 1) {
    refuse('the graph', `has ${given.length} inputs instead of one tensor`);
  }
  const place = `the input ${quoted(input.name)}`;
  if (!input.isFloat) refuse(place, 'is no tensor of float numbers');
  const width = widthOf(input, place);
  const columns = Array.from({ length: width }, (_, index): Column => ({ kind: 'input', index }));
  return { values: new Float32Array(width), columns, needs: [], run: () => undefined };
}

function widthOf({ dims }: OnnxValue, place: string): number {
  const [rows, width, ...more] = dims ?? [];
  const isOne = rows === null || rows === 1 || rows === 0 || rows === -1;
  if (!isOne || typeof width !== 'number' || more.length > 0) {
    refuse(place, 'does not have the shape [rows, width]');
  }
  if (width < 1 || width > widthMax) refuse(place, `has ${width} columns, not 1 to ${widthMax}`);
  return width;
}

/** What each name stands for, once every node has said what it does. */
function evaluateGraph(file: OnnxFile, input: Row): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, tensor] of file.constants) values.set(name, { kind: 'constant', tensor });
  const [given] = file.inputs.filter(({ name }) => !file.constants.has(name));
  values.set(given?.name ?? '', { kind: 'row', row: input });
  for (const node of file.nodes) {
    const operator = operatorOf(file, node);
    const inputs = node.inputs.map(
      (name) =>
        values.get(name) ??
        refuse(node.title, `reads ${quoted(name)}, which nothing before it writes`),
    );
    const answers = operator(node, inputs);
    if (node.outputs.length > answers.length) {
      refuse(node.title, `has ${node.outputs.length} outputs instead of ${answers.length}`);
    }
    for (const [at, name] of node.outputs.entries()) {
      if (values.has(name)) refuse(node.title, `writes ${quoted(name)}, which exists already`);
      if (name !== '') values.set(name, answers[at] as Value);
    }
  }
  return values;
}

function operatorOf({ opsets }: OnnxFile, { title, domain, operator }: OnnxNode): Operator {
  if (!opsets.has(domain)) refuse(title, `is of the domain ${quoted(domain)}, of no known version`);
  const operators = domainOf(domain)?.operators ?? {};
  const found = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  return found ?? refuse(title, `is no operator that is evaluated here`);
}

type Answer = {
  readonly row: Row;
  readonly at: number;
  readonly column: Extract<Column, { kind: 'margin' }>;
};

/** Of the graph's outputs, the one that is no label: one number, or the second of two classes. */
function readAnswer({ outputs }: OnnxFile, values: ReadonlyMap<string, Value>): Answer {
  const rows = outputs.flatMap((name) => {
    const value =
      values.get(name) ?? refuse('the graph', `never writes its output ${quoted(name)}`);
    if (value.kind === 'constant')
      refuse('the graph', `has the constant ${quoted(name)} as output`);
    return value.kind === 'label' ? [] : [value.row];
  });
  const [row] = rows;
  if (row === undefined || rows.length !== 1) {
    refuse('the graph', `has ${rows.length} outputs of numbers instead of one`);
  }
  if (row.columns.length > 2) {
    refuse('the graph', `answers ${row.columns.length} numbers, neither one value nor two classes`);
  }
  const at = row.columns.length - 1;
  const column = row.columns[at];
  if (column?.kind !== 'margin') refuse('the graph', 'answers its input: there is no model in it');
  return { row, at, column };
}

/** What has to run before a row has its values, in order; nothing that is not needed. */
function stepsTo(answer: Row): readonly (() => void)[] {
  const done = new Set<Row>();
  const open: { row: Row; isReady: boolean }[] = [{ row: answer, isReady: false }];
  for (let found = open.pop(); found !== undefined; found = open.pop()) {
    const { row, isReady } = found;
    if (done.has(row)) continue;
    if (isReady) {
      done.add(row);
      continue;
    }
    open.push({ row, isReady: true });
    for (const need of row.needs) open.push({ row: need, isReady: false });
  }
  return [...done].map(({ run }) => run);
}
