// A list that is read again while somebody works on it: what is shown keeps its place, what has
// gone stays in sight until it is no longer looked for, what is new is counted and offered.
import { useCallback, useEffect, useRef, useState } from 'react';
import { useChanges } from '../api/live.ts';

export type Steady<Row> = { readonly row: Row; readonly gone: boolean };
type Seen<Row> = {
  readonly key: string;
  readonly items: readonly Row[];
  readonly rows: readonly Steady<Row>[];
  readonly news: number;
  /** Whether what has gone by our own hand is to leave with the next answer. */
  readonly settling: boolean;
};

/** `key` names the list: with another one everything begins anew. */
export function useSteady<Row>(
  items: readonly Row[],
  { key, idOf }: { readonly key: string; readonly idOf: (row: Row) => string },
) {
  const [seen, setSeen] = useState<Seen<Row>>(() => begun(key, items));
  let now = seen;
  if (seen.items !== items || seen.key !== key) {
    now = merged(seen, key, items, idOf);
    setSeen(now);
  }
  return {
    ...{ rows: now.rows, news: now.news },
    /** Shows the list as it is. */
    show: useCallback(() => setSeen(({ key: of, items: all }) => begun(of, all)), []),
    /** Told after an act of one's own: what has gone by it leaves. */
    settle: useCallback(
      () =>
        setSeen((before) => ({
          ...before,
          ...{ rows: before.rows.filter(({ gone }) => !gone), settling: true },
        })),
      [],
    ),
  };
}

function begun<Row>(key: string, items: readonly Row[]): Seen<Row> {
  const rows = items.map((row) => ({ row, gone: false }));
  return { key, items, rows, news: 0, settling: false };
}

function merged<Row>(
  before: Seen<Row>,
  key: string,
  items: readonly Row[],
  idOf: (row: Row) => string,
): Seen<Row> {
  if (before.key !== key || before.rows.length === 0) return begun(key, items);
  const now = new Map(items.map((row) => [idOf(row), row]));
  const known = new Set(before.rows.map(({ row }) => idOf(row)));
  const kept = before.rows.flatMap(({ row }): Steady<Row>[] => {
    const read = now.get(idOf(row));
    if (read !== undefined) return [{ row: read, gone: false }];
    return before.settling ? [] : [{ row, gone: true }];
  });
  // What stands below all that is known comes with the next page, and moves nothing.
  const end = items.findLastIndex((row) => known.has(idOf(row)));
  const further = items.slice(end + 1).map((row) => ({ row, gone: false }));
  const news = items.slice(0, end + 1).filter((row) => !known.has(idOf(row))).length;
  return { key, items, rows: [...kept, ...further], news, settling: false };
}

/** Reads again when such events come, though never more often than that. */
export function useRereading(
  words: readonly string[],
  refetch: () => unknown,
  everyMs = 3_000,
): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useChanges(words, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void refetch();
    }, everyMs);
  });
}
