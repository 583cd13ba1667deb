// Reads the nodes of a tree ensemble out of its attributes, and lays them out for evaluation.
import type { Attributes } from './attributes.ts';
import { type OnnxNode, quoted, refuse } from './file.ts';

/** Trees node by node, each in the order of a walk that goes into the held branch first. */
export type Forest = {
  readonly roots: Int32Array;
  /** What a node compares; −1 for a leaf. */
  readonly features: Int32Array;
  readonly thresholds: Float32Array;
  /** Where to go when the comparison does not hold; of a leaf, the place of its weights. */
  readonly others: Int32Array;
  /** 1 where a missing value counts as if the comparison held. */
  readonly missing: Uint8Array;
  /** 1 where the comparison is for equality; null if there is none. */
  readonly equals: Uint8Array | null;
  /** One weight for each margin, leaf by leaf. */
  readonly leaves: Float32Array;
  /** By node and margin: the mean of its leaves, each as often as it was reached in training. */
  readonly expected: Float64Array;
};

type Shape = {
  readonly of: 'class' | 'target';
  readonly margins: number;
  /** Columns of the row that the trees read. */
  readonly width: number;
};

/** The attributes by node: those of one place belong together. */
type Nodes = {
  readonly count: number;
  readonly trees: readonly number[];
  readonly ids: readonly number[];
  readonly features: readonly number[];
  readonly thresholds: readonly number[];
  readonly modes: readonly string[];
  readonly held: readonly number[];
  readonly others: readonly number[];
  readonly tracks: readonly number[];
  readonly rates: readonly number[];
};

const treesMax = 2_000;
const nodesMax = 200_000;
const depthMax = 64;
const equalities: readonly string[] = ['BRANCH_EQ', 'BRANCH_NEQ'];
const inequalities = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT'];
const modes = new Set([...inequalities, ...equalities, 'LEAF']);

export function readForest(node: OnnxNode, attributes: Attributes, shape: Shape): Forest {
  const nodes = readNodes(attributes);
  const { starts, placeOf } = findTrees(nodes, attributes);
  const weights = readWeights({ nodes, placeOf, attributes, ...shape });
  return layOut({ node, nodes, starts, placeOf, weights, ...shape });
}

function readNodes(attributes: Attributes): Nodes {
  const modesGiven = attributes.get('texts', 'nodes_modes', []);
  const count = modesGiven.length;
  if (count === 0) attributes.refuse('nodes_modes', 'is missing or empty');
  if (count > nodesMax) attributes.refuse('nodes_modes', `has more than ${nodesMax} values`);
  for (const mode of modesGiven) {
    if (!modes.has(mode)) attributes.refuse('nodes_modes', `has the mode ${quoted(mode)}`);
  }
  const measure = <List extends readonly unknown[]>(name: string, list: List): List => {
    if (list.length !== count) {
      attributes.refuse(name, `has ${list.length} values for ${count} nodes`);
    }
    return list;
  };
  const integers = (name: string) => measure(name, attributes.integers(name));
  const optional = (name: string, list: readonly number[]) =>
    list.length === 0 ? list : measure(name, list);
  const rates = optional('nodes_hitrates', attributes.finite('nodes_hitrates'));
  if (rates.some((rate) => rate < 0)) attributes.refuse('nodes_hitrates', 'has a negative value');
  const tracksName = 'nodes_missing_value_tracks_true';
  const tracks = optional(tracksName, attributes.integers(tracksName));
  if (tracks.some((track) => track !== 0 && track !== 1)) {
    attributes.refuse(tracksName, 'has a value that is neither 0 nor 1');
  }
  return {
    count,
    trees: integers('nodes_treeids'),
    ids: integers('nodes_nodeids'),
    features: integers('nodes_featureids'),
    thresholds: measure('nodes_values', attributes.finite('nodes_values')),
    modes: modesGiven,
    held: integers('nodes_truenodeids'),
    others: integers('nodes_falsenodeids'),
    tracks,
    rates,
  };
}

/** Finds a node by its tree and its id; undefined where there is none. */
type PlaceOf = (tree: number, id: number) => number | undefined;

