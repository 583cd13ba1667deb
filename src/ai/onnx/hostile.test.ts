// Files that were damaged, or made to do harm: each is refused, in words, and in bounded time.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Fault } from '#core';
import fc from 'fast-check';
import {
  type Attribute,
  bytesField,
  floatTensor,
  integerField,
  integerTensor,
  join,
  type Model,
  ml,
  type Node,
  tensorInput,
  textField,
  type Tree,
  treeAttributes,
  treeClassifier,
  treeRegressor,
  varint,
  writeModel,
} from '../../../test/onnx-writer.ts';
import { loadOnnx } from './model.ts';

const leaf: Tree = { weights: [1] };
const tree: Tree = { feature: 1, threshold: 0, held: leaf, other: { weights: [2] } };
const good = treeRegressor([tree]);
const trees = (attributes: Record<string, Attribute>) => treeRegressor([tree], { attributes });
const classes = (attributes: Record<string, Attribute>) => treeClassifier([tree], { attributes });
const identity = (name: string, input: string, output: string): Node => ({
  operator: name,
  inputs: [input],
  outputs: [output],
});
const graph = (nodes: readonly Node[], more: Partial<Model> = {}) =>
  writeModel({ nodes, outputs: ['y'], ...more });
const linear = (attributes: Record<string, Attribute>) =>
  graph([{ ...identity('LinearRegressor', 'x', 'y'), domain: ml, attributes }]);
const regressor: Node = {
  ...identity('TreeEnsembleRegressor', 'x', 'y'),
  domain: ml,
  attributes: treeAttributes([tree], 'target'),
};
const external = join([
  integerField(1, 4),
  integerField(2, 1),
  textField(8, 'weights'),
  bytesField(13, join([textField(1, 'location'), textField(2, '/etc/passwd')])),
  integerField(14, 1),
]);
const gigantic = join([varint(7 * 8 + 2), varint(2 ** 40)]);
const hugeTensor = join([
  ...[2 ** 40, 2 ** 40].map((dim) => integerField(1, dim)),
  integerField(2, 1),
  textField(8, 'c'),
]);
function deep(levels: number): Tree {
  let tree: Tree = leaf;
  for (let at = 0; at < levels; at += 1)
    tree = { feature: 0, threshold: at, held: leaf, other: tree };
  return tree;
}

