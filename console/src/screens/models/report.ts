// The report on a model for the period that the address names, and the same in parts over time.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { type ApiProblem, call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import type { Report } from './shapes.ts';

const hourMs = 3_600_000;
/** How many parts a period is told in, over time. */
export const periods = [
  { id: 'hour', name: 'Hour', ms: hourMs, parts: 6 },
  { id: 'day', name: 'Day', ms: 24 * hourMs, parts: 8 },
  { id: 'week', name: 'Week', ms: 7 * 24 * hourMs, parts: 7 },
  { id: 'month', name: '30 days', ms: 30 * 24 * hourMs, parts: 10 },
] as const;

type Query = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly version?: number | undefined;
  readonly unlabelled?: 'negative' | undefined;
};

/** Reports are made on demand, one at a time for a bank: they are kept as long as they are shown. */
export function useReport(name: string) {
  const [url] = useUrl();
  const [asked, setAsked] = useState(() => Date.now());
  const { from, to, version, unlabelled } = url;
  const period = periods.find(({ id }) => id === url['period']) ?? periods[1];
  const query = useMemo((): Query => {
    const span = from ? { from, to } : { from: new Date(asked - period.ms).toISOString() };
    return {
      ...span,
      version: Number(version) || undefined,
      unlabelled: unlabelled === 'negative' ? 'negative' : undefined,
    };
  }, [from, to, version, unlabelled, period, asked]);
  const found = useApi(
    'GET /v1/models/{name}/monitoring',
    { path: { name }, query },
    { keep: true },
  );
  return {
    ...{ report: found.data, error: found.error, isFetching: found.isFetching },
    ...{ period: from ? undefined : period.id, parts: period.parts, asked },
    again: () => {
      setAsked(Date.now());
      return found.refetch();
    },
  };
}

export type Slice = { readonly from: string; readonly report: Report };

const partMaxMs = 15 * 60_000;

/** One part after the other, since the API makes one report at a time. */
export function useSlices(
  report: Report | undefined,
  /** No score of it can be older than the version itself. */
  span: Span | undefined,
  { parts, isWanted }: { readonly parts: number; readonly isWanted: boolean },
) {
  const [url] = useUrl();
  const unlabelled = url['unlabelled'] === 'negative' ? 'negative' : undefined;
  const of = report && { model: report.model, version: report.version };
  const query = useInfiniteQuery<Slice, ApiProblem>({
    queryKey: ['report in parts', of, span, parts, unlabelled],
    enabled: span !== undefined && isWanted,
    staleTime: partMaxMs,
    initialPageParam: 0,
    getNextPageParam: (_last, pages) => (pages.length < parts ? pages.length : undefined),
    queryFn: async ({ pageParam, signal }) => {
      const { model: name = '', version } = of ?? {};
      const { from, to } = partOf(span as Span, parts, pageParam as number);
      const slice = await call('GET /v1/models/{name}/monitoring', {
        ...{ path: { name }, signal },
        query: { from, to, ...(version ? { version } : {}), ...(unlabelled ? { unlabelled } : {}) },
      });
      return { from, report: slice };
    },
  });
  const { hasNextPage, isFetching, fetchNextPage, error } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching && !error) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage, error]);
  const slices = useMemo(() => query.data?.pages ?? [], [query.data]);
  return { slices, isLoading: isFetching || hasNextPage, error };
}

/** In milliseconds. */
export type Span = { readonly from: number; readonly to: number };

function partOf({ from, to }: Span, parts: number, at: number) {
  const edge = (index: number) =>
    new Date(Math.round(from + ((to - from) * index) / parts)).toISOString();
  return { from: edge(at), to: edge(at + 1) };
}
