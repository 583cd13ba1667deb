// Where the catalogue's features find what they need: the shape of an entity's state.
//
// A state is one array of numbers. It begins with two instants; then comes a ring of buckets for
// each source and length of window, and a sample for each kind of others that is told apart. A
// window is 24 buckets. Features of one source whose windows are equally long share their ring,
// whatever they measure. Sources do not: payments may be told of long after they took effect, and
// what else has happened by then must not take the place of their buckets.
import { createHash } from 'node:crypto';
import { type Aggregate, featureCatalogue, type Span, spansMs } from './catalogue.ts';
import { type Distinct, distinctCells } from './distinct.ts';
import { type EntityKind, entityKinds, type Source } from './readings.ts';

export const bucketsPerWindow = 24;

/** What a bucket keeps; `squares` is the sum of the squared amounts. */
export type Statistic = 'count' | 'sum' | 'squares' | 'max';

export type Ring = {
  readonly source: Source;
  readonly widthMs: number;
  /** Buckets that it has. */
  readonly size: number;
  /** What each bucket keeps. */
  readonly fields: readonly Statistic[];
  /** The cell with the number of the newest bucket; the buckets' cells follow. */
  readonly offset: number;
};

export type Sampling = Distinct & {
  readonly member: EntityKind;
  readonly widthMs: number;
};

export type Layout = {
  readonly kind: EntityKind;
  readonly rings: readonly Ring[];
  readonly samplings: readonly Sampling[];
  /** Cells of a state. */
  readonly length: number;
  /** Changes with whatever a state is read by; 16 bits. */
  readonly fingerprint: number;
};

/** Instants of the latest payment and of the opening; 0 is never. */
export const [latestCell, openedCell] = [0, 1];
const firstCell = 2;

export const layouts: Readonly<Record<EntityKind, Layout>> = Object.fromEntries(
  entityKinds.map((kind) => [kind, layoutOf(kind)]),
) as Record<EntityKind, Layout>;

function layoutOf(kind: EntityKind): Layout {
  const aggregates = [...featureCatalogue.values()]
    .filter(({ entity }) => entity === kind)
    .map(({ aggregate }) => aggregate);
  let next = firstCell;
  const take = (cells: number) => {
    next += cells;
    return next - cells;
  };
  const rings = ringsOf(aggregates).map((ring) => ({
    ...ring,
    offset: take(1 + ring.size * ring.fields.length),
  }));
  const samplings = samplingsOf(aggregates).map((sampling) => ({
    ...sampling,
    offset: take(distinctCells),
  }));
  const shape = JSON.stringify({ rings, samplings });
  const fingerprint = createHash('sha256').update(shape).digest().readUInt16BE(0);
  return { kind, rings, samplings, length: next, fingerprint };
}

/** Of a window, or of its part that a delay has left behind. */
export function widthOf(window: Span): number {
  return spansMs[window] / bucketsPerWindow;
}

/** The buckets that a window reads, by their numbers, both ends included. */
export function bucketsAt(at: number, window: Span, delay?: Span): { from: number; to: number } {
  const widthMs = widthOf(window);
  if (delay === undefined) {
    // The bucket that is filling, and the one that is leaving the window.
    const to = Math.floor(at / widthMs);
    return { from: to - bucketsPerWindow, to };
  }
  // None that the delay cuts: what happened after it nobody may know.
  const to = Math.floor((at - spansMs[delay]) / widthMs) - 1;
  return { from: to - bucketsPerWindow + 1, to };
}

function ringsOf(aggregates: readonly Aggregate[]): Omit<Ring, 'offset'>[] {
  const rings = new Map<string, Omit<Ring, 'offset'>>();
  for (const aggregate of aggregates) {
    const { window, delay, source, kept } = needsOf(aggregate);
    if (window === undefined) continue;
    const widthMs = widthOf(window);
    const delayed = delay === undefined ? 0 : Math.ceil(spansMs[delay] / widthMs) + 1;
    const { size = 0, fields = [] } = rings.get(`${source} ${window}`) ?? {};
    rings.set(`${source} ${window}`, {
      source,
      widthMs,
      size: Math.max(size, bucketsPerWindow + 1 + delayed),
      fields: [...new Set([...fields, ...kept])],
    });
  }
  return [...rings.values()];
}

type Needs = {
  readonly window?: Span;
  readonly delay?: Span | undefined;
  readonly source: Source;
  readonly kept: readonly Statistic[];
};

function needsOf(aggregate: Aggregate): Needs {
  switch (aggregate.of) {
    case 'count':
      return { ...aggregate, kept: ['count'] };
    case 'sum':
      return { ...aggregate, kept: ['sum'] };
    case 'mean':
      return { ...aggregate, kept: ['count', 'sum'] };
    case 'max':
      return { ...aggregate, kept: ['max'] };
    case 'amount_ratio':
      return { ...aggregate, source: 'payment', kept: ['count', 'sum'] };
    case 'amount_zscore':
      return { ...aggregate, source: 'payment', kept: ['count', 'sum', 'squares'] };
    default:
      return { source: 'payment', kept: [] };
  }
}

/** Windows over the same others share a sample, in the buckets of the shortest. */
function samplingsOf(aggregates: readonly Aggregate[]): Omit<Sampling, 'offset'>[] {
  const windows = new Map<EntityKind, Span[]>();
  for (const aggregate of aggregates) {
    if (aggregate.of !== 'distinct') continue;
    windows.set(aggregate.member, [...(windows.get(aggregate.member) ?? []), aggregate.window]);
  }
  return [...windows].map(([member, all]) => {
    const lengths = all.map((window) => spansMs[window]);
    const widthMs = Math.min(...lengths) / bucketsPerWindow;
    return { member, widthMs, buckets: Math.max(...lengths) / widthMs };
  });
}
