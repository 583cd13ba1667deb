// Consents: what the customer has agreed to, in the bank's words, each granted or withdrawn at once.
import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import type { Answer, Call } from '../api/client.ts';
import { useAct, useApi } from '../api/queries.ts';
import { Loading } from '../parts/states.tsx';
import { useWhen } from './facts.tsx';
import { Page } from './frame.tsx';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';

type Consent = Answer<'GET /v1/customer/consents'>['items'][number];
type Change = NonNullable<Call<'POST /v1/customer/consents'>['body']>;

const groups: readonly (readonly [Consent['purpose'], string])[] = [
  ['ai_data_use', 'Your data'],
  ['marketing', 'Offers'],
  ['open_banking', 'Access by others'],
];

export function Consents() {
  const { data, error, refetch } = useApi('GET /v1/customer/consents', {});
  const [asked, setAsked] = useState<Consent>();
  const [isOpen, setOpen] = useState(false);
  const ask = (consent: Consent) => {
    setAsked(consent);
    setOpen(true);
  };
  if (!data) {
    return (
      <Page title="Consents">
        {error ? <Trouble error={error} retry={refetch} /> : <Loading />}
      </Page>
    );
  }
  return (
    <Page title="Consents">
      <p className="dimmed">What we and others may do with your data. You decide, at any time.</p>
      {groups.map(([purpose, title]) => (
        <Group
          key={purpose}
          title={title}
          of={data.items.filter((each) => each.purpose === purpose)}
          ask={ask}
        />
      ))}
      <Sheet title={asked?.title ?? ''} isOpen={isOpen} close={() => setOpen(false)}>
        {asked && <Ask key={keyOf(asked)} consent={asked} close={() => setOpen(false)} />}
      </Sheet>
    </Page>
  );
}

type Asking = { readonly ask: (consent: Consent) => void };

function Group({
  title,
  of,
  ask,
}: Asking & { readonly title: string; readonly of: readonly Consent[] }) {
  if (of.length === 0) return null;
  return (
    <section>
      <h2 className="bank-heading">{title}</h2>
      <ul className="bank-lines">
        {of.map((consent) => (
          <li key={keyOf(consent)}>
            <Row consent={consent} ask={ask} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function keyOf({ purpose, channel, party }: Consent): string {
  return [purpose, channel, party].join(' ');
}

function Row({ consent, ask }: Asking & { readonly consent: Consent }) {
  const { title, granted, purpose, words } = consent;
  const when = useWhen(consent.since ?? new Date(0).toISOString());
  const isExplained = purpose !== 'marketing';
  const since = consent.since !== null && `${granted ? 'Granted' : 'Withdrawn'}: ${when}. `;
  return (
    <Switch
      className="bank-switch"
      size="md"
      labelPosition="left"
      label={title}
      description={[since, isExplained && words].filter(Boolean).join('')}
      checked={granted}
      // Whom others have asked for access ask for it themselves: here it can be ended.
      disabled={purpose === 'open_banking' && !granted}
      onChange={() => ask(consent)}
    />
  );
}

/** What changes, once more and in full: a switch is touched by mistake. */
function Ask({ consent, close }: { readonly consent: Consent; readonly close: () => void }) {
  const change = useAct('POST /v1/customer/consents', ['GET /v1/customer/consents']);
  const { granted, words } = consent;
  const send = async () => {
    await change.mutateAsync({ body: changed(consent) });
    close();
  };
  return (
    <>
      <p className="text">{words}</p>
      {change.error && <Trouble error={change.error} />}
      <Button
        {...(granted ? { color: 'red' } : {})}
        loading={change.isPending}
        onClick={() => void send().catch(() => undefined)}
      >
        {granted ? 'Withdraw' : 'I agree'}
      </Button>
      <Button variant="default" onClick={close}>
        Leave it as it is
      </Button>
    </>
  );
}

function changed({ purpose, channel, party, granted }: Consent): Change {
  const status = granted ? 'withdrawn' : 'granted';
  if (purpose === 'marketing') return { purpose, channel: channel ?? 'in_app', status };
  if (purpose === 'open_banking') return { purpose, party: party ?? '', status: 'withdrawn' };
  return { purpose, status };
}
