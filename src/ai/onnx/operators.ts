// The operators around a model: they prepare what it reads, and shape what it answers.
import { type Attributes, openAttributes } from './attributes.ts';
import { type OnnxNode, type OnnxTensor, refuse } from './file.ts';
import { type Column, link, type Row, scaleColumn, sigmoid, type Value } from './row.ts';

/** Answers what a node writes, in the order of its outputs. */
export type Operator = (node: OnnxNode, inputs: readonly Value[]) => readonly Value[];

const floatType = 1;

/** Of the domain ai.onnx. */
export const plainOperators: Readonly<Record<string, Operator>> = {
  Add: (node, inputs) => arithmetic(node, inputs, (a, b) => a + b),
  Sub: (node, inputs) => arithmetic(node, inputs, (a, b) => a - b),
  Mul: (node, inputs) => arithmetic(node, inputs, (a, b) => a * b),
  Div: (node, inputs) => arithmetic(node, inputs, (a, b) => a / b),
  Neg: (node, inputs) => [map(rowOf(node, inputs, 1), (x) => -x, flip)],
  Sigmoid: (node, inputs) => [map(rowOf(node, inputs, 1), sigmoid, link)],
  Identity: (node, inputs) => [same(node, inputs, 1)],
  Cast: cast,
  Reshape: reshape,
  Concat: concat,
  Constant: constant,
};

/** Of the domain ai.onnx.ml. */
export const preparingOperators: Readonly<Record<string, Operator>> = {
  Scaler: scale,
  Imputer: impute,
  Normalizer: normalize,
  ArrayFeatureExtractor: extract,
  ZipMap: zip,
};

/** The row that a node reads first; a label has no place in what is computed. */
export function rowOf(node: OnnxNode, inputs: readonly Value[], count: number): Row {
  const value = same(node, inputs, count);
  return value.kind === 'row' ? value.row : refuse(node.title, 'reads what is no row of numbers');
}

function same(node: OnnxNode, inputs: readonly Value[], count: number): Value {
  const [first] = inputs;
  if (first === undefined || inputs.length !== count) {
    refuse(node.title, `has ${inputs.length} inputs instead of ${count}`);
  }
  return first;
}

function map(
  row: Row,
  change: (value: number, column: number) => number,
  follow: (column: Column, index: number) => Column,
): Value {
  const values = new Float32Array(row.values.length);
  const run = () => {
    for (let at = 0; at < values.length; at += 1) values[at] = change(row.values[at] as number, at);
  };
  return { kind: 'row', row: { values, columns: row.columns.map(follow), needs: [row], run } };
}

const flip = (column: Column) => scaleColumn(column, -1, 0);

/** A row and a constant, in either order; what joins two computed rows is not evaluated here. */
function arithmetic(
  node: OnnxNode,
  inputs: readonly Value[],
  apply: (a: number, b: number) => number,
): readonly Value[] {
  openAttributes(node, []);
  const [left, right] = inputs;
  if (left === undefined || right === undefined || inputs.length !== 2) {
    refuse(node.title, 'does not have two inputs');
  }
  if (left.kind === 'constant' && right.kind === 'row') {
    if (node.operator === 'Div') refuse(node.title, 'divides by what is computed');
    const by = spread(node, left.tensor, right.row);
    return [
      map(
        right.row,
        (x, at) => apply(by(at), x),
        slopes((x, at) => apply(by(at), x)),
      ),
    ];
  }
  if (left.kind === 'row' && right.kind === 'constant') {
    const by = spread(node, right.tensor, left.row);
    return [
      map(
        left.row,
        (x, at) => apply(x, by(at)),
        slopes((x, at) => apply(x, by(at))),
      ),
    ];
  }
  return refuse(node.title, 'does not have a row of numbers and a constant as its inputs');
}

/** How a column follows, when `apply` is linear in it. */
function slopes(apply: (x: number, at: number) => number) {
  return (column: Column, at: number) => {
    const offset = apply(0, at);
    return scaleColumn(column, apply(1, at) - offset, offset);
  };
}

/** A constant as it stands against each column of a row. */
function spread(node: OnnxNode, tensor: OnnxTensor, row: Row): (column: number) => number {
  const { values } = tensor;
  const width = row.values.length;
  const isFlat = tensor.dims.slice(0, -1).every((dim) => dim === 1) && tensor.dims.length <= 2;
  if (tensor.type !== 'float' || !isFlat || (values.length !== 1 && values.length !== width)) {
    refuse(node.title, `has a constant that does not fit a row of ${width} numbers`);
  }
  if (!values.every(Number.isFinite)) refuse(node.title, 'has a constant that is not finite');
  if (node.operator === 'Div' && values.includes(0)) refuse(node.title, 'divides by zero');
  return values.length === 1 ? () => values[0] as number : (at) => values[at] as number;
}

function cast(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const value = same(node, inputs, 1);
  const attributes = openAttributes(node, ['to', 'saturate']);
  if (value.kind === 'label') return [value];
  const to = attributes.get('integer', 'to', 0);
  if (to !== floatType) attributes.refuse('to', `is ${to}: numbers stay float here`);
  return [value];
}

