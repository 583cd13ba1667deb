// Claims of missing points: those that wait for people first, with what was found, and the verdict.
import { NumberInput, SegmentedControl, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useAct, useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { Chips } from '../../parts/facets.tsx';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts, Panel } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { Section } from '../../parts/section.tsx';
import { Segments } from '../../parts/segments.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { useRereading, useSteady } from '../../parts/steady.ts';
import { tell } from '../../parts/tell.ts';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { MemberLink } from './member-link.tsx';
import { Points } from './points.tsx';
import type { Claim } from './shapes.ts';

const claimsOp = 'GET /v1/loyalty/claims';
const decideOp = 'POST /v1/loyalty/claims/{id}/decide';
const views = [
  { value: 'appealed', words: 'Appeals' },
  { value: 'waiting', words: 'Waiting for an approval' },
  { value: 'refused', words: 'Refused' },
  { value: 'credited', words: 'Credited' },
  { value: 'all', words: 'All' },
] as const;

const looks: Readonly<Record<Claim['status'], readonly [string, Tone, string]>> = {
  crediting: ['running', 'wait', 'is being credited'],
  waiting: ['waiting', 'wait', 'waits for an approval'],
  credited: ['ok', 'good', 'credited'],
  refused: ['closed', 'still', 'refused'],
  appealed: ['review', 'look', 'appealed'],
  upheld: ['closed', 'still', 'refusal upheld'],
};

const whys: Readonly<Record<Claim['why'], string>> = {
  due: 'points were due',
  given: 'was given already',
  excluded: 'is excluded',
  earns_nothing: 'earns nothing',
  sent_back: 'was sent back',
  before_programme: 'before the programme',
  under_way: 'is under way',
  of_campaign: 'came of a campaign',
};

export function ClaimList() {
  const [url, setUrl] = useUrl();
  const { view = 'appealed', q = '', id } = url;
  const status = views.find(({ value }) => value === view)?.value;
  const query = {
    ...(q === '' ? {} : { customer: q }),
    ...(status === undefined || status === 'all' ? {} : { status }),
  };
  const list = useApiPages(claimsOp, { query });
  const steady = useSteady(list.items, { key: `${view} ${q}`, idOf: ({ claim_id }) => claim_id });
  useRereading(['loyalty.claim'], list.refetch);
  const rows = useMemo(() => steady.rows.map(({ row }) => row), [steady.rows]);
  return (
    <Explorer
      side={<SearchBox name="q" label="Of which customer" placeholder="Customer (f)" />}
      bar={<Segments name="view" label="Which claims" of={views} />}
      panel={
        id !== undefined && (
          <Panel label="The claim" close={() => setUrl({ id: undefined, do: undefined })}>
            <Following id={id} View={ClaimView} />
          </Panel>
        )
      }
    >
      <Chips names={['q']} titles={{ q: 'customer' }} say={(_, value) => value} />
      <Grid
        label="Claims"
        rows={rows}
        columns={columns}
        idOf={({ claim_id }) => claim_id}
        selected={id}
        onSelect={({ claim_id }) => setUrl({ id: claim_id })}
        hearsAll
        news={{ count: steady.news, show: steady.show }}
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        empty={
          <Empty title={view === 'appealed' ? 'No appeal waits' : 'No such claim'}>
            A claim is answered at once by the rules that counted when it was paid. Who does not
            agree appeals, and a person decides.
          </Empty>
        }
      />
    </Explorer>
  );
}

const columns: readonly Column<Claim>[] = [
  {
    ...{ id: 'state', header: 'State', width: 170 },
    cell: ({ status }) => <ClaimState status={status} />,
  },
  {
    ...{ id: 'why', header: 'Found', width: 160 },
    cell: ({ why }) => whys[why],
  },
  {
    ...{ id: 'customer', header: 'Customer', width: 150 },
    cell: ({ customer, program }) => <MemberLink customer={customer} program={program} />,
  },
  {
    ...{ id: 'due', header: 'Due', width: 90, align: 'end' },
    cell: ({ points_due: points }) => <Points points={points} />,
  },
  {
    ...{ id: 'given', header: 'Given', width: 90, align: 'end' },
    cell: ({ points_given: points }) => <Points points={points} />,
  },
  {
    ...{ id: 'explanation', header: 'Explanation', width: 240, grow: true, spare: true },
    cell: ({ explanation }) => explanation,
  },
  {
    ...{ id: 'made', header: 'Made', width: 90 },
    cell: ({ made_at }) => <Time at={made_at} />,
  },
];

