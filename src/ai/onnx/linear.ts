// Linear models: a weighted sum of a row, once or for each of two classes.
import { openAttributes } from './attributes.ts';
import { answerClasses, marginColumns } from './classes.ts';
import { type OnnxNode, type OnnxTensor, refuse } from './file.ts';
import { type Operator, rowOf } from './operators.ts';
import { inputsOf, type Predictor, type Row, type Value } from './row.ts';

/** Of the domain ai.onnx.ml. */
export const linearOperators: Readonly<Record<string, Operator>> = {
  LinearClassifier: classify,
  LinearRegressor: regress,
};

/** Of the domain ai.onnx. */
export const productOperators: Readonly<Record<string, Operator>> = {
  Gemm: product,
  MatMul: product,
};

type Linear = {
  /** Of each margin, one weight for each column. */
  readonly weights: readonly (readonly number[])[];
  readonly intercepts: readonly number[];
};

function classify(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const labels = ['classlabels_ints', 'classlabels_strings'];
  const own = ['coefficients', 'intercepts', 'multi_class', 'post_transform'];
  const attributes = openAttributes(node, [...own, ...labels]);
  const numbers = attributes.integers('classlabels_ints');
  const classes = numbers.length + attributes.get('texts', 'classlabels_strings', []).length;
  if (classes !== 2) refuse(node.title, `has ${classes} classes instead of two`);
  const intercepts = attributes.finite('intercepts');
  if (intercepts.length !== 1 && intercepts.length !== 2) {
    attributes.refuse('intercepts', 'has neither one value nor two');
  }
  const weights = split(node, attributes.finite('coefficients'), row, intercepts.length);
  const answer = answerClasses(node, weigh(node, row, { weights, intercepts }), 1);
  return [{ kind: 'label' }, { kind: 'row', row: answer }];
}

function regress(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const own = ['coefficients', 'intercepts', 'targets', 'post_transform'];
  const attributes = openAttributes(node, own);
  // onnxruntime leaves out the transformation of a single target, against the specification.
  const transform = attributes.get('text', 'post_transform', 'NONE');
  if (transform !== 'NONE') attributes.refuse('post_transform', 'is not NONE');
  const targets = attributes.get('integer', 'targets', 1);
  if (targets !== 1) attributes.refuse('targets', `is ${targets} instead of one`);
  const intercepts = attributes.finite('intercepts');
  if (intercepts.length > 1) attributes.refuse('intercepts', 'has more than one value');
  const weights = split(node, attributes.finite('coefficients'), row, 1);
  const linear = { weights, intercepts: [intercepts[0] ?? 0] };
  return [{ kind: 'row', row: weigh(node, row, linear) }];
}

/** The attribute `coefficients`: the weights of one margin after those of the other. */
function split(
  node: OnnxNode,
  coefficients: readonly number[],
  { values: { length: width } }: Row,
  margins: number,
): readonly (readonly number[])[] {
  if (coefficients.length !== width * margins) {
    refuse(node.title, `has ${coefficients.length} coefficients for ${margins} × ${width}`);
  }
  return Array.from({ length: margins }, (_, at) =>
    coefficients.slice(at * width, (at + 1) * width),
  );
}

/** A row times a constant matrix, with something added by Gemm. */
function product(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs.slice(0, 1), 1);
  const isGemm = node.operator === 'Gemm';
  const attributes = openAttributes(node, isGemm ? ['alpha', 'beta', 'transA', 'transB'] : []);
  if (attributes.get('integer', 'transA', 0) !== 0) attributes.refuse('transA', 'is not zero');
  for (const name of ['alpha', 'beta']) {
    if (attributes.get('float', name, 1) !== 1) attributes.refuse(name, 'is not one');
  }
  const [, matrix, bias] = inputs;
  if (matrix?.kind !== 'constant' || inputs.length > (isGemm ? 3 : 2)) {
    refuse(node.title, 'does not multiply a row by a constant');
  }
  const isTransposed = attributes.get('integer', 'transB', 0) !== 0;
  const weights = columnsOf(node, matrix.tensor, { row, isTransposed });
  const added = bias === undefined ? [0] : constantsOf(node, bias, weights.length);
  const intercepts = weights.map((_, at) => added[at] ?? (added[0] as number));
  return [{ kind: 'row', row: weigh(node, row, { weights, intercepts }) }];
}

function columnsOf(
  node: OnnxNode,
  { type, dims, values }: OnnxTensor,
  { row, isTransposed }: { row: Row; isTransposed: boolean },
): readonly (readonly number[])[] {
  const [width = 0, margins = 0] = isTransposed ? dims.toReversed() : dims;
  const fits = dims.length === 2 && width === row.values.length && margins <= 2;
  if (!fits || type !== 'float' || !values.every(Number.isFinite)) {
    refuse(node.title, `has no matrix that takes ${row.values.length} numbers to one or two`);
  }
  const place = (at: number, margin: number) =>
    isTransposed ? margin * width + at : at * margins + margin;
  return Array.from({ length: margins }, (_, margin) =>
    Array.from({ length: width }, (_, at) => values[place(at, margin)] as number),
  );
}

function constantsOf(node: OnnxNode, bias: Value, margins: number): readonly number[] {
  const values = bias.kind === 'constant' && bias.tensor.type === 'float' ? bias.tensor.values : [];
  if ((values.length !== 1 && values.length !== margins) || !values.every(Number.isFinite)) {
    refuse(node.title, 'adds something else than a constant to each product');
  }
  return values;
}

function weigh(node: OnnxNode, row: Row, { weights, intercepts }: Linear): Row {
  const rows = weights.map((of) => Float64Array.from(of));
  const inputs = inputsOf(node, row);
  const from = row.values;
  const values = new Float32Array(rows.length);
  const model: Predictor = {
    reads: row,
    bases: intercepts,
    explain({ margin, factor, into }) {
      for (const [at, weight] of (rows[margin] as Float64Array).entries()) {
        const input = inputs[at] as number;
        into[input] = (into[input] as number) + factor * weight * (from[at] as number);
      }
    },
  };
  const run = () => {
    for (const [margin, of] of rows.entries()) {
      let sum = intercepts[margin] as number;
      for (let at = 0; at < of.length; at += 1) sum += (of[at] as number) * (from[at] as number);
      values[margin] = sum;
    }
  };
  return { values, columns: marginColumns(model), needs: [row], run };
}
