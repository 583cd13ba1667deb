// Two people changed one policy: what each has changed since their common beginning is put together;
// where both have changed the same part, the one who is asked keeps theirs, and is told.
import type { Bundle } from './shape.ts';

type Members = Readonly<Record<string, unknown>>;
type Three<Value> = { readonly base: Value; readonly mine: Value; readonly theirs: Value };

export type Merged = {
  readonly bundle: Bundle;
  /** Parts that both have changed, each in another way: mine stand. */
  readonly conflicts: readonly string[];
};

export function mergeBundles({ base, mine, theirs }: Three<Bundle>): Merged {
  const conflicts: string[] = [];
  const members = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  const merged = Object.fromEntries(
    [...members].flatMap((member) => {
      const of = (bundle: Bundle) => (bundle as Members)[member];
      const value = merge(
        member,
        { base: of(base), mine: of(mine), theirs: of(theirs) },
        conflicts,
      );
      return value === undefined ? [] : [[member, value]];
    }),
  );
  return { bundle: merged as Bundle, conflicts };
}

function merge(at: string, three: Three<unknown>, conflicts: string[]): unknown {
  const { base, mine, theirs } = three;
  if (isSame(mine, base)) return theirs;
  if (isSame(theirs, base) || isSame(theirs, mine)) return mine;
  if (areItems(base) && areItems(mine) && areItems(theirs)) {
    return mergeItems(at, { base, mine, theirs }, conflicts);
  }
  // The parts of a bundle and the rules of a table go together; within a rule one hand decides.
  const isContainer = at.split(' ').length <= 2 && !/^(?:rules|limits|tests) /.test(at);
  if (isContainer && isMembers(base) && isMembers(mine) && isMembers(theirs)) {
    return mergeMembers(at, { base, mine, theirs }, conflicts);
  }
  conflicts.push(at);
  return mine;
}

function mergeMembers(at: string, { base, mine, theirs }: Three<Members>, conflicts: string[]) {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const three = { base: base[name], mine: mine[name], theirs: theirs[name] };
      const value = merge(`${at} ${name}`, three, conflicts);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

type Item = Members;

/** In the order of the others, what I have added behind what it stood behind. */
function mergeItems(
  at: string,
  { base, mine, theirs }: Three<readonly Item[]>,
  conflicts: string[],
): readonly Item[] {
  const keyed = (items: readonly Item[]) => new Map(items.map((item) => [keyOf(item), item]));
  const [was, own, other] = [keyed(base), keyed(mine), keyed(theirs)];
  const kept = theirs.flatMap((item) => {
    const key = keyOf(item);
    const three = { base: was.get(key), mine: own.get(key), theirs: item };
    const value = merge(`${at} ${key}`, three, conflicts);
    return value === undefined ? [] : [value as Item];
  });
  const merged = [...kept];
  mine.forEach((item, index) => {
    const key = keyOf(item);
    if (other.has(key)) return;
    const known = was.get(key);
    // They have removed what I have left alone.
    if (known !== undefined && isSame(known, item)) return;
    if (known !== undefined) conflicts.push(`${at} ${key}`);
    const before = index === 0 ? undefined : keyOf(mine[index - 1] as Item);
    merged.splice(merged.findIndex((each) => keyOf(each) === before) + 1, 0, item);
  });
  return merged;
}

function keyOf(item: Item): string {
  return String(item['id'] ?? item['name']);
}

function areItems(value: unknown): value is readonly Item[] {
  return (
    Array.isArray(value) && value.every((each) => isMembers(each) && keyOf(each) !== 'undefined')
  );
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || sorted(one) === sorted(other);
}

/** As text, whatever the order of members. */
function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, each: unknown) =>
    isMembers(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}
