// All decisions of policy, at every point: narrowed by facets, one explained beside the list.
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Choices } from '../../parts/choices.tsx';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips, Facets } from '../../parts/facets.tsx';
import { countText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { type Key, KeysButton } from '../../parts/keys.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { SpanChoice, SpanInputs, useSpan } from '../../parts/span.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Instant } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { DecisionView } from './view.tsx';
import './decisions.css';

type Row = Answer<'GET /v1/decisions'>['items'][number];
type Counts = Answer<'GET /v1/decisions/facets'>;

const names = ['point', 'outcome', 'reason', 'operation', 'policy_version', 'account_id'] as const;
const titles = { account_id: 'account', policy_version: 'version' };
const keys: readonly Key[] = [
  { key: 'j', words: 'Next decision' },
  { key: 'k', words: 'The one before' },
  { key: 'Enter', words: 'Open its page' },
  { key: 'r', words: 'Replay the one that is shown' },
  { key: 'f', words: 'Search by account' },
  { key: 'Esc', words: 'Close the panel' },
];

export function Decisions() {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const [span, renewSpan] = useSpan();
  const asked = Object.fromEntries(names.map((name) => [name, url[name]]));
  const query = { ...asked, ...span };
  const list = useApiPages('GET /v1/decisions', { query }, { limit: 200 });
  const counts = useApi('GET /v1/decisions/facets', { query }, { keep: true });
  const news = useNews(['decision.']);
  const id = url['id'];
  const show = () => {
    news.shown();
    renewSpan();
    void list.renew();
    void counts.refetch();
  };
  return (
    <Screen
      title="Decisions"
      about={<Total of={counts.data} />}
      actions={<KeysButton keys={keys} />}
    >
      <Explorer
        side={<Side of={counts.data} />}
        bar={<SpanChoice />}
        panel={
          id !== undefined && (
            <Panel label="The decision" close={() => setUrl({ id: undefined, tab: undefined })}>
              <Following id={id} View={DecisionView} />
            </Panel>
          )
        }
      >
        <SpanInputs />
        <Chips names={names} titles={titles} say={sayChip} />
        <Grid
          label="Decisions"
          rows={list.items}
          columns={columns}
          idOf={({ decision_id }) => decision_id}
          selected={id}
          onSelect={({ decision_id }) => setUrl({ id: decision_id })}
          onOpen={({ decision_id }) => void navigate({ to: `/decisions/${decision_id}` as never })}
          hearsAll
          {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
          {...{ error: list.error, retry: list.refetch }}
          news={{ count: news.count, show }}
          empty={
            <Empty title="No decision is so">
              Take a filter away, or look at a longer time. Every command of the bank brings one.
            </Empty>
          }
        />
      </Explorer>
    </Screen>
  );
}

function Total({ of }: { readonly of: Counts | undefined }) {
  if (!of) return null;
  return (
    <>
      {countText(of.total)}
      {of.capped ? ' among the newest' : ''}
    </>
  );
}

function sayChip(name: string, value: string): string {
  if (name === 'account_id') return shortId(value);
  if (name === 'outcome') return value.split(',').join(' or ');
  return name === 'reason' ? wordsOf(value) : value;
}

const none: readonly [] = [];

function Side({ of }: { readonly of: Counts | undefined }) {
  const facets = useMemo(
    () => [{ name: 'outcome', title: 'Outcome', values: of?.outcome ?? none }],
    [of],
  );
  return (
    <>
      <SearchBox name="account_id" label="Search by account" placeholder="Account id  ( f )" />
      <Facets facets={facets} />
      <Choices name="point" title="Point" values={of?.point ?? none} plain top={6} />
      <Choices name="reason" title="Reason" values={of?.reason ?? none} top={8} />
      <Choices name="operation" title="Operation" values={of?.operation ?? none} plain top={8} />
      <Choices
        {...{ name: 'policy_version', title: 'Version', plain: true, top: 5 }}
        values={of?.policy_version ?? none}
      />
    </>
  );
}

const columns: readonly Column<Row>[] = [
  { id: 'time', header: 'Time', width: 138, cell: ({ decided_at }) => <Instant at={decided_at} /> },
  {
    id: 'outcome',
    header: 'Outcome',
    width: 78,
    cell: ({ outcome }) => <Outcome word={outcome} />,
  },
  {
    ...{ id: 'operation', header: 'Operation', width: 128 },
    cell: ({ operation }) => <span className="clip">{operation}</span>,
  },
  {
    ...{ id: 'amount', header: 'Amount', width: 106, align: 'end' },
    cell: ({ amount, currency }) =>
      amount === null || currency === null ? null : <Amount minor={amount} currency={currency} />,
  },
  {
    ...{ id: 'reasons', header: 'Reasons', width: 160, grow: true },
    cell: ({ reasons }) => <span className="clip">{reasons.map(wordsOf).join(', ')}</span>,
  },
  {
    ...{ id: 'policy', header: 'Policy', width: 170 },
    cell: ({ policy_version }) => (
      <span className="clip" title={policy_version}>
        {policy_version}
      </span>
    ),
  },
  {
    ...{ id: 'account', header: 'Account', width: 100 },
    cell: ({ account_id }) => (
      <span className="mono">{account_id === null ? '' : shortId(account_id)}</span>
    ),
  },
  {
    ...{ id: 'requester', header: 'Asked by', width: 104 },
    cell: ({ requester }) => <span className="clip">{nameOf(requester)}</span>,
  },
];

/** In a list what is as ever stays quiet, so that the rest is seen. */
function Outcome({ word }: { readonly word: string }) {
  return word === 'allow' ? <span className="usual">allow</span> : <State word={word} />;
}