function findTrees(
  { trees, ids }: Nodes,
  attributes: Attributes,
): { starts: readonly number[]; placeOf: PlaceOf } {
  const starts: number[] = [];
  const places = new Map<number, Map<number, number>>();
  let inTree = new Map<number, number>();
  for (const [at, tree] of trees.entries()) {
    const id = ids[at] as number;
    if (id < 0) attributes.refuse('nodes_nodeids', `has the negative id ${id}`);
    if (at === 0 || trees[at - 1] !== tree) {
      if (places.has(tree)) attributes.refuse('nodes_treeids', `comes back to the tree ${tree}`);
      if (starts.length >= treesMax)
        attributes.refuse('nodes_treeids', `has over ${treesMax} trees`);
      inTree = new Map();
      places.set(tree, inTree);
      starts.push(at);
    }
    if (inTree.has(id)) attributes.refuse('nodes_nodeids', `has the node ${id} of ${tree} twice`);
    inTree.set(id, at);
  }
  return { starts, placeOf: (tree, id) => places.get(tree)?.get(id) };
}

/** By node and margin; not a number where there is none. */
function readWeights({
  nodes,
  placeOf,
  attributes,
  of,
  margins,
}: Shape & { nodes: Nodes; placeOf: PlaceOf; attributes: Attributes }): Float64Array {
  const [trees, ids] = [`${of}_treeids`, `${of}_nodeids`].map((name) => attributes.integers(name));
  const classes = attributes.integers(`${of}_ids`);
  const given = attributes.finite(`${of}_weights`);
  const lists = [trees, ids, classes];
  if (lists.some((list) => list?.length !== given.length)) {
    attributes.refuse(`${of}_weights`, `has ${given.length} values, and its neighbours others`);
  }
  const weights = new Float64Array(nodes.count * margins).fill(Number.NaN);
  for (const [index, weight] of given.entries()) {
    const [tree, id, margin] = lists.map((list) => list?.[index]) as [number, number, number];
    const at = placeOf(tree, id);
    if (at === undefined || nodes.modes[at] !== 'LEAF') {
      return attributes.refuse(`${of}_nodeids`, `names ${id} of ${tree}, which is no leaf`);
    }
    if (margin < 0 || margin >= margins) attributes.refuse(`${of}_ids`, `has the id ${margin}`);
    const place = at * margins + margin;
    if (!Number.isNaN(weights[place])) {
      attributes.refuse(`${of}_nodeids`, `names the leaf ${id} of ${tree} twice`);
    }
    weights[place] = weight;
  }
  return weights;
}

type Reading = Shape & {
  readonly node: OnnxNode;
  readonly nodes: Nodes;
  readonly starts: readonly number[];
  readonly placeOf: PlaceOf;
  readonly weights: Float64Array;
};

type Draft = Forest & {
  /** Of each leaf, how often it was reached in training; 1 where nobody counted. */
  readonly covers: Float64Array;
  /** The place in the file of each node. */
  readonly sources: Int32Array;
};

function layOut(reading: Reading): Forest {
  const { node, nodes, starts, margins } = reading;
  const { count } = nodes;
  const leafCount = nodes.modes.reduce((sum, mode) => sum + (mode === 'LEAF' ? 1 : 0), 0);
  const forest: Draft = {
    roots: new Int32Array(starts.length),
    features: new Int32Array(count).fill(-1),
    thresholds: new Float32Array(count),
    others: new Int32Array(count),
    missing: new Uint8Array(count),
    equals: nodes.modes.some((mode) => equalities.includes(mode)) ? new Uint8Array(count) : null,
    leaves: new Float32Array(leafCount * margins),
    expected: new Float64Array(count * margins),
    covers: new Float64Array(count),
    sources: new Int32Array(count),
  };
  const reached = new Uint8Array(count);
  let next = 0;
  for (const [tree, start] of starts.entries()) {
    const from = next;
    forest.roots[tree] = next;
    next = layOutTree(reading, { forest, reached, start, next });
    if (next - from !== (starts[tree + 1] ?? count) - start) {
      refuse(node.title, `has nodes in the tree ${nodes.trees[start]} that nothing leads to`);
    }
  }
  writeLeaves(reading, forest);
  writeMeans(forest, margins);
  return forest;
}

type Walk = {
  readonly forest: Draft;
  /** By place in the file: each node is reached once, or it is no tree. */
  readonly reached: Uint8Array;
  readonly start: number;
  readonly next: number;
};

