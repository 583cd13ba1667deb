// Calls: what agents have asked of the bank, on whose behalf, and what came of it; one read beside
// the list.
import { Switch } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useChanges, useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips, chosenOf, Facets } from '../../parts/facets.tsx';
import { countText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Empty } from '../../parts/states.tsx';
import { Instant } from '../../parts/time.tsx';
import { useBarren } from '../events/list.ts';
import { CallView } from './call.tsx';
import { TakeAway } from './take-away.tsx';
import { CallState, callWords, EffectWord, nameOfAgent, type ToolCall } from './words.tsx';
import './gateway.css';

type Counts = Answer<'GET /v1/tool-calls/facets'>;

const facets = ['caller', 'tool', 'status'] as const;
const called = ['tool.called'];
const keys: readonly Key[] = [
  { key: 'j', words: 'Next call, an older one' },
  { key: 'k', words: 'The one before, a newer one' },
  { key: 't', words: 'Follow the newest, or stop that' },
  { key: 'f', words: 'Search by customer or call' },
  { key: 'Esc', words: 'Close the panel' },
];

export function Calls() {
  const may = useMay()('events:read');
  const counts = useCounts(may.allowed);
  return (
    <Screen
      title="Calls"
      about={counts.data && <Total of={counts.data} />}
      actions={<KeysButton keys={keys} />}
    >
      {may.allowed ? (
        <Log counts={counts.data} recount={() => void counts.refetch()} />
      ) : (
        <Empty title="Calls are closed to you">{may.why}</Empty>
      )}
    </Screen>
  );
}

function useQuery() {
  const [url] = useUrl();
  const { caller, tool, status, q = '' } = url;
  return useMemo(
    () => ({
      ...(caller ? { caller } : {}),
      ...(tool ? { tool } : {}),
      ...(status ? { status } : {}),
      ...(q !== '' && !isCall(q) ? { on_behalf_of: q } : {}),
    }),
    [caller, tool, status, q],
  );
}

function useCounts(enabled: boolean) {
  return useApi('GET /v1/tool-calls/facets', { query: useQuery() }, { enabled, keep: true });
}

function Total({ of: { total, capped } }: { readonly of: Counts }) {
  const calls = total === 1 ? 'one call' : `${countText(total)} calls`;
  if (capped)
    return <>{total === 0 ? 'none lately' : `${calls} lately`}; older ones are not counted</>;
  return <>{total === 0 ? 'What agents have asked of the bank' : calls}</>;
}

function Log({
  counts,
  recount,
}: {
  readonly counts: Counts | undefined;
  readonly recount: () => void;
}) {
  const [url, setUrl] = useUrl();
  const query = useQuery();
  const list = useApiPages('GET /v1/tool-calls', { query }, { limit: 100 });
  const barren = useBarren(JSON.stringify(query), list.items.length, list);
  const news = useNews(called);
  const show = () => {
    news.shown();
    recount();
    void list.renew();
  };
  const id = url['id'] ?? (isCall(url['q']) ? url['q'] : undefined);
  const follows = url['follow'] === 'yes';
  const toggle = () => setUrl({ follow: follows ? undefined : 'yes' });
  useKeys([{ key: 't', words: 'Follow', act: toggle }]);
  // While one is read nothing moves: what is new is offered.
  useChanges(called, () => follows && id === undefined && show());
  return (
    <Explorer
      side={<Side of={counts} />}
      bar={
        <>
          <span style={{ flex: 1 }} />
          {follows && id !== undefined && <span className="dimmed">waits while you read</span>}
          <TakeAway query={query} />
          <Switch label="Follow (t)" checked={follows} onChange={toggle} />
        </>
      }
      panel={
        id !== undefined && (
          <Panel
            label="The call"
            close={() => setUrl({ id: undefined, ...(isCall(url['q']) ? { q: undefined } : {}) })}
          >
            <Following id={id} View={CallView} />
          </Panel>
        )
      }
    >
      <Chips names={['q', ...facets]} titles={{ q: 'search', status: 'came to' }} say={say} />
      <Grid
        label="Calls"
        rows={list.items}
        columns={columns}
        idOf={({ call_id }) => call_id}
        selected={id}
        onSelect={({ call_id }) => setUrl({ id: call_id })}
        hearsAll
        isPending={list.isPending || (list.items.length === 0 && barren.hasMore)}
        {...{ more: barren.more, hasMore: barren.hasMore, error: list.error, retry: list.refetch }}
        news={{ count: follows && id === undefined ? 0 : news.count, show }}
        empty={<Nothing isNarrowed={Object.keys(query).length > 0} />}
      />
    </Explorer>
  );
}

function isCall(text: string | undefined): text is string {
  return /^cmd_[0-9a-hjkmnp-tv-z]{26}$/.test(text ?? '');
}

function say(name: string, value: string): string {
  if (name === 'q') return shortId(value);
  const read = name === 'status' ? (word: string) => callWords[word] ?? word : nameOfAgent;
  return chosenOf(value).map(read).join(' or ');
}

const none: readonly [] = [];

function Side({ of }: { readonly of: Counts | undefined }) {
  const given = useMemo(
    () => [
      { name: 'status', title: 'Came to', values: of?.status ?? none, words: callWords },
      { name: 'caller', title: 'Caller', values: of?.caller ?? none },
      { name: 'tool', title: 'Tool', values: of?.tool ?? none },
    ],
    [of],
  );
  return (
    <>
      <SearchBox
        name="q"
        label="Search by the id of a customer or of a call"
        placeholder="Customer or call id ( f )"
      />
      <Facets facets={given} />
    </>
  );
}

function Nothing({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="No call fits these filters">Take one away to see the others.</Empty>
  ) : (
    <Empty title="No agent has called yet">
      Each call of a tool leaves one record here, whatever came of it. First{' '}
      <Link to={'/agents' as never}>register an agent</Link>, and{' '}
      <Link to={'/tools' as never}>approve a tool</Link> for it.
    </Empty>
  );
}

const columns: readonly Column<ToolCall>[] = [
  {
    ...{ id: 'time', header: 'Time', width: 146 },
    cell: ({ called_at }) => <Instant at={called_at} />,
  },
  {
    ...{ id: 'status', header: 'Came to', width: 100 },
    cell: ({ status }) => <CallState status={status} />,
  },
  {
    ...{ id: 'tool', header: 'Tool', width: 170, grow: true },
    cell: ({ tool }) => <span className="mono clip">{tool}</span>,
  },
  {
    ...{ id: 'caller', header: 'Caller', width: 130, spare: true },
    cell: ({ caller }) => (
      <span className="clip" title={caller}>
        {nameOfAgent(caller)}
      </span>
    ),
  },
  {
    ...{ id: 'customer', header: 'For', width: 108, spare: true },
    cell: ({ on_behalf_of: customer }) =>
      customer === null ? (
        <span className="dimmed">nobody</span>
      ) : (
        <span className="mono" title={customer}>
          {shortId(customer)}
        </span>
      ),
  },
  {
    ...{ id: 'code', header: 'Problem', width: 150, spare: true },
    cell: ({ code }) => <span className="clip mono">{code}</span>,
  },
  {
    ...{ id: 'effect', header: 'Effect', width: 78, spare: true },
    cell: ({ effect, tool }) => <EffectWord effect={effect} tool={tool} />,
  },
  {
    ...{ id: 'latency', header: 'Took', width: 76, align: 'end', spare: true },
    cell: ({ latency_ms: ms }) => <span className="call-latency">{countText(ms)} ms</span>,
  },
];
