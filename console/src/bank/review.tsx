// The last look at a payment, and how it is sent: under one key until it was answered.
import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { WifiOff } from 'lucide-react';
import { useAct } from '../api/queries.ts';
import { Amount, minorUnitsOf, useExponents } from '../parts/money.tsx';
import { type Draft, deviceToken, noDraft, useDraft } from './draft.ts';
import { Fact } from './facts.tsx';
import { Page } from './frame.tsx';
import type { Payee } from './pay.tsx';
import { type Account, movedByPayment, paymentIdOf, useKeepPayment } from './reads.ts';
import { isUnanswered, Note, Trouble } from './trouble.tsx';
import { accountName } from './words.ts';

export function Review({
  own,
  payee,
}: {
  readonly own: readonly Account[];
  readonly payee: Payee;
}) {
  const [draft, setDraft] = useDraft();
  const sending = useSending();
  const from = own.find(({ account_id }) => account_id === draft.from);
  const minor = minorUnitsOf(draft.amount, useExponents()?.get(from?.currency ?? '') ?? 0);
  if (!from || !minor) {
    return (
      <Page title="Pay" back>
        <p>There is nothing to look at yet: say first how much.</p>
      </Page>
    );
  }
  const isLost = draft.key !== undefined && !sending.isPending;
  const send = () => sending.send({ ...draft, to: payee.account_id }, { from, minor });
  return (
    <Page title={isLost ? 'No answer yet' : 'Is this right?'} back={!isLost}>
      <p className="bank-big">
        <Amount minor={minor} currency={from.currency} />
      </p>
      <dl className="bank-facts">
        <Fact name="To">{payee.name ?? 'An account that you have not paid before'}</Fact>
        <Fact name="Account">
          <span className="mono">{payee.account_id}</span>
        </Fact>
        <Fact name="From">{accountName(from)}</Fact>
        {draft.text.trim() !== '' && (
          <Fact name="Text">
            <span className="text">{draft.text.trim()}</span>
          </Fact>
        )}
        <Fact name="When">At once</Fact>
      </dl>
      {isLost && (
        <Note tone="wait" icon={<WifiOff size={20} aria-hidden />} role="alert">
          We do not know yet whether this payment has arrived. Send it again: it is the same
          payment, and is carried out once at most.
        </Note>
      )}
      {!isLost && sending.error && <Trouble error={sending.error} />}
      <Button loading={sending.isPending} onClick={send}>
        {isLost ? 'Send it again' : <PayWords minor={minor} currency={from.currency} />}
      </Button>
      {isLost && (
        <>
          <Button variant="default" component={Link} to={'/bank/activity' as never}>
            Look at what has arrived
          </Button>
          <Button variant="subtle" color="gray" onClick={() => setDraft(noDraft)}>
            Forget it, and begin anew
          </Button>
        </>
      )}
    </Page>
  );
}

function PayWords({ minor, currency }: { readonly minor: number; readonly currency: string }) {
  return (
    <span>
      Pay <Amount minor={minor} currency={currency} />
    </span>
  );
}

/** Sends a draft, and leads on to the payment that has come of it. */
function useSending() {
  const [, setDraft] = useDraft();
  const navigate = useNavigate();
  const keep = useKeepPayment();
  const pay = useAct('POST /v1/customer/payments', movedByPayment);
  const send = (
    draft: Draft,
    { from, minor }: { readonly from: Account; readonly minor: number },
  ) => {
    if (pay.isPending) return;
    // On record before it leaves: whatever happens to this page, the next try is the same one.
    const key = draft.key ?? crypto.randomUUID();
    setDraft({ ...draft, key });
    const text = draft.text.trim();
    const body = {
      ...{ debtor_account_id: from.account_id, creditor_account_id: draft.to },
      ...{ amount: minor, currency: from.currency, device: deviceToken() },
      ...(text === '' ? {} : { text }),
    };
    pay.mutate(
      { body, key },
      {
        onSuccess: (payment) => {
          keep(payment);
          setDraft(noDraft);
          const to = `/bank/payments/${paymentIdOf(payment)}` as never;
          void navigate({ to, search: {} as never, replace: true });
        },
        onError: (error) => {
          if (isUnanswered(error)) return;
          const { key: _answered, ...rest } = draft;
          setDraft(rest);
        },
      },
    );
  };
  return { send, isPending: pay.isPending, error: pay.error };
}