/** Answers the number of nodes that are laid out after it. */
function layOutTree(reading: Reading, { forest, reached, start, next }: Walk): number {
  const { node, nodes, placeOf, width } = reading;
  const tree = nodes.trees[start] as number;
  const open = [{ source: start, parent: -1, depth: 0 }];
  let to = next;
  for (let found = open.pop(); found !== undefined; found = open.pop()) {
    const { source, parent, depth } = found;
    const name = `the node ${nodes.ids[source]} of the tree ${tree}`;
    if (reached[source] === 1) refuse(node.title, `leads to ${name} twice`);
    if (depth > depthMax) refuse(node.title, `has a tree that is deeper than ${depthMax}`);
    reached[source] = 1;
    if (parent >= 0) forest.others[parent] = to;
    forest.sources[to] = source;
    const comparison = comparisonOf(nodes, source);
    if (comparison !== null) {
      const feature = nodes.features[source] as number;
      if (feature < 0 || feature >= width) {
        refuse(node.title, `reads the feature ${feature} of ${width}, in ${name}`);
      }
      forest.features[to] = feature;
      forest.thresholds[to] = comparison.threshold;
      forest.missing[to] = comparison.missing;
      if (forest.equals !== null) forest.equals[to] = comparison.isEquality ? 1 : 0;
      const child = (id: number) =>
        placeOf(tree, id) ??
        refuse(node.title, `leads to a node ${id} that is not there, in ${name}`);
      open.push({ source: child(comparison.other), parent: to, depth: depth + 1 });
      open.push({ source: child(comparison.held), parent: -1, depth: depth + 1 });
    }
    to += 1;
  }
  return to;
}

type Comparison = {
  readonly isEquality: boolean;
  readonly threshold: number;
  readonly held: number;
  readonly other: number;
  readonly missing: 0 | 1;
};

/** A node's comparison as one of `x <= threshold` and `x = threshold`; null for a leaf. */
function comparisonOf(nodes: Nodes, at: number): Comparison | null {
  const threshold = nodes.thresholds[at] as number;
  const isEquality = equalities.includes(nodes.modes[at] as string);
  const [held, other] = [nodes.held[at] as number, nodes.others[at] as number];
  const missing = nodes.tracks[at] === 1 ? 1 : 0;
  const straight = { isEquality, held, other, missing } as const;
  // The opposite comparison, with its branches exchanged. A missing value fails every comparison
  // but ≠, so that it takes the branch of the opposite, unless it is told to go with what holds.
  const turned = { isEquality, held: other, other: held, missing: missing === 1 ? 0 : 1 } as const;
  switch (nodes.modes[at]) {
    case 'BRANCH_LEQ':
    case 'BRANCH_EQ':
      return { ...straight, threshold };
    case 'BRANCH_LT':
      return { ...straight, threshold: nextBelow(threshold) };
    case 'BRANCH_GT':
      return { ...turned, threshold };
    case 'BRANCH_GTE':
      return { ...turned, threshold: nextBelow(threshold) };
    case 'BRANCH_NEQ':
      return { ...turned, threshold, missing: 0 };
    default:
      return null;
  }
}

const bits = new DataView(new ArrayBuffer(4));

/** The largest float32 below this one: x < t is x <= nextBelow(t). */
function nextBelow(value: number): number {
  bits.setFloat32(0, value === 0 ? -0 : value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
}

function writeLeaves({ node, nodes, weights, margins }: Reading, forest: Draft): void {
  let next = 0;
  for (const [at, source] of forest.sources.entries()) {
    if (forest.features[at] !== -1) continue;
    forest.others[at] = next;
    forest.covers[at] = nodes.rates[source] ?? 1;
    for (let margin = 0; margin < margins; margin += 1) {
      const weight = weights[source * margins + margin] as number;
      if (Number.isNaN(weight)) {
        const name = `the leaf ${nodes.ids[source]} of the tree ${nodes.trees[source]}`;
        refuse(node.title, `has no weight for ${name}`);
      }
      forest.leaves[next] = weight;
      forest.expected[at * margins + margin] = weight;
      next += 1;
    }
  }
}

/** From the leaves up: children stand behind their parents. */
function writeMeans({ features, others, covers, expected }: Draft, margins: number): void {
  const leaves = new Float64Array(features.length).fill(1);
  for (let at = features.length - 1; at >= 0; at -= 1) {
    if (features[at] === -1) continue;
    const [held, other] = [at + 1, others[at] as number];
    const sumOf = (list: Float64Array) => (list[held] as number) + (list[other] as number);
    covers[at] = sumOf(covers);
    leaves[at] = sumOf(leaves);
    const counts = (covers[at] as number) > 0 ? covers : leaves;
    const share = (counts[held] as number) / (counts[at] as number);
    for (let margin = 0; margin < margins; margin += 1) {
      const [ifHeld, ifNot] = [
        expected[held * margins + margin],
        expected[other * margins + margin],
      ];
      expected[at * margins + margin] =
        share * (ifHeld as number) + (1 - share) * (ifNot as number);
    }
  }
}
