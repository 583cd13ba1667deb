// The offers that were made, newest first, one of them read beside the list.
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useNews } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Choices } from '../../parts/choices.tsx';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { MemberLink } from '../loyalty/member-link.tsx';
import { OfferView } from './offer-view.tsx';
import type { Listed } from './shapes.ts';
import { pathText, statusLooks } from './words.ts';

const offersOp = 'GET /v1/offers';
const names = ['customer', 'action', 'status', 'channel'] as const;
const statuses = Object.keys(statusLooks).map((value) => ({ value }));
const channels = ['in_app', 'push', 'email', 'sms', 'phone', 'post'].map((value) => ({ value }));

export function OfferList() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const given = names.filter((name) => (url[name] ?? '') !== '');
  const asked = JSON.stringify(given.map((name) => [name, url[name]]));
  const query = useMemo(() => Object.fromEntries(JSON.parse(asked) as [string, string][]), [asked]);
  const list = useApiPages(offersOp, { query });
  const news = useNews(['offer.presented']);
  const id = url['id'];
  const show = () => {
    news.shown();
    void list.renew();
  };
  return (
    <Explorer
      side={
        <>
          <SearchBox name="customer" label="Of which customer" placeholder="Customer (f)" />
          <Choices name="status" title="State" values={statuses} />
          <Choices name="channel" title="Channel" values={channels} />
        </>
      }
      panel={
        id !== undefined && (
          <Panel label="The offer" close={() => setUrl({ id: undefined, do: undefined })}>
            <Following id={id} View={OfferView} />
          </Panel>
        )
      }
    >
      <Chips names={names} />
      <Grid
        label="Offers"
        rows={list.items}
        columns={columns}
        idOf={({ offer_id }) => offer_id}
        selected={id}
        onSelect={({ offer_id }) => setUrl({ id: offer_id })}
        onOpen={({ offer_id }) => void navigate({ to: `/offers/${offer_id}` as never })}
        hearsAll
        news={{ count: news.count, show }}
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        empty={
          <Empty title={given.length === 0 ? 'No offer was made yet' : 'No such offer'}>
            An offer is made in a session, by an event, or in the nightly batch, where an action
            fits, the customer has agreed to it and policy allows it.
          </Empty>
        }
      />
    </Explorer>
  );
}

const columns: readonly Column<Listed>[] = [
  {
    ...{ id: 'state', header: 'State', width: 100 },
    cell: ({ status }) => (
      <State word={statusLooks[status][0]} tone={statusLooks[status][1]}>
        {status}
      </State>
    ),
  },
  {
    ...{ id: 'action', header: 'Action', width: 130, grow: true },
    cell: ({ action }) => <span className="mono">{action}</span>,
  },
  {
    ...{ id: 'customer', header: 'Customer', width: 116 },
    cell: ({ customer }) => <MemberLink customer={customer} />,
  },
  {
    ...{ id: 'score', header: 'Likely', width: 76, align: 'end', spare: true },
    cell: ({ score }) => `${(score * 100).toFixed(1)} %`,
  },
  {
    ...{ id: 'amount', header: 'Amount', width: 130, align: 'end', spare: true },
    cell: ({ amount, currency }) =>
      amount === 0 ? (
        <span className="dimmed">–</span>
      ) : (
        <Amount minor={amount} currency={currency} />
      ),
  },
  {
    ...{ id: 'channel', header: 'By', width: 90, spare: true },
    cell: ({ channel }) => wordsOf(channel),
  },
  {
    ...{ id: 'path', header: 'Came', width: 150, spare: true },
    cell: ({ path }) => pathText(path),
  },
  {
    ...{ id: 'chosen', header: 'Chosen by', width: 100, spare: true },
    cell: ({ chosen_by_model: isModel }) => (isModel ? 'a model' : 'rules'),
  },
  {
    ...{ id: 'at', header: 'Made', width: 80 },
    cell: ({ presented_at: at }) => <Time at={at} />,
  },
];
