// That a smaller log is the beginning of a larger one, worked out by this browser: whoever holds an
// old tree head need not take the server's word for it.

export type TreeHead = {
  readonly size: number;
  /** SHA-256, in base64. */
  readonly root: string;
};

/** Hashes are computed by browsers over a secure connection only. */
export const canHash = globalThis.crypto.subtle !== undefined;

const hashBytes = 32;

/** The first three lines of a C2SP checkpoint: whose log, of how many events, under which root. */
export function headIn(note: string): (TreeHead & { readonly origin: string }) | undefined {
  const [origin = '', size = '', root = ''] = note.trimStart().split('\n');
  const isHead = /^[1-9]\d{0,15}$/.test(size.trim()) && /^[A-Za-z0-9+/]{43}=$/.test(root.trim());
  if (origin.trim() === '' || !isHead) return undefined;
  return { origin: origin.trim(), size: Number(size), root: root.trim() };
}

export function base64Of(hex: string): string {
  const bytes = (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
  return btoa(String.fromCharCode(...bytes));
}

/** RFC 9162, 2.1.4.2: whether the proof leads to both roots. */
export async function isBeginning(
  first: TreeHead,
  second: TreeHead,
  proof: readonly string[],
): Promise<boolean> {
  if (first.size > second.size) return false;
  if (first.size === second.size) return proof.length === 0 && first.root === second.root;
  const hashes = proof.map(bytesOf);
  const [start, ...path] = isPowerOfTwo(first.size) ? [bytesOf(first.root), ...hashes] : hashes;
  if (proof.length === 0 || !start || hashes.some(({ length }) => length !== hashBytes)) {
    return false;
  }
  let [node, last] = [first.size - 1, second.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [firstReached, secondReached] = [start, start];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      firstReached = await nodeHash(sibling, firstReached);
      secondReached = await nodeHash(sibling, secondReached);
      while (node % 2 === 0 && node > 0) [node, last] = [half(node), half(last)];
    } else {
      secondReached = await nodeHash(secondReached, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && textOf(firstReached) === first.root && textOf(secondReached) === second.root;
}

async function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  const input = new Uint8Array(1 + 2 * hashBytes);
  // A node begins with a one, so that it never passes for a leaf (RFC 9162, 2.1.1).
  input.set([1]);
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', input));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Sizes may be larger than what bit operators take. */
function half(index: number): number {
  return Math.floor(index / 2);
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size));
}
