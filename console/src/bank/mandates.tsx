// Mandates: what agents may pay without asking each time, how much of it is left, and its end.
import { Button } from '@mantine/core';
import { Repeat } from 'lucide-react';
import { useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAct, useApi } from '../api/queries.ts';
import { useUrl } from '../app/url.ts';
import { Amount } from '../parts/money.tsx';
import { AgentName } from './agent-name.tsx';
import { Fact, useWhen } from './facts.tsx';
import { type Agent, GiveMandate } from './mandate-form.tsx';
import { mandatesOf, useCustomer } from './reads.ts';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';
import { accountName, anyPayee, tailOf } from './words.ts';

type Mandate = Answer<'GET /v1/customer/mandates'>['items'][number];

/** `known`: the agents that have asked for something; others the customer does not know of. */
export function Mandates({ known }: { readonly known: readonly Agent[] }) {
  const { data, error, refetch } = useApi(mandatesOf, {});
  const [url, setUrl] = useUrl();
  const [looked, setLooked] = useState<Mandate>();
  const active = data?.items.filter(({ status }) => status === 'active') ?? [];
  const all = [...known, ...active.map(({ agent, agent_name: name }) => ({ id: agent, name }))];
  const agents = [...new Map(all.map((each) => [each.id, each])).values()];
  if (error && !data) return <Trouble error={error} retry={refetch} />;
  if (!data || (agents.length === 0 && active.length === 0)) return null;
  const shown = active.find(({ id }) => id === url['mandate']);
  const close = () => setUrl({ mandate: undefined });
  const open = (mandate: Mandate) => {
    setLooked(mandate);
    setUrl({ mandate: mandate.id });
  };
  return (
    <section>
      <h2 className="bank-heading">Without asking each time</h2>
      {active.length === 0 ? (
        <p className="dimmed">Nothing: agents ask you for every payment.</p>
      ) : (
        <ul className="bank-lines">
          {active.map((mandate) => (
            <li key={mandate.id}>
              <Line of={mandate} open={open} />
            </li>
          ))}
        </ul>
      )}
      <Button variant="default" onClick={() => setUrl({ mandate: 'new' })}>
        Let an agent pay small amounts
      </Button>
      <Sheet title="Without asking each time" isOpen={url['mandate'] === 'new'} close={close}>
        <GiveMandate agents={agents} close={close} />
      </Sheet>
      <Sheet title={looked?.agent_name ?? ''} isOpen={shown !== undefined} close={close}>
        {(shown ?? looked) && <Whole of={(shown ?? looked) as Mandate} close={close} />}
      </Sheet>
    </section>
  );
}

function Line({ of, open }: { readonly of: Mandate; readonly open: (of: Mandate) => void }) {
  const { agent, agent_name, payment_max, currency } = of;
  return (
    <button type="button" className="bank-line bank-pressed" onClick={() => open(of)}>
      <span className="bank-icon">
        <Repeat size={19} aria-hidden />
      </span>
      <span className="bank-line-who">
        <AgentName name={agent_name} id={agent} />
        <span className="clip dimmed">
          up to <Amount minor={payment_max} currency={currency} /> each
        </span>
      </span>
      <span className="bank-line-sum">
        <Amount minor={leftOf(of)} currency={currency} />
        <span className="dimmed">left for a day</span>
      </span>
    </button>
  );
}

function leftOf({ daily_max, used_amount_24h }: Mandate): number {
  return Math.max(0, daily_max - used_amount_24h);
}

function Whole({ of, close }: { readonly of: Mandate; readonly close: () => void }) {
  const { id, currency, payees, used_count_24h: count } = of;
  const end = useAct('POST /v1/customer/mandates/{id}/end', [mandatesOf]);
  const until = useWhen(of.valid_until);
  const nameOf = usePayeeNames();
  return (
    <>
      <dl className="bank-facts">
        <Fact name="Agent">
          <span className="mono">{of.agent}</span>
        </Fact>
        <Fact name="Each">
          <Amount minor={of.payment_max} currency={currency} /> at most
        </Fact>
        <Fact name="In 24 h">
          <Amount minor={of.daily_max} currency={currency} /> and {of.daily_count_max} payments at
          most
        </Fact>
        <Fact name="Taken">
          {count === 0 ? (
            'nothing'
          ) : (
            <>
              <Amount minor={of.used_amount_24h} currency={currency} /> with{' '}
              {count === 1 ? 'one payment' : `${count} payments`}
            </>
          )}{' '}
          in the last 24 hours
        </Fact>
        <Fact name="To">{payees === null ? anyPayee : payees.map(nameOf).join(', ')}</Fact>
        <Fact name="Until">{until}</Fact>
      </dl>
      <p>What goes beyond that, or to somebody new, it asks you for.</p>
      {end.error && <Trouble error={end.error} />}
      <Button
        color="red"
        loading={end.isPending}
        onClick={() => end.mutate({ path: { id }, body: {} }, { onSuccess: close })}
      >
        End it now
      </Button>
      <Button variant="default" onClick={close}>
        Leave it as it is
      </Button>
    </>
  );
}

function usePayeeNames(): (accountId: string) => string {
  const { data } = useCustomer();
  const payees = useApi('GET /v1/customer/payees', {});
  return (accountId) => {
    const own = data?.accounts.items.find(({ account_id }) => account_id === accountId);
    const paid = payees.data?.items.find(({ account_id }) => account_id === accountId);
    return own ? accountName(own) : (paid?.name ?? `Account ${tailOf(accountId)}`);
  };
}
