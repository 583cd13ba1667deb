// What is reserved on an account and neither captured nor let go: what expires first comes first.
import { useNavigate } from '@tanstack/react-router';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import type { Account, ListedHold } from './words.ts';

type Row = ListedHold & { readonly gone: boolean; readonly of: string };

export function AccountHolds({ account }: { readonly account: Account }) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const list = useApiPages('GET /v1/accounts/{id}/holds', { path: { id: account.id } });
  const steady = useSteady(list.items, { key: account.id, idOf: ({ id }) => id });
  useRereading(['transfer.', 'hold.', 'payment.'], list.refetch);
  return (
    <Grid
      label="Open holds"
      rows={steady.rows.map(({ row, gone }): Row => ({ ...row, gone, of: account.id }))}
      columns={columns}
      idOf={({ id }) => id}
      selected={url['hold']}
      onSelect={({ id }) => setUrl({ hold: id })}
      onOpen={({ id }) => void navigate({ to: `/ledger/holds/${id}` as never })}
      {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
      {...{ error: list.error, retry: list.refetch }}
      news={{ count: steady.news, show: steady.show }}
      empty={
        <Empty title="Nothing is held">
          A card payment reserves its amount here until it is cleared, cancelled or too old.
        </Empty>
      }
    />
  );
}

export function leftOf({ amount, captured, released }: ListedHold): number {
  return amount - captured - released;
}

const columns: readonly Column<Row>[] = [
  { id: 'id', header: 'Hold', width: 118, cell: ({ id }) => <Id id={id} /> },
  {
    ...{ id: 'state', header: 'State', width: 104 },
    cell: ({ status, gone }) => (
      <State word={gone ? 'closed' : status}>{gone ? 'ended' : status}</State>
    ),
  },
  {
    ...{ id: 'side', header: 'Takes from', width: 110 },
    cell: ({ debit_account_id, of }) =>
      debit_account_id === of ? 'this account' : <Id id={debit_account_id} />,
  },
  {
    ...{ id: 'to', header: 'Brings to', width: 110, grow: true },
    cell: ({ credit_account_id, of }) =>
      credit_account_id === of ? 'this account' : <Id id={credit_account_id} />,
  },
  {
    ...{ id: 'amount', header: 'Held', width: 130, align: 'end' },
    cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
  },
  {
    ...{ id: 'left', header: 'Left of it', width: 130, align: 'end' },
    cell: (hold) => <Amount minor={leftOf(hold)} currency={hold.currency} />,
  },
  {
    ...{ id: 'since', header: 'Since', width: 90, align: 'end' },
    cell: ({ created_at }) => <Time at={created_at} />,
  },
  {
    ...{ id: 'expires', header: 'Expires', width: 90, align: 'end' },
    cell: ({ expires_at }) =>
      expires_at === null ? <span className="dimmed">never</span> : <Time at={expires_at} />,
  },
];
