import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  consistencyProof,
  createFrontier,
  emptyRoot,
  inclusionProof,
  leafHash,
  restoreFrontier,
  rootOf,
  type SubtreeReader,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';

// The leaves, roots and proofs every Certificate Transparency implementation is tested with.
const known = {
  leaves: ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', sixteenBytes()],
  roots: [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
  lastInclusion: [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ],
  consistencyOf6And8: [
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ],
};

const largest = 70_000;
const leaves = Array.from({ length: largest }, (_, index) => leafHash(`event ${index}`));
const stored = storedSubtrees(leaves);
const sizes = fc.oneof(
  fc.integer({ min: 1, max: 600 }),
  fc.constantFrom(255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, largest),
);

test('the empty tree and the eight leaves of Certificate Transparency have their roots', () => {
  assert.equal(emptyRoot.toString('hex'), hash('sha256', ''));
  const frontier = createFrontier();
  assert.deepEqual(frontier.root(), emptyRoot);
  for (const [index, leaf] of known.leaves.entries()) {
    frontier.append(leafHash(Buffer.from(leaf, 'hex').toString('latin1')));
    assert.equal(frontier.root().toString('hex'), known.roots[index]);
  }
});

test('proofs over those leaves are the published ones', async () => {
  const hashes = known.leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex').toString('latin1')));
  const read = storedSubtrees(hashes).read;
  assert.deepEqual(inHex(await inclusionProof(5, 8, read)), known.lastInclusion);
  assert.deepEqual(inHex(await inclusionProof(0, 1, read)), []);
  assert.deepEqual(inHex(await inclusionProof(2, 3, read)), [known.roots[1]]);
  assert.deepEqual(inHex(await consistencyProof(6, 8, read)), known.consistencyOf6And8);
  assert.deepEqual(inHex(await consistencyProof(8, 8, read)), []);
});

test('a tree has the root of its recursive definition, grown, restored or read', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 300 }), async (size, more) => {
      const root = naiveRoot(leaves.slice(0, size));
      const restored = await restoreFrontier(size, stored.read);
      assert.equal(restored.size, size);
      assert.deepEqual(restored.root(), root);
      assert.deepEqual(await rootOf(size, stored.read), root);
      const grown = Math.min(size + more, largest);
      for (const leaf of leaves.slice(size, grown)) restored.append(leaf);
      assert.deepEqual(restored.root(), await rootOf(grown, stored.read));
    }),
    { numRuns: 40 },
  );
});

test('every leaf is proved, and a flipped byte of anything is noticed', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, pick, flip) => {
      const index = pick % size;
      const leaf = leaves[index] as Buffer;
      const root = await rootOf(size, stored.read);
      const proof = await inclusionProof(index, size, stored.read);
      if (size <= 600) assert.deepEqual(proof, naivePath(index, leaves.slice(0, size)));
      assert.equal(verifyInclusion({ index, size, leaf, root, proof }), true);

      const [badLeaf, badRoot, ...badProof] = flipByte([leaf, root, ...proof], flip);
      assert(badLeaf !== undefined && badRoot !== undefined);
      const bad = { index, size, leaf: badLeaf, root: badRoot, proof: badProof };
      assert.equal(verifyInclusion(bad), false);
      const longer = [...proof, leaf];
      assert.equal(verifyInclusion({ index, size, leaf, root, proof: longer }), false);
      assert.equal(verifyInclusion({ index: size, size, leaf, root, proof }), false);
      if (size > 1) {
        const wrong = (index + 1) % size;
        assert.equal(verifyInclusion({ index: wrong, size, leaf, root, proof }), false);
        const shorter = proof.slice(1);
        assert.equal(verifyInclusion({ index, size, leaf, root, proof: shorter }), false);
      }
    }),
    { numRuns: 150 },
  );
});

test('a tree is proved to start with every smaller one; a flipped byte is noticed', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (second, pick, flip) => {
      const first = 1 + (pick % second);
      const firstRoot = await rootOf(first, stored.read);
      const secondRoot = await rootOf(second, stored.read);
      const proof = await consistencyProof(first, second, stored.read);
      if (second <= 600) {
        assert.deepEqual(proof, naiveConsistency(first, leaves.slice(0, second), true));
      }
      assert.equal(verifyConsistency({ first, second, firstRoot, secondRoot, proof }), true);

      const [badFirst, badSecond, ...badProof] = flipByte([firstRoot, secondRoot, ...proof], flip);
      assert(badFirst !== undefined && badSecond !== undefined);
      const bad = { first, second, firstRoot: badFirst, secondRoot: badSecond, proof: badProof };
      assert.equal(verifyConsistency(bad), false);
      const longer = { first, second, firstRoot, secondRoot, proof: [...proof, firstRoot] };
      assert.equal(verifyConsistency(longer), false);
    }),
    { numRuns: 150 },
  );
});

