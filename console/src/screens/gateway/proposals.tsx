// Proposals: what agents would do for customers, and who has to agree to it; one read beside the list.
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips, chosenOf, Facets } from '../../parts/facets.tsx';
import { countText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { Instant, Time } from '../../parts/time.tsx';
import { type Asking, ProposalView } from './proposal.tsx';
import { proposalReads, ProposalState } from './words.tsx';
import './gateway.css';

type Row = Answer<'GET /v1/proposals'>['items'][number];
type Counts = Answer<'GET /v1/proposals/facets'>;

const facets = ['waits_for', 'status', 'agent', 'tool'] as const;
const happenings = ['proposal.', 'approval.'];

export function Proposals() {
  const may = useMay()('policy:read');
  const [asking, ask] = useState<Asking>();
  const query = useQuery();
  const counts = useApi(
    'GET /v1/proposals/facets',
    { query },
    { enabled: may.allowed, keep: true },
  );
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next proposal, an older one' },
    { key: 'k', words: 'The one before, a newer one' },
    { key: 'a', words: 'Approve, where people of the bank are asked', act: () => ask('approve') },
    { key: 'd', words: 'Reject it', act: () => ask('reject') },
    { key: 'f', words: 'Search by customer or proposal' },
    { key: 'Esc', words: 'Close the panel' },
  ];
  useKeys(keys, asking === undefined);
  return (
    <Screen
      title="Proposals"
      about="What agents would do for customers, and who has to agree first"
      actions={<KeysButton keys={keys} />}
    >
      {may.allowed ? (
        <List counts={counts.data} {...{ asking, ask }} />
      ) : (
        <Empty title="Proposals are closed to you">{may.why}</Empty>
      )}
    </Screen>
  );
}

function useQuery() {
  const [{ waits_for, status, agent, tool, q = '' }] = useUrl();
  return useMemo(
    () => ({
      ...(waits_for ? { waits_for } : {}),
      ...(status ? { status } : {}),
      ...(agent ? { agent } : {}),
      ...(tool ? { tool } : {}),
      ...(q !== '' && !isProposal(q) ? { customer: q } : {}),
    }),
    [waits_for, status, agent, tool, q],
  );
}

type ListProps = {
  readonly counts: Counts | undefined;
  readonly asking: Asking | undefined;
  readonly ask: (asking: Asking | undefined) => void;
};

function List({ counts, asking, ask }: ListProps) {
  const [url, setUrl] = useUrl();
  const query = useQuery();
  const { id: path } = useParams({ strict: false }) as { readonly id?: string };
  const { items, first: _first, ...list } = useApiPages('GET /v1/proposals', { query });
  const { rows, news, show } = useSteady(items, { key: JSON.stringify(query), idOf });
  const shown = useMemo(() => rows.map(({ row }) => row), [rows]);
  useRereading(happenings, list.refetch);
  useRefresh(happenings, proposalReads);
  const id = url['id'] ?? (isProposal(url['q']) ? url['q'] : path);
  const View = useMemo(
    () => (of: { readonly id: string }) => <ProposalView {...of} {...{ asking, ask }} />,
    [asking, ask],
  );
  return (
    <Explorer
      side={<Side of={counts} />}
      bar={<span className="dimmed">{counts && <Total of={counts} />}</span>}
      panel={
        id !== undefined && (
          <Panel
            label="The proposal"
            close={() =>
              setUrl({ id: undefined, ...(isProposal(url['q']) ? { q: undefined } : {}) })
            }
          >
            <Following id={id} View={View} />
          </Panel>
        )
      }
    >
      <Chips names={['q', ...facets]} titles={{ q: 'search' }} say={say} />
      <Grid
        label="Proposals"
        rows={shown}
        columns={columns}
        idOf={idOf}
        selected={id}
        onSelect={(row) => setUrl({ id: row.id })}
        hearsAll
        {...{ isPending: list.isPending, more: list.more, hasMore: list.hasMore }}
        {...{ error: list.error, retry: list.refetch, news: { count: news, show } }}
        empty={<Nothing isNarrowed={Object.keys(query).length > 0} />}
      />
    </Explorer>
  );
}

function Total({ of: { total, capped } }: { readonly of: Counts }) {
  return <>{capped ? `the newest ${countText(total)}` : countText(total)} in this list</>;
}

function idOf({ id }: Row): string {
  return id;
}

function isProposal(text: string | undefined): text is string {
  return /^prp_[0-9a-hjkmnp-tv-z]{26}$/.test(text ?? '');
}

function say(name: string, value: string): string {
  return name === 'q'
    ? shortId(value)
    : chosenOf(value)
        .map((word) => facetWords[word as keyof typeof facetWords] ?? word)
        .join(' or ');
}

const none: readonly [] = [];
const facetWords = {
  ...{ customer: 'the customer', officers: 'people of the bank' },
  ...{ open: 'customer asked', used: 'carried out', withdrawn: 'taken back' },
} as const;

function Side({ of }: { readonly of: Counts | undefined }) {
  const given = useMemo(
    () => [
      { name: 'waits_for', title: 'Waits for', values: of?.waits_for ?? none, words: facetWords },
      { name: 'status', title: 'State', values: of?.status ?? none, words: facetWords },
      { name: 'agent', title: 'Agent', values: of?.agent ?? none },
      { name: 'tool', title: 'Tool', values: of?.tool ?? none },
    ],
    [of],
  );
  return (
    <>
      <SearchBox
        name="q"
        label="Search by the id of a customer or of a proposal"
        placeholder="Customer or proposal id ( f )"
      />
      <Facets facets={given} />
    </>
  );
}

function Nothing({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="No proposal fits these filters">Take one away to see the others.</Empty>
  ) : (
    <Empty title="No agent has proposed anything yet">
      What an agent would change waits here until the customer has agreed to its exact terms, and
      people of the bank where policy asks for them. What agents have called stands in the{' '}
      <Link to={'/calls' as never}>calls</Link>.
    </Empty>
  );
}

const columns: readonly Column<Row>[] = [
  {
    ...{ id: 'time', header: 'Made', width: 146 },
    cell: ({ made_at }) => <Instant at={made_at} />,
  },
  {
    ...{ id: 'state', header: 'State', width: 138 },
    cell: (row) => <ProposalState of={row} />,
  },
  {
    ...{ id: 'terms', header: 'Terms', width: 150, grow: true },
    cell: ({ terms }) => (
      <span className="clip" title={terms}>
        {terms}
      </span>
    ),
  },
  {
    ...{ id: 'amount', header: 'Amount', width: 118, align: 'end', spare: true },
    cell: ({ amount, currency }) =>
      amount !== null && currency !== null && <Amount minor={amount} currency={currency} />,
  },
  {
    ...{ id: 'agent', header: 'Agent', width: 126, spare: true },
    cell: ({ agent, agent_name }) => (
      <span className="clip" title={agent}>
        {agent_name}
      </span>
    ),
  },
  {
    ...{ id: 'customer', header: 'For', width: 108, spare: true },
    cell: ({ customer }) => (
      <span className="mono" title={customer}>
        {shortId(customer)}
      </span>
    ),
  },
  {
    ...{ id: 'ends', header: 'Ends', width: 84, align: 'end', spare: true },
    cell: ({ ended_at, expires_at }) => <Time at={ended_at ?? expires_at} />,
  },
];
