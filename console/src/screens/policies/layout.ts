// Which conditions a sheet has columns for, in which order and how wide. It is laid once, when
// editing begins: nothing moves under the eye while somebody types.
import type { Bundle, Conditions } from './shape.ts';

/** By sheet: its conditions, each with the width of its column. */
export type Layout = ReadonlyMap<string, ReadonlyMap<string, number>>;

type Rows = readonly { readonly if?: Conditions }[];

const narrowest = 92;
const widest = 210;
const added = 168;
const perLetter = 6.6;
const around = 22;
const largeMore = 12;

/** In the order in which the rules first ask: what belongs together stands together. */
export function layoutOf({ rules, limits = [], nodes = {} }: Bundle): Layout {
  const tables = Object.entries(nodes).flatMap(([name, node]) =>
    node.kind === 'table' ? [[`table ${name}`, columnsOf(node.rules)] as const] : [],
  );
  return new Map([['rules', columnsOf(rules)], ['limits', columnsOf(limits)], ...tables]);
}

function columnsOf(rows: Rows): ReadonlyMap<string, number> {
  const letters = new Map<string, number>();
  for (const row of rows) {
    for (const [key, cell] of Object.entries(row.if ?? {})) {
      letters.set(key, Math.max(letters.get(key) ?? key.length, lettersOf(cell)));
    }
  }
  return new Map(
    [...letters].map(([key, count]) => [
      key,
      Math.round(Math.max(narrowest, Math.min(widest, around + count * perLetter))),
    ]),
  );
}

/** Large numbers are told with their unit, which is longer than they are. */
function lettersOf(cell: string): number {
  return cell.length + (/\d{4}/.test(cell) && !cell.includes('[') ? largeMore : 0);
}

/** Those that were laid, then whatever came since. */
export function conditionColumns(
  laid: ReadonlyMap<string, number> | undefined,
  rows: Rows,
  more: readonly string[] = [],
): ReadonlyMap<string, number> {
  const columns = new Map(laid);
  for (const key of [...more, ...rows.flatMap((row) => Object.keys(row.if ?? {}))]) {
    if (!columns.has(key)) columns.set(key, added);
  }
  return columns;
}
