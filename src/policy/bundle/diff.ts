// What makes one bundle another: each part that was added, removed, changed or moved.
import { canonicalJson, type Json } from '#core';
import { type Bundle, pointer } from './bundle.ts';

export type BundlePart =
  | 'about'
  | 'facts'
  | 'reasons'
  | 'nodes'
  | 'table_rules'
  | 'rules'
  | 'limits'
  | 'answers'
  | 'tests';

export type BundleChange = {
  readonly part: BundlePart;
  /** What it is called in its part: a rule by its id, a fact by its name. */
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed' | 'moved';
  /** Whether it stands elsewhere among the others; a rule may be changed and moved. */
  readonly moved: boolean;
  /** Members that differ; empty where it is no object, or is there in one bundle alone. */
  readonly fields: readonly string[];
  readonly before: Placed | null;
  readonly after: Placed | null;
};

/** With its place in its bundle (RFC 6901). */
type Placed = { readonly pointer: string; readonly value: Json };
type Entry = Placed & { readonly id: string };

/** In the order of the second bundle; what it has no more comes behind, part by part. */
export function diffBundles(before: Bundle, after: Bundle): BundleChange[] {
  return partsOf(before, after).flatMap(({ part, isOrdered, of }) =>
    diffEntries(part, [of(before), of(after)], isOrdered),
  );
}

type Part = {
  readonly part: BundlePart;
  readonly isOrdered: boolean;
  readonly of: (bundle: Bundle) => Entry[];
};

function partsOf(before: Bundle, after: Bundle): Part[] {
  const named = (part: BundlePart, of: Part['of']) => ({ part, isOrdered: false, of });
  const listed = (part: BundlePart, of: Part['of']) => ({ part, isOrdered: true, of });
  const nodes = new Set([before, after].flatMap((bundle) => Object.keys(bundle.nodes ?? {})));
  return [
    named('about', ({ title, description }) => members({ title, description }, [])),
    named('facts', ({ facts }) => members(facts, ['facts'])),
    named('reasons', ({ reasons }) => members(reasons, ['reasons'])),
    named('nodes', (bundle) => members(withoutRules(bundle.nodes), ['nodes'])),
    ...[...nodes].map((node) => listed('table_rules', (bundle) => tableRules(bundle, node))),
    listed('rules', ({ rules }) => items(rules, ['rules'], ({ id }) => id)),
    listed('limits', ({ limits = [] }) => items(limits, ['limits'], ({ id }) => id)),
    named('answers', ({ answers = [] }) => items(answers, ['answers'], (name) => name)),
    listed('tests', ({ tests }) => items(tests, ['tests'], ({ name }) => name)),
  ];
}

/** The rules of a table are compared one by one: here they only count. */
function withoutRules(nodes: Bundle['nodes'] = {}) {
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => {
      if (node.kind === 'formula') return [name, node];
      const { rules: _, ...rest } = node;
      return [name, rest];
    }),
  );
}

function tableRules({ nodes }: Bundle, name: string): Entry[] {
  const node = nodes?.[name];
  if (node?.kind !== 'table') return [];
  return items(node.rules, ['nodes', name, 'rules'], ({ id }) => `${name}/${id}`);
}

function members(record: Readonly<Record<string, unknown>>, at: readonly string[]): Entry[] {
  return Object.entries(record).map(([id, value]) => ({
    id,
    pointer: pointer(...at, id),
    value: value as Json,
  }));
}

/** Two tests may have one name: the second of them is told as such. */
function items<Item>(
  list: readonly Item[],
  at: readonly string[],
  nameOf: (item: Item) => string,
): Entry[] {
  const seen = new Map<string, number>();
  return list.map((item, index) => {
    const name = nameOf(item);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    const id = count === 1 ? name : `${name} (${count})`;
    return { id, pointer: pointer(...at, index), value: item as Json };
  });
}

function diffEntries(
  part: BundlePart,
  [before, after]: readonly [readonly Entry[], readonly Entry[]],
  isOrdered: boolean,
): BundleChange[] {
  const earlier = new Map(before.map((entry, place) => [entry.id, { ...entry, place }]));
  const kept = after.filter(({ id }) => earlier.has(id));
  const placeOf = ({ id }: Entry) => earlier.get(id)?.place ?? -1;
  const still = isOrdered ? inPlace(kept.map(placeOf)) : undefined;
  const changes = after.flatMap((entry): BundleChange[] => {
    const { id } = entry;
    const known = earlier.get(id);
    earlier.delete(id);
    const place = known?.place ?? -1;
    const moved = known !== undefined && still !== undefined && !still.has(place);
    const isSame = known !== undefined && canonicalJson(known.value) === canonicalJson(entry.value);
    if (isSame && !moved) return [];
    const change = known === undefined ? 'added' : isSame ? 'moved' : 'changed';
    const fields = known === undefined ? [] : fieldsOf(known.value, entry.value);
    const was = known === undefined ? null : placed(known);
    return [{ part, id, change, moved, fields, before: was, after: placed(entry) }];
  });
  const removed = [...earlier.values()].map(
    (entry): BundleChange => ({
      ...{ part, id: entry.id, change: 'removed', moved: false, fields: [] },
      ...{ before: placed(entry), after: null },
    }),
  );
  return [...changes, ...removed];
}

function placed({ pointer: at, value }: Entry): Placed {
  return { pointer: at, value };
}

function fieldsOf(one: Json, other: Json): string[] {
  if (!isRecord(one) || !isRecord(other)) return [];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  const textOf = (value: Json | undefined) => canonicalJson(value ?? null);
  return [...names].filter((name) => textOf(one[name]) !== textOf(other[name])).sort();
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The most places that already rise: whoever has these has not moved, all others have. For each
 * length the run that ends lowest is kept, so a thousand rules take ten thousand comparisons.
 */
function inPlace(places: readonly number[]): ReadonlySet<number> {
  const ends: number[] = [];
  const before = new Map<number, number | undefined>();
  for (const place of places) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    before.set(place, ends[low - 1]);
    ends[low] = place;
  }
  const run = new Set<number>();
  for (let place = ends.at(-1); place !== undefined; place = before.get(place)) run.add(place);
  return run;
}
