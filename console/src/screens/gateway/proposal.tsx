// One proposal: the exact terms, who has to agree and who has, what it is bound to, and the call that
// has carried it out, with its proof.
import { Kbd } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import type { Answer } from '../../api/client.ts';
import { useChanges } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { Folded } from '../../parts/explorer.tsx';
import { Eyes } from '../../parts/eyes.tsx';
import { CopyId, Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { ReceiptButtons, ReceiptResult, useReceipt } from '../../parts/receipt.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { type ApprovalDetail, whyNot } from '../approvals/approval.tsx';
import { VoteDialog } from '../approvals/vote.tsx';
import { Verdicts } from '../approvals/votes.tsx';
import { ProposalState } from './words.tsx';
import '../approvals/approvals.css';

export type Asking = 'approve' | 'reject';
type Whole = Answer<'GET /v1/proposals/{id}/record'>;
type Vote = {
  readonly asking: Asking | undefined;
  readonly ask: (asking: Asking | undefined) => void;
};

export function ProposalView({ id, ...vote }: Vote & { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/proposals/{id}/record', { path: { id } });
  const approval = useApi(
    'GET /v1/approvals/{id}',
    { path: { id: data?.approval_id ?? '' } },
    { enabled: typeof data?.approval_id === 'string' },
  );
  // What it pays by is made behind its use.
  useChanges(['payment.'], () => {
    if (data?.used?.payment_id === null && data.amount !== null) void refetch();
  });
  if (!data) {
    return error ? (
      <Section title="Proposal">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    ) : (
      <Loading />
    );
  }
  return (
    <div className="object">
      <Head of={data} approval={approval.data} {...vote} />
      <Sentence of={data} approval={approval.data} />
      <Terms of={data} />
      <Agreement of={data} approval={approval.data} />
      <Bound of={data} />
      {approval.data && <Vote shown={approval.data} {...vote} />}
    </div>
  );
}

type Told = { readonly of: Whole; readonly approval: ApprovalDetail | undefined };

function Head({ of, approval, ask }: Told & Vote) {
  const me = useSession()?.principal;
  const why = approval && whyNot(approval, me);
  return (
    <header className="object-head">
      <div className="object-title">
        <h2 className="gateway-title text">{of.terms}</h2>
      </div>
      <div className="object-line">
        <ProposalState of={of} />
        <span className="dimmed">
          made <Time at={of.made_at} />
        </span>
        <Id id={of.id} link={false} whole />
      </div>
      {of.used && <Proof call={of.used} />}
      {of.waits_for === 'officers' && (
        <div className="object-acts vote-acts">
          <ActButton
            right="policy:approve"
            variant="filled"
            unless={why?.approve}
            onClick={() => ask('approve')}
          >
            Approve <Kbd aria-hidden>a</Kbd>
          </ActButton>
          <ActButton
            right="policy:approve"
            color="red"
            variant="light"
            unless={why?.reject}
            onClick={() => ask('reject')}
          >
            Reject <Kbd aria-hidden>d</Kbd>
          </ActButton>
          {why?.approve && <span className="dimmed">{why.approve}</span>}
        </div>
      )}
      {of.waits_for !== 'officers' && !of.used && <div className="gateway-gap" />}
    </header>
  );
}

/** The record of the call that has carried it out. */
function Proof({ call: { call_id, event_id } }: { readonly call: NonNullable<Whole['used']> }) {
  const receipt = useReceipt(event_id);
  return (
    <>
      <div className="object-acts">
        <ReceiptButtons event={event_id} receipt={receipt} />
        <Link to={`/calls?id=${call_id}` as never}>The call that did it</Link>
      </div>
      <ReceiptResult receipt={receipt} />
    </>
  );
}

function Vote({ shown, asking, ask }: Vote & { readonly shown: ApprovalDetail }) {
  const me = useSession()?.principal;
  const isOpen = shown.status === 'pending';
  // The key was pressed where there is nothing to decide.
  useEffect(() => {
    if (asking !== undefined && !isOpen) ask(undefined);
  }, [asking, isOpen, ask]);
  if (asking === undefined || !isOpen) return null;
  return (
    <VoteDialog
      {...{ shown, asking, why: whyNot(shown, me)[asking] }}
      close={() => ask(undefined)}
      onDone={() => undefined}
    />
  );
}

/** The one sentence that comes first: who is asked, or how it ended. */
function Sentence({ of, approval }: Told) {
  const { status, waits_for, expires_at, ended_at } = of;
  const until = <Time at={expires_at} whole />;
  if (waits_for === 'customer') {
    return (
      <Said tone="wait" strong="The customer is asked,">
        in the bank’s app. Without an answer by {until} it is over, and nothing is done.
      </Said>
    );
  }
  if (waits_for === 'officers') {
    const count = approval?.required_checkers ?? 1;
    return (
      <Said
        tone="wait"
        strong={
          count === 1 ? 'One person of the bank is asked' : `${count} people of the bank are asked`
        }
      >
        as well, until {until}: the customer has agreed, and{' '}
        <Link to={`/decisions/${of.decision_id}` as never}>policy wants more</Link>.
      </Said>
    );
  }
  switch (status) {
    case 'used':
      return (
        <Said tone="good" strong="Carried out,">
          once, by the agent’s call
          {ended_at !== null && (
            <>
              {' '}
              of <Time at={ended_at} whole />
            </>
          )}
          .
        </Said>
      );
    case 'rejected':
      return (
        <Said tone="bad" strong={noWords[whoRefused(of, approval) ?? 'somebody']}>
          Nothing was done, and the agent cannot try the same again without asking anew.
        </Said>
      );
    case 'withdrawn':
      return (
        <Said tone="still" strong="The agent took it back.">
          Nothing was done, and nobody is asked any more.
        </Said>
      );
    case 'expired':
      return (
        <Said tone="still" strong="Nobody answered in time.">
          Silence is a no: nothing was done.
        </Said>
      );
    default:
      return (
        <Said tone="good" strong="All have agreed who were asked.">
          The agent may carry out exactly this, once, by {until}; policy looks at it again then.
        </Said>
      );
  }
}

const noWords = {
  customer: 'The customer said no.',
  officers: 'People of the bank said no.',
  somebody: 'It was refused.',
} as const;

/** Undefined as long as it is not known, or not to be read, what people of the bank have said. */
function whoRefused({ status, approval_id }: Whole, approval: Told['approval']) {
  if (status !== 'rejected' || (approval_id !== null && !approval)) return undefined;
  return approval?.status === 'rejected' ? 'officers' : 'customer';
}

function Said({
  tone,
  strong,
  children,
}: {
  readonly tone: string;
  readonly strong: string;
  readonly children: ReactNode;
}) {
  return (
    <p className="sentence" data-tone={tone}>
      <strong>{strong}</strong> {children}
    </p>
  );
}

function Terms({ of }: { readonly of: Whole }) {
  const { amount, currency, arguments: given, tool, version } = of;
  const told = given as Readonly<Record<string, unknown>>;
  const account = (name: string) =>
    typeof told[name] === 'string' ? <Id id={told[name]} whole /> : undefined;
  return (
    <Section title="Exact terms" about="this and nothing else can be carried out">
      <Facts
        of={{
          Amount:
            amount === null || currency === null ? undefined : (
              <Amount minor={amount} currency={currency} />
            ),
          From: account('from_account_id'),
          To: account('to_account_id'),
          'Carried out by': (
            <>
              <Link to={`/tools?id=${tool}` as never} className="mono">
                {tool}
              </Link>{' '}
              <span className="dimmed">version {version}</span>
            </>
          ),
          Digest: (
            <span className="gateway-id" title="SHA-256 of the arguments: exactly these">
              <span className="mono text">{of.arguments_digest}</span>
              <CopyId text={of.arguments_digest} label="Copy the digest" />
            </span>
          ),
        }}
      />
      <Folded title="Arguments, personal values as tokens">
        <Json value={told} maxHeight={260} />
      </Folded>
    </Section>
  );
}

function Agreement({ of, approval }: Told) {
  const verdicts = approval?.verdicts ?? [];
  const given = verdicts.filter(({ verdict }) => verdict === 'approve').length;
  return (
    <Section
      title="Who has to agree"
      about={
        approval ? (
          <Eyes
            given={given}
            required={approval.required_checkers}
            rejected={approval.status === 'rejected'}
          />
        ) : (
          'the customer; people of the bank are asked if policy says so'
        )
      }
    >
      <ul className="votes">
        <CustomersWord of={of} isNo={whoRefused(of, approval) === 'customer'} />
        <Verdicts of={verdicts} />
        {approval?.status === 'pending' && (
          <li>
            <State word="pending">asked</State>
            <span>
              {approval.required_checkers - given === 1
                ? 'One more person of the bank'
                : `${approval.required_checkers - given} more people of the bank`}
              <span className="dimmed">, with the right to approve</span>
            </span>
          </li>
        )}
      </ul>
    </Section>
  );
}

/** Given for this alone, or by a mandate before. */
function CustomersWord({ of, isNo }: { readonly of: Whole; readonly isNo: boolean }) {
  const { waits_for, agreed_by, agreed_at, mandate_id } = of;
  return (
    <li>
      {isNo ? (
        <State word="rejected">{agreed_at === null ? 'said no' : 'thought better'}</State>
      ) : mandate_id !== null ? (
        <State word="approved">mandate</State>
      ) : agreed_at !== null ? (
        <State word="approved">agreed</State>
      ) : waits_for === 'customer' ? (
        <State word="pending">asked</State>
      ) : (
        <State word="none">no answer</State>
      )}
      <span>
        The customer
        {mandate_id !== null && (
          <>
            {' '}
            lets it pay so much without asking: <span className="mono">{mandate_id}</span>
          </>
        )}
        {agreed_by !== null && (
          <span className="dimmed">
            , as <Who principal={agreed_by} />
          </span>
        )}
        {agreed_at !== null && (
          <>
            , <Time at={agreed_at} />
          </>
        )}
      </span>
    </li>
  );
}

function Bound({ of }: { readonly of: Whole }) {
  const { agent, agent_name, approval_id, ended_at } = of;
  return (
    <Section title="Bound to" about="should one of these change, people are asked anew">
      <Facts
        of={{
          Agent: (
            <>
              <Link to={`/agents?id=${agent}` as never}>{agent_name}</Link>{' '}
              <span className="dimmed mono">{agent}</span>
            </>
          ),
          Customer: <Id id={of.customer} whole />,
          Decision: <Id id={of.decision_id} whole />,
          Policy: <span className="mono">{of.policy_version}</span>,
          Approval: approval_id === null ? undefined : <Id id={approval_id} whole />,
          Call: of.used ? (
            <Link to={`/calls?id=${of.used.call_id}` as never} className="mono">
              {of.used.call_id}
            </Link>
          ) : undefined,
          Payment: of.used?.payment_id ? <Id id={of.used.payment_id} whole /> : undefined,
          Evidence: of.used ? <Id id={of.used.event_id} whole /> : undefined,
          Made: <Time at={of.made_at} whole />,
          Ended: ended_at === null ? undefined : <Time at={ended_at} whole />,
        }}
      />
    </Section>
  );
}
