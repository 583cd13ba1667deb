// One request of an agent: its exact terms, agreed to or refused once; and then what came of it.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Bot, CircleAlert, CircleCheck, CircleSlash, Eye, Hourglass } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import { ApiProblem, type Operation } from '../api/client.ts';
import { useAct, useApi } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { type Tone, wordsOf } from '../parts/state.tsx';
import { Loading } from '../parts/states.tsx';
import { Fact, useWhen } from './facts.tsx';
import { Page } from './frame.tsx';
import { movedByPayment, type Request, requestsOf, useCustomer, useRequests } from './reads.ts';
import { Note, Trouble } from './trouble.tsx';
import { accountName, tailOf } from './words.ts';

export function RequestPage({ id }: { readonly id: string }) {
  const { items, isPending, error, refetch, hasMore, isFetchingMore, more } = useRequests();
  const request = items.find((each) => each.id === id);
  // A link to what is further back: read on until it is there.
  const isSought = !request && hasMore && !isFetchingMore;
  useEffect(() => {
    if (isSought) more();
  });
  if (request) return <Found of={request} />;
  return (
    <Page title="Request">
      {error ? (
        <Trouble error={error} retry={refetch} />
      ) : isPending || hasMore ? (
        <Loading />
      ) : (
        <p>There is no such request of yours.</p>
      )}
      <ToAll />
    </Page>
  );
}

function Found({ of }: { readonly of: Request }) {
  const isAsked = of.waits_for === 'customer';
  const { title, tone, icon: Icon, words } = outcomeOf(of);
  return (
    <Page title={title} back={isAsked}>
      {!isAsked && (
        <div className="bank-outcome" data-tone={tone}>
          <Icon size={40} strokeWidth={1.6} aria-hidden />
          <p role="status">{words}</p>
        </div>
      )}
      <Terms of={of} />
      <Answer of={of} />
      {!isAsked && <ToAll />}
    </Page>
  );
}

function ToAll() {
  return (
    <Button component={Link} variant="default" to={'/bank/requests' as never}>
      To all requests
    </Button>
  );
}

type Outcome = {
  readonly title: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly words: string;
};

function outcomeOf({ status, waits_for, agent_name }: Request): Outcome {
  if (waits_for === 'customer') {
    return { title: `${agent_name} asks you`, tone: 'wait', icon: Bot, words: '' };
  }
  if (waits_for === 'officers') {
    const words = 'You have agreed. People of your bank look at it as well, before it is done.';
    return { title: 'We look at it', tone: 'look', icon: Eye, words };
  }
  switch (status) {
    case 'used': {
      const words = 'It was let through, once. Your activity shows what has moved.';
      return { title: 'Carried out', tone: 'good', icon: CircleCheck, words };
    }
    case 'agreed': {
      const words = `You have agreed. ${agent_name} may do exactly this now, once.`;
      return { title: 'Agreed', tone: 'good', icon: Hourglass, words };
    }
    case 'expired': {
      const words = 'The time to answer is over. Nothing was done.';
      return { title: 'Too late', tone: 'still', icon: CircleSlash, words };
    }
    case 'withdrawn': {
      const words = `${agent_name} took it back. Nothing was done.`;
      return { title: 'Taken back', tone: 'still', icon: CircleSlash, words };
    }
    case 'rejected': {
      const words = 'You or people of your bank said no. Nothing was done.';
      return { title: 'Refused', tone: 'still', icon: CircleSlash, words };
    }
    default:
      return { title: 'Not done', tone: 'still', icon: CircleSlash, words: 'Nothing was done.' };
  }
}

/** What a yes is good for, and nothing else. */
function Terms({ of }: { readonly of: Request }) {
  const { terms, amount, currency, agent, agent_name, text, personal } = of;
  const { debtor_account_id, creditor_account_id } = of;
  const until = useWhen(of.expires_at);
  const { data } = useCustomer();
  const payees = useApi('GET /v1/customer/payees', {}, { enabled: creditor_account_id !== null });
  const from = data?.accounts.items.find(({ account_id }) => account_id === debtor_account_id);
  const to =
    data?.accounts.items.find(({ account_id }) => account_id === creditor_account_id) ?? null;
  const payee = payees.data?.items.find(({ account_id }) => account_id === creditor_account_id);
  return (
    <section aria-label="The terms">
      {amount !== null && currency !== null ? (
        <p className="bank-big">
          <Amount minor={amount} currency={currency} />
        </p>
      ) : (
        <p>{terms}</p>
      )}
      <dl className="bank-facts">
        {creditor_account_id !== null && (
          <>
            <Fact name="To">
              {to ? accountName(to) : (payee?.name ?? 'An account that you have not paid before')}
            </Fact>
            <Fact name="Account">
              <span className="mono">{creditor_account_id}</span>
            </Fact>
          </>
        )}
        {debtor_account_id !== null && (
          <Fact name="From">
            {from ? accountName(from) : `Account ${tailOf(debtor_account_id)}`}
          </Fact>
        )}
        {text !== null && (
          <Fact name="Text">
            <span className="text">{text}</span>
          </Fact>
        )}
        {Object.entries(personal)
          .filter(([name]) => name !== 'text')
          .map(([name, value]) => (
            <Fact key={name} name={wordsOf(name)}>
              <span className="text">{value ?? 'no longer kept'}</span>
            </Fact>
          ))}
        <Fact name="Agent">
          {agent_name} <span className="mono dimmed">{agent}</span>
        </Fact>
        {(of.status === 'open' || of.status === 'agreed') && <Fact name="Until">{until}</Fact>}
      </dl>
    </section>
  );
}

const stale: readonly Operation[] = [requestsOf, ...movedByPayment];

/** A yes or a no; and a no still, as long as the yes was not used. */
function Answer({ of: { id, status, waits_for, agent_name } }: { readonly of: Request }) {
  const agree = useAct('POST /v1/customer/proposals/{id}/confirm', stale);
  const reject = useAct('POST /v1/customer/proposals/{id}/reject', stale);
  const isAsked = waits_for === 'customer';
  if (!isAsked && status !== 'agreed') return null;
  const given = { path: { id }, body: {} };
  const error = agree.error ?? reject.error;
  const isBusy = agree.isPending || reject.isPending;
  return (
    <div className="bank-form">
      {isAsked && (
        <p>
          You agree to this, and to nothing else. {agent_name} can do it once; where a code of your
          app is needed, we ask you for it when it is paid.
        </p>
      )}
      {error && <Refused error={error} />}
      {isAsked && (
        <Button
          loading={agree.isPending}
          disabled={reject.isPending}
          onClick={() => !isBusy && agree.mutate(given)}
        >
          I agree
        </Button>
      )}
      <Button
        variant="default"
        loading={reject.isPending}
        disabled={agree.isPending}
        onClick={() => !isBusy && reject.mutate(given)}
      >
        {isAsked ? 'No' : 'I have changed my mind'}
      </Button>
    </div>
  );
}

function Refused({ error }: { readonly error: unknown }) {
  const isOver = error instanceof ApiProblem && error.problem.code === 'approval_invalid';
  if (!isOver) return <Trouble error={error} />;
  return (
    <Note tone="bad" icon={<CircleAlert size={20} aria-hidden />} role="alert">
      It stands otherwise by now, and your answer has changed nothing.
    </Note>
  );
}
