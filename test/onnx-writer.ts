// Writes ONNX files for tests and benchmarks: whole models, and ones that are broken on purpose.

/** An attribute's value by its type; `subgraph` is there to be refused. */
export type Attribute =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly text: string }
  | { readonly floats: readonly number[] }
  | { readonly integers: readonly number[] }
  | { readonly texts: readonly string[] }
  | { readonly tensor: Uint8Array }
  | { readonly subgraph: Uint8Array };

export type Node = {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
};

export type Model = {
  readonly nodes: readonly Node[];
  readonly outputs: readonly string[];
  readonly inputs?: readonly Uint8Array[];
  readonly constants?: readonly Uint8Array[];
  readonly opsets?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  /** Fields of ModelProto beside those above. */
  readonly more?: readonly Uint8Array[];
};

export const ml = 'ai.onnx.ml';

export function writeModel(model: Model): Uint8Array {
  const { nodes, outputs, constants = [], more = [], irVersion = 8 } = model;
  const { inputs = [tensorInput('x', 4)], opsets = { '': 18, [ml]: 3 } } = model;
  const graph = join([
    ...nodes.map((node) => bytesField(1, writeNode(node))),
    textField(2, 'test'),
    ...constants.map((tensor) => bytesField(5, tensor)),
    ...inputs.map((input) => bytesField(11, input)),
    ...outputs.map((name) => bytesField(12, textField(1, name))),
  ]);
  const imports = Object.entries(opsets).map(([domain, version]) =>
    bytesField(8, join([textField(1, domain), integerField(2, version)])),
  );
  return join([integerField(1, irVersion), bytesField(7, graph), ...imports, ...more]);
}

function writeNode({ operator, domain = '', inputs, outputs, attributes = {} }: Node): Uint8Array {
  return join([
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, operator),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, writeAttribute(name, value)),
    ),
    textField(7, domain),
  ]);
}

function writeAttribute(name: string, value: Attribute): Uint8Array {
  const typed = (type: number, fields: readonly Uint8Array[]) =>
    join([textField(1, name), ...fields, integerField(20, type)]);
  if ('float' in value) return typed(1, [floatField(2, value.float)]);
  if ('integer' in value) return typed(2, [integerField(3, value.integer)]);
  if ('text' in value) return typed(3, [textField(4, value.text)]);
  if ('tensor' in value) return typed(4, [bytesField(5, value.tensor)]);
  if ('subgraph' in value) return typed(5, [bytesField(6, value.subgraph)]);
  const listed = <Each>(type: number, list: readonly Each[], write: (each: Each) => Uint8Array) =>
    typed(type, list.map(write));
  if ('floats' in value) return listed(6, value.floats, (each) => floatField(7, each));
  if ('integers' in value) return listed(7, value.integers, (each) => integerField(8, each));
  return listed(8, value.texts, (each) => textField(9, each));
}

/** A graph's input [any number of rows, width]; element type 1 is float, 8 text, 11 double. */
export function tensorInput(name: string, width: number, elementType = 1): Uint8Array {
  const rows = bytesField(1, textField(2, 'rows'));
  const columns = bytesField(1, integerField(1, width));
  const tensor = [integerField(1, elementType), bytesField(2, join([rows, columns]))];
  return join([textField(1, name), bytesField(2, bytesField(1, join(tensor)))]);
}

export function floatTensor(name: string, dims: readonly number[], values: readonly number[]) {
  return join([
    ...dims.map((dim) => integerField(1, dim)),
    integerField(2, 1),
    bytesField(4, join(values.map(float32))),
    textField(8, name),
  ]);
}

export function integerTensor(name: string, values: readonly number[]): Uint8Array {
  const packed = bytesField(7, join(values.map(varint)));
  return join([integerField(1, values.length), integerField(2, 7), packed, textField(8, name)]);
}

export function integerField(field: number, value: number): Uint8Array {
  return join([varint(field * 8), varint(value)]);
}

export function floatField(field: number, value: number): Uint8Array {
  return join([varint(field * 8 + 5), float32(value)]);
}

export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return join([varint(field * 8 + 2), varint(value.length), value]);
}

export function textField(field: number, value: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(value));
}

export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

// Trees ------------------------------------------------------------------------------------------

