// Reading again what a screen shows: told by the stream of changes; by the clock for those who may
// not listen to it.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Operation } from '../api/client.ts';
import { useConnection, useRefresh } from '../api/live.ts';

const lookMs = 5_000;

export function useFresh(words: readonly string[], operations: readonly Operation[]): void {
  useRefresh(words, operations);
  const queries = useQueryClient();
  const isLive = useConnection() === 'live';
  const key = operations.join('\n');
  useEffect(() => {
    if (isLive) return;
    const timer = setInterval(() => {
      if (document.hidden) return;
      for (const operation of key.split('\n')) {
        void queries.invalidateQueries({ queryKey: [operation] });
      }
    }, lookMs);
    return () => clearInterval(timer);
  }, [isLive, key, queries]);
}
