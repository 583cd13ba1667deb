// Points that are missing: which payment, what the rules say of it, and a person where that is not
// enough.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAct, useApiPages } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { dayText, useNow, useZone } from '../parts/time.tsx';
import { useWhen } from './facts.tsx';
import { Page } from './frame.tsx';
import { type Claim, claimsOf, type Membership, rewardsOf } from './grow-reads.ts';
import { claimStanding, PointsText } from './grow-words.tsx';
import { Lines } from './lines.tsx';
import { type Account, type Transaction, useCustomer, useTransactions } from './reads.ts';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';
import { accountName, nameOf } from './words.ts';

const stale = [claimsOf, rewardsOf] as const;

export function Missing({ member }: { readonly member: Membership }) {
  const { data } = useCustomer();
  const claims = useApiPages(claimsOf, {}, { limit: 50 });
  const [asked, setAsked] = useState<Transaction>();
  const [isOpen, setOpen] = useState(false);
  const ask = (line: Transaction) => {
    setAsked(line);
    setOpen(true);
  };
  return (
    <Page title="Points missing?" back>
      {claims.items.length > 0 && (
        <section>
          <h2 className="bank-heading">What you have asked for</h2>
          <ul className="bank-lines">
            {claims.items.map((claim) => (
              <li key={claim.claim_id} className="bank-told">
                <Told of={claim} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <p>
        For which payment? We look at it by the rules. What is little is given at once; for more, a
        person looks at it first.
      </p>
      {data?.accounts.items.map((account) => (
        <Payments key={account.account_id} account={account} ask={ask} />
      ))}
      <Sheet title="Points for this payment" isOpen={isOpen} close={() => setOpen(false)}>
        {asked && <Ask key={asked.id} line={asked} member={member} />}
      </Sheet>
    </Page>
  );
}

/** Whatever has left the account and is booked may have earned. */
function Payments({
  account,
  ask,
}: {
  readonly account: Account;
  readonly ask: (line: Transaction) => void;
}) {
  const list = useTransactions(account.account_id);
  const paid = list.items.filter(
    ({ id, amount, status }) => id.startsWith('trf_') && amount < 0 && status === 'booked',
  );
  return (
    <section>
      <h2 className="bank-heading">{accountName(account)}</h2>
      {list.isPending && <Loading />}
      {list.error && <Trouble error={list.error} retry={list.refetch} />}
      {!list.isPending && paid.length === 0 && <p className="dimmed">No payments yet.</p>}
      <Lines items={paid} listKey={`missing ${account.account_id}`} open={ask} />
      {list.hasMore && (
        <Button variant="default" loading={list.isFetchingMore} onClick={list.more}>
          Show earlier
        </Button>
      )}
    </section>
  );
}

function Ask({ line, member }: { readonly line: Transaction; readonly member: Membership }) {
  const claim = useAct('POST /v1/customer/rewards/claims', stale);
  const send = () => claim.mutate({ body: { program: member.program, transfer_id: line.id } });
  if (claim.data) return <Told of={claim.data} />;
  return (
    <div className="bank-form">
      <p>
        Your payment to {nameOf(line.counterparty)}. We check by the rules of that day what it has
        earned, and what of it you have. You can ask once for each payment.
      </p>
      {claim.error && <Trouble error={claim.error} />}
      <Button loading={claim.isPending} onClick={send}>
        Look at it
      </Button>
    </div>
  );
}

/** What was found, in words; and a way on for who does not agree with it. */
function Told({ of }: { readonly of: Claim }) {
  const appeal = useAct('POST /v1/customer/rewards/claims/{id}/appeal', stale);
  const claim = appeal.data ?? of;
  const [tone, words] = claimStanding(claim);
  const asked = useWhen(claim.made_at);
  return (
    <>
      <About transfer={claim.transfer_id} />
      <p className="bank-told-head">
        <span className="state" data-tone={tone}>
          {words}
        </span>
        {claim.points_given > 0 && <PointsText points={claim.points_given} signed />}
      </p>
      <p>
        {claim.explanation} <span className="dimmed">You asked: {asked}.</span>
      </p>
      {appeal.error && <Trouble error={appeal.error} />}
      {claim.status === 'refused' && (
        <Button
          variant="default"
          loading={appeal.isPending}
          onClick={() => appeal.mutate({ path: { id: claim.claim_id } })}
        >
          Have a person look at it
        </Button>
      )}
    </>
  );
}

/** Which payment it is about, where that is among the latest of an account. */
function About({ transfer }: { readonly transfer: string }) {
  const { data } = useCustomer();
  return data?.accounts.items.map(({ account_id }) => (
    <Paid key={account_id} account={account_id} transfer={transfer} />
  ));
}

function Paid({ account, transfer }: { readonly account: string; readonly transfer: string }) {
  const { items } = useTransactions(account);
  const zone = useZone();
  const now = useNow();
  const line = items.find(({ id }) => id === transfer);
  if (!line) return null;
  return (
    <p>
      {nameOf(line.counterparty)}, <Amount minor={-line.amount} currency={line.currency} />{' '}
      <span className="dimmed">{dayText(line.at, zone, now)}</span>
    </p>
  );
}
