// All payments: narrowed by facets, time, amount and text; one explained beside the list.
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { AmountRange } from '../../parts/amount-range.tsx';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips, chosenOf, Facets } from '../../parts/facets.tsx';
import { countText } from '../../parts/figures.ts';
import { Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { type Key, KeysButton } from '../../parts/keys.tsx';
import { amountText, useExponents } from '../../parts/money.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { SpanChoice, SpanInputs, useSpan } from '../../parts/span.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { paymentColumns } from './columns.tsx';
import { PaymentView } from './view.tsx';

type Counts = Answer<'GET /v1/payments/facets'>;

/** As they are called in the address and in the API. */
const names = [
  ...(['q', 'customer', 'amount_min', 'amount_max', 'status', 'outcome'] as const),
  ...(['kind', 'channel', 'currency'] as const),
];
const titles = {
  ...{ q: 'search', amount_min: 'at least', amount_max: 'at most' },
  ...{ status: 'state', outcome: 'told at once' },
};
/** What tells of payments that were not there before, or stand otherwise. */
const begins = [
  ...['payment.posted', 'payment.authorized', 'payment.held', 'payment.review_required'],
  'payment.denied',
];
const keys: readonly Key[] = [
  { key: 'j', words: 'Next payment' },
  { key: 'k', words: 'The one before' },
  { key: 'Enter', words: 'Open its page' },
  { key: 'r', words: 'Replay the decision of the one that is shown' },
  { key: 'f', words: 'Search' },
  { key: 'Esc', words: 'Close the panel' },
];

export function Payments() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const [span, renewSpan] = useSpan();
  const query = useMemo(() => {
    const asked = Object.fromEntries(names.map((name) => [name, url[name]]));
    return { ...asked, ...span };
  }, [url, span]);
  const list = useApiPages('GET /v1/payments', { query }, { limit: pageSize });
  const counts = useApi('GET /v1/payments/facets', { query }, { keep: true });
  const news = useNews(begins);
  const currency = useCurrency(counts.data);
  const say = useSay(currency);
  const id = url['id'];
  const show = () => {
    news.shown();
    renewSpan();
    void list.renew();
    void counts.refetch();
  };
  return (
    <Screen
      title="Payments"
      about={<Total of={counts.data} />}
      actions={<KeysButton keys={keys} />}
    >
      <Explorer
        side={<Side of={counts.data} currency={currency} />}
        bar={<SpanChoice />}
        panel={
          id !== undefined && (
            <Panel label="The payment" close={() => setUrl({ id: undefined, tab: undefined })}>
              <Following id={id} View={PaymentView} />
            </Panel>
          )
        }
      >
        <SpanInputs />
        <Chips names={names} titles={titles} say={say} />
        <Grid
          label="Payments"
          rows={list.items}
          columns={paymentColumns}
          idOf={({ payment_id }) => payment_id}
          selected={id}
          onSelect={({ payment_id }) => setUrl({ id: payment_id })}
          onOpen={({ payment_id }) => void navigate({ to: `/payments/${payment_id}` as never })}
          hearsAll
          {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
          {...{ error: list.error, retry: list.refetch }}
          news={{ count: news.count, show }}
          empty={
            <Empty title="No payment is so">
              Take a filter away, or look at a longer time. Payments come by{' '}
              <span className="mono">POST /v1/payments</span> and by card authorizations.
            </Empty>
          }
        />
      </Explorer>
    </Screen>
  );
}

/** What one page brings while somebody scrolls. */
const pageSize = 200;

function Total({ of }: { readonly of: Counts | undefined }) {
  if (!of) return null;
  return <>{of.capped ? `more than ${countText(of.total)}` : countText(of.total)}</>;
}

/** The one that is chosen, or the only one that there is. */
function useCurrency(counts: Counts | undefined): string | undefined {
  const [{ currency }] = useUrl();
  const chosen = chosenOf(currency);
  const known = chosen.length > 0 ? chosen : (counts?.currency.map(({ value }) => value) ?? []);
  return known.length === 1 ? known[0] : undefined;
}

function useSay(currency: string | undefined) {
  const exponent = useExponents()?.get(currency ?? '');
  return (name: string, value: string) => {
    if (name.startsWith('amount_')) return amountText(Number(value), exponent);
    if (name === 'q' || name === 'customer') return shortId(value);
    return chosenOf(value).map(wordsOf).join(' or ');
  };
}

const none: readonly [] = [];

function Side({
  of,
  currency,
}: {
  readonly of: Counts | undefined;
  readonly currency: string | undefined;
}) {
  const facets = useMemo(
    () => [
      { name: 'status', title: 'State', values: of?.status ?? none },
      { name: 'outcome', title: 'Told at once', values: of?.outcome ?? none },
      { name: 'kind', title: 'Kind', values: of?.kind ?? none },
      { name: 'channel', title: 'Channel', values: of?.channel ?? none },
      { name: 'currency', title: 'Currency', values: of?.currency ?? none },
    ],
    [of],
  );
  return (
    <>
      <SearchBox
        name="q"
        label="Search by payment, account or end-to-end id"
        placeholder="Payment, account, e2e id ( f )"
      />
      <AmountRange currency={currency} />
      <Facets facets={facets} />
    </>
  );
}
