// The payments that an account has made or received, newest first.
import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import type { Account } from './words.ts';

type Payment = Answer<'GET /v1/payments'>['items'][number];
type Row = Payment & { readonly of: string };

export function RelatedPayments({ account }: { readonly account: Account }) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const list = useApiPages('GET /v1/payments', { query: { account_id: account.id } });
  const steady = useSteady(list.items, { key: account.id, idOf: ({ payment_id: id }) => id });
  useRereading(['payment.'], list.refetch);
  return (
    <div className="ledger-list">
      <div className="split-bar">
        <span className="dimmed">
          Ordered, denied and waiting ones too: not all have moved money
        </span>
        <Button
          ml="auto"
          variant="default"
          onClick={() =>
            void navigate({
              ...{ to: '/payments' as never, search: { account_id: account.id } as never },
            })
          }
        >
          Explore in payments
        </Button>
      </div>
      <Grid
        label="Payments of the account"
        rows={steady.rows.map(({ row }): Row => ({ ...row, of: account.id }))}
        columns={columns}
        idOf={({ payment_id }) => payment_id}
        selected={url['payment']}
        onSelect={({ payment_id }) => setUrl({ payment: payment_id })}
        onOpen={({ payment_id }) => void navigate({ to: `/payments/${payment_id}` as never })}
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        news={{ count: steady.news, show: steady.show }}
        empty={<Empty title="No payment yet">Neither from this account nor to it.</Empty>}
      />
    </div>
  );
}

const columns: readonly Column<Row>[] = [
  {
    ...{ id: 'created', header: 'Ordered', width: 90 },
    cell: ({ created_at }) => <Time at={created_at} />,
  },
  { id: 'id', header: 'Payment', width: 118, cell: ({ payment_id }) => <Id id={payment_id} /> },
  { id: 'status', header: 'State', width: 140, cell: ({ status }) => <State word={status} /> },
  { id: 'kind', header: 'Kind', width: 120, cell: ({ kind }) => wordsOf(kind) },
  { id: 'channel', header: 'Channel', width: 130, cell: ({ channel }) => wordsOf(channel) },
  {
    ...{ id: 'way', header: 'From or to', width: 150, grow: true },
    cell: ({ debtor_account_id, creditor_account_id, of }) =>
      debtor_account_id === of ? (
        <span>
          <span className="dimmed">to</span> <Id id={creditor_account_id} />
        </span>
      ) : (
        <span>
          <span className="dimmed">from</span> <Id id={debtor_account_id} />
        </span>
      ),
  },
  {
    ...{ id: 'amount', header: 'Amount', width: 140, align: 'end' },
    cell: ({ amount, currency, debtor_account_id, of }) => (
      <Amount minor={debtor_account_id === of ? -amount : amount} currency={currency} signed />
    ),
  },
];
