// The journal: every transfer of the bank, newest first, and what one of them did beside them.
import { Button, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useRef } from 'react';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Choices } from '../../parts/choices.tsx';
import { Chips } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id, placeOf } from '../../parts/id.tsx';
import { type Key, KeysButton } from '../../parts/keys.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { TypedMoment } from './moment-bar.tsx';
import { aboutOf, idText, Instant, KindState } from './places.tsx';
import { TransferFacts } from './transfer-facts.tsx';
import { TransferTs } from './t-account.tsx';
import { kinds, type Line } from './words.ts';
import './ledger.css';

const filters = ['kind', 'currency', 'account_id', 'command_id'] as const;
const keys: readonly Key[] = [
  { key: 'f', words: 'Find by an account, a journal or a transfer' },
  { key: 'j', words: 'Next in the list' },
  { key: 'k', words: 'The one before' },
  { key: 'Enter', words: 'Open the transfer' },
  { key: 'Esc', words: 'Close the panel' },
];

export function Journal() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const { kind, currency, account_id, command_id, from, to } = url;
  const query = { kind, currency, account_id, command_id, from, to } as {
    readonly kind?: Line['kind'];
  };
  const list = useApiPages('GET /v1/transfers', { query });
  const news = useNews(['transfer.', 'hold.', 'payment.']);
  const isNarrowed = filters.some((name) => url[name] !== undefined) || from || to;
  const open = (id: string) => void navigate({ to: `/ledger/transfers/${id}` as never });
  const show = () => {
    news.shown();
    void list.refetch();
  };
  return (
    <Screen title="Journal" about="All transfers, append-only" actions={<KeysButton keys={keys} />}>
      <Side />
      <div className="ledger-list">
        <Chips names={filters} say={idText} />
        <Grid
          label="Journal"
          rows={list.items}
          columns={columns}
          idOf={({ id }) => id}
          selected={url['id']}
          onSelect={({ id }) => setUrl({ id })}
          onOpen={({ id }) => open(id)}
          {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
          {...{ error: list.error, retry: list.refetch }}
          // Under filters nobody knows how many of what is new would fit.
          news={{ count: isNarrowed ? 0 : news.count, show }}
          empty={
            <Empty title="No transfer is so">
              Take a filter away. Payments and <span className="mono">POST /v1/transfers</span>{' '}
              write here.
            </Empty>
          }
        />
      </div>
      {url['id'] !== undefined && (
        <Panel label="The transfer" close={() => setUrl({ id: undefined })}>
          <Glance id={url['id']} line={list.items.find(({ id }) => id === url['id'])} open={open} />
        </Panel>
      )}
    </Screen>
  );
}

function Side() {
  const [url, setUrl] = useUrl();
  const { data } = useApi('GET /v1/trial-balance', { query: {} });
  const currencies = [...new Set((data?.currencies ?? []).map(({ currency }) => currency))];
  return (
    <div className="side">
      <Find />
      <div className="ledger-choices">
        <Choices name="kind" title="What" values={kinds.map((value) => ({ value }))} />
        <Choices
          name="currency"
          title="Currency"
          values={currencies.map((value) => ({ value }))}
          plain
        />
        <TypedMoment
          key={`from ${url['from']}`}
          label="From"
          at={url['from']}
          set={(from) => setUrl({ from })}
        />
        <TypedMoment
          key={`to ${url['to']}`}
          label="To before"
          at={url['to']}
          set={(to) => setUrl({ to })}
        />
      </div>
    </div>
  );
}

/** An account or a journal narrows the list; a transfer or a hold has a page. */
function Find() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  useHotkeys([['f', () => input.current?.focus()]]);
  const given = url['account_id'] ?? url['command_id'] ?? '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const text = input.current?.value.trim() ?? '';
        const place = /^(?:trf|hld)_/.test(text) ? placeOf(text) : undefined;
        if (place) void navigate({ to: place as never });
        else if (text.startsWith('cmd_')) setUrl({ command_id: text, account_id: undefined });
        else setUrl({ account_id: text, command_id: undefined });
      }}
    >
      <TextInput
        ref={input}
        key={given}
        aria-label="Find by account, journal or transfer id"
        placeholder="acc_, cmd_ or trf_… (f)"
        leftSection={<Search size={13} aria-hidden />}
        defaultValue={given}
        mb="md"
      />
    </form>
  );
}

const columns: readonly Column<Line>[] = [
  {
    ...{ id: 'recorded', header: 'Recorded', width: 156 },
    cell: ({ recorded_at }) => <Instant at={recorded_at} />,
  },
  { id: 'kind', header: 'What', width: 96, cell: ({ kind }) => <KindState kind={kind} /> },
  {
    ...{ id: 'amount', header: 'Amount', width: 128, align: 'end' },
    cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
  },
  {
    ...{ id: 'debit', header: 'Debit', width: 112 },
    cell: ({ debit_account_id }) => <Id id={debit_account_id} />,
  },
  {
    ...{ id: 'credit', header: 'Credit', width: 112 },
    cell: ({ credit_account_id }) => <Id id={credit_account_id} />,
  },
  { id: 'id', header: 'Transfer', width: 112, cell: ({ id }) => <Id id={id} /> },
  {
    ...{ id: 'about', header: 'Metadata', width: 160, grow: true },
    cell: ({ metadata }) => <span className="clip dimmed">{aboutOf(metadata)}</span>,
  },
];

/** An address may name a transfer that the list has not reached. */
function Glance({
  id,
  line,
  open,
}: {
  readonly id: string;
  readonly line: Line | undefined;
  readonly open: (id: string) => void;
}) {
  const read = useApi('GET /v1/transfers/{id}', { path: { id } }, { enabled: line === undefined });
  const transfer = line ?? read.data;
  return (
    <div className="ledger-glance">
      <div className="detail-line">
        <strong>Transfer</strong> <Id id={id} whole />
      </div>
      {read.error && <ProblemNote error={read.error} retry={read.refetch} />}
      {transfer && (
        <>
          <div className="detail-line">
            <KindState kind={transfer.kind} />
            <Amount minor={transfer.amount} currency={transfer.currency} />
          </div>
          <TransferTs transfers={[transfer]} />
          <TransferFacts transfer={transfer} />
        </>
      )}
      <Button onClick={() => open(id)} style={{ alignSelf: 'start' }}>
        Open the transfer (Enter)
      </Button>
    </div>
  );
}
