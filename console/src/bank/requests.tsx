// Requests: what agents would do for the customer, and what has become of it.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Bot, ChevronRight } from 'lucide-react';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { useSteady } from '../parts/steady.ts';
import { AgentName } from './agent-name.tsx';
import { Page } from './frame.tsx';
import { Mandates } from './mandates.tsx';
import { type Request, useRequests } from './reads.ts';
import { Trouble } from './trouble.tsx';
import { requestStanding } from './words.ts';

export function Requests() {
  const { items, isPending, error, refetch, hasMore, isFetchingMore, more } = useRequests();
  const { rows, news, show } = useSteady(items, { key: 'requests', idOf });
  const known = rows.map(({ row }) => row);
  const waiting = known.filter((each) => each.waits_for === 'customer');
  const others = known.filter((each) => each.waits_for !== 'customer');
  return (
    <Page title="Requests">
      <p className="dimmed">
        What agents would do for you. They do nothing to which you have not agreed.
      </p>
      {isPending && <Loading />}
      {error && items.length === 0 && <Trouble error={error} retry={refetch} />}
      {news > 0 && (
        <Button variant="light" onClick={show}>
          {news === 1 ? 'One new request' : `${news} new requests`}: show
        </Button>
      )}
      {!isPending && !error && items.length === 0 && (
        <p>No agent has asked you for anything. When one does, its exact terms stand here.</p>
      )}
      <Group title="Waits for you" of={waiting} />
      <Mandates known={known.map(({ agent, agent_name: name }) => ({ id: agent, name }))} />
      <Group title={waiting.length > 0 ? 'Before' : 'So far'} of={others} />
      {hasMore && (
        <Button variant="default" loading={isFetchingMore} onClick={more}>
          Show earlier
        </Button>
      )}
    </Page>
  );
}

function idOf({ id }: Request): string {
  return id;
}

function Group({ title, of }: { readonly title: string; readonly of: readonly Request[] }) {
  if (of.length === 0) return null;
  return (
    <section>
      <h2 className="bank-heading">{title}</h2>
      <ul className="bank-lines">
        {of.map((each) => (
          <li key={each.id}>
            <Line of={each} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ of }: { readonly of: Request }) {
  const { id, agent, agent_name, terms, text, amount, currency } = of;
  const [tone, words] = requestStanding(of);
  return (
    <Link className="bank-line" to={`/bank/requests/${id}` as never}>
      <span className="bank-icon">
        <Bot size={19} aria-hidden />
      </span>
      <span className="bank-line-who">
        <AgentName name={agent_name} id={agent} />
        <span className="clip dimmed">{text ?? terms}</span>
      </span>
      <span className="bank-line-sum">
        {amount !== null && currency !== null && <Amount minor={amount} currency={currency} />}
        <span className="state" data-tone={tone}>
          {words}
        </span>
      </span>
    </Link>
  );
}

/** Above all else on the first page, as long as it waits. */
export function WaitingRequests() {
  const { items } = useRequests();
  return items
    .filter(({ waits_for }) => waits_for === 'customer')
    .map(({ id, agent_name, amount, currency }) => (
      <Link
        key={id}
        className="bank-note bank-waiting"
        data-tone="wait"
        to={`/bank/requests/${id}` as never}
      >
        <Bot size={20} aria-hidden />
        <span>
          {agent_name} asks you
          {amount !== null && currency !== null && (
            <>
              {' '}
              for <Amount minor={amount} currency={currency} />
            </>
          )}
        </span>
        <ChevronRight size={20} aria-hidden />
      </Link>
    ));
}
