// The actions: what may be offered, each in its newest version.
import { Link, useNavigate } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { shareText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Amount } from '../../parts/money.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { ActionListed } from './shapes.ts';

const actionsOp = 'GET /v1/offers/actions';
const million = 1_000_000;

export function ActionList() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const list = useApiPages(actionsOp, {});
  useRefresh(['offers.'], [actionsOp]);
  return (
    <Grid
      label="Actions"
      rows={list.items}
      columns={columns}
      idOf={({ code }) => code}
      selected={url['id'] ?? list.items[0]?.code}
      onSelect={({ code }) => setUrl({ id: code })}
      onOpen={({ code }) => void navigate({ to: `/offers/actions/${code}` as never })}
      hearsAll
      {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
      {...{ error: list.error, retry: list.refetch }}
      empty={
        <Empty title="Nothing may be offered yet">
          An action says what is offered to whom, in which words and at which price. One person
          writes it, another approves it.
        </Empty>
      }
    />
  );
}

const columns: readonly Column<ActionListed>[] = [
  {
    ...{ id: 'title', header: 'Action', width: 220, grow: true },
    cell: ({ code, action }) => <Link to={`/offers/actions/${code}` as never}>{action.title}</Link>,
  },
  {
    ...{ id: 'state', header: 'State', width: 96 },
    cell: ({ status }) => <ActionState status={status} />,
  },
  {
    ...{ id: 'product', header: 'Product', width: 140 },
    cell: ({ action }) => action.product.code,
  },
  {
    ...{ id: 'class', header: 'Class', width: 110, spare: true },
    cell: ({ action }) => wordsOf(action.class ?? 'default'),
  },
  {
    ...{ id: 'value', header: 'V: value', width: 120, align: 'end' },
    cell: ({ action }) => <Amount minor={action.value} currency={action.terms.currency} />,
  },
  {
    ...{ id: 'lever', header: 'L: lever', width: 80, align: 'end' },
    cell: ({ action }) => `${action.lever_percent ?? 100} %`,
  },
  {
    ...{ id: 'propensity', header: 'P: to begin with', width: 130, align: 'end', spare: true },
    cell: ({ action }) => shareText(action.propensity.starting_ppm / million),
  },
  {
    ...{ id: 'channels', header: 'Channels', width: 170, spare: true },
    cell: ({ action }) => action.treatments.map(({ channel }) => wordsOf(channel)).join(', '),
  },
  {
    ...{ id: 'version', header: 'Version', width: 76, align: 'end' },
    cell: ({ version }) => version,
  },
  {
    ...{ id: 'since', header: 'Published', width: 100 },
    cell: ({ published_at: at }) => <Time at={at} />,
  },
];

export function ActionState({ status }: { readonly status: ActionListed['status'] }) {
  return <State word={status === 'live' ? 'active' : 'suspended'}>{status}</State>;
}
