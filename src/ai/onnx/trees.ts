// Tree ensembles, compiled into typed arrays: every comparison becomes `x <= threshold` or
// `x = threshold`, and the branch taken when it holds follows its node directly.
import { type Attributes, openAttributes } from './attributes.ts';
import { answerClasses, marginColumns } from './classes.ts';
import { type OnnxNode, refuse } from './file.ts';
import { type Operator, rowOf } from './operators.ts';
import { inputsOf, type Predictor, type Row, type Value } from './row.ts';
import { type Forest, readForest } from './tree-nodes.ts';

export const treeOperators: Readonly<Record<string, Operator>> = {
  TreeEnsembleClassifier: classify,
  TreeEnsembleRegressor: regress,
};

const nodeAttributes = [
  ...['nodes_treeids', 'nodes_nodeids', 'nodes_featureids', 'nodes_values', 'nodes_modes'],
  ...['nodes_truenodeids', 'nodes_falsenodeids', 'nodes_missing_value_tracks_true'],
  ...['nodes_hitrates', 'base_values', 'post_transform'],
];
const leafAttributes = (of: string) => [
  `${of}_treeids`,
  `${of}_nodeids`,
  `${of}_ids`,
  `${of}_weights`,
];

function classify(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const labels = ['classlabels_int64s', 'classlabels_strings'];
  const known = [...nodeAttributes, ...leafAttributes('class'), ...labels];
  const attributes = openAttributes(node, known);
  const numbers = attributes.integers('classlabels_int64s');
  const classes = numbers.length + attributes.get('texts', 'classlabels_strings', []).length;
  if (classes !== 2) refuse(node.title, `has ${classes} classes instead of two`);
  // One class id stands for the second class, whatever it is called; two are the classes.
  const margins = attributes.integers('class_ids').some((id) => id !== 0) ? 2 : 1;
  const forest = readForest(node, attributes, { of: 'class', margins, width: row.values.length });
  const bases = attributes.finite('base_values');
  // onnxruntime reads them differently from the specification as soon as there are two.
  if (bases.length > 2 - margins) attributes.refuse('base_values', 'cannot be told apart');
  const whole = forest.leaves.every((weight) => weight >= 0) ? 1 : 0;
  const sums = sum(node, row, { forest, bases: [bases[0] ?? 0, 0].slice(0, margins), divisor: 1 });
  return [{ kind: 'label' }, { kind: 'row', row: answerClasses(node, sums, whole) }];
}

function regress(node: OnnxNode, inputs: readonly Value[]): readonly Value[] {
  const row = rowOf(node, inputs, 1);
  const known = [...nodeAttributes, ...leafAttributes('target'), 'n_targets', 'aggregate_function'];
  const attributes = openAttributes(node, known);
  const targets = attributes.get('integer', 'n_targets', 1);
  if (targets !== 1) attributes.refuse('n_targets', `is ${targets} instead of one`);
  // onnxruntime leaves out the transformation of a single target, against the specification.
  const transform = attributes.get('text', 'post_transform', 'NONE');
  if (transform !== 'NONE') attributes.refuse('post_transform', 'is not NONE');
  const isAverage = readAggregate(attributes) === 'AVERAGE';
  const forest = readForest(node, attributes, {
    of: 'target',
    margins: 1,
    width: row.values.length,
  });
  const bases = attributes.finite('base_values');
  if (bases.length > 1) attributes.refuse('base_values', 'has more than one value');
  const divisor = isAverage ? forest.roots.length : 1;
  return [{ kind: 'row', row: sum(node, row, { forest, bases: [bases[0] ?? 0], divisor }) }];
}

function readAggregate(attributes: Attributes): string {
  const aggregate = attributes.get('text', 'aggregate_function', 'SUM');
  return aggregate === 'SUM' || aggregate === 'AVERAGE'
    ? aggregate
    : attributes.refuse('aggregate_function', 'is neither SUM nor AVERAGE');
}

type Ensemble = {
  readonly forest: Forest;
  /** Of each margin, added to what the trees say. */
  readonly bases: readonly number[];
  readonly divisor: number;
};

function sum(node: OnnxNode, row: Row, { forest, bases, divisor }: Ensemble): Row {
  const inputs = inputsOf(node, row);
  const from = row.values;
  const { roots, features, expected } = forest;
  const margins = bases.length;
  const values = new Float32Array(margins);
  const step = stepOf(forest);
  const expectedOf = (margin: number) =>
    roots.reduce((total, root) => total + (expected[root * margins + margin] as number), 0);
  const model: Predictor = {
    reads: row,
    bases: bases.map((base, margin) => expectedOf(margin) / divisor + base),
    explain({ margin, factor, into }) {
      const share = factor / divisor;
      for (const root of roots) {
        let at = root;
        for (let feature = features[at] as number; feature >= 0; ) {
          const next = step(at, from[feature] as number);
          const before = expected[at * margins + margin] as number;
          const change = (expected[next * margins + margin] as number) - before;
          const input = inputs[feature] as number;
          into[input] = (into[input] as number) + share * change;
          at = next;
          feature = features[at] as number;
        }
      }
    },
  };
  const columns = marginColumns(model);
  const walk = forest.equals === null ? walkFast : walkAny;
  const run = () => {
    values.fill(0);
    walk(forest, from, values);
    for (let margin = 0; margin < margins; margin += 1) {
      const total = Math.fround((values[margin] as number) / divisor);
      values[margin] = total + (bases[margin] as number);
    }
  };
  return { values, columns, needs: [row], run };
}

/** The node after this one, for this value of its feature. */
function stepOf({ thresholds, others, missing, equals }: Forest) {
  return (at: number, x: number): number => {
    const threshold = thresholds[at] as number;
    const holds = equals?.[at] === 1 ? x === threshold : x <= threshold;
    return holds || (missing[at] === 1 && Number.isNaN(x)) ? at + 1 : (others[at] as number);
  };
}

/** Sums in float32 and in the order of the trees, as onnxruntime does on one thread. */
function walkFast(forest: Forest, from: Float32Array, sums: Float32Array): void {
  const { roots, features, thresholds, others, missing, leaves } = forest;
  const margins = sums.length;
  let total = 0;
  for (let tree = 0; tree < roots.length; tree += 1) {
    let at = roots[tree] as number;
    let feature = features[at] as number;
    while (feature >= 0) {
      const x = from[feature] as number;
      const holds = x <= (thresholds[at] as number) || (missing[at] === 1 && Number.isNaN(x));
      at = holds ? at + 1 : (others[at] as number);
      feature = features[at] as number;
    }
    const leaf = others[at] as number;
    total = Math.fround(total + (leaves[leaf] as number));
    if (margins === 2) sums[1] = (sums[1] as number) + (leaves[leaf + 1] as number);
  }
  sums[0] = total;
}

function walkAny(forest: Forest, from: Float32Array, sums: Float32Array): void {
  const { roots, features, others, leaves } = forest;
  const step = stepOf(forest);
  for (const root of roots) {
    let at = root;
    for (let feature = features[at] as number; feature >= 0; feature = features[at] as number) {
      at = step(at, from[feature] as number);
    }
    const leaf = others[at] as number;
    for (let margin = 0; margin < sums.length; margin += 1) {
      sums[margin] = (sums[margin] as number) + (leaves[leaf + margin] as number);
    }
  }
}
