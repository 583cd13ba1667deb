// One request: what exactly, who asked, who has agreed, and what this person can do about it.
import { Kbd, Text } from '@mantine/core';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { Eyes } from '../../parts/eyes.tsx';
import { CopyId, Id } from '../../parts/id.tsx';
import { Linked } from '../../parts/linked.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { Asking } from './approvals.tsx';
import { casesKind } from './list.tsx';
import { Subject } from './subject.tsx';
import { VoteDialog } from './vote.tsx';
import { Verdicts } from './votes.tsx';

export type ApprovalDetail = Answer<'GET /v1/approvals/{id}'>;

type ViewProps = {
  readonly id: string;
  readonly asking: Asking | undefined;
  readonly ask: (asking: Asking | undefined) => void;
  readonly onDone: () => void;
};

export function ApprovalView({ id, asking, ask, onDone }: ViewProps) {
  const { data: shown, error, refetch } = useApi('GET /v1/approvals/{id}', { path: { id } });
  const me = useSession()?.principal;
  if (!shown) {
    if (!error) return <Loading />;
    return (
      <Section title="Approval">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    );
  }
  const why = whyNot(shown, me);
  const approved = shown.verdicts.filter(({ verdict }) => verdict === 'approve').length;
  return (
    <>
      <header className="detail-head">
        <Text fw={620} fz="lg" component="h2" m={0}>
          <Linked text={shown.summary} />
        </Text>
        <div className="detail-line">
          <State word={shown.status} />
          <Eyes
            given={approved}
            required={shown.required_checkers}
            rejected={shown.status === 'rejected'}
          />
          <span className="mono">{shown.subject_kind}</span>
          <span className="dimmed">
            asked by <Who principal={shown.maker} /> <Time at={shown.requested_at} />
          </span>
        </div>
        <Acts shown={shown} why={why} ask={ask} />
      </header>
      <Subject of={shown} />
      <Votes of={shown} />
      <Rest of={shown} />
      {asking !== undefined && (
        <VoteDialog {...{ shown, asking, onDone }} why={why[asking]} close={() => ask(undefined)} />
      )}
    </>
  );
}

export type WhyNot = Readonly<Record<Asking, string | undefined>>;

/** Nobody decides on their own request, nor twice. The API has the last word. */
export function whyNot(shown: ApprovalDetail, me: string | undefined): WhyNot {
  const { status, maker, verdicts, subject_kind } = shown;
  const isOpen = status === 'pending' || status === 'approved';
  const isOwn = maker === me;
  const voted = verdicts.some(({ checker }) => checker === me);
  const both =
    subject_kind === casesKind
      ? 'It is decided where its case is looked at: in the reviews.'
      : isOwn
        ? 'You asked for this: another person has to decide.'
        : voted
          ? 'You have decided: each person does so once.'
          : isOpen
            ? undefined
            : `It is ${status}: there is nothing left to decide.`;
  const agreed = status === 'approved' ? 'Enough people have agreed already.' : undefined;
  return {
    approve: both ?? agreed,
    reject: both,
    withdraw: !isOwn
      ? 'Only who has asked can withdraw it.'
      : subject_kind === casesKind
        ? 'It was asked for by the system.'
        : isOpen
          ? undefined
          : `It is ${status}.`,
  };
}

function Acts({
  shown,
  why,
  ask,
}: {
  readonly shown: ApprovalDetail;
  readonly why: WhyNot;
  readonly ask: (asking: Asking) => void;
}) {
  const session = useSession();
  const isOwn = shown.maker === session?.principal;
  const told = isOwn ? why.approve : (why.approve ?? why.reject);
  return (
    <>
      <div className="vote-acts">
        <ActButton
          right="policy:approve"
          variant="filled"
          size="compact-sm"
          unless={why.approve}
          onClick={() => ask('approve')}
        >
          Approve <Kbd aria-hidden>a</Kbd>
        </ActButton>
        <ActButton
          right="policy:approve"
          color="red"
          variant="light"
          size="compact-sm"
          unless={why.reject}
          onClick={() => ask('reject')}
        >
          Reject <Kbd aria-hidden>d</Kbd>
        </ActButton>
        {isOwn && (
          <ActButton
            right="approval.withdraw"
            size="compact-sm"
            unless={why.withdraw}
            onClick={() => ask('withdraw')}
          >
            Withdraw <Kbd aria-hidden>w</Kbd>
          </ActButton>
        )}
      </div>
      {told !== undefined && (
        <p className="vote-note" role="status">
          {told}
        </p>
      )}
    </>
  );
}

function Votes({ of: { verdicts, required_checkers, status } }: { readonly of: ApprovalDetail }) {
  const missing = status === 'pending' ? required_checkers - verdicts.length : 0;
  return (
    <Section
      title="Who decides"
      about={required_checkers === 1 ? 'one other person' : `${required_checkers} other people`}
    >
      <ul className="votes">
        <Verdicts of={verdicts} />
        {missing > 0 && (
          <li>
            <State word="pending">waits</State>
            <span className="dimmed">
              for {missing === 1 ? 'one more person' : `${missing} more people`} with the right to
              approve
            </span>
          </li>
        )}
        {missing === 0 && verdicts.length === 0 && <li className="dimmed">Nobody has decided.</li>}
      </ul>
    </Section>
  );
}

function Rest({ of: shown }: { readonly of: ApprovalDetail }) {
  const { id, status, subject_digest, expires_at, ended_at, used_by, maker } = shown;
  return (
    <Section title="The request" about={nextWords(shown)}>
      <Facts
        of={{
          Id: <Id id={id} whole link={false} />,
          'Asked by': <span className="mono">{maker}</span>,
          Asked: <Time at={shown.requested_at} whole />,
          [status === 'expired' ? 'Expired' : 'Good until']: <Time at={expires_at} whole />,
          Ended: ended_at === null ? undefined : <Time at={ended_at} whole />,
          'Used by': used_by === null ? undefined : <Id id={used_by} whole />,
          Digest: (
            <span className="mono" title="SHA-256 of the subject's canonical text: exactly this">
              {subject_digest} <CopyId text={subject_digest} label="Copy the digest" />
            </span>
          ),
        }}
      />
    </Section>
  );
}

/** What comes next, by whom. */
function nextWords({ status, maker, subject_kind }: ApprovalDetail): string | undefined {
  if (status === 'pending') return 'allows nothing yet';
  if (status !== 'approved') return undefined;
  return subject_kind === casesKind
    ? 'the payment goes on by itself'
    : `allows exactly this, once; ${maker} can carry it out`;
}
