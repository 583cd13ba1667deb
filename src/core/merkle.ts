// The Merkle tree of a tenant's log (RFC 9162, 2.1): growing it, proving with it, checking proofs.
import { hash } from 'node:crypto';
import { assert } from './assert.ts';

/** The root of `2^level` leaves, the first of which is leaf `index * 2^level`. */
export interface CompleteSubtree {
  readonly level: number;
  readonly index: number;
  readonly hash: Buffer;
}

/** The right edge of a growing tree: all it takes to append leaves and to know the root. */
export interface Frontier {
  readonly size: number;
  /** Returns the subtrees this leaf completes that are worth storing: of levels 8, 16, 24 … */
  append(leaf: Buffer): readonly CompleteSubtree[];
  /** The roots of the complete subtrees that the tree consists of, the largest first. */
  ranges(): readonly Buffer[];
  root(): Buffer;
}

/**
 * Reads the roots of the complete subtrees of `2^level` leaves with an index in [from, to), in
 * order. Level 0 are the leaves; nothing is asked but multiples of `storedLevels`.
 */
export type SubtreeReader = (level: number, from: number, to: number) => Promise<Buffer[]>;

/** Every so many levels the subtrees are stored: 256 hashes summarize the level below. */
export const storedLevels = 8;
const fanOut = 2 ** storedLevels;
const hashBytes = 32;

/** MTH({}): the root of the empty tree is the hash of an empty string. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** The leaf and node prefixes keep a node from ever passing for a leaf (RFC 9162, 2.1.1). */
export function leafHash(body: string): Buffer {
  return hash('sha256', `\0${body}`, 'buffer');
}

const nodeInput = Buffer.alloc(1 + 2 * hashBytes, 1);

export function nodeHash(left: Buffer, right: Buffer): Buffer {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + hashBytes);
  return hash('sha256', nodeInput, 'buffer');
}

/** Continues the tree of `size` leaves that has these ranges. */
export function createFrontier(size = 0, ranges: readonly Buffer[] = []): Frontier {
  assert(ranges.length === countOnes(size), 'a frontier has one range per one-bit of its size');
  const edge = [...ranges];
  let leaves = size;
  return {
    get size() {
      return leaves;
    },
    append(leaf) {
      const completed: CompleteSubtree[] = [];
      let top = leaf;
      let index = leaves;
      for (let level = 1; index % 2 === 1; level += 1) {
        const left = edge.pop();
        assert(left !== undefined, 'every one-bit of the size has its range');
        top = nodeHash(left, top);
        index = half(index);
        if (level % storedLevels === 0) completed.push({ level, index, hash: top });
      }
      edge.push(top);
      leaves += 1;
      return completed;
    },
    ranges: () => [...edge],
    root: () => joinRanges(edge),
  };
}

/** The frontier of a stored tree, read from its last 255 hashes at most of every stored level. */
export async function restoreFrontier(size: number, read: SubtreeReader): Promise<Frontier> {
  return createFrontier(size, await rangesOf(0, size, treeOf(size, read)));
}

export async function rootOf(size: number, read: SubtreeReader): Promise<Buffer> {
  return rangeRoot(0, size, treeOf(size, read));
}

/** PATH(index, D[size]) of RFC 9162, 2.1.3.1: two reads of 256 hashes per stored level at most. */
export async function inclusionProof(
  index: number,
  size: number,
  read: SubtreeReader,
): Promise<Buffer[]> {
  return inclusionProver(size, read)(index);
}

/** Proofs in one tree: what is read and hashed for one leaf serves those near it. */
export function inclusionProver(
  size: number,
  read: SubtreeReader,
): (index: number) => Promise<Buffer[]> {
  const subtree = treeOf(size, read);
  return async (index) => {
    assert(0 <= index && index < size, 'the leaf is in the tree');
    const fromTheRoot: Buffer[] = [];
    let from = 0;
    let to = size;
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      if (index < middle) {
        fromTheRoot.push(await rangeRoot(middle, to, subtree));
        to = middle;
      } else {
        fromTheRoot.push(await rangeRoot(from, middle, subtree));
        from = middle;
      }
    }
    return fromTheRoot.reverse();
  };
}

/** PROOF(first, D[second]) of RFC 9162, 2.1.4.1; empty when there is nothing to prove. */
export async function consistencyProof(
  first: number,
  second: number,
  read: SubtreeReader,
): Promise<Buffer[]> {
  assert(0 <= first && first <= second, 'the second tree is the larger one');
  if (first === 0) return [];
  const subtree = treeOf(second, read);
  const fromTheRoot: Buffer[] = [];
  let from = 0;
  let to = second;
  while (first < to) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      fromTheRoot.push(await rangeRoot(middle, to, subtree));
      to = middle;
    } else {
      fromTheRoot.push(await rangeRoot(from, middle, subtree));
      from = middle;
    }
  }
  // The verifier knows the first root already, so it is not repeated when it is itself a range.
  if (from > 0) fromTheRoot.push(await rangeRoot(from, to, subtree));
  return fromTheRoot.reverse();
}

