// A policy while it is edited: every step can be taken back, and what is not saved outlives a
// reload of the page. The server checks it a moment after each step.
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks';
import { useCallback, useEffect, useMemo, useReducer } from 'react';
import { type ApiProblem, call } from '../../api/client.ts';
import type { Api } from '../../api/openapi.ts';
import { useQuery } from '@tanstack/react-query';
import type { Bundle } from './shape.ts';

type Verdict = Api['POST /v1/policies/validate']['answer'];
export type Added = Readonly<Record<string, readonly string[]>>;

/** What is kept until it is saved. */
export type Copy = {
  readonly bundle: Bundle;
  /** What editing began from, and what was in force then. */
  readonly base: Bundle;
  readonly from: string | null;
  readonly live: string | null;
  /** Condition columns that are still empty, by sheet. */
  readonly added: Added;
};

type State = {
  readonly copy: Copy;
  readonly past: readonly Bundle[];
  readonly future: readonly Bundle[];
};
type Step =
  | { readonly kind: 'change'; readonly bundle: Bundle }
  | { readonly kind: 'replace'; readonly copy: Copy }
  | { readonly kind: 'add column'; readonly sheet: string; readonly key: string }
  | { readonly kind: 'undo' | 'redo' };

const stepsKept = 200;
const keepMs = 300;
const checkMs = 350;

function next(state: State, step: Step): State {
  const { copy, past, future } = state;
  switch (step.kind) {
    case 'change':
      if (step.bundle === copy.bundle) return state;
      return {
        copy: { ...copy, bundle: step.bundle },
        past: [...past.slice(-stepsKept), copy.bundle],
        future: [],
      };
    case 'replace':
      return { copy: step.copy, past: [...past, copy.bundle], future: [] };
    case 'add column': {
      const own = copy.added[step.sheet] ?? [];
      return {
        ...state,
        copy: { ...copy, added: { ...copy.added, [step.sheet]: [...own, step.key] } },
      };
    }
    case 'undo': {
      const bundle = past.at(-1);
      if (!bundle) return state;
      return {
        copy: { ...copy, bundle },
        past: past.slice(0, -1),
        future: [copy.bundle, ...future],
      };
    }
    case 'redo': {
      const [bundle, ...rest] = future;
      return bundle
        ? { copy: { ...copy, bundle }, past: [...past, copy.bundle], future: rest }
        : state;
    }
  }
}

export function keptCopy(key: string): Copy | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '') as Copy;
  } catch {
    return undefined;
  }
}

export function dropCopy(key: string): void {
  sessionStorage.removeItem(key);
}

export function useWorkingCopy(key: string, first: Copy) {
  const [{ copy, past, future }, step] = useReducer(next, first, (copy) => ({
    ...{ copy, past: [], future: [] },
  }));
  const isChanged = copy.bundle !== copy.base && !isEqual(copy.bundle, copy.base);
  const keep = useDebouncedCallback((latest: Copy, changed: boolean) => {
    if (changed) sessionStorage.setItem(key, JSON.stringify(latest));
    else dropCopy(key);
  }, keepMs);
  useEffect(() => keep(copy, isChanged), [copy, isChanged, keep]);
  const change = useCallback((bundle: Bundle) => step({ kind: 'change', bundle }), []);
  return { copy, isChanged, canUndo: past.length > 0, canRedo: future.length > 0, step, change };
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What the server says of it: it alone knows the rules. */
export function useVerdict(bundle: Bundle | undefined) {
  const [settled] = useDebouncedValue(bundle, checkMs);
  // Each state of the bundle is a text of its own; the answers to earlier ones are not kept.
  const text = useMemo(() => JSON.stringify(settled), [settled]);
  const query = useQuery<Verdict, ApiProblem>({
    queryKey: ['POST /v1/policies/validate', text],
    queryFn: ({ signal }) => call('POST /v1/policies/validate', { body: settled as never, signal }),
    enabled: settled !== undefined,
    gcTime: 30_000,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (earlier) => earlier,
  });
  return {
    verdict: query.data,
    error: query.error,
    isChecking: query.isFetching || settled !== bundle,
  };
}
