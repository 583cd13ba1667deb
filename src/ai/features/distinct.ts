// Counts different others within windows: exactly while they are few, by a sample when they are
// many, in bounded memory whatever happens.
//
// Kept are at most `samplesMax` others as a hash, when they were seen last, and the level at which
// they were kept. At level n only hashes in the lowest 2^-n of all are kept, and each stands for
// 2^n. When there is no room the level rises and half of the sample goes; when three quarters of
// the room are free it falls. Whoever is in the sample weighs what his own level says, so the
// estimate stays unbiased while levels move.

export const samplesMax = 32;

/** Cells per sample: hash, index of the bucket in which it was seen last, level. */
export const sampleCells = 3;
/** Level, and how many samples there are; the samples follow, by ascending hash. */
export const distinctCells = 2 + samplesMax * sampleCells;

const [levelCell, countCell, samplesAt] = [0, 1, 2];
const hashes = 2 ** 32;

/** Where in a state the samples are, and for how many buckets they are kept. */
export type Distinct = { readonly offset: number; readonly buckets: number };

/** Others are seen in buckets, which are numbered by time. */
export function addSeen(
  cells: Float64Array,
  { offset, buckets }: Distinct,
  hash: number,
  bucket: number,
): void {
  const samples = samplesOf(cells, offset);
  const newest = samples.reduce((latest, { seen }) => Math.max(latest, seen), bucket);
  // So late that every window has passed it.
  if (bucket < newest - buckets) return;
  let kept = samples.filter(({ seen }) => seen >= newest - buckets);
  let level = cells[offset + levelCell] as number;
  if (level > 0 && kept.length <= samplesMax / 4) level -= 1;
  const known = kept.find((each) => each.hash === hash);
  if (known) {
    if (bucket >= known.seen) Object.assign(known, { seen: bucket, level });
  } else if (isKept(hash, level)) {
    kept.push({ hash, seen: bucket, level });
    kept.sort((one, other) => one.hash - other.hash);
  }
  while (kept.length > samplesMax) {
    level += 1;
    const least = level;
    kept = kept
      .filter((each) => isKept(each.hash, least))
      .map((each) => ({ ...each, level: Math.max(each.level, least) }));
  }
  write(cells, offset, level, kept);
}

/** About how many were seen last within these buckets, both ends included. */
export function countSeen(cells: Float64Array, offset: number, from: number, to: number): number {
  let total = 0;
  const count = cells[offset + countCell] as number;
  for (let index = 0; index < count; index += 1) {
    const at = offset + samplesAt + index * sampleCells;
    const seen = cells[at + 1] as number;
    if (seen >= from && seen <= to) total += 2 ** (cells[at + 2] as number);
  }
  return total;
}

type Sample = { readonly hash: number; seen: number; level: number };

function samplesOf(cells: Float64Array, offset: number): Sample[] {
  return Array.from({ length: cells[offset + countCell] as number }, (_, index) => {
    const at = offset + samplesAt + index * sampleCells;
    const [hash, seen, level] = cells.subarray(at, at + sampleCells);
    return { hash: hash as number, seen: seen as number, level: level as number };
  });
}

function write(cells: Float64Array, offset: number, level: number, samples: readonly Sample[]) {
  cells.fill(0, offset, offset + distinctCells);
  cells[offset + levelCell] = level;
  cells[offset + countCell] = samples.length;
  samples.forEach((sample, index) => {
    cells.set([sample.hash, sample.seen, sample.level], offset + samplesAt + index * sampleCells);
  });
}

function isKept(hash: number, level: number): boolean {
  return hash < hashes / 2 ** level;
}

/** 32 bits of a name: FNV-1a over its characters, finished as MurmurHash3 does. */
export function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
