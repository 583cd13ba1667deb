// Who is signed in, and what Cedar lets them do: the screens grey out the rest and say why.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useSyncExternalStore } from 'react';
import { tell } from '../parts/tell.ts';
import { type Answer, ApiProblem, call } from './client.ts';

export type Session = Answer<'GET /v1/session'>;
export type Right = Session['rights'][number]['right'];

const unknown = { allowed: false, why: 'who you are is not known yet' } as const;
const signedIn = 'countersign-signed-in';

/** Null when nobody has signed in; undefined as long as that is not known. */
export function useSession(): Session | null | undefined {
  const { data } = useQuery<Session | null>({
    queryKey: ['session'],
    queryFn: async ({ signal, client }) => {
      const known = client.getQueryData<Session | null>(['session']) ?? null;
      try {
        const session = await call('GET /v1/session', { signal });
        if (known !== null && !isSame(known, session)) startAnew();
        return session;
      } catch (error) {
        if (!(error instanceof ApiProblem && error.problem.status === 401)) throw error;
        // Whoever was at work here keeps the page as it is, and signs in again.
        if (known !== null) sessionIsOver(true);
        return known;
      }
    },
    staleTime: 60_000,
    refetchInterval: 5 * 60_000,
    retry: true,
    retryDelay: 2_000,
  });
  return data;
}

function isSame(one: Session, other: Session): boolean {
  return one.principal === other.principal && one.tenant.id === other.tenant.id;
}

/** What stands here was read and typed by somebody else: nothing of it is to go out as theirs. */
function startAnew(): void {
  sessionStorage.clear();
  location.reload();
}

/** Whether the one who is signed in may do something, and the words for why not. */
export function useMay(): (right: Right) => { readonly allowed: boolean; readonly why: string } {
  const session = useSession();
  return useCallback(
    (right) => session?.rights.find((each) => each.right === right) ?? unknown,
    [session],
  );
}

// A session that ends while somebody works ------------------------------------------------------

let isOver = false;
const watchers = new Set<() => void>();

/** Told of every answer 401: the page stays as it is, with what was typed, until they are back. */
export function sessionIsOver(over: boolean): void {
  if (isOver === over) return;
  isOver = over;
  for (const watcher of watchers) watcher();
}

export function useSessionIsOver(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => isOver,
  );
}

/** Said by the window in which they have signed in again, to the one in which they work. */
export function tellSignedIn(): void {
  new BroadcastChannel(signedIn).postMessage('signed in');
}

/** Listens for that; answers how to stop. */
export function onSignedIn(then: () => void): () => void {
  const channel = new BroadcastChannel(signedIn);
  channel.onmessage = then;
  return () => channel.close();
}

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    const request = { method: 'POST', credentials: 'same-origin' } as const;
    const answer = await fetch('/auth/sign-out', request).catch(() => undefined);
    if (!answer?.ok) {
      tell('You are still signed in: the server did not end the session. Try again.');
      return;
    }
    const told = (await answer.json()) as { location: string };
    queries.clear();
    // What was typed is not for the next one at this window.
    sessionStorage.clear();
    location.assign(told.location);
  };
}