/** RFC 9162, 2.1.3.2. `leaf` is the leaf's hash. */
export function verifyInclusion({
  index,
  size,
  leaf,
  root,
  proof,
}: {
  index: number;
  size: number;
  leaf: Buffer;
  root: Buffer;
  proof: readonly Buffer[];
}): boolean {
  if (!isSize(index) || !isSize(size) || index >= size) return false;
  if (![leaf, ...proof].every(isHash)) return false;
  let node = index;
  let last = size - 1;
  let reached = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      reached = nodeHash(sibling, reached);
      while (node % 2 === 0 && node > 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      reached = nodeHash(reached, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && reached.equals(root);
}

/** RFC 9162, 2.1.4.2: the tree of `second` leaves starts with the tree of `first` leaves. */
export function verifyConsistency({
  first,
  second,
  firstRoot,
  secondRoot,
  proof,
}: {
  first: number;
  second: number;
  firstRoot: Buffer;
  secondRoot: Buffer;
  proof: readonly Buffer[];
}): boolean {
  if (!isSize(first) || !isSize(second) || first > second) return false;
  if (first === second) return proof.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return proof.length === 0 && firstRoot.equals(emptyRoot);
  const [start, ...path] = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof;
  if (proof.length === 0 || start === undefined || ![start, ...path].every(isHash)) return false;
  let node = first - 1;
  let last = second - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  let firstReached = start;
  let secondReached = start;
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      firstReached = nodeHash(sibling, firstReached);
      secondReached = nodeHash(sibling, secondReached);
      while (node % 2 === 0 && node > 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      secondReached = nodeHash(secondReached, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && firstReached.equals(firstRoot) && secondReached.equals(secondRoot);
}

// Reading subtrees --------------------------------------------------------------------------------

type Subtree = (level: number, index: number) => Promise<Buffer>;

/** Runs that are kept: a proof takes two of each stored level, the next one mostly the same. */
const runsKept = 64;

/**
 * Any complete subtree of a tree, folded from the nearest stored level below. The stored hashes
 * are read in runs of 256 that share a parent; a run is read and folded once while it is kept.
 */
function treeOf(size: number, read: SubtreeReader): Subtree {
  const runs = new Map<string, Promise<Buffer[][]>>();

  async function readRun(level: number, run: number): Promise<Buffer[][]> {
    const from = run * fanOut;
    const to = Math.min(from + fanOut, Math.floor(size / 2 ** level));
    const hashes = await read(level, from, to);
    assert(hashes.length === to - from, `level ${level} has subtrees ${from} to ${to - 1}`);
    return fold(hashes);
  }

  return async (level, index) => {
    const above = level % storedLevels;
    const stored = level - above;
    const perRun = fanOut / 2 ** above;
    const run = Math.floor(index / perRun);
    const key = `${stored}/${run}`;
    const reading = runs.get(key) ?? readRun(stored, run);
    // The one that was used last goes last.
    runs.delete(key);
    runs.set(key, reading);
    if (runs.size > runsKept) runs.delete(runs.keys().next().value as string);
    return (await reading)[above]?.[index % perRun] as Buffer;
  };
}

/** MTH(D[from:to]) where `from` is a multiple of a power of two not below `to - from`. */
async function rangeRoot(from: number, to: number, subtree: Subtree): Promise<Buffer> {
  return joinRanges(await rangesOf(from, to, subtree));
}

/** The complete subtrees that make up leaves [from, to), the largest first. */
async function rangesOf(from: number, to: number, subtree: Subtree): Promise<Buffer[]> {
  const ranges: Buffer[] = [];
  for (let start = from; start < to; ) {
    const level = floorLog2(to - start);
    ranges.push(await subtree(level, start / 2 ** level));
    start += 2 ** level;
  }
  return ranges;
}

/** The root of the tree that consists of these complete subtrees, the largest first. */
export function joinRanges(ranges: readonly Buffer[]): Buffer {
  if (ranges.length === 0) return emptyRoot;
  return ranges.reduceRight((right, left) => nodeHash(left, right));
}

/** A row of hashes and the rows above it, as far as they are complete. */
function fold(hashes: Buffer[]): Buffer[][] {
  const rows = [hashes];
  for (let row = hashes; row.length > 1; ) {
    const above: Buffer[] = [];
    for (let at = 0; at + 1 < row.length; at += 2) {
      above.push(nodeHash(row[at] as Buffer, row[at + 1] as Buffer));
    }
    rows.push(above);
    row = above;
  }
  return rows;
}

// Numbers: sizes outgrow 32 bits, so there are no bit operators here ------------------------------

function half(value: number): number {
  return Math.floor(value / 2);
}

function floorLog2(value: number): number {
  let exponent = 0;
  while (2 ** (exponent + 1) <= value) exponent += 1;
  return exponent;
}

/** The largest power of two below `size`: where RFC 9162 splits a tree. */
function splitOf(size: number): number {
  return 2 ** floorLog2(size - 1);
}

function isPowerOfTwo(value: number): boolean {
  return value === 2 ** floorLog2(value);
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = half(rest)) ones += rest % 2;
  return ones;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(value: Buffer): boolean {
  return value.length === hashBytes;
}
