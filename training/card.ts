// What is committed of a model that is a few parameters: model.json, card.json, and its reference.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const decile = (sorted: readonly number[], at: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor((at * sorted.length) / 10))] as number;
const sixDigits = (value: number) => Number(value.toPrecision(6));

/** Bins by deciles and the last hundredth, of rows that the model has not learnt from. */
export function histogram(values: readonly number[]) {
  const sorted = values.toSorted((one, other) => one - other);
  const last = sorted[Math.floor(0.99 * sorted.length)] as number;
  const all = [...Array.from({ length: 10 }, (_, at) => decile(sorted, at)), last];
  const edges = [...new Set(all.map(sixDigits))].sort((one, other) => one - other);
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    const bin = edges.findLastIndex((edge) => edge <= value) + 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return { edges, counts, missing: 0 };
}

/** Where nearly all values lie. */
export function rangeOf(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sixDigits(sorted[Math.floor(share * (sorted.length - 1))] as number);
  return [at(0.001), at(0.999)];
}

export function middleOf(values: readonly number[]): number {
  return sixDigits(values.toSorted((one, other) => one - other)[values.length >> 1] as number);
}

/** The area under the curve; ties count half. */
export function aucOf(cases: readonly { score: number; label: boolean }[]): number {
  const sorted = cases.toSorted((one, other) => one.score - other.score);
  let [rank, ranks, positives] = [0, 0, 0];
  while (rank < sorted.length) {
    let end = rank;
    while (end < sorted.length && sorted[end]?.score === sorted[rank]?.score) end += 1;
    const hits = sorted.slice(rank, end).filter(({ label }) => label).length;
    positives += hits;
    ranks += hits * ((rank + 1 + end) / 2);
    rank = end;
  }
  const negatives = sorted.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}

const draws = 500;

/** A figure with its 95 % interval, by drawing the cases anew. */
export function measured<Case>(
  name: string,
  split: string,
  cases: readonly Case[],
  of: (cases: readonly Case[]) => number,
  uint32: () => number,
) {
  const drawn = Array.from({ length: draws }, () =>
    of(cases.map(() => cases[uint32() % cases.length] as Case)),
  ).sort((one, other) => one - other);
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const value = of(cases);
  const [low, high] = [drawn[Math.floor(0.025 * draws)], drawn[Math.ceil(0.975 * draws) - 1]];
  return {
    ...{ name, split, n: cases.length, value: round(value) },
    low: round(Math.min(value, low as number)),
    high: round(Math.max(value, high as number)),
  };
}

export function fileDigest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** SHA-256 over the lines `digest  name` of the files, names in order. */
export function linesDigest(paths: readonly string[]): string {
  const sorted = paths.toSorted((one, other) => (basename(one) < basename(other) ? -1 : 1));
  const lines = sorted.map((path) => `${fileDigest(path)}  ${basename(path)}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

export function writeModel(folder: string, parameters: object, card: object): void {
  mkdirSync(folder, { recursive: true });
  const content = `${JSON.stringify(parameters, null, 2)}\n`;
  writeFileSync(join(folder, 'model.json'), content);
  const artefact = createHash('sha256').update(content).digest('hex');
  const text = JSON.stringify({ ...card, artefact }, null, 2);
  // Lists of numbers stand in one line, or in several full ones.
  const lists = text.replace(/\[\s+(-?\d[^\][{}]*?)\s+\]/g, (_, inner: string) => {
    const numbers = inner.split(/,\s+/).join(', ');
    return `[${numbers}]`;
  });
  writeFileSync(join(folder, 'card.json'), `${lists}\n`);
  console.log(`${folder}: ${content.length} bytes`);
}
