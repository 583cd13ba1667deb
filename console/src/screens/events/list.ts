// The log from its newest end: read page by page downwards, and what has come since on request, or
// as it comes for those who follow.
import { useEffect, useMemo, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { eventsIn, type SealedEvent } from '../../api/events.ts';
import { useChanges, useNews } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';

const pageSize = 100;
/** Pages without a hit after which the reader is asked whether to look further down. */
const barrenMax = 20;
/** Pages that are read at once of what is new: behind more, the list begins anew. */
const pullsMax = 5;

export type LogQuery = {
  /** Types with commas between them; all where undefined. */
  readonly type: string | undefined;
  /** The place from which is read downwards; the newest where undefined. */
  readonly from: number | undefined;
  readonly isFollowing: boolean;
};

export function useLog({ type, from, isFollowing }: LogQuery) {
  const query = {
    ...{ order: 'desc' as const, type },
    ...(from === undefined ? {} : { after: from + 1 }),
  };
  const list = useApiPages('GET /v1/events', { query }, { limit: pageSize });
  const read = list.items as unknown as readonly SealedEvent[];
  const key = `${type} ${from}`;
  const newer = useNewer(key, type, read);
  const words = type === undefined ? [''] : type.split(',');
  const news = useNews(words);
  const { shown } = news;
  const refresh = async () => {
    shown();
    if (!(await newer.pull())) await list.renew();
  };
  useChanges(words, () => {
    if (isFollowing && from === undefined) void refresh();
  });
  // Who turns it on, or comes back to the top, sees at once what was missed.
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => {
    if (isFollowing) void latest.current();
  }, [isFollowing]);
  const barren = useBarren(key, read.length, list);
  return {
    ...{ rows: newer.rows, error: list.error, retry: list.refetch },
    isPending: list.isPending || (newer.rows.length === 0 && barren.hasMore),
    ...{ hasMore: barren.hasMore, more: barren.more, isStopped: barren.isStopped },
    lookFurther: barren.lookFurther,
    news: { count: from === undefined && !isFollowing ? news.count : 0, show: refresh },
  };
}

/** What was sealed since the list was read, above it. */
function useNewer(key: string, type: string | undefined, read: readonly SealedEvent[]) {
  const [above, setAbove] = useState<{ key: string; events: readonly SealedEvent[] }>(nothing);
  const top = read[0]?.position ?? 0;
  const rows = useMemo(() => {
    const events = above.key === key ? above.events : [];
    return [...events.filter(({ position }) => position > top), ...read];
  }, [above, key, top, read]);
  const newest = rows[0]?.position;
  const isPulling = useRef(false);
  /** Answers false where there is too much: the list is to begin anew. */
  const pull = async (): Promise<boolean> => {
    if (newest === undefined) return false;
    if (isPulling.current) return true;
    isPulling.current = true;
    try {
      const found = await eventsAfter(newest, type);
      if (found === undefined) return false;
      setAbove((before) => {
        const known = before.key === key ? before.events : [];
        const fresh = found.filter(({ position }) => position > (known[0]?.position ?? newest));
        return fresh.length === 0 ? before : { key, events: [...fresh.reverse(), ...known] };
      });
      return true;
    } catch {
      // Told by the line of the connection; the next change tries again.
      return true;
    } finally {
      isPulling.current = false;
    }
  };
  return { rows, pull };
}

const nothing = { key: '', events: [] };

/** Upwards from a place; undefined where it would be too many pages. */
async function eventsAfter(place: number, type: string | undefined) {
  const found: SealedEvent[] = [];
  let after = place;
  for (let pulls = 0; pulls < pullsMax; pulls += 1) {
    const query = { order: 'asc' as const, limit: pageSize, after, ...(type ? { type } : {}) };
    const page = await call('GET /v1/events', { query });
    const events = eventsIn(page);
    found.push(...events);
    const next = (page as { readonly next: number }).next;
    if (next === after || (type === undefined && events.length < pageSize)) return found;
    after = next;
  }
  return undefined;
}

type Pages = {
  readonly hasMore: boolean;
  readonly isFetchingMore: boolean;
  readonly more: () => void;
};

/** Of some types a page may be empty: not the whole log is gone through unasked. */
export function useBarren(key: string, count: number, pages: Pages) {
  const [allowed, setAllowed] = useState(barrenMax);
  const [seen, setSeen] = useState({ key, count, calls: 0 });
  if (seen.key !== key || seen.count !== count) setSeen({ key, count, calls: 0 });
  const isStopped = pages.hasMore && seen.calls >= allowed && !pages.isFetchingMore;
  return {
    isStopped,
    hasMore: pages.hasMore && !isStopped,
    more: () => {
      if (pages.isFetchingMore || !pages.hasMore || seen.calls >= allowed) return;
      setSeen((before) => ({ ...before, calls: before.calls + 1 }));
      pages.more();
    },
    lookFurther: () => setAllowed((before) => before + barrenMax),
  };
}