test('the empty tree is the start of every tree', async () => {
  const secondRoot = await rootOf(5, stored.read);
  const proof = await consistencyProof(0, 5, stored.read);
  const claim = { first: 0, second: 5, firstRoot: emptyRoot, secondRoot, proof };
  assert.equal(verifyConsistency(claim), true);
  assert.equal(verifyConsistency({ ...claim, firstRoot: secondRoot }), false);
});

test('a proof over ten million leaves reads about a thousand hashes', async () => {
  const size = 10_000_000;
  let hashes = 0;
  let reads = 0;
  const read: SubtreeReader = (level, from, to) => {
    assert(to <= Math.floor(size / 2 ** level), 'only complete subtrees are stored');
    hashes += to - from;
    reads += 1;
    return Promise.resolve(Array.from({ length: to - from }, () => emptyRoot));
  };
  const proof = await inclusionProof(4_711_000, size, read);
  assert.equal(proof.length, 24);
  assert(hashes < 1000 && reads <= 5, `${hashes} hashes in ${reads} reads`);

  hashes = 0;
  reads = 0;
  await consistencyProof(4_711_001, size, read);
  assert(hashes < 1000 && reads <= 5, `${hashes} hashes in ${reads} reads`);

  hashes = 0;
  await restoreFrontier(size, read);
  assert(hashes < 3 * 256, `${hashes} hashes`);
});

function storedSubtrees(hashes: readonly Buffer[]): { read: SubtreeReader } {
  const levels = new Map<number, Buffer[]>([[0, [...hashes]]]);
  const frontier = createFrontier();
  for (const leaf of hashes) {
    for (const { level, index, hash: root } of frontier.append(leaf)) {
      const row = levels.get(level) ?? [];
      levels.set(level, row);
      assert.equal(row.length, index, 'subtrees of a level complete in order');
      row.push(root);
    }
  }
  return {
    read: (level, from, to) => Promise.resolve((levels.get(level) ?? []).slice(from, to)),
  };
}

// The definitions of RFC 9162, word for word.

function naiveRoot(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return emptyRoot;
  if (hashes.length === 1) return only;
  const [left, right] = split(hashes);
  return sha256(Buffer.of(1), naiveRoot(left), naiveRoot(right));
}

function naivePath(index: number, hashes: readonly Buffer[]): Buffer[] {
  if (hashes.length === 1) return [];
  const [left, right] = split(hashes);
  return index < left.length
    ? [...naivePath(index, left), naiveRoot(right)]
    : [...naivePath(index - left.length, right), naiveRoot(left)];
}

function naiveConsistency(first: number, hashes: readonly Buffer[], known: boolean): Buffer[] {
  if (first === hashes.length) return known ? [] : [naiveRoot(hashes)];
  const [left, right] = split(hashes);
  return first <= left.length
    ? [...naiveConsistency(first, left, known), naiveRoot(right)]
    : [...naiveConsistency(first - left.length, right, false), naiveRoot(left)];
}

function split(hashes: readonly Buffer[]): [Buffer[], Buffer[]] {
  let middle = 1;
  while (middle * 2 < hashes.length) middle *= 2;
  return [hashes.slice(0, middle), hashes.slice(middle)];
}

function sha256(...parts: Buffer[]): Buffer {
  return hash('sha256', Buffer.concat(parts), 'buffer');
}

function flipByte(hashes: readonly Buffer[], pick: number): Buffer[] {
  const flipped = hashes.map((bytes) => Buffer.from(bytes));
  const chosen = flipped[pick % flipped.length] as Buffer;
  const at = Math.floor(pick / flipped.length) % chosen.length;
  chosen[at] = (chosen[at] as number) ^ 1;
  return flipped;
}

function inHex(hashes: readonly Buffer[]): string[] {
  return hashes.map((bytes) => bytes.toString('hex'));
}

function sixteenBytes(): string {
  return '606162636465666768696a6b6c6d6e6f';
}
