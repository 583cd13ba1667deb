// The breaker: offers that were stopped, by what, and letting them go on, which only a person does.
import { Select, Table, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { tell } from '../../parts/tell.ts';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { Breaker, Dashboard } from './shapes.ts';

const reads = ['GET /v1/offers/dashboard'] as const;
const all = '*';
const actionsMax = 200;

const reasons: Readonly<Record<Breaker['reason'], string>> = {
  complaints: 'too many complaints',
  core_errors: 'the bank’s core fails',
  drift: 'customers are others than the model has learnt of',
  fairness: 'one group is offered less than others',
  by_hand: 'a person has said so',
};

export function Breakers({ of: { breakers } }: { readonly of: Dashboard }) {
  const [, setUrl] = useUrl();
  const open = breakers.filter(({ closed_at }) => closed_at === null);
  return (
    <Card
      title="The breaker"
      flush
      actions={
        <ActButton
          right="offers:write"
          size="compact-xs"
          color="red"
          onClick={() => setUrl({ do: 'stop' })}
        >
          Stop offers
        </ActButton>
      }
    >
      {breakers.length === 0 ? (
        <p className="card-note">
          <State word="ok">closed: offers are made</State>{' '}
          <span className="dimmed">
            · It opens by itself with complaints, failures of the core, drift or unfairness, and
            stays open until a person lets offers go on.
          </span>
        </p>
      ) : (
        <Table aria-label="Breaker" className="reading">
          <Table.Tbody>
            {[...open, ...breakers.filter((each) => !open.includes(each))].map((each) => (
              <Row key={`${each.scope} ${each.opened_at}`} of={each} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Row({ of }: { readonly of: Breaker }) {
  const [, setUrl] = useUrl();
  const { scope, reason, figures, opened_by, opened_at, closed_by, closed_at, note } = of;
  const isOpen = closed_at === null;
  return (
    <Table.Tr>
      <Table.Td w={110}>
        <State word={isOpen ? 'breached' : 'cleared'}>{isOpen ? 'stopped' : 'goes on'}</State>
      </Table.Td>
      <Table.Th scope="row" w={190} fw={560}>
        {scope === all ? 'all offers' : scope}
      </Table.Th>
      <Table.Td>
        {reasons[reason]}
        <div className="dimmed">
          {Object.entries(figures)
            .map(([name, value]) => `${wordsOf(name)} ${value}`)
            .join(', ')}
        </div>
        {note !== null && <div className="text">“{note}”</div>}
      </Table.Td>
      <Table.Td w={230}>
        <Time at={opened_at} /> by <Who principal={opened_by} />
        {closed_at !== null && (
          <div className="dimmed">
            until <Time at={closed_at} />
            {closed_by !== null && (
              <>
                {' '}
                by <Who principal={closed_by} />
              </>
            )}
          </div>
        )}
      </Table.Td>
      <Table.Td w={110} ta="end">
        {isOpen && (
          <ActButton
            right="offers:write"
            size="compact-xs"
            onClick={() => setUrl({ do: 'reset', scope })}
          >
            Let them go on
          </ActButton>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

export function BreakerDialogs() {
  const [url, setUrl] = useUrl();
  const close = () => setUrl({ do: undefined, scope: undefined });
  if (url['do'] === 'stop') return <BreakerDialog does="stop" first={all} close={close} />;
  if (url['do'] === 'reset') {
    return <BreakerDialog does="reset" first={url['scope'] ?? all} close={close} />;
  }
  return null;
}

const words = {
  stop: {
    ...{ title: 'Stop offers', does: 'Stop them' },
    about: 'From now on nothing of it is offered, but what the bank has to tell.',
  },
  reset: {
    ...{ title: 'Let offers go on', does: 'Let them go on' },
    about: 'Whoever lets them go on has looked at why they were stopped, and says so.',
  },
} as const;

function BreakerDialog({
  does,
  first,
  close,
}: {
  readonly does: 'stop' | 'reset';
  readonly first: string;
  readonly close: () => void;
}) {
  const [scope, setScope] = useState(first);
  const [note, setNote] = useState('');
  const open = useAct('POST /v1/offers/breaker/open', reads);
  const reset = useAct('POST /v1/offers/breaker/reset', reads);
  const act = does === 'stop' ? open : reset;
  const actions = useApi(
    'GET /v1/offers/actions',
    { query: { limit: actionsMax } },
    { enabled: does === 'stop' },
  );
  const submit = () =>
    act.mutate(
      { body: { scope, note: note.trim() } },
      {
        onSuccess: () => {
          tell(does === 'stop' ? 'Stopped.' : 'They go on.');
          close();
        },
      },
    );
  return (
    <FormDialog
      title={words[does].title}
      does={words[does].does}
      danger={does === 'stop'}
      missing={note.trim() === '' ? 'Say why' : undefined}
      {...{ error: act.error, isPending: act.isPending, close, submit }}
    >
      <Text>{words[does].about}</Text>
      {does === 'stop' ? (
        <Select
          label="What"
          allowDeselect={false}
          value={scope}
          data={[
            { value: all, label: 'all offers' },
            ...(actions.data?.items ?? []).map(({ code, action }) => ({
              ...{ value: code, label: action.title },
            })),
          ]}
          onChange={(next) => setScope(next ?? all)}
        />
      ) : (
        <Text>
          Of: <strong>{scope === all ? 'all offers' : scope}</strong>
        </Text>
      )}
      <Textarea
        label="Why"
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        data-autofocus
      />
    </FormDialog>
  );
}
