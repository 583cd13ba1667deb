// The audit of one log's tree: what was signed, set against events, leaves and stored subtrees.
//
// The same tree can be computed from three sources. A signed root that agrees with one of them
// tells which rows of the others were changed, and clears everything up to its size: from there on
// all three begin anew with what was proven, so that one edit never blames what follows it.
import {
  type CompleteSubtree,
  createFrontier,
  type Frontier,
  joinRanges,
  storedLevels,
} from './merkle.ts';

export const findingKinds = [
  'event edited',
  'event deleted',
  'event reordered',
  'event added',
  'position missing',
  'leaf edited',
  'subtree edited',
  'root differs',
  'tail cut',
  'signature invalid',
  'journal row edited',
  'journal row deleted',
  'journal row added',
] as const;

export type Finding = {
  /** `*` when it is of the whole database. */
  readonly tenant: string;
  readonly what: (typeof findingKinds)[number];
  /** The public id of the event. */
  readonly event?: string;
  /** The event's position in its tenant's log, from 1. */
  readonly position?: number;
  readonly detail: string;
};

export type TreeAudit = {
  readonly size: () => number;
  readonly root: () => Buffer;
  /** The next position: its leaf and the hash of its event, and how to read a stored subtree. */
  readonly append: (row: AuditedRow, subtrees: StoredSubtrees) => void;
  /** Positions that nobody fills. */
  readonly skip: (count: number, subtrees: StoredSubtrees) => void;
  /** A root that was signed for the present size: whether any source agrees with it. */
  readonly prove: (root: Buffer) => boolean;
  /** Names everything that no head has cleared. */
  readonly finish: () => void;
};

export type AuditedRow = { readonly event: string; readonly leaf: Buffer; readonly hash: Buffer };

export type StoredSubtrees = (level: number, index: number) => Buffer | undefined;

type Source = 'events' | 'leaves' | 'subtrees';
type Changed = AuditedRow & { readonly position: number };
type Range = { readonly from: number; readonly to: number };

const runSize = 2 ** storedLevels;
/** Changed rows that are kept until a head judges them; more are named at once. */
const changedMax = 10_000;
const hole = Buffer.alloc(32);

