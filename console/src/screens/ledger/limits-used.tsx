// What an account has used of the limits that count for it, within their windows.
import { Link } from '@tanstack/react-router';
import { useApiPages } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Amount } from '../../parts/money.tsx';
import { Empty } from '../../parts/states.tsx';
import { useRereading } from '../../parts/steady.ts';
import { countText, shareText, spanText } from '../../parts/figures.ts';
import type { Account } from './words.ts';
import type { Answer } from '../../api/client.ts';

type Used = Answer<'GET /v1/limits'>['items'][number] & { readonly unit: string };

export function LimitsUsed({ account }: { readonly account: Account }) {
  const list = useApiPages('GET /v1/limits', { query: { key: `account:${account.id}` } });
  useRereading(['transfer.', 'hold.', 'payment.'], list.refetch);
  return (
    <Grid
      label="Limits used"
      rows={list.items.map((each): Used => ({ ...each, unit: each.currency ?? account.currency }))}
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
    ...{ id: 'used', header: 'Used', width: 150, align: 'end' },
    cell: ({ used, ...of }) => <Measured of={of} value={used} />,
  },
  {
    ...{ id: 'share', header: 'Of the cap', width: 170 },
    cell: ({ used, cap }) => cap !== null && <Share used={used} cap={cap} />,
  },
  {
    ...{ id: 'cap', header: 'At most', width: 150, align: 'end' },
    cell: ({ cap, cap_rule, ...of }) =>
      cap !== null ? (
        <span title={cap_rule ?? undefined}>
          <Measured of={of} value={cap} />
        </span>
      ) : cap_rule !== null ? (
        <span className="mono clip" title={cap_rule}>
          {cap_rule}
        </span>
      ) : (
        <span className="dimmed">no longer a limit</span>
      ),
  },
  {
    ...{ id: 'point', header: 'Set by', width: 170 },
    cell: ({ point, policy_version }) =>
      point !== null && (
        <Link to={`/policies/${point}` as never} title={policy_version ?? undefined}>
          {point}
        </Link>
      ),
  },
];

function Measured({
  of: { measure, unit },
  value,
}: {
  readonly of: Pick<Used, 'measure' | 'unit'>;
  readonly value: number;
}) {
  if (measure === 'amount') return <Amount minor={value} currency={unit} />;
  return `${countText(value)} ${value === 1 ? 'payment' : 'payments'}`;
}

/** Nearly all of it used is worth a look: the next payment may be refused. */
const nearly = 0.8;

function Share({ used, cap }: { readonly used: number; readonly cap: number }) {
  const share = cap === 0 ? 1 : used / cap;
  return (
    <span className="limit-share">
      <Bar value={used} max={Math.max(cap, 1)} color={share < nearly ? '--good' : '--wait'} />
      <span>{shareText(share)}</span>
    </span>
  );
}

function windowText(window: Used['window']): string {
  const { kind, seconds, unit, time_zone } = window as Readonly<Record<string, unknown>>;
  if (kind === 'sliding' && typeof seconds === 'number')
    return `the last ${spanText(seconds * 1000)}`;
  if (kind === 'calendar') return `the ${String(unit)} in ${String(time_zone)}`;
  return Object.values(window).map(String).join(' ');
}
