// The cases in view: read by the filters of the address, kept in their places, and marked.
import { useCallback, useState } from 'react';
import { useApiPages } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { useRereading, useSteady } from '../../parts/steady.ts';
import type { Case } from './words.ts';

/** As many as one batch may hold. */
export const marksMax = 100;

export type CaseList = ReturnType<typeof useCaseList>;

export function useCaseList() {
  const [{ queue, status, mine }] = useUrl();
  const me = useSession()?.principal;
  const query = {
    ...(queue === undefined ? {} : { queue }),
    ...(status === undefined ? {} : { status: status as Case['status'] }),
    ...(mine === 'yes' && me !== undefined ? { assignee: me } : {}),
  };
  const { items, first: _first, ...pages } = useApiPages('GET /v1/cases', { query });
  const key = JSON.stringify(query);
  const steady = useSteady(items, { key, idOf: ({ id }) => id });
  useRereading(['case.'], pages.refetch);
  return { ...pages, ...steady, ...useMarks(key) };
}

/** What a batch is to be done with. Another list begins without marks. */
function useMarks(key: string) {
  const [marked, setMarked] = useState({ key, ids: noMarks });
  const marks = marked.key === key ? marked.ids : noMarks;
  return {
    marks,
    mark: useCallback(
      (id: string) =>
        setMarked((before) => {
          const ids = new Set(before.key === key ? before.ids : noMarks);
          if (!ids.delete(id) && ids.size < marksMax) ids.add(id);
          return { key, ids };
        }),
      [key],
    ),
    /** Leaves these alone marked. */
    keepMarks: useCallback(
      (ids: readonly string[]) => setMarked({ key, ids: new Set(ids) }),
      [key],
    ),
  };
}

const noMarks: ReadonlySet<string> = new Set();
