// The queue: segments with what waits in each, and the ranked list, in which rows keep their places.
import { Button, Select, Switch } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Square, SquareCheck } from 'lucide-react';
import { useMemo } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Eyes } from '../../parts/eyes.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Amount } from '../../parts/money.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Who } from '../../parts/who.tsx';
import { Due } from './due.tsx';
import type { CaseList } from './list.ts';
import { type Case, kindWords } from './words.ts';

const states: readonly Case['status'][] = [
  ...(['open', 'assigned', 'escalated', 'snoozed', 'decided', 'expired', 'closed'] as const),
];

type Row = Case & { readonly gone: boolean; readonly marked: boolean };
type QueueProps = {
  readonly list: CaseList;
  readonly current: string | undefined;
  readonly select: (id: string) => void;
  readonly open: () => void;
};

export function Queue({ list, current, select, open }: QueueProps) {
  const columns = useColumns(list.mark);
  const rows = useMemo(
    () => list.rows.map(({ row, gone }): Row => ({ ...row, gone, marked: list.marks.has(row.id) })),
    [list.rows, list.marks],
  );
  return (
    <>
      <Segments />
      <Narrow />
      <Grid
        label="Cases"
        rows={rows}
        columns={columns}
        idOf={(row) => row.id}
        selected={current}
        onSelect={({ id }) => select(id)}
        onOpen={open}
        more={list.more}
        hasMore={list.hasMore}
        isPending={list.isPending}
        error={list.error}
        retry={list.refetch}
        news={{ count: list.news, show: list.show }}
        empty={<Nothing />}
      />
    </>
  );
}

function useColumns(mark: (id: string) => void): readonly Column<Row>[] {
  const isNarrow = useMediaQuery('(max-width: 1280px)');
  return useMemo(() => {
    const columns: readonly (Column<Row> | false)[] = [
      // Its key, which stands in the place of a word.
      { id: 'mark', header: 'x', width: 32, cell: (row) => <Mark row={row} mark={mark} /> },
      {
        ...{ id: 'amount', header: 'Amount', width: 106, align: 'end' },
        cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
      },
      !isNarrow && {
        ...{ id: 'why', header: 'Why', width: 112, grow: true },
        cell: (row) => <Why of={row} />,
      },
      !isNarrow && {
        ...{ id: 'risk', header: 'Risk', width: 46, align: 'end' },
        cell: ({ fraud_score: score }) =>
          score === null ? <span className="dimmed">–</span> : score.toFixed(2),
      },
      { id: 'due', header: 'Promise', width: 108, cell: (row) => <Due of={row} /> },
      {
        id: 'state',
        header: 'State',
        width: 84,
        grow: isNarrow ?? false,
        cell: (row) => <Standing of={row} />,
      },
      {
        ...{ id: 'eyes', header: 'Eyes', width: 66 },
        cell: ({ kind, verdict, approvals_given: given, required_checkers: required }) => (
          <Eyes
            given={kind === 'release' ? given : verdict === 'approve' ? required : 0}
            required={required}
            rejected={verdict === 'reject'}
          />
        ),
      },
    ];
    return columns.filter((column) => column !== false);
  }, [mark, isNarrow]);
}

/** What brought it here; where it waits and who pays are told on the way over it. */
function Why({ of: { reasons, kind, queue, debtor } }: { readonly of: Row }) {
  const words = reasons.map(wordsOf).join(', ');
  const pays = debtor === null ? '' : `; ${debtor} pays`;
  return (
    <span title={`${queue}, ${kindWords[kind]}: ${words}${pays}`}>
      {words}
      {kind !== 'release' && <span className="dimmed">, {kindWords[kind]}</span>}
    </span>
  );
}

