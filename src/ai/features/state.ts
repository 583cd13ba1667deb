// The state of an entity: everything that its features need of its past, folded one by one.
import type { Instant } from '#core';
import { addSeen, hashOf } from './distinct.ts';
import { latestCell, layouts, openedCell, type Ring, type Statistic } from './layout.ts';
import type { EntityKind, Reading } from './readings.ts';

/** Numbers in the places that the layout of the entity's kind says. */
export type State = Float64Array;

export function emptyState(kind: EntityKind): State {
  return new Float64Array(layouts[kind].length);
}

/**
 * Folds what has happened into the state, in place. Equal readings in equal order give equal bits.
 * What comes late counts in the windows that still reach back to it, and in no other.
 */
export function fold(state: State, reading: Reading): void {
  const { kind, source, at, with: others } = reading;
  // Zero stands for never.
  const time = Math.max(1, at);
  if (source === 'opened') {
    state[openedCell] = time;
    return;
  }
  const { rings, samplings } = layouts[kind];
  for (const ring of rings) {
    const row = ring.source === source ? bucketOf(state, ring, time) : undefined;
    if (row === undefined) continue;
    ring.fields.forEach((statistic, column) => {
      add(state, row + column, statistic, reading);
    });
  }
  if (source !== 'payment') return;
  state[latestCell] = Math.max(state[latestCell] as number, time);
  for (const sampling of samplings) {
    const other = others[sampling.member];
    if (other === undefined) continue;
    addSeen(state, sampling, hashOf(other), Math.floor(time / sampling.widthMs));
  }
}

/** The cells of the bucket of an instant; undefined for what the ring has left behind. */
function bucketOf(
  state: State,
  { offset, widthMs, size, fields: { length } }: Ring,
  at: Instant,
): number | undefined {
  const bucket = Math.floor(at / widthMs);
  const newest = state[offset] as number;
  if (bucket <= newest - size) return undefined;
  for (let fresh = Math.max(newest + 1, bucket - size + 1); fresh <= bucket; fresh += 1) {
    const row = offset + 1 + (fresh % size) * length;
    state.fill(0, row, row + length);
  }
  if (bucket > newest) state[offset] = bucket;
  return offset + 1 + (bucket % size) * length;
}

function add(
  state: State,
  cell: number,
  statistic: Statistic,
  { amount, count }: Pick<Reading, 'amount' | 'count'>,
): void {
  const value = state[cell] as number;
  switch (statistic) {
    case 'count':
      // Whatever takes back more than there was: a count is never below zero.
      state[cell] = Math.max(0, value + count);
      break;
    case 'sum':
      state[cell] = rounded(value + amount);
      break;
    case 'squares':
      state[cell] = rounded(value + amount * amount);
      break;
    case 'max':
      state[cell] = Math.max(value, Math.fround(amount));
      break;
  }
}

/**
 * To 29 significant bits (by Veltkamp's splitting), which fit five bytes: whole to five million of
 * a currency with cents, and off by a billionth beyond.
 */
function rounded(value: number): number {
  const shifted = value * (2 ** 24 + 1);
  return shifted - (shifted - value);
}
