// The entries of an account, newest first: as a list with the balance after each, or as a
// T-account with debits on the left and credits on the right.
import { SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { aboutOf, Instant, KindState } from './places.tsx';
import { balancesOp } from './explorer.tsx';
import { TAccount } from './t-account.tsx';
import { type Account, bookedAfter, type Entry, isBooked, pendingChange } from './words.ts';

export function Entries({ account }: { readonly account: Account }) {
  const [url, setUrl] = useUrl();
  const { at, basis, view = 'list' } = url;
  // What an entry has effected is sorted by neither time: only recorded moments cut the list off.
  const until = at !== undefined && basis !== 'effective' ? at : undefined;
  const query = {
    order: 'desc',
    ...(until === undefined ? {} : { to: justAfter(until) }),
  } as const;
  const list = useApiPages('GET /v1/accounts/{id}/entries', { path: { id: account.id }, query });
  const now = useApi(balancesOp, { path: { id: account.id }, query: {} });
  // Entries are numbered without gaps, so the balances tell how many came since.
  const count = (now.data?.version ?? 0) - (list.items[0]?.version ?? 0);
  const news = {
    count: until === undefined && !list.isPending ? Math.max(0, count) : 0,
    show: () => void list.refetch(),
  };
  return (
    <div className="ledger-list">
      <div className="split-bar">
        <SegmentedControl
          aria-label="How entries are shown"
          value={view}
          onChange={(next) => setUrl({ view: next === 'list' ? undefined : next })}
          data={[
            { value: 'list', label: 'With balances' },
            { value: 't', label: 'T-account' },
          ]}
        />
        <span className="dimmed">
          {until === undefined ? (
            'Newest first, by when they were recorded'
          ) : (
            <>
              As recorded until <Time at={until} whole />
            </>
          )}
        </span>
      </div>
      {view === 't' ? (
        <TAccount account={account} list={list} />
      ) : (
        <EntryGrid account={account} list={list} news={news} />
      )}
    </div>
  );
}

/** `to` is exclusive, and balances as of a moment include it. */
function justAfter(instant: string): string {
  return new Date(Date.parse(instant) + 1).toISOString();
}

export type EntryList = ReturnType<typeof useApiPages<'GET /v1/accounts/{id}/entries'>>;

function EntryGrid({
  account,
  list,
  news,
}: {
  readonly account: Account;
  readonly list: EntryList;
  readonly news: { readonly count: number; readonly show: () => void };
}) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const columns = useMemo(() => columnsOf(account), [account]);
  return (
    <Grid
      label="Entries of the account"
      rows={list.items}
      columns={columns}
      idOf={({ version }) => String(version)}
      selected={url['entry']}
      onSelect={({ version }) => setUrl({ entry: String(version) })}
      onOpen={({ transfer_id }) =>
        void navigate({ to: `/ledger/transfers/${transfer_id}` as never })
      }
      {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
      {...{ error: list.error, retry: list.refetch, news }}
      empty={
        <Empty title="Nothing was posted">
          Up to this moment no transfer has touched the account.
        </Empty>
      }
    />
  );
}

function columnsOf({ currency, normal_balance }: Account): readonly Column<Entry>[] {
  const side = (name: 'debit' | 'credit') => (entry: Entry) =>
    entry.side === name && isBooked(entry.kind) ? (
      <Amount minor={entry.amount} currency={currency} />
    ) : null;
  return [
    { id: 'version', header: 'No.', width: 56, align: 'end', cell: ({ version }) => version },
    {
      ...{ id: 'recorded', header: 'Recorded', width: 166 },
      cell: ({ recorded_at }) => <Instant at={recorded_at} />,
    },
    { id: 'kind', header: 'What', width: 96, cell: ({ kind }) => <KindState kind={kind} /> },
    { id: 'debit', header: 'Debit', width: 124, align: 'end', cell: side('debit') },
    { id: 'credit', header: 'Credit', width: 124, align: 'end', cell: side('credit') },
    {
      ...{ id: 'held', header: 'Held', width: 124, align: 'end' },
      cell: (entry) => {
        const change = pendingChange(entry);
        return change === 0 ? null : (
          <span className="dimmed">
            <Amount minor={change} currency={currency} signed />
          </span>
        );
      },
    },
    {
      ...{ id: 'after', header: 'Booked after', width: 136, align: 'end' },
      cell: (entry) => <Amount minor={bookedAfter(entry, normal_balance)} currency={currency} />,
    },
    {
      ...{ id: 'other', header: 'Other account', width: 116 },
      cell: ({ counter_account_id }) => <Id id={counter_account_id} />,
    },
    {
      id: 'transfer',
      header: 'Transfer',
      width: 112,
      cell: ({ transfer_id }) => <Id id={transfer_id} />,
    },
    {
      ...{ id: 'about', header: 'Metadata', width: 140, grow: true },
      cell: ({ metadata }) => <span className="clip dimmed">{aboutOf(metadata)}</span>,
    },
  ];
}
