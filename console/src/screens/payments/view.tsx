// One payment with its whole path: the same in the panel of the list and on its own page.
import { ActionIcon, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Maximize2 } from 'lucide-react';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Amount } from '../../parts/money.tsx';
import { ReceiptButtons, ReceiptResult, useReceipt } from '../../parts/receipt.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { ReplayButton, ReplayResult, useReplay } from '../decisions/replay.tsx';
import { ObjectTabs } from '../decisions/view.tsx';
import { Acts } from './acts.tsx';
import { Beside } from './beside.tsx';
import { Path } from './path.tsx';
import { PaymentSentence } from './sentence.tsx';
import { kindText, type Payment } from './words.ts';
import './payments.css';

export function PaymentView({ id, isPage = false }: { readonly id: string; isPage?: boolean }) {
  const { data, error, refetch } = useApi('GET /v1/payments/{id}', { path: { id } });
  const [{ tab = 'path' }] = useUrl();
  useRefresh(['payment.'], ['GET /v1/payments/{id}']);
  if (!data) {
    return error ? (
      <Section title="Payment">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    ) : (
      <Loading />
    );
  }
  return (
    <div className="object" data-page={isPage || undefined}>
      <Head payment={data} isPage={isPage} />
      {tab === 'json' ? (
        <Section title="As the API tells it">
          <Json value={data} maxHeight={1_200} />
        </Section>
      ) : (
        <>
          <PaymentSentence payment={data} />
          <div className="object-body">
            <Path payment={data} />
            <Beside payment={data} />
          </div>
        </>
      )}
    </div>
  );
}

function Head({ payment, isPage }: { readonly payment: Payment; readonly isPage: boolean }) {
  const { payment_id, amount, currency, status, history, created_at, decisions } = payment;
  const event = history.at(-1)?.event_id;
  const replay = useReplay(decisions.at(-1)?.decision_id);
  const receipt = useReceipt(event);
  return (
    <header className="object-head">
      <div className="object-title">
        <span className="object-amount">
          <Amount minor={amount} currency={currency} />
        </span>
        <State word={status} />
        <span className="dimmed">
          {kindText(payment)}, <Time at={created_at} />
        </span>
        <Id id={payment_id} link={false} whole />
      </div>
      <div className="payment-sides">
        <span className="dimmed">from</span>
        <Side account={payment.debtor_account_id} customer={payment.debtor} />
        <span className="dimmed">to</span>
        <Side account={payment.creditor_account_id} customer={payment.creditor} />
      </div>
      <div className="object-acts">
        <ReplayButton replay={replay} />
        {event !== undefined && <ReceiptButtons event={event} receipt={receipt} />}
        <Acts payment={payment} />
        {!isPage && (
          <Tooltip label="Open its page (Enter)">
            <ActionIcon
              size={30}
              aria-label="Open its page"
              renderRoot={(props) => <Link to={`/payments/${payment_id}` as never} {...props} />}
            >
              <Maximize2 size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <ReplayResult replay={replay} />
      <ReceiptResult receipt={receipt} />
      <ObjectTabs first="path" tabs={{ path: 'Path', json: 'Raw JSON' }} />
    </header>
  );
}

/** The customer where the bank knows one, and the account in any case. */
function Side({ account, customer }: { readonly account: string; customer: string | null }) {
  return (
    <span>
      {customer !== null && (
        <>
          <Link to={`/customers/${encodeURIComponent(customer)}` as never} className="mono">
            {customer}
          </Link>
          <span className="dimmed">, account </span>
        </>
      )}
      <Id id={account} />
    </span>
  );
}