function ClaimState({ status }: { readonly status: Claim['status'] }) {
  const [word, tone, text] = looks[status];
  return (
    <State word={word} tone={tone}>
      {text}
    </State>
  );
}

function ClaimView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/loyalty/claims/{id}', { path: { id } });
  const [url, setUrl] = useUrl();
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const { status, why, explanation, program, customer } = data;
  const isOpen = status === 'appealed' || status === 'waiting';
  return (
    <div className="object">
      <header className="object-head">
        <div className="object-title">
          <span className="object-amount">
            <Points points={data.points_due} /> due
          </span>
          <ClaimState status={status} />
        </div>
        <div className="object-line">
          <Id id={id} whole />
        </div>
        <div className="object-acts">
          <ActButton
            right="loyalty:write"
            variant={isOpen ? 'filled' : 'default'}
            unless={isOpen ? undefined : 'It does not wait for anybody'}
            onClick={() => setUrl({ do: 'decide' })}
          >
            Decide
          </ActButton>
        </div>
      </header>
      <p className="sentence" data-tone={why === 'due' ? 'good' : 'still'}>
        <strong>{whys[why]}</strong>: <span className="text">{explanation}</span>
      </p>
      <Section title="The claim">
        <Facts
          of={{
            Customer: <MemberLink customer={customer} program={program} />,
            Programme: <Link to={`/programs/${program}` as never}>{program}</Link>,
            Transaction: <Id id={data.transfer_id} />,
            Given: <Points points={data.points_given} />,
            Made: (
              <>
                <Time at={data.made_at} whole /> by <Who principal={data.made_by} />
              </>
            ),
            'Decided by':
              data.decided_by === null ? undefined : <Who principal={data.decided_by} />,
            Approval: data.approval_id === null ? undefined : <Id id={data.approval_id} />,
          }}
        />
      </Section>
      {url['do'] === 'decide' && isOpen && (
        <DecideDialog claim={data} close={() => setUrl({ do: undefined })} />
      )}
    </div>
  );
}

function DecideDialog({ claim, close }: { readonly claim: Claim; readonly close: () => void }) {
  const [verdict, setVerdict] = useState<'credit' | 'refuse'>('credit');
  const [points, setPoints] = useState<number | string>(claim.points_due || '');
  const [reason, setReason] = useState('');
  const act = useAct(decideOp, [claimsOp, 'GET /v1/loyalty/claims/{id}']);
  const isWhole = typeof points === 'number' && points > 0;
  const missing =
    verdict === 'credit' && !isWhole
      ? 'Say how many points'
      : reason.trim() === ''
        ? 'Say why'
        : undefined;
  const decide = () =>
    act.mutate(
      {
        path: { id: claim.claim_id },
        body: {
          ...{ verdict, reason: reason.trim() },
          ...(verdict === 'credit' && isWhole ? { points } : {}),
        },
      },
      {
        onSuccess: () => {
          tell(
            verdict === 'credit' ? 'The points are on their way.' : 'Refused, with your reason.',
          );
          close();
        },
      },
    );
  return (
    <FormDialog
      title="Decide on the claim"
      does={verdict === 'credit' ? 'Credit the points' : 'Refuse it'}
      {...{ missing, error: act.error, isPending: act.isPending, close, submit: decide }}
    >
      <SegmentedControl
        fullWidth
        aria-label="Verdict"
        value={verdict}
        onChange={(next) => setVerdict(next as 'credit' | 'refuse')}
        data={[
          { value: 'credit', label: 'Credit' },
          { value: 'refuse', label: 'Refuse' },
        ]}
      />
      {verdict === 'credit' && (
        <NumberInput
          label="Points"
          description="Above 10,000 another person approves it first."
          value={points}
          onChange={setPoints}
          min={1}
          allowDecimal={false}
          thousandSeparator=","
        />
      )}
      <Textarea
        label="Why"
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
      />
    </FormDialog>
  );
}
