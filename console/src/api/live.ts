// What happens at the bank while a screen is open: one stream of counts for the whole console.
// It never moves what the eye is on: lists count what is new and offer it, single objects are read
// again where they stand.
import { type Query, focusManager, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { Operation } from './client.ts';

/** Counts of sealed events by type since the message before. */
export type Changes = {
  readonly position: number;
  readonly at: string;
  readonly types: Readonly<Record<string, number>>;
};

export type Connection = 'connecting' | 'live' | 'away';

/** How often one looks without a stream, and for one. */
const lookMs = 5_000;

const listeners = new Set<(changes: Changes) => void>();
const watchers = new Set<() => void>();
let connection: Connection = 'connecting';

/** Opens the stream; the browser opens it again by itself where it breaks. Answers how to end it. */
export function openLive(): () => void {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const become = (next: Connection) => {
    connection = next;
    for (const watcher of watchers) watcher();
  };
  const open = () => {
    source = new EventSource('/v1/changes');
    source.onopen = () => become('live');
    source.onerror = () => {
      become('away');
      // Refused, as after the end of a session: the browser lets go of it then.
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, lookMs);
    };
    source.addEventListener('changes', (event) => {
      const changes = JSON.parse((event as MessageEvent<string>).data) as Changes;
      for (const listener of listeners) listener(changes);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
    become('connecting');
  };
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}

/** Told of every change of events whose type begins with one of the words. */
export function useChanges(words: readonly string[], told: (changes: Changes) => void): void {
  const latest = useRef(told);
  latest.current = told;
  const key = words.join(' ');
  useEffect(() => {
    const wanted = key.split(' ');
    const listener = (changes: Changes) => {
      const concerned = Object.keys(changes.types).some((type) =>
        wanted.some((word) => type.startsWith(word)),
      );
      if (concerned) latest.current(changes);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [key]);
}

/** How many such events came since the list was read; `shown` starts again at none. */
export function useNews(words: readonly string[]): {
  readonly count: number;
  readonly shown: () => void;
} {
  const [count, setCount] = useState(0);
  useChanges(words, ({ types }) => {
    const news = Object.entries(types)
      .filter(([type]) => words.some((word) => type.startsWith(word)))
      .reduce((sum, [, each]) => sum + each, 0);
    setCount((before) => before + news);
  });
  return { count, shown: useCallback(() => setCount(0), []) };
}

/**
 * Reads what a screen shows again when such events come: for what keeps its place on the screen.
 * Without the stream it looks now and then, as long as somebody is there.
 */
export function useRefresh(words: readonly string[], operations: readonly Operation[]): void {
  const queries = useQueryClient();
  const key = operations.join('\n');
  const refresh = useCallback(() => {
    for (const operation of key.split('\n')) {
      void queries.invalidateQueries({ queryKey: [operation] });
    }
  }, [key, queries]);
  useChanges(words, refresh);
  // Another screen may have read it before what it has missed since, and nobody tells of that twice.
  useEffect(() => {
    const isKept = ({ queryKey: [operation], state }: Query) =>
      key.split('\n').includes(String(operation)) && state.dataUpdatedAt > 0;
    void queries.invalidateQueries({ predicate: isKept });
  }, [key, queries]);
  const isLive = useConnection() === 'live';
  const wasCut = useRef(false);
  useEffect(() => {
    if (isLive) {
      // What happened in between was told to nobody.
      if (wasCut.current) refresh();
      return () => {
        wasCut.current = true;
      };
    }
    const timer = setInterval(() => {
      if (focusManager.isFocused()) refresh();
    }, lookMs);
    return () => clearInterval(timer);
  }, [isLive, refresh]);
}
