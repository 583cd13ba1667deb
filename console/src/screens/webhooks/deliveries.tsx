// What was sent to a webhook, the newest events first, and what became of it.
import { useMemo } from 'react';
import { useAct, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText, spanText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { useSteady } from '../../parts/steady.ts';
import { Time } from '../../parts/time.tsx';
import { useLooking } from './looking.ts';
import { answerText, type Delivery, type Hook, sentReads } from './words.ts';

type Status = Delivery['status'];
const statuses: readonly (readonly [Status | undefined, string])[] = [
  [undefined, 'All'],
  ['pending', 'Waiting'],
  ['dead', 'Given up'],
  ['delivered', 'Delivered'],
];

const nothing = {
  all: 'Nothing was sent yet',
  pending: 'Nothing waits',
  dead: 'Nothing was given up',
  delivered: 'Nothing was delivered yet',
} as const;

export function Deliveries({ hook }: { readonly hook: Hook }) {
  const [url, setUrl] = useUrl();
  const status = statuses.find(([name]) => name !== undefined && name === url['status'])?.[0];
  const { id } = hook;
  const list = useApiPages('GET /v1/webhooks/{id}/deliveries', {
    path: { id },
    query: status === undefined ? {} : { status },
  });
  useLooking(list.refetch);
  const steady = useSteady(list.items, { key: `${id} ${status}`, idOf: (row) => row.id });
  const rows = useMemo(() => steady.rows.map(({ row, gone }) => ({ ...row, gone })), [steady.rows]);
  const retry = useAct('POST /v1/webhooks/{id}/deliveries/{delivery_id}/retry', sentReads);
  const columns = useMemo(
    () => columnsOf((delivery_id) => retry.mutate({ path: { id, delivery_id }, body: {} })),
    [id, retry.mutate],
  );
  return (
    <>
      <div className="split-bar">
        <div className="segments" role="group" aria-label="Which deliveries">
          {statuses.map(([name, words]) => (
            <button
              key={words}
              type="button"
              className="segment"
              aria-pressed={status === name}
              onClick={() => setUrl({ status: name, delivery: undefined })}
            >
              {words}
            </button>
          ))}
        </div>
        <span className="dimmed">kept for 30 days</span>
      </div>
      {retry.error && <ProblemNote error={retry.error} />}
      <Grid
        label="Deliveries"
        {...{ rows, columns }}
        idOf={(row) => row.id}
        selected={url['delivery']}
        onSelect={(row) => setUrl({ delivery: row.id })}
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        news={{ count: steady.news, show: steady.show }}
        empty={
          <Empty title={nothing[status ?? 'all']}>
            The next event that it hears of is sent at once. A ping shows whether it arrives.
          </Empty>
        }
      />
    </>
  );
}

type Row = Delivery & { readonly gone: boolean };

function columnsOf(retry: (id: string) => void): readonly Column<Row>[] {
  return [
    {
      ...{ id: 'state', header: 'State', width: 96 },
      cell: ({ status, gone }) =>
        gone ? (
          <State word="closed">changed</State>
        ) : (
          <State word={status}>
            {status === 'dead' ? 'given up' : status === 'pending' ? 'waiting' : status}
          </State>
        ),
    },
    {
      ...{ id: 'type', header: 'Event', width: 190, grow: true },
      cell: ({ event_type }) => <span className="mono clip">{event_type}</span>,
    },
    {
      ...{ id: 'event', header: 'Its id', width: 118 },
      cell: ({ event_id }) => <Id id={event_id} />,
    },
    {
      ...{ id: 'position', header: 'Position', width: 84, align: 'end' },
      cell: ({ position }) => countText(position),
    },
    {
      ...{ id: 'tries', header: 'Tries', width: 52, align: 'end' },
      cell: ({ attempts }) => attempts,
    },
    {
      ...{ id: 'answer', header: 'Last answer', width: 190 },
      cell: (row) => <span className="clip">{answerText(row)}</span>,
    },
    {
      ...{ id: 'took', header: 'Took', width: 68, align: 'end' },
      cell: ({ latency_ms }) => (latency_ms === null ? '' : spanText(latency_ms)),
    },
    {
      ...{ id: 'at', header: 'Tried', width: 76, align: 'end' },
      cell: ({ attempted_at: at }) =>
        at === null ? <span className="dimmed">–</span> : <Time at={at} />,
    },
    {
      ...{ id: 'act', header: 'Retry', width: 60, align: 'end' },
      cell: ({ id, status, event_type }) =>
        status === 'dead' && (
          <button
            type="button"
            className="as-link"
            aria-label={`Retry ${event_type}`}
            onClick={() => retry(id)}
          >
            Retry
          </button>
        ),
    },
  ];
}
