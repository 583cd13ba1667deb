// The state of a screen lives in its address, so that every state can be sent to a colleague.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlState = Readonly<Record<string, string>>;

/** The search of the address as plain words, and how to change some of them (undefined removes). */
export function useUrl(): readonly [
  UrlState,
  (change: Readonly<Record<string, string | undefined>>) => void,
] {
  const state = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Readonly<Record<string, string | undefined>>) => {
      void navigate({
        to: '.',
        search: ((before: UrlState) => without({ ...before, ...change })) as never,
        replace: true,
      });
    },
    [navigate],
  );
  return [state, set];
}

function without(state: Readonly<Record<string, string | undefined>>): UrlState {
  const given = Object.entries(state).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(given) as UrlState;
}

/** As the router reads it: `?status=denied`, without quotes or types. */
export function parseSearch(text: string): UrlState {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(state: object): string {
  const text = new URLSearchParams(without(state as UrlState)).toString();
  return text === '' ? '' : `?${text}`;
}