export function auditTree(report: (finding: Omit<Finding, 'tenant'>) => void): TreeAudit {
  let byEvents = createFrontier();
  /** Only while it differs from the one by events. */
  let byLeaves: Frontier | undefined;
  /** Of stored subtrees of 256 leaves, in place of leaves. */
  let bySubtrees = createFrontier();
  let changed: Changed[] = [];
  /** Leaves whose stored subtree is not what any source gives. */
  let strange: { readonly level: number; readonly range: Range }[] = [];
  let holes: Range[] = [];
  /** What the first head that no source agrees with has to answer for. */
  let refused: Range | undefined;
  let proven = 0;

  function append(row: AuditedRow, subtrees: StoredSubtrees): void {
    if (!row.leaf.equals(row.hash)) {
      byLeaves ??= createFrontier(byEvents.size, byEvents.ranges());
      const known = { ...row, position: byEvents.size + 1 };
      if (changed.length < changedMax) changed.push(known);
      else reportChanged(known, new Map());
    }
    const others = [...(byLeaves?.append(row.leaf) ?? [])];
    for (const subtree of byEvents.append(row.hash)) {
      const { level, index } = subtree;
      const stored = subtrees(level, index);
      if (level === storedLevels) {
        for (const upper of bySubtrees.append(stored ?? subtree.hash)) {
          others.push({ ...upper, level: upper.level + storedLevels });
        }
      }
      compare(subtree, stored, others);
    }
  }

  function compare(
    made: CompleteSubtree,
    stored: Buffer | undefined,
    others: readonly CompleteSubtree[],
  ): void {
    const { level, index, hash } = made;
    const range = { from: index * 2 ** level + 1, to: (index + 1) * 2 ** level };
    if (stored === undefined) {
      report({ what: 'subtree edited', detail: `${named(range, level)} is missing` });
    } else if (
      !stored.equals(hash) &&
      !others.some((other) => other.level === level && other.hash.equals(stored)) &&
      !holes.some((gap) => overlap(gap, range))
    ) {
      strange.push({ level, range });
    }
  }

  function skip(count: number, subtrees: StoredSubtrees): void {
    const from = byEvents.size + 1;
    const to = byEvents.size + count;
    holes.push({ from, to });
    const detail = count === 1 ? 'has no leaf' : `to ${to} have no leaves`;
    report({ what: 'position missing', position: from, detail: `position ${from} ${detail}` });
    for (let at = 0; at < count; at += 1) append({ event: '', leaf: hole, hash: hole }, subtrees);
  }

  function rangesBy(source: Source): readonly Buffer[] {
    if (source === 'events') return byEvents.ranges();
    const leaves = (byLeaves ?? byEvents).ranges();
    if (source === 'leaves') return leaves;
    const upper = bySubtrees.ranges();
    return [...upper, ...leaves.slice(upper.length)];
  }

  function prove(root: Buffer): boolean {
    const sources: Source[] = ['events', 'leaves', 'subtrees'];
    const source = sources.find((each) => joinRanges(rangesBy(each)).equals(root));
    if (source === undefined) {
      refused ??= { from: proven + 1, to: byEvents.size };
      return false;
    }
    const ranges = rangesBy(source);
    settle(source);
    proven = byEvents.size;
    byEvents = createFrontier(proven, ranges);
    byLeaves = undefined;
    const runs = bySubtrees.ranges().length;
    bySubtrees = createFrontier(Math.floor(proven / runSize), ranges.slice(0, runs));
    return true;
  }

  /** Judges what has gathered, by the source that a signed root agrees with. */
  function settle(source: Source | undefined): void {
    const sealedAt = new Map(changed.map((row) => [row.leaf.toString('hex'), row.position]));
    for (const row of changed) {
      if (source === 'events') {
        const detail = `the leaf at position ${row.position} is not the hash of its event`;
        report({ what: 'leaf edited', event: row.event, position: row.position, detail });
      } else {
        reportChanged(row, sealedAt);
      }
    }
    for (const { level, range } of strange) {
      if (source === 'events' || source === 'leaves') {
        report({ what: 'subtree edited', detail: `${named(range, level)} was changed` });
        continue;
      }
      const within = refused !== undefined && overlap(refused, range) ? refused : range;
      const detail = `${events(both(within, range))} and their leaves: one at least was changed`;
      report({ what: 'root differs', position: both(within, range).from, detail });
      if (within === refused) refused = undefined;
    }
    if (refused !== undefined && !holes.some((gap) => gap.from <= (refused as Range).to)) {
      const detail = `${events(refused)} do not give the root that was signed at size ${refused.to}`;
      report({ what: 'root differs', position: refused.from, detail });
    }
    [changed, strange, holes, refused] = [[], [], [], undefined];
  }

  function reportChanged(row: Changed, sealedAt: ReadonlyMap<string, number>): void {
    const { event, position } = row;
    const origin = sealedAt.get(row.hash.toString('hex'));
    const [what, why] =
      origin === undefined
        ? (['event edited', 'is not the one that was sealed'] as const)
        : (['event reordered', `was sealed at position ${origin}`] as const);
    report({ what, event, position, detail: `the text at position ${position} ${why}` });
  }

  return {
    size: () => byEvents.size,
    root: () => byEvents.root(),
    append,
    skip,
    prove,
    finish: () => settle(undefined),
  };
}

function named({ from, to }: Range, level: number): string {
  return `the subtree of level ${level} over positions ${from} to ${to}`;
}

function events({ from, to }: Range): string {
  return from === to ? `the event at position ${from}` : `the events at positions ${from} to ${to}`;
}

function overlap(a: Range, b: Range): boolean {
  return a.from <= b.to && b.from <= a.to;
}

function both(a: Range, b: Range): Range {
  return { from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) };
}
