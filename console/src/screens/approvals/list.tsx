// The list of approvals: what waits first, narrowed by what somebody looks for.
import { Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { Eyes } from '../../parts/eyes.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';

type Approval = Answer<'GET /v1/approvals'>['items'][number];

const views = [
  ['waiting', 'Waiting'],
  ['for-me', 'For you'],
  ['by-me', 'Asked by you'],
  ['all', 'All'],
] as const;

export type ApprovalList = ReturnType<typeof useApprovalList>;

/** Narrowed here as far as the API does not: its pages are read until enough of them fits. */
export function useApprovalList() {
  const [{ view = 'waiting', kind, status }] = useUrl();
  const me = useSession()?.principal ?? '';
  const wanted = view === 'all' || view === 'by-me' ? status : 'pending';
  const query = {
    ...(kind === undefined ? {} : { subject_kind: kind }),
    ...(view === 'by-me' ? { maker: me } : {}),
    ...(wanted === undefined ? {} : { status: wanted as Approval['status'] }),
  };
  const { items, first: _first, ...pages } = useApiPages('GET /v1/approvals', { query });
  const fitting = useMemo(
    () =>
      items.filter((each) => {
        const isCases = each.subject_kind === casesKind && kind !== casesKind;
        return view === 'all' || (!isCases && (view !== 'for-me' || isFor(each, me)));
      }),
    [items, view, kind, me],
  );
  const key = `${view} ${kind} ${status} ${me}`;
  const { rows, news, show, settle } = useSteady(fitting, { key, idOf: ({ id }) => id });
  useRereading(['approval.'], pages.refetch);
  return {
    ...{ ...pages, news, show, settle },
    kinds: useMemo(() => [...new Set(items.map((each) => each.subject_kind))].toSorted(), [items]),
    rows: useMemo(() => rows.map(({ row, gone }) => ({ ...row, gone })), [rows]),
  };
}

function isFor({ maker, verdicts }: Approval, me: string): boolean {
  return maker !== me && verdicts.every(({ checker }) => checker !== me);
}

/** These are decided where their cases are looked at. */
export const casesKind = 'payment.resume';

type Row = Approval & { readonly gone: boolean };

/** What is the same in all rows of a view has no column in it. */
function columnsOf(view: string, isNarrow: boolean): readonly Column<Row>[] {
  const columns: readonly (Column<Row> | false)[] = [
    (view === 'all' || view === 'by-me') && {
      ...{ id: 'state', header: 'State', width: 92 },
      cell: ({ status }) => <State word={status} />,
    },
    {
      ...{ id: 'kind', header: 'Kind', width: isNarrow ? 108 : 130 },
      cell: ({ subject_kind, gone, status }) =>
        gone && status === 'pending' ? (
          <State word="closed">gone</State>
        ) : (
          <span className="mono">{subject_kind}</span>
        ),
    },
    {
      ...{ id: 'what', header: 'Asked for', width: 104, grow: true },
      cell: ({ summary }) => <span title={summary}>{summary}</span>,
    },
    view !== 'by-me' &&
      !isNarrow && {
        ...{ id: 'by', header: 'By', width: 88 },
        cell: ({ maker }) => <Who principal={maker} />,
      },
    {
      ...{ id: 'eyes', header: 'Eyes', width: 76 },
      cell: ({ verdicts, required_checkers: required, status }) => (
        <Eyes
          given={verdicts.filter(({ verdict }) => verdict === 'approve').length}
          required={required}
          rejected={status === 'rejected'}
        />
      ),
    },
    {
      ...{ id: 'ends', header: 'Ends', width: 78, align: 'end' },
      cell: ({ ended_at, expires_at }) => <Time at={ended_at ?? expires_at} />,
    },
  ];
  return columns.filter((column) => column !== false);
}

export function List({
  list,
  current,
  select,
}: {
  readonly list: ApprovalList;
  readonly current: string | undefined;
  readonly select: (id: string) => void;
}) {
  const [{ view = 'waiting' }] = useUrl();
  const isNarrow = useMediaQuery('(max-width: 1280px)') ?? false;
  const columns = useMemo(() => columnsOf(view, isNarrow), [view, isNarrow]);
  return (
    <>
      <Narrow kinds={list.kinds} />
      <Grid
        label="Approvals"
        rows={list.rows}
        columns={columns}
        idOf={({ id }) => id}
        selected={current}
        onSelect={({ id }) => select(id)}
        more={list.more}
        hasMore={list.hasMore}
        isPending={list.isPending}
        error={list.error}
        retry={list.refetch}
        news={{ count: list.news, show: list.show }}
        empty={<Nothing />}
      />
    </>
  );
}

const ended: readonly Approval['status'][] = [
  ...(['approved', 'used', 'rejected', 'withdrawn', 'expired'] as const),
];

function Narrow({ kinds }: { readonly kinds: readonly string[] }) {
  const [url, setUrl] = useUrl();
  const view = url['view'] ?? 'waiting';
  const isAll = view === 'all' || view === 'by-me';
  return (
    <div className="split-bar">
      <div className="segments" role="group" aria-label="Which approvals">
        {views.map(([name, words]) => (
          <button
            key={name}
            type="button"
            className="segment"
            aria-pressed={view === name}
            onClick={() =>
              setUrl({
                view: name === 'waiting' ? undefined : name,
                id: undefined,
                status: undefined,
              })
            }
          >
            {words}
          </button>
        ))}
      </div>
      {isAll && (
        <Select
          aria-label="State"
          placeholder="any state"
          w={112}
          clearable
          value={url['status'] ?? null}
          data={['pending', ...ended].map((value) => ({ value, label: wordsOf(value) }))}
          onChange={(status) => setUrl({ status: status ?? undefined, id: undefined })}
        />
      )}
      <Select
        aria-label="Kind"
        placeholder="any kind"
        w={{ base: 104, lg: 140 }}
        clearable
        value={url['kind'] ?? null}
        data={[...new Set([...kinds, ...(url['kind'] ? [url['kind']] : [])])]}
        onChange={(kind) => setUrl({ kind: kind ?? undefined, id: undefined })}
        comboboxProps={{ width: 190, position: 'bottom-end' }}
      />
    </div>
  );
}

function Nothing() {
  return (
    <Empty title="Nothing waits here">
      Changes that need a second person wait here until somebody else agrees: policies, models,
      roles, keys, switches. They are asked for where they are made. Payments under review are
      decided in the <Link to={'/reviews' as never}>reviews</Link>.
    </Empty>
  );
}
