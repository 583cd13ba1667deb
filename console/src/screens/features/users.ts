// Which models read a feature: by the cards of what is in production, tried or watched.
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { cardOf } from '../models/shapes.ts';

const operation = 'GET /v1/models/{name}/versions/{version}';
/** Cards never change. */
const staleTime = Number.POSITIVE_INFINITY;

export type User = { readonly model: string; readonly versions: readonly number[] };

export function useUsers(): ReadonlyMap<string, readonly User[]> {
  const models = useApi('GET /v1/models', { query: { limit: 200 } });
  const wanted = (models.data?.items ?? []).flatMap(({ name, production, canary, shadow }) => {
    const versions = [production, canary, shadow].flatMap((served) => served?.version ?? []);
    return [...new Set(versions)].map((version) => ({ name, version }));
  });
  const cards = useQueries({
    queries: wanted.map((path) => ({
      queryKey: [operation, { path }],
      queryFn: () => call(operation, { path }),
      staleTime,
    })),
    combine: (found) => found.flatMap(({ data }) => data ?? []),
  });
  return useMemo(() => {
    const users = new Map<string, User[]>();
    for (const version of cards) {
      for (const { name, from } of cardOf(version).inputs) {
        if (from !== 'feature') continue;
        const known = users.get(name) ?? [];
        const same = known.find(({ model }) => model === version.name);
        const versions = [...(same?.versions ?? []), version.version];
        const others = known.filter((each) => each !== same);
        users.set(name, [...others, { model: version.name, versions }]);
      }
    }
    return users;
  }, [cards]);
}
