// The points where something is decided: by which bundle, since when, and what is tried beside it.
import { Text } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useRefresh } from '../../api/live.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { Point } from './shape.ts';
import { Version } from './version.tsx';
import './policies.css';

export function usePoints() {
  useRefresh(['policy.'], ['GET /v1/policies']);
  return useApiPages('GET /v1/policies', {});
}

/** The title of a point, where one ships with it. */
export function useTitles(): ReadonlyMap<string, string> {
  const { data } = useApi('GET /v1/policy-schema', {}, { keep: true });
  return useMemo(() => new Map(data?.points.map(({ name, title }) => [name, title])), [data]);
}

export function Policies() {
  const points = usePoints();
  const titles = useTitles();
  const [{ id }, setUrl] = useUrl();
  const navigate = useNavigate();
  const columns = useMemo(() => columnsOf(titles), [titles]);
  const open = ({ name }: Point) => void navigate({ to: `/policies/${name}` as never });
  const chosen = points.items.find(({ name }) => name === id);
  const edit = () => {
    if (chosen) void navigate({ to: `/policies/${chosen.name}/edit` as never });
  };
  const keys: readonly Key[] = [
    { key: 'j', words: 'Down; k goes up' },
    { key: 'Enter', words: 'Open the policy' },
    { key: 'e', words: 'Edit it', act: edit },
  ];
  useKeys(keys);
  return (
    <Screen
      title="Policies"
      about="What decides at each point, and what is tried beside it"
      actions={<KeysButton keys={keys} />}
    >
      <Grid
        label="Policies"
        rows={points.items}
        columns={columns}
        idOf={({ name }) => name}
        selected={id}
        onSelect={({ name }) => setUrl({ id: name })}
        onOpen={open}
        more={points.more}
        hasMore={points.hasMore}
        isPending={points.isPending}
        error={points.error}
        retry={points.refetch}
        empty={
          <Empty title="No policy decides here yet">
            A point comes to be with the first bundle that is published for it.
          </Empty>
        }
      />
    </Screen>
  );
}

function columnsOf(titles: ReadonlyMap<string, string>): readonly Column<Point>[] {
  return [
    {
      ...{ id: 'policy', header: 'Policy', width: 280, grow: true },
      cell: ({ name }) => (
        <Link to={`/policies/${name}` as never} className="quiet-link">
          {titles.get(name) ?? name}
        </Link>
      ),
    },
    {
      ...{ id: 'point', header: 'Point', width: 190 },
      cell: ({ name }) => <span className="mono">{name}</span>,
    },
    {
      ...{ id: 'live', header: 'In force', width: 130 },
      cell: ({ live }) => (live ? <Version {...live} /> : <Text c="dimmed">nothing yet</Text>),
    },
    {
      ...{ id: 'since', header: 'Since', width: 110 },
      cell: ({ live }) =>
        live?.effective_at ? <Time at={live.effective_at} /> : <span>the first day</span>,
    },
    {
      ...{ id: 'beside', header: 'Tried beside it', width: 230 },
      cell: ({ shadow, canary }) =>
        shadow || canary ? (
          <span style={{ display: 'inline-flex', gap: 12 }}>
            {shadow && <State word="shadow">shadow</State>}
            {canary && <State word="canary">{`canary ${canary.share_bps / 100} %`}</State>}
          </span>
        ) : (
          <span className="dimmed">nothing</span>
        ),
    },
    {
      ...{ id: 'scheduled', header: 'Scheduled', width: 130 },
      cell: ({ scheduled: [first] }) =>
        first ? <Time at={first.effective_at} /> : <span className="dimmed">nothing</span>,
    },
    {
      ...{ id: 'drafts', header: 'Drafts', width: 110 },
      cell: ({ name }) => <Drafts name={name} />,
    },
  ];
}

const draftsShown = 100;

function Drafts({ name }: { readonly name: string }) {
  const { data } = useApi('GET /v1/policies/{name}/bundles', {
    ...{ path: { name }, query: { limit: draftsShown } },
  });
  if (!data) return null;
  const count = data.items.filter(({ standing }) => standing === 'draft').length;
  if (count === 0) return <span className="dimmed">0</span>;
  return (
    <Link to={`/policies/${name}` as never} search={{ tab: 'drafts' } as never}>
      {count}
      {data.next === null ? '' : '+'}
    </Link>
  );
}
