// Reading and writing from components: what is read is kept and shared, what is written is retried
// under one key.
import {
  MutationCache,
  QueryCache,
  type QueryClient,
  QueryClient as Client,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { type Answer, ApiProblem, type Call, call, type Operation } from './client.ts';

type Read<Op extends Operation> = Omit<Call<Op>, 'key' | 'signal' | 'body'>;
type Reading = {
  /** Whether to read now; yes unless told. */
  readonly enabled?: boolean;
  readonly refetchMs?: number;
  /** Whether the earlier answer stays on the screen while another one is read. */
  readonly keep?: boolean;
};

const triesMax = 4;

/** `onFailure` hears of each read and write that failed for good. */
export function createQueries(onFailure: (error: Error) => void): QueryClient {
  return new Client({
    queryCache: new QueryCache({ onError: onFailure }),
    mutationCache: new MutationCache({ onError: onFailure }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (count, error) => count < triesMax && isPassing(error),
        retryDelay: (count) => Math.min(500 * 2 ** count, 8_000),
      },
      mutations: {
        // Every write carries a key, so that a second try has no second effect.
        retry: (count, error) => count < 2 && isPassing(error),
      },
    },
  });
}

/** Whether the same call may succeed a moment later. */
function isPassing(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.retryable === true;
}

/** Reads once, and again when it is stale; others who read the same share the answer. */
export function useApi<Op extends Operation>(operation: Op, given: Read<Op>, how: Reading = {}) {
  const { enabled = true, refetchMs, keep = false } = how;
  return useQuery<Answer<Op>, ApiProblem>({
    queryKey: [operation, given],
    queryFn: ({ signal }) => call(operation, { ...given, signal } as unknown as Call<Op>),
    enabled,
    ...(refetchMs === undefined ? {} : { refetchInterval: refetchMs }),
    ...(keep ? { placeholderData: (earlier: Answer<Op> | undefined) => earlier } : {}),
  } as Parameters<typeof useQuery<Answer<Op>, ApiProblem>>[0]);
}

type PageOf = { readonly items: readonly unknown[]; readonly next: string | number | null };
type Paged = { readonly pages: readonly unknown[]; readonly pageParams: readonly unknown[] };
type ItemOf<Op extends Operation> =
  Answer<Op> extends { readonly items: readonly (infer Item)[] } ? Item : never;

/** Reads a list page by page: `items` of all pages so far, and `more` for the next one. */
export function useApiPages<Op extends Operation>(
  operation: Op,
  given: Read<Op>,
  { limit = 100, enabled = true }: { readonly limit?: number; readonly enabled?: boolean } = {},
) {
  const queries = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: [operation, given, 'pages'],
    // A long list is not read again from its top to its end because a window came to the front:
    // what is new is offered.
    ...{ refetchOnWindowFocus: false, refetchOnReconnect: false },
    queryFn: ({ signal, pageParam }) => {
      const asked = (given as { readonly query?: object }).query;
      const page = { limit, ...asked, ...(pageParam === null ? {} : { after: pageParam }) };
      return call(operation, { ...given, query: page, signal } as unknown as Call<Op>);
    },
    initialPageParam: null as string | number | null,
    getNextPageParam: (last) => (last as PageOf).next,
    enabled,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const items = useMemo(
    () => (data?.pages ?? []).flatMap((page) => (page as PageOf).items) as ItemOf<Op>[],
    [data],
  );
  return {
    ...{ items, first: data?.pages[0] as Answer<Op> | undefined },
    ...{ isPending: query.isPending && enabled, error: query.error as ApiProblem | null },
    ...{ refetch: query.refetch, hasMore: hasNextPage, isFetchingMore: isFetchingNextPage },
    /** Reads the first page again, and lets go of the others. */
    renew: () => {
      queries.setQueryData(
        [operation, given, 'pages'],
        (all: Paged | undefined) =>
          all && { pages: all.pages.slice(0, 1), pageParams: all.pageParams.slice(0, 1) },
      );
      return query.refetch();
    },
    more: () => {
      // Not while the list is read anew: to ask for more would end that.
      if (hasNextPage && !query.isFetching) void fetchNextPage();
    },
  };
}

/**
 * Writes. Each time it is called is an intention of its own, with a key of its own; unless the very
 * same was sent before and nobody knows what became of it, then it goes under the key of that.
 * `stale` are the operations whose answers it changes.
 */
export function useAct<Op extends Operation>(operation: Op, stale: readonly Operation[] = []) {
  const queries = useQueryClient();
  const keys = useWriteKeys();
  return useMutation<Answer<Op>, ApiProblem, Omit<Call<Op>, 'key' | 'signal'> & { key?: string }>({
    mutationFn: (given) => call(operation, given as unknown as Call<Op>),
    onMutate: (given) => {
      const { key, ...sent } = given as { key?: string };
      // Set once, before the first try.
      (given as { key?: string }).key = key ?? keys.keyOf(sent);
    },
    onSettled: (_answer, error, given) => {
      const { key = '', ...sent } = given as { key?: string };
      keys.settle(sent, key, error);
      return rereadBehind(queries, stale, error);
    },
  });
}

/** Keys for writes: a new one each time, but that of the very same of which the end is not known. */
export function useWriteKeys() {
  const doubtful = useRef(new Map<string, string>()).current;
  return {
    keyOf: (sent: object) => doubtful.get(JSON.stringify(sent)) ?? crypto.randomUUID(),
    settle: (sent: object, key: string, error: Error | null) => {
      if (error && isPassing(error)) doubtful.set(JSON.stringify(sent), key);
      else doubtful.delete(JSON.stringify(sent));
    },
  };
}

/** What was written is done when it is seen; a failure is told at once. */
export async function rereadBehind(
  queries: QueryClient,
  stale: readonly Operation[],
  error: Error | null,
): Promise<void> {
  const read = stale.map((each) => queries.invalidateQueries({ queryKey: [each] }));
  if (error === null) await Promise.all(read);
}
