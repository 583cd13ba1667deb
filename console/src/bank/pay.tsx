// Pay: to whom, how much, a look at all of it, and off it goes. Each step has its address.
import { Button, NativeSelect, TextInput, UnstyledButton } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight, UserRound, Wallet } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useApi } from '../api/queries.ts';
import { useUrl } from '../app/url.ts';
import { amountText, minorUnitsOf, useExponents } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { type Draft, useDraft } from './draft.ts';
import { Page } from './frame.tsx';
import { type Account, useCustomer } from './reads.ts';
import { Review } from './review.tsx';
import { Trouble } from './trouble.tsx';
import { accountName, tailOf } from './words.ts';

export type Payee = { readonly account_id: string; readonly name: string | null };

export function Pay() {
  const [url] = useUrl();
  const [draft] = useDraft();
  const customer = useCustomer();
  const payees = useApi('GET /v1/customer/payees', {});
  const error = customer.error ?? payees.error;
  if (!customer.data || !payees.data) {
    return (
      <Page title="Pay">
        {error ? <Trouble error={error} retry={customer.refetch} /> : <Loading />}
      </Page>
    );
  }
  const own = customer.data.accounts.items.filter(({ status }) => status === 'open');
  const known = knownPayees(own, payees.data.items);
  const isSent = draft.key !== undefined;
  const to = isSent ? draft.to : url['to'];
  if (to === undefined) return <Whom known={known} />;
  const payee = known.find(({ account_id }) => account_id === to) ?? { account_id: to, name: null };
  if (isSent || url['step'] === 'review') return <Review own={own} payee={payee} />;
  return <HowMuch key={to} own={own} payee={payee} />;
}

function knownPayees(own: readonly Account[], paid: readonly Payee[]): readonly Payee[] {
  const mine = own.map((each) => ({ account_id: each.account_id, name: accountName(each) }));
  const isMine = ({ account_id }: Payee) => mine.some((each) => each.account_id === account_id);
  return [...paid.filter((each) => !isMine(each)), ...(mine.length > 1 ? mine : [])];
}

const accountPattern = /^acc_[0-9a-hjkmnp-tv-z]{26}$/;

function Whom({ known }: { readonly known: readonly Payee[] }) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState('');
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const to = typed.trim();
    if (accountPattern.test(to)) void navigate({ to: '.', search: { to } as never });
    else setWrong(true);
  };
  return (
    <Page title="Pay">
      {known.length > 0 && (
        <>
          <h2 className="bank-heading">Whom do you pay?</h2>
          <ul className="bank-lines">
            {known.map((payee) => (
              <li key={payee.account_id}>
                <PayeeLine payee={payee} isOwn={!('paid_at' in payee)} />
              </li>
            ))}
          </ul>
        </>
      )}
      <h2 className="bank-heading">Somebody else</h2>
      <form onSubmit={submit} className="bank-form">
        <TextInput
          label="Account of the payee"
          description="Begins with acc_"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWrong(false);
          }}
          error={
            isWrong && 'This is no account: copy it from the bill or the message of the payee.'
          }
          {...{ autoComplete: 'off', autoCapitalize: 'off', spellCheck: false }}
        />
        <Button type="submit" variant="default" disabled={typed.trim() === ''}>
          Go on
        </Button>
      </form>
    </Page>
  );
}

function PayeeLine({ payee, isOwn }: { readonly payee: Payee; readonly isOwn: boolean }) {
  const Icon = isOwn ? Wallet : UserRound;
  return (
    <UnstyledButton
      className="bank-line"
      component={Link}
      to={'/bank/pay' as never}
      search={{ to: payee.account_id } as never}
    >
      <span className="bank-icon">
        <Icon size={19} aria-hidden />
      </span>
      <span className="bank-line-who">
        <span className="clip">{payee.name ?? 'Account'}</span>
        <span className="clip dimmed">
          {isOwn ? 'Your own account ' : ''}
          {tailOf(payee.account_id)}
        </span>
      </span>
      <ChevronRight size={20} aria-hidden className="dimmed" />
    </UnstyledButton>
  );
}

function HowMuch({ own, payee }: { readonly own: readonly Account[]; readonly payee: Payee }) {
  const navigate = useNavigate();
  const exponents = useExponents();
  const [draft, setDraft] = useDraft();
  const [isChecked, setChecked] = useState(false);
  const payers = own.filter(({ account_id }) => account_id !== payee.account_id);
  const from = payers.find(({ account_id }) => account_id === draft.from) ?? payers[0];
  if (!from) return <Page title="Pay">You have no account to pay from.</Page>;
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const exponent = exponents?.get(from.currency) ?? 0;
  const minor = minorUnitsOf(draft.amount, exponent);
  const isAmount = minor !== undefined && minor > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!isAmount) return;
    set({ from: from.account_id, to: payee.account_id });
    void navigate({ to: '.', search: { to: payee.account_id, step: 'review' } as never });
  };
  return (
    <Page title={`Pay ${payee.name ?? 'an account'}`} back>
      <form onSubmit={submit} className="bank-form" noValidate>
        <TextInput
          label="Amount"
          inputMode="decimal"
          autoComplete="off"
          className="bank-amount"
          value={draft.amount}
          onChange={(event) => set({ amount: event.currentTarget.value })}
          rightSection={from.currency}
          rightSectionWidth={64}
          error={isChecked && !isAmount && `Write it as ${amountText(123_450, exponent)}`}
        />
        <NativeSelect
          label="From"
          value={from.account_id}
          onChange={(event) => set({ from: event.currentTarget.value })}
          data={payers.map((each) => ({
            value: each.account_id,
            label: `${accountName(each)}, ${amountText(each.available, exponents?.get(each.currency))} ${each.currency}`,
          }))}
        />
        <TextInput
          label="Text for the payee"
          description="Optional"
          maxLength={140}
          value={draft.text}
          onChange={(event) => set({ text: event.currentTarget.value })}
        />
        <Button type="submit">Continue</Button>
      </form>
    </Page>
  );
}