/** A tree as one thinks of it: a leaf with its weights, or a comparison with two branches. */
export type Tree =
  | { readonly weights: readonly number[]; readonly rate?: number }
  | {
      readonly feature: number;
      readonly mode?: string;
      readonly threshold: number;
      readonly missing?: 0 | 1;
      readonly held: Tree;
      readonly other: Tree;
    };

type NodeRow = {
  readonly tree: number;
  readonly id: number;
  readonly feature: number;
  readonly threshold: number;
  readonly mode: string;
  readonly held: number;
  readonly other: number;
  readonly missing: number;
  readonly rate: number;
};
type LeafRow = {
  readonly tree: number;
  readonly id: number;
  readonly margin: number;
  readonly weight: number;
};

/** The attributes of an ensemble; the weights of a leaf are those of the ids 0, 1, … */
export function treeAttributes(
  trees: readonly Tree[],
  of: 'class' | 'target',
): Record<string, Attribute> {
  const nodes: NodeRow[] = [];
  const leaves: LeafRow[] = [];
  for (const [tree, root] of trees.entries()) writeTree(root, { tree, nodes, leaves, next: 0 });
  return {
    nodes_treeids: { integers: nodes.map(({ tree }) => tree) },
    nodes_nodeids: { integers: nodes.map(({ id }) => id) },
    nodes_featureids: { integers: nodes.map(({ feature }) => feature) },
    nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
    nodes_modes: { texts: nodes.map(({ mode }) => mode) },
    nodes_truenodeids: { integers: nodes.map(({ held }) => held) },
    nodes_falsenodeids: { integers: nodes.map(({ other }) => other) },
    nodes_missing_value_tracks_true: { integers: nodes.map(({ missing }) => missing) },
    nodes_hitrates: { floats: nodes.map(({ rate }) => rate) },
    [`${of}_treeids`]: { integers: leaves.map(({ tree }) => tree) },
    [`${of}_nodeids`]: { integers: leaves.map(({ id }) => id) },
    [`${of}_ids`]: { integers: leaves.map(({ margin }) => margin) },
    [`${of}_weights`]: { floats: leaves.map(({ weight }) => weight) },
  };
}

/** Answers the id of the tree's root: ids count up, parents first. */
function writeTree(
  root: Tree,
  to: { readonly tree: number; nodes: NodeRow[]; leaves: LeafRow[]; next: number },
): number {
  const { tree, nodes, leaves } = to;
  const id = to.next;
  to.next += 1;
  const none = { feature: 0, threshold: 0, held: 0, other: 0, missing: 0, rate: 1 };
  if ('weights' in root) {
    nodes.push({ ...none, tree, id, mode: 'LEAF', rate: root.rate ?? 1 });
    for (const [margin, weight] of root.weights.entries())
      leaves.push({ tree, id, margin, weight });
    return id;
  }
  const place = nodes.length;
  const { feature, threshold, mode = 'BRANCH_LEQ', missing = 0 } = root;
  const row = { ...none, tree, id, feature, threshold, mode, missing };
  nodes.push(row);
  const [held, other] = [writeTree(root.held, to), writeTree(root.other, to)];
  nodes[place] = { ...row, held, other };
  return id;
}

/** One regressor over x. */
export function treeRegressor(
  trees: readonly Tree[],
  { width = 4, attributes = {} }: { width?: number; attributes?: Record<string, Attribute> } = {},
): Uint8Array {
  const all = { n_targets: { integer: 1 }, ...treeAttributes(trees, 'target'), ...attributes };
  const operator = 'TreeEnsembleRegressor';
  const node = { operator, domain: ml, inputs: ['x'], outputs: ['y'], attributes: all };
  return writeModel({ nodes: [node], outputs: ['y'], inputs: [tensorInput('x', width)] });
}

/** One classifier over x, of one margin or two. */
export function treeClassifier(
  trees: readonly Tree[],
  { width = 4, attributes = {} }: { width?: number; attributes?: Record<string, Attribute> } = {},
): Uint8Array {
  const labels = { classlabels_int64s: { integers: [0, 1] } };
  const node = {
    operator: 'TreeEnsembleClassifier',
    domain: ml,
    inputs: ['x'],
    outputs: ['label', 'p'],
    attributes: { ...labels, ...treeAttributes(trees, 'class'), ...attributes },
  };
  const inputs = [tensorInput('x', width)];
  return writeModel({ nodes: [node], outputs: ['label', 'p'], inputs });
}
