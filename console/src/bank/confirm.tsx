// Step-up: the customer agrees to exactly this amount and payee, by a code that his app shows.
import { Button, PinInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CircleAlert, Smartphone } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAct, useApi } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { DemoCode } from './demo-code.tsx';
import { Fact, useWhen } from './facts.tsx';
import { movedByPayment, type Transaction, useKeepPayment } from './reads.ts';
import { Note, Trouble } from './trouble.tsx';
import { nameOf } from './words.ts';

type Challenge = Answer<'GET /v1/customer/payments/{id}/step-up'>;
type Confirming = { readonly id: string; readonly payment: Transaction };

const codeLength = 6;

export function Confirm({ id, payment }: Confirming) {
  const { data, error, refetch } = useApi('GET /v1/customer/payments/{id}/step-up', {
    path: { id },
  });
  if (!data) return error ? <Trouble error={error} retry={refetch} /> : <Loading />;
  return (
    <>
      <Terms challenge={data} payment={payment} />
      {data.status === 'waiting' ? (
        <Proof id={id} challenge={data} />
      ) : (
        data.status !== 'succeeded' && (
          <>
            <Over words={overWords[data.status]} />
            <Button
              component={Link}
              to={'/bank/pay' as never}
              search={{ to: data.terms.creditor_account_id } as never}
            >
              Pay again
            </Button>
          </>
        )
      )}
    </>
  );
}

const overWords = {
  locked:
    'Too many wrong codes: this payment can no longer be confirmed. Cancel it, and pay again.',
  expired: 'The time to confirm this payment is over. No money has moved: pay again.',
} as const;

function Over({ words }: { readonly words: string }) {
  return (
    <Note tone="bad" icon={<CircleAlert size={20} aria-hidden />} role="alert">
      {words}
    </Note>
  );
}

/** What the code is good for, and nothing else (dynamic linking, PSD2 RTS art. 5). */
function Terms({
  challenge,
  payment,
}: {
  readonly challenge: Challenge;
  readonly payment: Transaction;
}) {
  const { terms, expires_at } = challenge;
  const until = useWhen(expires_at);
  return (
    <section aria-label="What you agree to">
      <h2 className="bank-heading">You agree to this, and to nothing else</h2>
      <p className="bank-big">
        <Amount minor={terms.amount} currency={terms.currency} />
      </p>
      <dl className="bank-facts">
        <Fact name="To">{nameOf(payment.counterparty)}</Fact>
        <Fact name="Account">
          <span className="mono">{terms.creditor_account_id}</span>
        </Fact>
        <Fact name="Until">{until}</Fact>
      </dl>
    </section>
  );
}

function Proof({ id, challenge }: { readonly id: string; readonly challenge: Challenge }) {
  const app = challenge.authenticators.find(({ kind }) => kind === 'totp');
  if (!app) {
    const words = challenge.authenticators.some(({ kind }) => kind === 'signature')
      ? 'Confirm it on the phone that you have registered with us: this app goes on by itself.'
      : 'You have no app for codes yet: please contact us, or cancel this payment.';
    return (
      <Note tone="plain" icon={<Smartphone size={20} aria-hidden />}>
        {words}
      </Note>
    );
  }
  return <CodeForm id={id} authenticatorId={app.id} attemptsLeft={challenge.attempts_left} />;
}

function CodeForm({
  id,
  authenticatorId,
  attemptsLeft,
}: {
  readonly id: string;
  readonly authenticatorId: string;
  readonly attemptsLeft: number;
}) {
  const [code, setCode] = useState('');
  const label = useId();
  const boxes = useRef<HTMLDivElement>(null);
  const { send, answer, isPending, error } = useProof(id, authenticatorId);
  const isWrong = answer?.status === 'failed' && code === '';
  const submit = (typed: string) =>
    void send(typed).then(() => {
      setCode('');
      boxes.current?.querySelector('input')?.focus();
    });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (code.length === codeLength) submit(code);
  };
  return (
    <form onSubmit={onSubmit} className="bank-form">
      <p id={label} className="bank-label">
        The code that your app shows now
      </p>
      <PinInput
        {...{ length: codeLength, type: 'number', size: 'xl', radius: 10, gap: 6, placeholder: '' }}
        {...{ value: code, onChange: setCode, onComplete: submit, error: isWrong }}
        role="group"
        aria-labelledby={label}
        rootRef={boxes}
        disabled={isPending}
        getInputProps={(at) => ({ 'aria-label': `Digit ${at + 1} of ${codeLength}` })}
      />
      {isWrong && (
        <Over
          words={`This code is wrong, or was used before. ${leftWords(answer.attempts_left)}`}
        />
      )}
      {!isWrong && attemptsLeft < 3 && <p className="dimmed">{leftWords(attemptsLeft)}</p>}
      {answer?.status === 'locked' && <Over words={overWords.locked} />}
      {error && <Trouble error={error} />}
      <DemoCode authenticatorId={authenticatorId} use={setCode} />
      <Button type="submit" loading={isPending} disabled={code.length < codeLength}>
        Confirm
      </Button>
    </form>
  );
}

function leftWords(left: number): string {
  return left === 1 ? 'One try is left.' : `${left} tries are left.`;
}

/** Tries a code; where it is right, the payment has gone on when this answers. */
function useProof(id: string, authenticatorId: string) {
  const keep = useKeepPayment();
  const attempt = useAct('POST /v1/customer/payments/{id}/step-up', [
    ...movedByPayment,
    'GET /v1/customer/payments/{id}/step-up',
  ]);
  const send = async (code: string) => {
    if (attempt.isPending) return;
    const body = { authenticator_id: authenticatorId, code };
    const { payment } = await attempt.mutateAsync({ path: { id }, body });
    keep(payment);
  };
  return {
    send: (code: string) => send(code).catch(() => undefined),
    ...{ answer: attempt.data, isPending: attempt.isPending, error: attempt.error },
  };
}
