// The list of screenings: those with hits that nobody has judged, the others on request.
import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Chips } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { placeOf, shortId } from '../../parts/id.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import type { Listed } from './words.ts';

type Row = Listed & { readonly gone: boolean };
const views = [
  ['open', 'Waiting'],
  ['cleared', 'Cleared'],
  ['none', 'No hits'],
  ['all', 'All'],
] as const;

export type Screenings = ReturnType<typeof useScreenings>;

export function useScreenings() {
  const [{ view = 'open', list, subject }] = useUrl();
  const status = views.find(([name]) => name === view)?.[0];
  const query = {
    ...{ list, subject },
    ...(status === undefined || status === 'all' ? {} : { status }),
  };
  const { items, first: _first, ...pages } = useApiPages('GET /v1/screenings', { query });
  const key = `${view} ${list} ${subject}`;
  const { rows, news, show } = useSteady(items, { key, idOf: ({ id }) => id });
  useRereading(['screening.'], pages.refetch);
  return {
    ...{ ...pages, news, show },
    rows: useMemo(() => rows.map(({ row, gone }): Row => ({ ...row, gone })), [rows]),
  };
}

export function ScreeningList({
  list,
  current,
  select,
}: {
  readonly list: Screenings;
  readonly current: string | undefined;
  readonly select: (id: string) => void;
}) {
  return (
    <>
      <Narrow />
      <Chips names={['subject']} />
      <Grid
        label="Screenings"
        rows={list.rows}
        columns={columns}
        idOf={({ id }) => id}
        selected={current}
        onSelect={({ id }) => select(id)}
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        news={{ count: list.news, show: list.show }}
        empty={<Nothing />}
      />
    </>
  );
}

function Narrow() {
  const [url, setUrl] = useUrl();
  const lists = useApi('GET /v1/screening-lists', { query: {} });
  const view = url['view'] ?? 'open';
  return (
    <div className="split-bar">
      <div className="segments" role="group" aria-label="Which screenings">
        {views.map(([name, words]) => (
          <button
            key={name}
            type="button"
            className="segment"
            aria-pressed={view === name}
            onClick={() => setUrl({ view: name === 'open' ? undefined : name, id: undefined })}
          >
            {words}
          </button>
        ))}
      </div>
      <Select
        aria-label="With hits of the list"
        placeholder="any list"
        w={140}
        clearable
        value={url['list'] ?? null}
        data={(lists.data?.items ?? []).map(({ list: name }) => name)}
        onChange={(name) => setUrl({ list: name ?? undefined, id: undefined })}
      />
    </div>
  );
}

const columns: readonly Column<Row>[] = [
  {
    ...{ id: 'state', header: 'State', width: 112 },
    cell: ({ status, open, gone }) =>
      gone ? (
        <State word="closed">judged</State>
      ) : status === 'open' ? (
        <State word="review">{open === 1 ? '1 open hit' : `${open} open hits`}</State>
      ) : (
        <State word={status}>{status === 'none' ? 'no hits' : 'cleared'}</State>
      ),
  },
  {
    ...{ id: 'subject', header: 'Who', width: 120, grow: true },
    cell: ({ subject }) => (
      <span className="mono clip" title={subject}>
        {placeOf(subject) ? shortId(subject) : subject}
      </span>
    ),
  },
  {
    ...{ id: 'best', header: 'Best hit', width: 150 },
    cell: ({ best: [best], hits }) =>
      best && (
        <span className="clip" title={`${best.list} ${best.entry_id}`}>
          <strong>{best.score}</strong> <span className="dimmed">{best.list}</span>
          {hits > 1 && <span className="dimmed"> +{hits - 1}</span>}
        </span>
      ),
  },
  { id: 'cause', header: 'Because of', width: 96, cell: ({ cause }) => wordsOf(cause) },
  {
    ...{ id: 'at', header: 'Screened', width: 92 },
    cell: ({ screened_at }) => <Time at={screened_at} />,
  },
];

function Nothing() {
  const [{ view = 'open' }] = useUrl();
  return view === 'open' ? (
    <Empty title="No hit waits for a judgement">
      Who is registered is screened; when a list changes, everybody is screened again. Hits that a
      person has to judge stand here.
    </Empty>
  ) : (
    <Empty title="Nothing fits here">Look under another state, or for another list.</Empty>
  );
}
