// Contributions: they sum to what the model says, and name who said it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  floatTensor,
  integerTensor,
  ml,
  type Node,
  type Tree,
  treeClassifier,
  treeRegressor,
  writeModel,
} from '../../../test/onnx-writer.ts';
import { loadOnnx } from './model.ts';

const width = 4;
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) <= 1e-6, `${actual}, not ${expected}`);
const sumOf = (numbers: Iterable<number>) => [...numbers].reduce((sum, each) => sum + each, 0);
const logit = (p: number) => Math.log(p / (1 - p));

const half: Tree = {
  feature: 0,
  threshold: 0.5,
  held: { weights: [1], rate: 30 },
  other: {
    feature: 2,
    threshold: 10,
    held: { weights: [2], rate: 10 },
    other: { weights: [6], rate: 60 },
  },
};

test('each comparison on the path says how it changed the mean of the leaves still open', () => {
  const model = loadOnnx(treeRegressor([half]));
  near(model.base, (30 * 1 + 10 * 2 + 60 * 6) / 100);
  const inner = (10 * 2 + 60 * 6) / 70;
  const found = model.explain(Float32Array.of(1, 0, 5, 0));
  for (const [at, part] of [inner - model.base, 0, 2 - inner, 0].entries()) near(found[at]!, part);
});

test('leaves that nobody counted weigh the same', () => {
  const attributes = { nodes_hitrates: { floats: [] } };
  near(loadOnnx(treeRegressor([half], { attributes })).base, (1 + 2 + 6) / 3);
});

const weight = fc.float({ min: -1, max: 1, noNaN: true });
const modes = ['LEQ', 'LT', 'GTE', 'GT', 'EQ', 'NEQ'].map((mode) => `BRANCH_${mode}`);
const value = fc.oneof(fc.constantFrom(-1, -0, 0, 1, Number.NaN), fc.float({ noNaN: true }));
const treeOf = (margins: number) =>
  fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.record({
        weights: fc.array(weight, { minLength: margins, maxLength: margins }),
        rate: fc.integer({ min: 0, max: 50 }),
      }),
      fc.record({
        feature: fc.nat(width - 1),
        mode: fc.constantFrom(...modes),
        threshold: fc.oneof(fc.constantFrom(-1, 0, 1), weight),
        missing: fc.constantFrom(0 as const, 1 as const),
        held: tie('tree'),
        other: tie('tree'),
      }),
    ),
  })).tree;
const vector = fc
  .array(value, { minLength: width, maxLength: width })
  .map((row) => Float32Array.from(row));

/** As the specification says it, without any cleverness. */
function walk(tree: Tree, x: Float32Array): readonly number[] {
  if ('weights' in tree) return tree.weights;
  const read = x[tree.feature]!;
  const threshold = Math.fround(tree.threshold);
  const holds: Record<string, boolean> = {
    BRANCH_LEQ: read <= threshold,
    BRANCH_LT: read < threshold,
    BRANCH_GTE: read >= threshold,
    BRANCH_GT: read > threshold,
    BRANCH_EQ: read === threshold,
    BRANCH_NEQ: read !== threshold,
  };
  const isHeld = holds[tree.mode ?? 'BRANCH_LEQ'] || (Number.isNaN(read) && tree.missing === 1);
  return walk(isHeld ? tree.held : tree.other, x);
}

test('any ensemble answers the sum of its leaves, and its contributions sum to it', () => {
  const trees = fc.array(treeOf(1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(trees, vector, (trees, x) => {
      const model = loadOnnx(treeRegressor(trees));
      const expected = sumOf(trees.map((tree) => walk(tree, x)[0]!));
      near(model.score(x), expected);
      near(model.base + sumOf(model.explain(x)), expected);
    }),
  );
});

test('any classifier explains its log-odds, whether it has one margin or two', () => {
  const two = { post_transform: { text: 'SOFTMAX' } };
  const one = { post_transform: { text: 'LOGISTIC' } };
  const cases = fc.constantFrom(1, 2).chain((margins) =>
    fc.record({
      margins: fc.constant(margins),
      trees: fc.array(treeOf(margins), { minLength: 1, maxLength: 4 }),
      x: vector,
    }),
  );
  fc.assert(
    fc.property(cases, ({ margins, trees, x }) => {
      const attributes = margins === 1 ? one : two;
      const model = loadOnnx(treeClassifier(trees, { attributes }));
      const sums = [0, 1].map((at) => sumOf(trees.map((tree) => walk(tree, x)[at] ?? 0)));
      const [first, second] = sums as [number, number];
      const margin = margins === 1 ? first : second - first;
      near(model.base + sumOf(model.explain(x)), margin);
      near(model.score(x), 1 / (1 + Math.exp(-margin)));
    }),
  );
});

test('a linear model explains weight × prepared value, by the input that it came from', () => {
  const scale = { offset: { floats: [1, 2] }, scale: { floats: [0.5, 2] } };
  const weigh = { coefficients: { floats: [3, -1] }, intercepts: { floats: [0.25] } };
  const labels = { classlabels_ints: { integers: [0, 1] }, post_transform: { text: 'LOGISTIC' } };
  const nodes: Node[] = [
    node('ArrayFeatureExtractor', ['x', 'chosen'], ['two']),
    node('Scaler', ['two'], ['scaled'], scale),
    node('LinearClassifier', ['scaled'], ['label', 'p'], { ...weigh, ...labels }),
  ];
  const constants = [integerTensor('chosen', [3, 1])];
  const model = loadOnnx(writeModel({ nodes, constants, outputs: ['label', 'p'] }));
  const x = Float32Array.of(9, 3, 9, 2);
  assert.deepEqual([...model.explain(x)], [0, -1 * (3 - 2) * 2, 0, 3 * (2 - 1) * 0.5]);
  near(model.base, 0.25);
  near(logit(model.score(x)), model.base + sumOf(model.explain(x)));
});

test('what turns a margin around turns its contributions around', () => {
  const nodes: Node[] = [
    plain('MatMul', ['x', 'weights'], ['margin']),
    plain('Mul', ['margin', 'minus two'], ['doubled']),
    plain('Sub', ['one', 'doubled'], ['left']),
    plain('Sigmoid', ['left'], ['first']),
    plain('Sub', ['one', 'first'], ['second']),
    plain('Concat', ['first', 'second'], ['p'], { axis: { integer: 1 } }),
  ];
  const constants = [
    floatTensor('weights', [4, 1], [1, 0, -0.5, 0]),
    floatTensor('minus two', [1], [-2]),
    floatTensor('one', [], [1]),
  ];
  const model = loadOnnx(writeModel({ nodes, constants, outputs: ['p'] }));
  const x = Float32Array.of(0.5, 7, 1, 7);
  near(model.base, -1);
  assert.deepEqual(
    [...model.explain(x)].map((part) => part + 0),
    [-1, 0, 1, 0],
  );
  near(logit(model.score(x)), model.base + sumOf(model.explain(x)));
});

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Node['attributes'] = {},
): Node {
  return { operator, domain: ml, inputs, outputs, attributes };
}

function plain(...[operator, inputs, outputs, attributes]: Parameters<typeof node>): Node {
  return { ...node(operator, inputs, outputs, attributes), domain: '' };
}
