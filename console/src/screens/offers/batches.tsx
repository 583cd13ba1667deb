// Batches: every customer put through the funnel for one channel, with how far each has come.
import { Select, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { countText, spanText } from '../../parts/figures.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { nightText } from './contact-policy.tsx';
import type { Batch } from './shapes.ts';

const batchesOp = 'GET /v1/offers/batches';
const lookMs = 3_000;

const looks: Readonly<Record<Batch['status'], readonly [string, string]>> = {
  running: ['running', 'scores'],
  allocated: ['running', 'presents'],
  done: ['ok', 'done'],
  stopped: ['cancelled', 'stopped'],
};

export function Batches() {
  const { data, error, refetch } = useApi(batchesOp, {}, { refetchMs: lookMs });
  const [url, setUrl] = useUrl();
  const items = data?.items ?? [];
  return (
    <Card
      title="Batches, the newest first"
      flush
      actions={
        <ActButton right="offers:write" size="compact-xs" onClick={() => setUrl({ do: 'batch' })}>
          Start a batch
        </ActButton>
      }
    >
      {error && <ProblemNote error={error} retry={refetch} />}
      {!data && !error && <Loading />}
      <AtNight />
      {data && items.length === 0 && (
        <Empty title="No batch was started yet">
          A batch puts every customer through the same funnel, gives scarce offers to whom they are
          worth most, and goes on where it was when a server restarts.
        </Empty>
      )}
      {items.length > 0 && <Rows items={items} />}
      {url['do'] === 'batch' && <StartDialog close={() => setUrl({ do: undefined })} />}
    </Card>
  );
}

/** Where it is said that they begin by themselves, it is told here, where they are seen. */
function AtNight() {
  const { data } = useApi('GET /v1/offers/policy', {});
  if (!data) return null;
  return (
    <p className="dimmed card-note">
      At night {nightText(data.contact_policy.nightly)}: so says the{' '}
      <Link to={'/offers' as never} search={{ tab: 'policy' } as never}>
        contact policy
      </Link>
      .
    </p>
  );
}

function Rows({ items }: { readonly items: readonly Batch[] }) {
  const stop = useAct('POST /v1/offers/batches/{id}/stop', [batchesOp]);
  const most = Math.max(1, ...items.map(({ presented }) => presented));
  return (
    <>
      {stop.error && <ProblemNote error={stop.error} />}
      <Table aria-label="Batches" className="reading">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>State</Table.Th>
            <Table.Th>Channel</Table.Th>
            <Table.Th>Started</Table.Th>
            <Table.Th ta="end">Took</Table.Th>
            <Table.Th ta="end">Customers</Table.Th>
            <Table.Th ta="end">Candidates</Table.Th>
            <Table.Th ta="end">Held out</Table.Th>
            <Table.Th w={190}>Presented</Table.Th>
            <Table.Th ta="end">Refused</Table.Th>
            <Table.Th w={80} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((each) => (
            <Row
              key={each.batch_id}
              {...{ of: each, most }}
              isStopping={stop.isPending}
              stop={() => stop.mutate({ path: { id: each.batch_id } })}
            />
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function Row({
  of,
  most,
  isStopping,
  stop,
}: {
  readonly of: Batch;
  /** As many as the batch with the most has presented. */
  readonly most: number;
  readonly isStopping: boolean;
  readonly stop: () => void;
}) {
  const { status, channel, started_at, scored_at, ended_at, requested_by } = of;
  const { customers, candidates, withheld, presented, refused } = of;
  const isUnderWay = status === 'running' || status === 'allocated';
  const end = ended_at ?? scored_at;
  return (
    <Table.Tr>
      <Table.Td>
        <State word={looks[status][0]}>{looks[status][1]}</State>
      </Table.Td>
      <Table.Td>{wordsOf(channel)}</Table.Td>
      <Table.Td>
        <Time at={started_at} /> by <Who principal={requested_by} />
      </Table.Td>
      <Table.Td ta="end">
        {end === null ? (
          <span className="dimmed">–</span>
        ) : (
          spanText(Date.parse(end) - Date.parse(started_at))
        )}
      </Table.Td>
      <Table.Td ta="end">{countText(customers)}</Table.Td>
      <Table.Td ta="end">{countText(candidates)}</Table.Td>
      <Table.Td ta="end">{countText(withheld)}</Table.Td>
      <Table.Td>
        <span className="bar-cell">
          <Bar value={presented} max={most} color="--plane-policy" />
          {countText(presented)}
        </span>
      </Table.Td>
      <Table.Td ta="end">{countText(refused)}</Table.Td>
      <Table.Td ta="end">
        {isUnderWay && (
          <ActButton right="offers:write" size="compact-xs" loading={isStopping} onClick={stop}>
            Stop
          </ActButton>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const channels = ['email', 'push', 'sms', 'in_app', 'phone', 'post'] as const;

function StartDialog({ close }: { readonly close: () => void }) {
  const [channel, setChannel] = useState<(typeof channels)[number]>('email');
  const act = useAct('POST /v1/offers/batches', [batchesOp]);
  const start = () =>
    act.mutate(
      { body: { channel } },
      {
        onSuccess: () => {
          tell('Started: it is seen here how far it has come.');
          close();
        },
      },
    );
  return (
    <FormDialog
      title="Start a batch"
      does="Start it"
      {...{ error: act.error, isPending: act.isPending, close, submit: start }}
    >
      <Text>
        Every customer is put through the funnel. Each offer that comes of it is a contact like any
        other: consent, caps and policy are asked.
      </Text>
      <Select
        label="By which channel"
        allowDeselect={false}
        value={channel}
        data={channels.map((value) => ({ value, label: wordsOf(value) }))}
        onChange={(next) => setChannel((next ?? 'email') as typeof channel)}
      />
    </FormDialog>
  );
}
