// How a payment of one's own stands: done, to be confirmed, looked at, declined, in words.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleSlash, CircleX, Eye, Hourglass, ShieldQuestion } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import type { Tone } from '../parts/state.tsx';
import { Cancel } from './cancel.tsx';
import { Confirm } from './confirm.tsx';
import { Steps } from './detail.tsx';
import { LineFacts } from './facts.tsx';
import { Page } from './frame.tsx';
import { type Transaction, usePayment } from './reads.ts';
import { Trouble } from './trouble.tsx';

export function PaymentPage({ id }: { readonly id: string }) {
  const { data, error, refetch } = usePayment(id);
  if (!data) {
    return (
      <Page title="Payment">{error ? <Trouble error={error} retry={refetch} /> : <Loading />}</Page>
    );
  }
  const { title, tone, icon: Icon } = outcomeOf(data);
  return (
    <Page title={title}>
      {data.next === 'confirm' ? (
        <>
          <p>{data.explanation}</p>
          <Confirm id={id} payment={data} />
        </>
      ) : (
        <>
          <div className="bank-outcome" data-tone={tone}>
            <Icon size={40} strokeWidth={1.6} aria-hidden />
            <p className="bank-big" data-status={data.status}>
              <Amount minor={-data.amount} currency={data.currency} />
            </p>
            <p role="status">{data.explanation}</p>
          </div>
          <Steps line={data} />
          <LineFacts line={data} />
        </>
      )}
      <Ways payment={data} id={id} />
    </Page>
  );
}

type Outcome = { readonly title: string; readonly tone: Tone; readonly icon: LucideIcon };

function outcomeOf({ status, next }: Transaction): Outcome {
  switch (status) {
    case 'booked':
      return { title: 'Paid', tone: 'good', icon: CircleCheck };
    case 'declined':
      return { title: 'Not paid', tone: 'bad', icon: CircleX };
    case 'cancelled':
      return { title: 'Cancelled', tone: 'still', icon: CircleSlash };
    case 'pending':
      if (next === 'confirm')
        return { title: 'Please confirm', tone: 'wait', icon: ShieldQuestion };
      if (next === 'wait') return { title: 'We look at it', tone: 'look', icon: Eye };
      return { title: 'Reserved', tone: 'wait', icon: Hourglass };
  }
}

function Ways({ payment, id }: { readonly payment: Transaction; readonly id: string }) {
  const isOver = payment.status === 'declined' || payment.status === 'cancelled';
  return (
    <>
      {payment.next !== 'confirm' && (
        <Button component={Link} to={'/bank' as never}>
          To your accounts
        </Button>
      )}
      {isOver && (
        <Button
          variant="default"
          component={Link}
          to={'/bank/pay' as never}
          search={{ to: payment.counterparty.account_id } as never}
        >
          Pay again
        </Button>
      )}
      {payment.next !== null && <Cancel id={id} />}
    </>
  );
}
