// One account: whose it is, what is on it now and was at any moment, and all that led there.
import { Tabs } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { useRereading } from '../../parts/steady.ts';
import { AccountActs } from './account-acts.tsx';
import { AccountFacts } from './account-facts.tsx';
import { BalanceTable } from './balances.tsx';
import { Entries } from './entries.tsx';
import { AccountState, balancesOp } from './explorer.tsx';
import { AccountHolds } from './account-holds.tsx';
import { LimitsUsed } from './limits-used.tsx';
import { MomentBar } from './moment-bar.tsx';
import { RelatedPayments } from './related-payments.tsx';
import { Statement } from './statement.tsx';
import type { Account } from './words.ts';
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
  const [{ view }, setUrl] = useUrl();
  const keys: readonly Key[] = [
    ...tabs.map(([name, words], at) => ({
      key: String(at + 1),
      words,
      act: () => setUrl({ tab: name === 'entries' ? undefined : name }),
    })),
    {
      key: 't',
      words: 'Entries as a T-account, and back',
      act: () => setUrl({ tab: undefined, view: view === 't' ? undefined : 't' }),
    },
    { key: '0', words: 'Balances as of now', act: () => setUrl({ at: undefined }) },
  ];
  useKeys(keys);
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
      actions={
        <>
          {data && <AccountActs account={data} />}
          <KeysButton keys={keys} />
        </>
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
  const path = { id: account.id };
  const now = useApi(balancesOp, { path, query: {} });
  const query = { as_of: at, ...(basis === 'effective' ? { basis: 'effective' as const } : {}) };
  // Before it was opened nothing was recorded; what counts from earlier on can be written later.
  const isBefore =
    at !== undefined && basis !== 'effective' && Date.parse(at) < Date.parse(account.opened_at);
  const isAsked = at !== undefined && !isBefore;
  const then = useApi(balancesOp, { path, query }, { enabled: isAsked, keep: true });
  useRereading(['transfer.', 'hold.', 'payment.'], now.refetch);
  return (
    <section className="ledger-standing" aria-label="Balances and terms">
      <MomentBar withBasis />
      <div>
        {now.error && <ProblemNote error={now.error} retry={now.refetch} />}
        {then.error && <ProblemNote error={then.error} retry={then.refetch} />}
        {isBefore && (
          <p role="status">
            Nothing was recorded yet: the account was opened at{' '}
            <Time at={account.opened_at} whole />.
          </p>
        )}
        {now.data && <BalanceTable now={now.data} then={isAsked ? then.data : undefined} />}
      </div>
      <AccountFacts account={account} />
    </section>
  );
}