const refused: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  'nothing at all': [new Uint8Array(0), /IR version 0/],
  'a text': [new TextEncoder().encode('not a model'), /the model/],
  'a length that reaches beyond the file': [gigantic, /longer than the bytes that there are/],
  'a length that is negative': [join([varint(7 * 8 + 2), varint(-1)]), /negative length/],
  'an integer of eleven bytes': [
    Uint8Array.from([8, ...Array.from({ length: 11 }, () => 0xff)]),
    /more than ten bytes/,
  ],
  'a wire type that ended with groups': [Uint8Array.of(7 * 8 + 3), /wire type 3/],
  'an unknown field': [graph([regressor], { more: [integerField(99, 1)] }), /the field 99/],
  functions: [graph([regressor], { more: [bytesField(25, new Uint8Array(0))] }), /functions/],
  'two graphs': [join([good, good]), /two graphs/],
  'a future IR': [graph([regressor], { irVersion: 99 }), /IR version 99/],
  'an old opset': [graph([regressor], { opsets: { '': 6, [ml]: 3 } }), /version 6 of ai.onnx,/],
  'a new opset': [graph([regressor], { opsets: { '': 18, [ml]: 5 } }), /version 5 of ai.onnx.ml/],
  'no opset': [graph([regressor], { opsets: { '': 18 } }), /"ai.onnx.ml", of no known version/],
  'a domain of its own': [
    graph([{ ...regressor, domain: 'com.example' }], { opsets: { 'com.example': 1 } }),
    /"TreeEnsembleRegressor" \("y"\) is no operator/,
  ],
  'an unknown operator': [graph([identity('Loop', 'x', 'y')]), /"Loop" \("y"\) is no operator/],
  'an operator that every object has': [
    graph([identity('constructor', 'x', 'y')]),
    /"constructor" \("y"\) is no operator/,
  ],
  'a subgraph': [
    graph([{ ...regressor, attributes: { body: { subgraph: new Uint8Array(0) } } }]),
    /a subgraph in its attribute "body"/,
  ],
  'data outside of the file': [
    graph([regressor], { constants: [external] }),
    /outside of the file/,
  ],
  'a tensor larger than the world': [
    graph([regressor], { constants: [hugeTensor] }),
    /0 values for/,
  ],
  'two inputs': [
    graph([regressor], { inputs: [tensorInput('x', 4), tensorInput('z', 4)] }),
    /2 inputs instead of one/,
  ],
  'no input': [graph([regressor], { inputs: [] }), /0 inputs instead of one/],
  'an input of texts': [
    graph([regressor], { inputs: [tensorInput('x', 4, 8)] }),
    /"x" is no tensor/,
  ],
  'an input of doubles': [
    graph([regressor], { inputs: [tensorInput('x', 4, 11)] }),
    /"x" is no ten/,
  ],
  'too many columns': [graph([regressor], { inputs: [tensorInput('x', 1001)] }), /1001 columns/],
  'no columns': [graph([regressor], { inputs: [tensorInput('x', 0)] }), /0 columns/],
  'no model': [
    graph([identity('Identity', 'x', 'y')], { inputs: [tensorInput('x', 1)] }),
    /no model/,
  ],
  'no answer': [graph([regressor], { outputs: ['z'] }), /never writes its output "z"/],
  'an answer to nothing': [graph([identity('Sigmoid', 'later', 'y')]), /reads "later"/],
  'a circle': [
    graph([identity('Sigmoid', 'b', 'a'), identity('Sigmoid', 'a', 'b')]),
    /reads "b", which nothing before it writes/,
  ],
  'a name that is written twice': [graph([regressor, regressor]), /writes "y", which exists/],
  'a model over another': [
    graph([
      { ...regressor, outputs: ['z'] },
      { ...regressor, inputs: ['z'], attributes: treeAttributes([deep(1)], 'target') },
    ]),
    /reads what another model answers/,
  ],
  'two models that are added': [
    graph([
      { ...regressor, outputs: ['a'] },
      { ...regressor, outputs: ['b'] },
      { operator: 'Add', inputs: ['a', 'b'], outputs: ['y'] },
    ]),
    /does not have a row of numbers and a constant/,
  ],
  'a column that is not there': [
    graph(
      [
        { ...identity('ArrayFeatureExtractor', 'x', 'z'), domain: ml, inputs: ['x', 'at'] },
        { ...regressor, inputs: ['z'] },
      ],
      { constants: [integerTensor('at', [1, 4])] },
    ),
    /chooses the column 4/,
  ],
  'a column that is negative': [
    graph([{ ...identity('ArrayFeatureExtractor', 'x', 'z'), domain: ml, inputs: ['x', 'at'] }], {
      constants: [integerTensor('at', [-1])],
      outputs: ['z'],
    }),
    /chooses the column -1/,
  ],
  'an unknown attribute': [trees({ secret: { integer: 1 } }), /"secret" is not known/],
  'an attribute of another type': [
    trees({ nodes_values: { integers: [0, 0, 0] } }),
    /"nodes_values" is of type integers instead of floats/,
  ],
  'a feature that is not there': [trees({ nodes_featureids: ids(4, 0, 0) }), /feature 4 of 4/],
  'a feature that is negative': [trees({ nodes_featureids: ids(-1, 0, 0) }), /feature -1 of 4/],
  'a node id that is negative': [trees({ nodes_nodeids: ids(0, 1, -2) }), /negative id -2/],
  'a node id that comes twice': [trees({ nodes_nodeids: ids(0, 1, 1) }), /node 1 of 0 twice/],
  'a tree that leads back to its root': [
    trees({ nodes_truenodeids: ids(0, 0, 0) }),
    /leads to the node 0 of the tree 0 twice/,
  ],
  'a tree whose branches meet': [
    trees({ nodes_truenodeids: ids(2, 0, 0) }),
    /leads to the node 2 of the tree 0 twice/,
  ],
  'a branch into nothing': [
    trees({ nodes_truenodeids: ids(7, 0, 0) }),
    /a node 7 that is not there/,
  ],
  'a branch into another tree': [
    trees({ nodes_treeids: ids(0, 0, 1), target_treeids: ids(0, 1) }),
    /a node 2 that is not there, in the node 0 of the tree 0/,
  ],
  'a node that nothing leads to': [
    trees({ nodes_modes: { texts: ['LEAF', 'LEAF', 'LEAF'] } }),
    /has nodes in the tree 0 that nothing leads to/,
  ],
  'a tree that is torn apart': [trees({ nodes_treeids: ids(0, 1, 0) }), /comes back to the tree 0/],
  'a tree that is too deep': [treeRegressor([deep(100)]), /deeper than 64/],
  'too many trees': [treeRegressor(Array.from({ length: 2001 }, () => leaf)), /over 2000 trees/],
  'a leaf without a weight': [
    trees({ ...listed('target', [1]), target_weights: { floats: [1] } }),
    /no weight for the leaf 2 of the tree 0/,
  ],
  'a weight without a leaf': [trees(listed('target', [0, 2])), /names 0 of 0, which is no leaf/],
  'two weights for one leaf': [trees(listed('target', [2, 2])), /names the leaf 2 of 0 twice/],
  'a weight that is no number': [
    trees({ target_weights: { floats: [1, Number.NaN] } }),
    /"target_weights" has a value that is no finite number/,
  ],
  'a threshold that is infinite': [
    trees({ nodes_values: { floats: [Number.POSITIVE_INFINITY, 0, 0] } }),
    /"nodes_values" has a value that is no finite number/,
  ],
  'lists of different lengths': [trees({ nodes_featureids: ids(0, 0) }), /2 values for 3 nodes/],
  'an unknown comparison': [
    trees({ nodes_modes: { texts: ['BRANCH_MEMBER', 'LEAF', 'LEAF'] } }),
    /the mode "BRANCH_MEMBER"/,
  ],
  'the smallest of its trees': [trees({ aggregate_function: { text: 'MIN' } }), /neither SUM nor/],
  'several targets': [trees({ n_targets: { integer: 2 } }), /"n_targets" is 2 instead of one/],
  'three classes': [
    classes({ classlabels_int64s: { integers: [0, 1, 2] } }),
    /3 classes instead of two/,
  ],
  'a third class id': [classes({ class_ids: { integers: [0, 2] } }), /"class_ids" has the id 2/],
  'a probit': [classes({ post_transform: { text: 'PROBIT' } }), /neither NONE nor LOGISTIC/],
  'more bases than can be told apart': [
    classes({ base_values: { floats: [1, 2] } }),
    /"base_values" cannot be told apart/,
  ],
  'too few coefficients': [linear({ coefficients: { floats: [1] } }), /1 coefficients for 1 × 4/],
  'a division by zero': [
    graph(
      [
        { ...regressor, outputs: ['z'] },
        { ...identity('Div', 'z', 'y'), inputs: ['z', 'c'] },
      ],
      {
        constants: [floatTensor('c', [1], [0])],
      },
    ),
    /divides by zero/,
  ],
};

