// A transaction in full: what, when, who, why, how it stands, and what to do where it was not you.
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { Check, Circle, CircleDot, ShieldAlert, X } from 'lucide-react';
import { Amount } from '../parts/money.tsx';
import { Cancel } from './cancel.tsx';
import { LineFacts, useWhen } from './facts.tsx';
import { paymentIdOf, type Transaction } from './reads.ts';
import { Note } from './trouble.tsx';
import { stepsOf } from './words.ts';

export function Detail({
  line,
  close,
}: {
  readonly line: Transaction;
  readonly close: () => void;
}) {
  const { amount, currency, status, next } = line;
  const id = paymentIdOf(line);
  return (
    <>
      <p className="bank-big" data-status={status}>
        <Amount minor={amount} currency={currency} signed />
      </p>
      <p>{line.explanation}</p>
      <Steps line={line} />
      {next === 'confirm' && (
        <Button component={Link} to={`/bank/payments/${id}` as never}>
          Confirm this payment
        </Button>
      )}
      {next !== null && <Cancel id={id} done={close} />}
      <LineFacts line={line} />
      {amount < 0 && status === 'booked' && (line.kind === 'transfer' || line.kind === 'bill') && (
        <Button
          variant="default"
          component={Link}
          to={'/bank/pay' as never}
          search={{ to: line.counterparty.account_id } as never}
        >
          Pay again
        </Button>
      )}
      {amount < 0 && <NotYou line={line} />}
    </>
  );
}

const stepTones = { done: 'good', now: 'wait', next: 'still', failed: 'bad' } as const;
const stepIcons = { done: Check, now: CircleDot, next: Circle, failed: X } as const;

/** How it stands, from the order on. */
export function Steps({ line }: { readonly line: Transaction }) {
  const when = useWhen(line.at);
  return (
    <ol className="bank-steps" aria-label="How it stands">
      {stepsOf(line).map(({ words, state }, at) => {
        const Icon = stepIcons[state];
        return (
          <li
            key={words}
            className="bank-step"
            data-tone={stepTones[state]}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <Icon size={16} aria-hidden />
            <span>{words}</span>
            {at === 0 && <span className="dimmed">{when}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function NotYou({ line: { status, next, kind } }: { readonly line: Transaction }) {
  const [isOpen, { toggle }] = useDisclosure();
  const isStopped = status === 'declined' || status === 'cancelled';
  return (
    <>
      <Button variant="subtle" color="gray" onClick={toggle} aria-expanded={isOpen}>
        Was this not you?
      </Button>
      {isOpen && (
        <Note tone="plain" icon={<ShieldAlert size={20} aria-hidden />}>
          {isStopped && 'No money has moved, but somebody has tried. '}
          {next !== null && 'Do not confirm it, and cancel it above. '}
          {kind === 'card'
            ? 'Contact us at once: we block the card and send you another. '
            : 'Contact us at once: we close the way in, and look for the money. '}
          Never tell anybody a code of your app. We do not ask for one either.
        </Note>
      )}
    </>
  );
}
