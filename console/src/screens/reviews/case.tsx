// One case: what it is about, what can be done with it, and everything that speaks for or against.
import { Group, Kbd } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useSession } from '../../api/session.ts';
import { Eyes } from '../../parts/eyes.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Due } from './due.tsx';
import { Evidence } from './evidence.tsx';
import { Note } from './note.tsx';
import { OutlookNote } from './outlook.tsx';
import { type Asked, type PaymentPath, useCase, useWhyNot } from './standing.ts';
import { Summary } from './summary.tsx';
import { Timeline } from './timeline.tsx';
import type { CaseDetail } from './words.ts';

type CaseProps = {
  readonly id: string;
  readonly ask: (asked: Asked) => void;
};

export function CaseView({ id, ask }: CaseProps) {
  const { shown, payment, error, refetch } = useCase(id);
  if (!shown) {
    if (!error) return <Loading />;
    return (
      <Section title="Case">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    );
  }
  return (
    <>
      <Head shown={shown} payment={payment} ask={ask} />
      <OutlookNote of={shown.outlook} />
      <Summary of={shown.summary} />
      <Evidence shown={shown} payment={payment} />
      <Timeline id={id} />
      <Note key={id} id={id} />
    </>
  );
}

function Head({
  shown,
  payment,
  ask,
}: {
  readonly shown: CaseDetail;
  readonly payment: PaymentPath | undefined;
  readonly ask: CaseProps['ask'];
}) {
  const { amount, currency, status, verdict, verdicts, fraud_score: score } = shown;
  const approved = verdicts.filter((each) => each.verdict === 'approve').length;
  const given = shown.approval_id === null ? undefined : approved;
  const isRejected = verdicts.some((each) => each.verdict === 'reject');
  return (
    <header className="detail-head">
      <div className="detail-line">
        <span className="case-amount">
          <Amount minor={amount} currency={currency} />
        </span>
        {verdict === null ? (
          <State word={status} />
        ) : (
          <State word={verdict === 'approve' ? 'approved' : 'rejected'} />
        )}
        <Due of={shown} />
        <Eyes given={given} required={shown.required_checkers} rejected={isRejected} />
        <span>
          <span className="dimmed">fraud risk</span>{' '}
          {score === null ? 'not scored' : score.toFixed(2)}
        </span>
        <span style={{ marginLeft: 'auto' }}>
          {shown.assignee === null ? (
            <span className="dimmed">nobody has it</span>
          ) : (
            <>
              <span className="dimmed">with</span> <Who principal={shown.assignee} />
            </>
          )}
        </span>
      </div>
      <Parties shown={shown} payment={payment} />
      <Acts shown={shown} ask={ask} />
    </header>
  );
}

function Parties({
  shown,
  payment,
}: {
  readonly shown: CaseDetail;
  readonly payment: PaymentPath | undefined;
}) {
  return (
    <div className="detail-line" style={{ marginTop: 4 }}>
      {payment && (
        <span>
          <Party account={payment.debtor_account_id} party={payment.debtor} />
          <span className="dimmed" role="img" aria-label="pays">
            {' → '}
          </span>
          <Party account={payment.creditor_account_id} party={payment.creditor} />
        </span>
      )}
      {payment && (
        <span className="dimmed">
          {wordsOf(payment.kind)}, {wordsOf(payment.channel)}
        </span>
      )}
      <span className="dimmed">
        {shown.queue}, opened <Time at={shown.opened_at} />
      </span>
      <Group gap={12} ml="auto">
        <Link to={`/payments/${shown.payment_id}` as never}>Payment</Link>
        {shown.evidence.decision && (
          <Link to={`/decisions/${shown.evidence.decision.decision_id}` as never}>Decision</Link>
        )}
        {shown.approval_id && <Link to={`/approvals/${shown.approval_id}` as never}>Approval</Link>}
      </Group>
    </div>
  );
}

/** The customer where the bank knows one, and the account in any case. */
function Party({ account, party }: { readonly account: string; readonly party: string | null }) {
  return (
    <>
      {party !== null && (
        <>
          <Link to={`/customers/${party}` as never} className="mono">
            {party}
          </Link>{' '}
        </>
      )}
      <Id id={account} />
    </>
  );
}

function Acts({ shown, ask }: { readonly shown: CaseDetail; readonly ask: CaseProps['ask'] }) {
  const me = useSession()?.principal;
  const why = useWhyNot(shown.id);
  const isMine = shown.assignee !== null && shown.assignee === me;
  const act = (asked: Asked) => ({ unless: why[asked], act: () => ask(asked) });
  return (
    <>
      <div className="case-acts">
        <Act letter="a" of="Approve" variant="filled" {...act('approve')} />
        <Act letter="d" of="Deny" color="red" variant="light" {...act('reject')} />
        <Act letter="c" of={isMine ? 'Give back' : 'Claim'} {...act('claim')} />
        <Act letter="e" of="Escalate" {...act('escalate')} />
        <Act letter="s" of="Snooze" {...act('snooze')} />
        <Act letter="m" of="Note" {...act('note')} />
      </div>
      {why.told !== undefined && (
        <p className="case-note-line" role="status">
          {why.told}
        </p>
      )}
    </>
  );
}

function Act({
  letter,
  of,
  unless,
  act,
  ...look
}: {
  readonly letter: string;
  readonly of: string;
  readonly unless: string | undefined;
  readonly act: () => void;
  readonly variant?: string;
  readonly color?: string;
}) {
  return (
    <ActButton right="reviews:write" size="compact-sm" unless={unless} onClick={act} {...look}>
      {of}
      <Kbd aria-hidden>{letter}</Kbd>
    </ActButton>
  );
}
