// One account: whose it is, what is on it now and was at any moment, and all that led there.
import { Tabs } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { useRereading } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import { BalanceTable } from './balances.tsx';
import { Entries } from './entries.tsx';
import { AccountState, balancesOp } from './explorer.tsx';
import { AccountHolds } from './account-holds.tsx';
import { LimitsUsed } from './limits-used.tsx';
import { MomentBar } from './moment-bar.tsx';
import { Holder, Metadata } from './places.tsx';
import { RelatedPayments } from './related-payments.tsx';
import { Statement } from './statement.tsx';
import { type Account, boundText } from './words.ts';
import './ledger.css';

const tabs = [
  ['entries', 'Entries', Entries],
  ['statement', 'Statement', Statement],
  ['holds', 'Open holds', AccountHolds],
  ['limits', 'Limits used', LimitsUsed],
  ['payments', 'Payments', RelatedPayments],
] as const;

export function AccountPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { data, error, refetch } = useApi('GET /v1/accounts/{id}', { path: { id } });
  return (
    <Screen
      title="Account"
      about={
        <span className="detail-line">
          <Id id={id} whole />
          {data && <AccountState status={data.status} />}
          {data && `${data.type} in ${data.currency}, grows by ${data.normal_balance}s`}
        </span>
      }
    >
      {data ? (
        <AccountBody account={data} />
      ) : (
        <Scroll>{error ? <ProblemNote error={error} retry={refetch} /> : <Loading />}</Scroll>
      )}
    </Screen>
  );
}

function AccountBody({ account }: { readonly account: Account }) {
  const [{ tab = 'entries' }, setUrl] = useUrl();
  useRefresh(['account.changed'], ['GET /v1/accounts/{id}']);
  return (
    <div className="ledger-account">
      <Standing account={account} />
      <Tabs
        className="ledger-tabs"
        value={tab}
        onChange={(next) => setUrl({ tab: next === 'entries' ? undefined : (next ?? undefined) })}
      >
        <Tabs.List px={8}>
          {tabs.map(([name, words]) => (
            <Tabs.Tab key={name} value={name}>
              {words}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(([name, , Tab]) => (
          <Tabs.Panel key={name} value={name}>
            <Tab account={account} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}

/** Whose it is, and its balances: a question as of a moment is answered beside those of now. */
function Standing({ account }: { readonly account: Account }) {
  const [{ at, basis }] = useUrl();
  const { id, holder_id, metadata, opened_at, bound, credit_limit, currency } = account;
  const path = { id };
  const now = useApi(balancesOp, { path, query: {} });
  const query = { as_of: at, ...(basis === 'effective' ? { basis: 'effective' as const } : {}) };
  const then = useApi(balancesOp, { path, query }, { enabled: at !== undefined, keep: true });
  useRereading(['transfer.', 'hold.', 'payment.'], now.refetch);
  return (
    <section className="ledger-standing" aria-label="Balances and terms">
      <MomentBar withBasis />
      <div>
        {now.error && <ProblemNote error={now.error} retry={now.refetch} />}
        {then.error && <ProblemNote error={then.error} retry={then.refetch} />}
        {now.data && (
          <BalanceTable now={now.data} then={at === undefined ? undefined : then.data} />
        )}
      </div>
      <Facts
        of={{
          Holder: <Holder id={holder_id} />,
          Bound: boundText(account),
          'Credit limit':
            bound === 'credit_limit' ? (
              <Amount minor={credit_limit} currency={currency} />
            ) : undefined,
          Opened: <Time at={opened_at} whole />,
          Metadata: <Metadata of={metadata} />,
        }}
      />
    </section>
  );
}
