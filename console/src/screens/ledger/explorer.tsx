// All accounts by type, currency, state and holder; the one that is looked at beside them.
import { Button, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Choice, Choices } from '../../parts/choices.tsx';
import { Chips } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id, placeOf } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { AccountFacts } from './account-facts.tsx';
import { BalanceTable } from './balances.tsx';
import { Holder, idText } from './places.tsx';
import { type Account, accountStates, accountTypes, type ListedAccount } from './words.ts';

const filters = ['type', 'currency', 'status', 'holder_id'] as const;
export const balancesOp = 'GET /v1/accounts/{id}/balances';

export function AccountExplorer() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const { type, currency, status, holder_id } = url;
  const query = { type, currency, status, holder_id } as { readonly type?: ListedAccount['type'] };
  const list = useApiPages('GET /v1/accounts', { query });
  const news = useNews(['account.opened']);
  const open = (id: string) => void navigate({ to: `/ledger/accounts/${id}` as never });
  return (
    <div className="ledger-explorer">
      <Side />
      <div className="ledger-list">
        <Chips names={filters} say={idText} />
        <Grid
          label="Accounts"
          rows={list.items}
          columns={columns}
          idOf={({ id }) => id}
          selected={url['id']}
          onSelect={({ id }) => setUrl({ id })}
          onOpen={({ id }) => open(id)}
          {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
          {...{ error: list.error, retry: list.refetch }}
          news={{
            count: news.count,
            show: () => {
              news.shown();
              void list.refetch();
            },
          }}
          empty={
            <Empty title="No account is so">
              Take a filter away, or open an account with{' '}
              <span className="mono">POST /v1/accounts</span>.
            </Empty>
          }
        />
      </div>
      {url['id'] !== undefined && (
        <Panel label="The account" close={() => setUrl({ id: undefined })}>
          <Glance
            id={url['id']}
            listed={list.items.find(({ id }) => id === url['id'])}
            open={open}
          />
        </Panel>
      )}
    </div>
  );
}

/** The sums of the ledger tell how many accounts there are of each sort. */
function Side() {
  const { data } = useApi('GET /v1/trial-balance', { query: {} });
  const counts = useMemo(() => {
    const count = (name: 'type' | 'currency') => {
      const found = new Map<string, number>();
      for (const each of data?.currencies ?? []) {
        found.set(each[name], (found.get(each[name]) ?? 0) + each.accounts);
      }
      return [...found].map(([value, of]): Choice => ({ value, count: of }));
    };
    const types = count('type');
    return {
      types: accountTypes.map((value) => types.find((each) => each.value === value) ?? { value }),
      currencies: count('currency'),
    };
  }, [data]);
  return (
    <div className="side">
      <Find />
      <div className="ledger-choices">
        <Choices name="type" title="Type" values={counts.types} />
        <Choices name="currency" title="Currency" values={counts.currencies} plain />
        <Choices name="status" title="State" values={accountStates.map((value) => ({ value }))} />
      </div>
    </div>
  );
}

/** An id leads to its page; anything else is taken for a holder. */
function Find() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  useHotkeys([['f', () => input.current?.focus()]]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const text = input.current?.value.trim() ?? '';
        const place = text.startsWith('acc_') ? placeOf(text) : undefined;
        if (place) void navigate({ to: place as never });
        else setUrl({ holder_id: text, id: undefined });
      }}
    >
      <TextInput
        ref={input}
        key={url['holder_id'] ?? ''}
        aria-label="Find by account or holder id"
        placeholder="Account or holder id (f)"
        leftSection={<Search size={13} aria-hidden />}
        defaultValue={url['holder_id'] ?? ''}
        mb="md"
      />
    </form>
  );
}

const columns: readonly Column<ListedAccount>[] = [
  { id: 'id', header: 'Account', width: 118, cell: ({ id }) => <Id id={id} /> },
  {
    ...{ id: 'booked', header: 'Booked', width: 140, align: 'end' },
    cell: ({ booked, currency }) => <Amount minor={booked} currency={currency} />,
  },
  {
    ...{ id: 'available', header: 'Available', width: 140, align: 'end' },
    cell: ({ available, booked, currency }) => (
      <span className={available === booked ? 'dimmed' : undefined}>
        <Amount minor={available} currency={currency} />
      </span>
    ),
  },
  { id: 'type', header: 'Type', width: 84, cell: ({ type }) => type },
  {
    id: 'status',
    header: 'State',
    width: 88,
    cell: ({ status }) => <AccountState status={status} />,
  },
  {
    ...{ id: 'holder', header: 'Holder', width: 130, grow: true },
    cell: ({ holder_id }) => <Holder id={holder_id} />,
  },
  {
    ...{ id: 'bound', header: 'Below zero', width: 150, align: 'end' },
    cell: (account) => <BelowZero account={account} />,
  },
  {
    ...{ id: 'opened', header: 'Opened', width: 86, align: 'end' },
    cell: ({ opened_at }) => <Time at={opened_at} />,
  },
];

function BelowZero({ account }: { readonly account: ListedAccount }) {
  const { bound, credit_limit, currency } = account;
  if (bound === 'no_overdraft') return <span className="dimmed">never</span>;
  if (bound === 'none') return <span className="dimmed">without limit</span>;
  return (
    <span>
      <span className="dimmed">up to</span> <Amount minor={credit_limit} currency={currency} />
    </span>
  );
}

export function AccountState({ status }: { readonly status: ListedAccount['status'] }) {
  const tone = status === 'open' ? 'good' : status === 'frozen' ? 'bad' : 'still';
  return (
    <State
      word={status === 'open' ? 'active' : status === 'frozen' ? 'suspended' : status}
      tone={tone}
    >
      {status}
    </State>
  );
}

/** An address may name an account that the list has not reached. */
function Glance({
  id,
  listed,
  open,
}: {
  readonly id: string;
  readonly listed: Account | undefined;
  readonly open: (id: string) => void;
}) {
  const read = useApi('GET /v1/accounts/{id}', { path: { id } }, { enabled: listed === undefined });
  const account = listed ?? read.data;
  const balances = useApi(balancesOp, { path: { id }, query: {} });
  const error = read.error ?? balances.error;
  return (
    <div className="ledger-glance">
      <div className="detail-line">
        <strong>Account</strong> <Id id={id} whole />
      </div>
      {account && (
        <div className="detail-line">
          <AccountState status={account.status} />
          <span>
            {account.type}, grows by {account.normal_balance}s
          </span>
        </div>
      )}
      {error && <ProblemNote error={error} retry={balances.refetch} />}
      {balances.data ? <BalanceTable now={balances.data} /> : !error && <Loading />}
      {account && <AccountFacts account={account} />}
      <Button onClick={() => open(id)} style={{ alignSelf: 'start' }}>
        Open the account (Enter)
      </Button>
    </div>
  );
}
