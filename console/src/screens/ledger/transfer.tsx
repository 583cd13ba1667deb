// One transfer: both accounts as Ts, the journal that it was posted in, the payment, decision and
// evidence behind it, and the way to reverse it.
import { Anchor, Stack, Text } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { KindState } from './places.tsx';
import { ReversalDialog } from './reversal.tsx';
import { TransferTs } from './t-account.tsx';
import { TransferFacts } from './transfer-facts.tsx';
import type { Line } from './words.ts';
import './ledger.css';

/** Of one command, as many as are shown. */
const legsMax = 200;

export function TransferPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { data, error, refetch } = useApi('GET /v1/transfers/{id}', { path: { id } });
  const legs = useLegs(data);
  const [isReversing, setReversing] = useState(false);
  return (
    <Screen
      title="Transfer"
      about={
        <span className="detail-line">
          <Id id={id} whole />
          {data && <KindState kind={data.kind} />}
          {data && <Amount minor={data.amount} currency={data.currency} />}
          {data?.reversed_by_id && <State word="reversed" />}
        </span>
      }
      actions={
        <ActButton
          right="ledger:write"
          unless={data ? whyNotReversed(data) : 'There is no transfer here.'}
          onClick={() => setReversing(true)}
        >
          Reverse…
        </ActButton>
      }
    >
      <Scroll>
        {error && <ProblemNote error={error} retry={refetch} />}
        {!data && !error && <Loading />}
        {data && <TransferBody transfer={data} legs={legs} />}
      </Scroll>
      {data && isReversing && (
        <ReversalDialog
          transfer={data}
          company={legs.length - 1}
          close={() => setReversing(false)}
        />
      )}
    </Screen>
  );
}

/** All that was posted together with it, in the order of the legs; it alone until they are known. */
function useLegs(transfer: Line | undefined): readonly Line[] {
  const query = { command_id: transfer?.command_id ?? '', limit: legsMax };
  const { data } = useApi('GET /v1/transfers', { query }, { enabled: transfer !== undefined });
  const found = data?.items.toSorted((a, b) => a.leg - b.leg) ?? [];
  return found.length > 0 || !transfer ? found : [transfer];
}

function whyNotReversed({ kind, reversed_by_id }: Line): string | undefined {
  if (reversed_by_id !== null) return 'It has been reversed: that happens once.';
  if (kind === 'reverse') return 'It is a reversal itself: post the transfer again instead.';
  if (kind === 'void' || kind === 'expire') return 'It only gave back what was held.';
  return undefined;
}

function TransferBody({
  transfer,
  legs,
}: {
  readonly transfer: Line;
  readonly legs: readonly Line[];
}) {
  return (
    <div className="ledger-object">
      <Stack gap="md">
        <Card
          title={
            legs.length > 1
              ? `The journal: ${legs.length} legs, posted together or not at all`
              : 'What it did'
          }
        >
          <TransferTs transfers={legs} here={transfer.id} />
        </Card>
        <PaymentCard transfer={transfer} />
        <Card title="As the API tells it">
          <Json value={transfer} maxHeight={260} />
        </Card>
      </Stack>
      <Card title="Facts">
        <TransferFacts transfer={transfer} />
      </Card>
    </div>
  );
}

function PaymentCard({ transfer }: { readonly transfer: Line }) {
  const { payment_id } = transfer;
  const may = useMay()('payments:read');
  return (
    <Card title="Why it was posted">
      {payment_id === null ? (
        <Text c="dimmed">
          No payment is behind it: a system or a person of the bank has posted it by itself.
        </Text>
      ) : may.allowed ? (
        <PaymentBehind id={payment_id} transfer={transfer} />
      ) : (
        <Text c="dimmed">
          The payment <Id id={payment_id} /> is behind it. {may.why}
        </Text>
      )}
    </Card>
  );
}

type Payment = Answer<'GET /v1/payments/{id}'>;

function PaymentBehind({ id, transfer }: { readonly id: string; readonly transfer: Line }) {
  const { data, error, refetch } = useApi('GET /v1/payments/{id}', { path: { id } });
  if (error) return <ProblemNote error={error} retry={refetch} />;
  return data ? <PaymentFacts payment={data} transfer={transfer} /> : <Loading />;
}

function PaymentFacts({
  payment,
  transfer,
}: {
  readonly payment: Payment;
  readonly transfer: Line;
}) {
  const { payment_id, status, decisions, history, kind, channel } = payment;
  return (
    <Facts
      of={{
        Payment: (
          <span className="detail-line">
            <Id id={payment_id} />
            <State word={status} />
            {wordsOf(kind)}, {wordsOf(channel)}
          </span>
        ),
        ...(decisions.length === 1 ? { Decision: decisionLine(decisions[0]) } : {}),
        ...(decisions.length > 1 ? { Decisions: decisions.map(decisionLine) } : {}),
        Events: (
          <ul className="ledger-events">
            {history.map(({ event_id, type, at, receipt, payload }) => (
              <li key={event_id} data-here={names(payload, transfer) || undefined}>
                <span className="mono">{type}</span> <Id id={event_id} />{' '}
                <span className="dimmed">
                  <Time at={at} />
                </span>{' '}
                <Anchor
                  href={receipt}
                  download={`${event_id}.receipt.json`}
                  fz="inherit"
                  underline="always"
                >
                  receipt
                </Anchor>
              </li>
            ))}
          </ul>
        ),
        Proof: <Link to={'/evidence' as never}>Verify a receipt</Link>,
      }}
    />
  );
}

/** Whether an event tells of this very transfer. */
function names(payload: Readonly<Record<string, unknown>>, { id }: Line): boolean {
  return JSON.stringify(payload).includes(id);
}

function decisionLine(decision: Payment['decisions'][number] | undefined) {
  if (!decision) return undefined;
  const { decision_id, outcome, reasons, policy_version } = decision;
  return (
    <div key={decision_id} className="detail-line">
      <Id id={decision_id} />
      <State word={outcome} />
      <span>{reasons.map(({ text }) => text).join('; ')}</span>
      <span className="mono dimmed">{policy_version}</span>
    </div>
  );
}
