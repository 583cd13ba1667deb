// What an account has used of the limits that count for it, within their windows.
import { useApiPages } from '../../api/queries.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Amount } from '../../parts/money.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading } from '../../parts/steady.ts';
import { countText, spanText } from '../../parts/figures.ts';
import type { Account } from './words.ts';
import type { Answer } from '../../api/client.ts';

type Used = Answer<'GET /v1/limits'>['items'][number] & { readonly currency: string };

export function LimitsUsed({ account }: { readonly account: Account }) {
  const list = useApiPages('GET /v1/limits', { query: { key: `account:${account.id}` } });
  useRereading(['transfer.', 'hold.', 'payment.'], list.refetch);
  return (
    <Grid
      label="Limits used"
      rows={list.items.map((each): Used => ({ ...each, currency: account.currency }))}
      columns={columns}
      idOf={({ limit, window }) => `${limit} ${JSON.stringify(window)}`}
      {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
      {...{ error: list.error, retry: list.refetch }}
      empty={
        <Empty title="Nothing is used">
          Policies set limits. What a payment takes from them is counted here until its window is
          over.
        </Empty>
      }
    />
  );
}

const columns: readonly Column<Used>[] = [
  {
    id: 'limit',
    header: 'Limit',
    width: 240,
    cell: ({ limit }) => <span className="mono">{limit}</span>,
  },
  {
    id: 'window',
    header: 'Within',
    width: 220,
    grow: true,
    cell: ({ window }) => windowText(window),
  },
  {
    ...{ id: 'used', header: 'Used', width: 160, align: 'end' },
    cell: ({ measure, used, currency }) =>
      measure === 'amount' ? (
        <Amount minor={used} currency={currency} />
      ) : (
        `${countText(used)} ${used === 1 ? 'payment' : 'payments'}`
      ),
  },
];

function windowText(window: Used['window']): string {
  const { kind, seconds, unit, time_zone } = window as Readonly<Record<string, unknown>>;
  if (kind === 'sliding' && typeof seconds === 'number')
    return `the last ${spanText(seconds * 1000)}`;
  if (kind === 'calendar') return `the ${String(unit)} in ${String(time_zone)}`;
  return Object.values(window).map(String).join(' ');
}
