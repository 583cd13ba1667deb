// Home: what is on the accounts, what waits for the customer, and what was last.
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronRight, ShieldQuestion } from 'lucide-react';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { EndingAnywhere } from './ending.tsx';
import { Page } from './frame.tsx';
import { Lines } from './lines.tsx';
import { OwnOffers } from './offers.tsx';
import { type Account, paymentIdOf, useCustomer, useTransactions } from './reads.ts';
import { WaitingRequests } from './requests.tsx';
import { Trouble } from './trouble.tsx';
import { accountName, nameOf, tailOf } from './words.ts';

const latestMax = 5;

export function Home() {
  const { data, error, refetch } = useCustomer();
  if (!data) {
    return (
      <Page title="Accounts">
        {error ? <Trouble error={error} retry={refetch} /> : <Loading />}
      </Page>
    );
  }
  const { items } = data.accounts;
  const [main] = items;
  return (
    <Page title={data.name ?? 'Accounts'}>
      <WaitingRequests />
      {items.map((account) => (
        <Waiting key={account.account_id} account={account} />
      ))}
      <h2 className="bank-heading">Accounts</h2>
      <ul className="bank-accounts">
        {items.map((account) => (
          <li key={account.account_id}>
            <AccountLink account={account} />
          </li>
        ))}
      </ul>
      <EndingAnywhere />
      <OwnOffers />
      {main ? (
        <Latest account={main} />
      ) : (
        <p>You have no account with us yet. Please ask us for one.</p>
      )}
    </Page>
  );
}

function AccountLink({ account }: { readonly account: Account }) {
  const { account_id, currency, booked, available, status, role } = account;
  return (
    <Link
      className="bank-account"
      to={'/bank/activity' as never}
      search={{ account: account_id } as never}
    >
      <span className="bank-account-name">
        {accountName(account)}
        <span className="dimmed">
          {[tailOf(account_id), role === 'joint_holder' && 'jointly', status !== 'open' && status]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className="bank-account-sum">
        <span className="bank-sum">
          <Amount minor={available} currency={currency} />
        </span>
        <span className="dimmed">
          {booked === available ? (
            'available'
          ) : (
            <>
              available · <Amount minor={booked} currency={currency} /> booked
            </>
          )}
        </span>
      </span>
    </Link>
  );
}

/** What only the customer can move on stands above all. */
function Waiting({ account }: { readonly account: Account }) {
  const { items } = useTransactions(account.account_id);
  return items
    .filter(({ next }) => next === 'confirm')
    .map((line) => (
      <Link
        key={line.id}
        className="bank-note bank-waiting"
        data-tone="wait"
        to={`/bank/payments/${paymentIdOf(line)}` as never}
      >
        <ShieldQuestion size={20} aria-hidden />
        <span>
          Confirm <Amount minor={-line.amount} currency={line.currency} /> to{' '}
          {nameOf(line.counterparty)}
        </span>
        <ChevronRight size={20} aria-hidden />
      </Link>
    ));
}

function Latest({ account }: { readonly account: Account }) {
  const { account_id } = account;
  const { items, isPending, error, refetch } = useTransactions(account_id);
  const navigate = useNavigate();
  const open = (id?: string) =>
    navigate({
      to: '/bank/activity' as never,
      search: { account: account_id, ...(id === undefined ? {} : { id }) } as never,
    });
  return (
    <section>
      <div className="bank-heading-row">
        <h2 className="bank-heading">Latest of {accountName(account)}</h2>
        <Link to={'/bank/activity' as never} search={{ account: account_id } as never}>
          All
        </Link>
      </div>
      {isPending && <Loading />}
      {error && <Trouble error={error} retry={refetch} />}
      <Lines
        items={items.slice(0, latestMax)}
        listKey={account_id}
        open={({ id }) => void open(id)}
      />
    </section>
  );
}