/** Rows are flat already: a shape that keeps every number where it is changes nothing. */
function reshape(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const value = same(node, inputs, 2);
  openAttributes(node, ['allowzero']);
  if (value.kind === 'label') return [value];
  const shape = inputs[1];
  const { values } = rowOf(node, inputs, 2);
  const dims = shape?.kind === 'constant' ? shape.tensor.values : [];
  const last = dims.at(-1);
  const keeps = last === values.length || (last === -1 && dims.length === 2 && dims[0] === 1);
  const isFlat = dims.length === 1 && values.length === 1 && (last === -1 || last === 1);
  const rows = dims.length === 2 && [-1, 0, 1].includes(dims[0] as number);
  if (!isFlat && !(rows && keeps)) refuse(node.title, 'changes the shape of a row');
  return [value];
}

function concat(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const attributes = openAttributes(node, ['axis']);
  const axis = attributes.get('integer', 'axis', 0);
  if (axis !== 1 && axis !== -1) attributes.refuse('axis', `is ${axis}: only columns are joined`);
  const rows = inputs.map((value) => rowOf(node, [value], 1));
  const width = rows.reduce((sum, { values }) => sum + values.length, 0);
  limitWidth(node, width);
  const values = new Float32Array(width);
  const run = () => {
    let at = 0;
    for (const row of rows) {
      values.set(row.values, at);
      at += row.values.length;
    }
  };
  const columns = rows.flatMap((row) => row.columns);
  return [{ kind: 'row', row: { values, columns, needs: rows, run } }];
}

function constant(node: OnnxNode): readonly Value[] {
  const tensor = openAttributes(node, ['value']).get('tensor', 'value', undefined);
  return tensor === undefined ? refuse(node.title, 'has no value') : [{ kind: 'constant', tensor }];
}

function scale(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const attributes = openAttributes(node, ['offset', 'scale']);
  const offset = perColumn(attributes, 'offset', row);
  const factor = perColumn(attributes, 'scale', row);
  const apply = (x: number, at: number) => Math.fround(x - offset(at)) * factor(at);
  return [map(row, apply, slopes(apply))];
}

function impute(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const attributes = openAttributes(node, ['imputed_value_floats', 'replaced_value_float']);
  const imputed = perColumn(attributes, 'imputed_value_floats', row);
  const replaced = attributes.get('float', 'replaced_value_float', undefined);
  if (replaced === undefined) attributes.refuse('replaced_value_float', 'is missing');
  if (row.columns.some(({ kind }) => kind === 'margin')) refuse(node.title, 'follows a model');
  const isReplaced = Number.isNaN(replaced)
    ? (x: number) => Number.isNaN(x)
    : (x: number) => x === replaced;
  return [
    map(
      row,
      (x, at) => (isReplaced(x) ? imputed(at) : x),
      (column) => column,
    ),
  ];
}

/** One number for all columns, or one for each. */
function perColumn(attributes: Attributes, name: string, { values }: Row): (at: number) => number {
  const given = attributes.finite(name);
  if (given.length !== 1 && given.length !== values.length) {
    attributes.refuse(name, `has ${given.length} values for ${values.length} columns`);
  }
  return given.length === 1 ? () => given[0] as number : (at) => given[at] as number;
}

/** Sums in float32, in the order of the columns, as onnxruntime does. */
function normalize(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const attributes = openAttributes(node, ['norm']);
  const norm = attributes.get('text', 'norm', 'MAX');
  if (norm !== 'MAX' && norm !== 'L1' && norm !== 'L2') attributes.refuse('norm', 'is unknown');
  const values = new Float32Array(row.values.length);
  const run = () => {
    let total = norm === 'MAX' ? -Infinity : 0;
    for (const x of row.values) {
      // A missing value is passed over here, where Math.max would not.
      if (norm === 'MAX' && x > total) total = x;
      if (norm === 'L1') total = Math.fround(total + Math.abs(x));
      if (norm === 'L2') total = Math.fround(total + Math.fround(x * x));
    }
    for (let at = 0; at < values.length; at += 1) {
      const x = row.values[at] as number;
      if (total === 0) values[at] = x;
      else if (norm !== 'L2') values[at] = x / total;
      else values[at] = Math.sign(x) * Math.sqrt(Math.fround(Math.fround(x * x) / total));
    }
  };
  return [{ kind: 'row', row: { values, columns: row.columns.map(link), needs: [row], run } }];
}

function extract(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const value = same(node, inputs, 2);
  openAttributes(node, []);
  if (value.kind !== 'row') return [{ kind: 'label' }];
  const { row } = value;
  const chosen = inputs[1];
  if (chosen?.kind !== 'constant' || chosen.tensor.type !== 'integer') {
    refuse(node.title, 'does not choose its columns by a constant');
  }
  const indices = chosen.tensor.values;
  limitWidth(node, indices.length);
  const columns = indices.map(
    (index) => row.columns[index] ?? refuse(node.title, `chooses the column ${index}`),
  );
  const values = new Float32Array(indices.length);
  const run = () => {
    for (let at = 0; at < values.length; at += 1) {
      values[at] = row.values[indices[at] as number] as number;
    }
  };
  return [{ kind: 'row', row: { values, columns, needs: [row], run } }];
}

/** Gives the probabilities the names of their classes, which we do not need. */
function zip(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  openAttributes(node, ['classlabels_int64s', 'classlabels_strings']);
  return [{ kind: 'zipped', row: rowOf(node, inputs, 1) }];
}

export const widthMax = 1_000;

function limitWidth(node: OnnxNode, width: number): void {
  if (width > widthMax) refuse(node.title, `has more than ${widthMax} columns`);
}