function Mark({ row, mark }: { readonly row: Row; readonly mark: (id: string) => void }) {
  const Icon = row.marked ? SquareCheck : Square;
  return (
    <button
      type="button"
      tabIndex={-1}
      className="case-mark"
      aria-pressed={row.marked}
      aria-label="Take into the selection"
      // The keys stay with the list.
      onMouseDown={(event) => event.preventDefault()}
      onClick={(event) => {
        event.stopPropagation();
        mark(row.id);
      }}
    >
      <Icon size={14} aria-hidden />
    </button>
  );
}

function Standing({ of: { gone, status, verdict, assignee } }: { readonly of: Row }) {
  if (verdict !== null) return <State word={verdict === 'approve' ? 'approved' : 'denied'} />;
  if (gone) return <State word="closed">gone</State>;
  if (status !== 'assigned' || assignee === null) return <State word={status} />;
  return (
    <span>
      <span className="dimmed">with</span> <Who principal={assignee} />
    </span>
  );
}

function Segments() {
  const [url, setUrl] = useUrl();
  const { data } = useApi('GET /v1/case-queues', {}, { keep: true });
  const queues = data?.items ?? [];
  const chosen = url['queue'];
  const sum = (of: (queue: (typeof queues)[number]) => number) =>
    queues.reduce((total, queue) => total + of(queue), 0);
  const waiting = (queue: (typeof queues)[number]) => queue.open + queue.assigned + queue.snoozed;
  const segments = [
    { name: undefined, count: sum(waiting), late: sum(({ overdue }) => overdue) },
    ...queues.map((queue) => {
      return { name: queue.queue, count: waiting(queue), late: queue.overdue };
    }),
  ];
  if (chosen !== undefined && !queues.some(({ queue }) => queue === chosen)) {
    segments.push({ name: chosen, count: 0, late: 0 });
  }
  return (
    <div className="split-bar">
      <div className="segments" role="group" aria-label="Queues">
        {segments.map(({ name, count, late }) => (
          <button
            key={name ?? ''}
            type="button"
            className="segment"
            aria-pressed={name === chosen}
            onClick={() => setUrl({ queue: name, id: undefined })}
          >
            {name === undefined ? 'All queues' : wordsOf(name)}
            <span className="segment-count">{count}</span>
            {late > 0 && <span className="segment-late">{late} late</span>}
          </button>
        ))}
      </div>
    </div>
  );
}

function Narrow() {
  const [url, setUrl] = useUrl();
  return (
    <div className="split-bar">
      <Select
        aria-label="State"
        w={150}
        value={url['status'] ?? ''}
        data={[
          { value: '', label: 'Everything waiting' },
          ...states.map((value) => ({ value, label: wordsOf(value) })),
        ]}
        onChange={(status) => setUrl({ status: status ?? undefined, id: undefined })}
        allowDeselect={false}
        comboboxProps={{ width: 180, position: 'bottom-start' }}
      />
      <Switch
        label="Only mine"
        checked={url['mine'] === 'yes'}
        onChange={({ currentTarget: { checked } }) =>
          setUrl({ mine: checked ? 'yes' : undefined, id: undefined })
        }
      />
      <span className="dimmed" style={{ marginLeft: 'auto' }}>
        {url['status'] === 'decided' ? 'newest first' : 'by risk, amount and age'}
      </span>
    </div>
  );
}

function Nothing() {
  const [url, setUrl] = useUrl();
  const isNarrowed = ['queue', 'status', 'mine'].some((name) => url[name] !== undefined);
  return (
    <Empty
      title={isNarrowed ? 'No case fits' : 'Nothing waits for a person'}
      action={
        isNarrowed && (
          <Button
            variant="default"
            onClick={() => setUrl({ queue: undefined, status: undefined, mine: undefined })}
          >
            Show everything that waits
          </Button>
        )
      }
    >
      {isNarrowed
        ? 'In this queue and state there is nothing now.'
        : 'A case comes when policy wants a person to look, denies a payment, or one comes back from clearing.'}
    </Empty>
  );
}
