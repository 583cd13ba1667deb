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
  'journal row not allowed',
  'command edited',
  'command deleted',
  'command added',
  'bundle not on record',
  'bundle not in force',
  'decision not repeated',
  'policy row edited',
  'policy row deleted',
  'policy row added',
  'model row edited',
  'model row deleted',
  'model row added',
  'score missing',
  'score differs',
  'loyalty row edited',
  'loyalty row deleted',
  'loyalty row added',
  'points not conserved',
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

export type AuditedRow = { readonly event: string; readonly leaf: Buffer; readonly hash: Buffer };

export type StoredSubtrees = (level: number, index: number) => Buffer | undefined;

type Source = 'events' | 'leaves' | 'subtrees';
type Changed = AuditedRow & { readonly position: number };
type Range = { readonly from: number; readonly to: number };

/** Changed rows that are kept to be judged; more are named at once. */
const changedMax = 10_000;
const hole = Buffer.alloc(32);

export class TreeAudit {
  readonly #report: (finding: Omit<Finding, 'tenant'>) => void;
  #byEvents = createFrontier();
  /** Only while it differs from the one by events. */
  #byLeaves: Frontier | undefined;
  /** Of stored subtrees of 256 leaves, in place of leaves. */
  #bySubtrees = createFrontier();
  /** Rows whose event and leaf differ, until a head tells which of them was changed. */
  #changed: Changed[] = [];
  /** Rows whose event was: named at the end, when it is known whether it stood elsewhere. */
  readonly #replaced: Changed[] = [];
  /** Leaves whose stored subtree is not what any source gives. */
  #strange: { readonly level: number; readonly range: Range }[] = [];
  #holes: Range[] = [];
  /** What the first head that no source agrees with has to answer for. */
  #refused: Range | undefined;
  #proven = 0;

  constructor(report: (finding: Omit<Finding, 'tenant'>) => void) {
    this.#report = report;
  }

  get size(): number {
    return this.#byEvents.size;
  }

  root(): Buffer {
    return this.#byEvents.root();
  }

  /** The next position; `subtrees` reads the stored ones that it completes. */
  append(row: AuditedRow, subtrees: StoredSubtrees): void {
    if (!row.leaf.equals(row.hash)) {
      this.#byLeaves ??= createFrontier(this.size, this.#byEvents.ranges());
      const known = { ...row, position: this.size + 1 };
      if (this.#changed.length + this.#replaced.length < changedMax) this.#changed.push(known);
      else this.#reportReplaced(known, undefined);
    }
    const others = [...(this.#byLeaves?.append(row.leaf) ?? [])];
    for (const subtree of this.#byEvents.append(row.hash)) {
      const { level, index } = subtree;
      const stored = subtrees(level, index);
      if (level === storedLevels) {
        for (const upper of this.#bySubtrees.append(stored ?? subtree.hash)) {
          others.push({ ...upper, level: upper.level + storedLevels });
        }
      }
      this.#compare(subtree, stored, others);
    }
  }

  /** The next positions, which nobody fills. */
  skip(count: number, subtrees: StoredSubtrees): void {
    const from = this.size + 1;
    const to = this.size + count;
    this.#holes.push({ from, to });
    const detail = count === 1 ? 'has no leaf' : `to ${to} have no leaves`;
    const position = from;
    this.#report({ what: 'position missing', position, detail: `position ${from} ${detail}` });
    for (let at = 0; at < count; at += 1) {
      this.append({ event: '', leaf: hole, hash: hole }, subtrees);
    }
  }

  /** A root that was signed for the present size: whether any source agrees with it. */
  prove(root: Buffer): boolean {
    const sources: Source[] = ['events', 'leaves', 'subtrees'];
    const source = sources.find((each) => joinRanges(this.#rangesBy(each)).equals(root));
    if (source === undefined) return false;
    const ranges = this.#rangesBy(source);
    const runs = this.#bySubtrees.ranges().length;
    this.#settle(source);
    this.#proven = this.size;
    this.#byEvents = createFrontier(this.#proven, ranges);
    this.#byLeaves = undefined;
    this.#bySubtrees = createFrontier(this.#bySubtrees.size, ranges.slice(0, runs));
    return true;
  }

  /** A stored head was not proven: what follows the last that was has to answer for it. */
  refuse(): void {
    this.#refused ??= { from: this.#proven + 1, to: this.size };
  }

  /** Names everything that no head has cleared. */
  finish(): void {
    this.#settle(undefined);
    const sealedAt = new Map(this.#replaced.map((row) => [hex(row.leaf), row.position]));
    for (const row of this.#replaced) this.#reportReplaced(row, sealedAt.get(hex(row.hash)));
  }

  #compare(
    { level, index, hash }: CompleteSubtree,
    stored: Buffer | undefined,
    others: readonly CompleteSubtree[],
  ): void {
    const range = { from: index * 2 ** level + 1, to: (index + 1) * 2 ** level };
    if (stored === undefined) {
      const detail = `${named(range, level)} is missing`;
      this.#report({ what: 'subtree edited', position: range.from, detail });
    } else if (
      !stored.equals(hash) &&
      !others.some((other) => other.level === level && other.hash.equals(stored)) &&
      !this.#holes.some((gap) => overlap(gap, range))
    ) {
      this.#strange.push({ level, range });
    }
  }

  #rangesBy(source: Source): readonly Buffer[] {
    if (source === 'events') return this.#byEvents.ranges();
    const leaves = (this.#byLeaves ?? this.#byEvents).ranges();
    if (source === 'leaves') return leaves;
    const runs = this.#bySubtrees.ranges();
    return [...runs, ...leaves.slice(runs.length)];
  }

  /** Judges what has gathered, by the source that a signed root agrees with. */
  #settle(source: Source | undefined): void {
    for (const row of this.#changed) {
      if (source === 'events') {
        const { event, position } = row;
        const detail = `the leaf at position ${position} is not the hash of its event`;
        this.#report({ what: 'leaf edited', event, position, detail });
      } else {
        this.#replaced.push(row);
      }
    }
    for (const { level, range } of this.#strange) {
      if (source === 'events' || source === 'leaves') {
        const detail = `${named(range, level)} was changed`;
        this.#report({ what: 'subtree edited', position: range.from, detail });
      } else {
        this.#reportRange(range);
      }
    }
    const { from, to } = this.#refused ?? { from: 0, to: 0 };
    if (to > 0 && !this.#holes.some((gap) => gap.from <= to)) {
      const detail = `${events({ from, to })} do not give the root that was signed at size ${to}`;
      this.#report({ what: 'root differs', position: from, detail });
    }
    this.#changed = [];
    this.#strange = [];
    this.#holes = [];
    this.#refused = undefined;
  }

  /** A run that is not what its subtree says; heads within it say more exactly where. */
  #reportRange(run: Range): void {
    let range = { from: Math.max(run.from, this.#proven + 1), to: run.to };
    if (this.#refused !== undefined && overlap(this.#refused, range)) {
      range = both(this.#refused, range);
      this.#refused = undefined;
    }
    const detail = `${events(range)} and their leaves: one at least was changed`;
    this.#report({ what: 'root differs', position: range.from, detail });
  }

  /** `origin` is where the text was sealed, if it was. */
  #reportReplaced({ event, position }: Changed, origin: number | undefined): void {
    const [what, why] =
      origin === undefined
        ? (['event edited', 'is not the one that was sealed'] as const)
        : (['event reordered', `was sealed at position ${origin}`] as const);
    this.#report({ what, event, position, detail: `the text at position ${position} ${why}` });
  }
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

function hex(hash: Buffer): string {
  return hash.toString('hex');
}