for (const [what, [bytes, why]] of Object.entries(refused)) {
  test(`${what} is refused, with the reason`, () => {
    const isRefusal = (it: unknown) =>
      it instanceof Fault && it.code === 'model_invalid' && why.test(it.message);
    assert.throws(() => loadOnnx(bytes), isRefusal);
  });
}

test('the file that all of these were made from is a model', () => {
  assert.equal(loadOnnx(good).score(Float32Array.of(0, -1, 0, 0)), 1);
});

test('a file that is too large is not even looked at', () => {
  assert.throws(() => loadOnnx(new Uint8Array(8 * 2 ** 20 + 1)), /more than 8388608 bytes/);
});

test('a file that ends anywhere before its end is refused', () => {
  for (let length = 0; length < good.length; length += 1) {
    assert.throws(() => loadOnnx(good.subarray(0, length)), isFault, `${length} bytes`);
  }
});

test('a name out of a file is cut short and escaped before anybody reads it', () => {
  const name = `\u0007${'x'.repeat(500)}`;
  const message = (): string => {
    try {
      loadOnnx(graph([identity(name, 'x', 'y')]));
      return '';
    } catch (fault) {
      return (fault as Fault).message;
    }
  };
  assert.match(message(), /^"\\u0007x+…"/);
  assert.ok(message().length < 200);
});

const folder = fileURLToPath(new URL('parity/', import.meta.url));
const kinds = ['logistic-columns', 'boosting', 'lightgbm', 'mode-mixed', 'calibrated', 'dense'];
const models = [
  good,
  ...globSync(`{${kinds.join(',')}}.onnx`, { cwd: folder }).map((name) =>
    readFileSync(`${folder}/${name}`),
  ),
];

test('whatever is flipped in a file, it is refused or answers a number, and soon', () => {
  const flips = fc.array(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.nat(255) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  );
  fc.assert(
    fc.property(fc.constantFrom(...models), flips, fc.boolean(), (model, flips, isEarly) => {
      const bytes = Uint8Array.from(model);
      // Structure is dense at the beginning of a file, data behind it.
      const span = Math.min(bytes.length, isEarly ? 400 : Number.POSITIVE_INFINITY);
      for (const { at, to } of flips) bytes[Math.floor(at * (span - 1))] = to;
      const began = performance.now();
      const answer = tryScore(bytes);
      assert.ok(answer instanceof Fault || typeof answer === 'number');
      assert.ok(performance.now() - began < 2_000);
    }),
    { numRuns: 3_000 },
  );
});

test('bytes of any kind are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => tryScore(bytes) instanceof Fault),
  );
});

function tryScore(bytes: Uint8Array): unknown {
  try {
    const model = loadOnnx(bytes);
    const vector = new Float32Array(model.width).fill(0.5);
    assert.equal(model.explain(vector).length, model.width);
    return model.score(vector);
  } catch (error) {
    if (isFault(error)) return error;
    throw error;
  }
}

function isFault(error: unknown): boolean {
  return error instanceof Fault && error.code === 'model_invalid';
}

function ids(...integers: number[]): Attribute {
  return { integers };
}

/** Weights of these leaves of the tree 0. */
function listed(of: string, nodes: readonly number[]): Record<string, Attribute> {
  const zeros = { integers: nodes.map(() => 0) };
  return {
    [`${of}_treeids`]: zeros,
    [`${of}_nodeids`]: { integers: nodes },
    [`${of}_ids`]: zeros,
    [`${of}_weights`]: { floats: nodes.map(() => 1) },
  };
}
