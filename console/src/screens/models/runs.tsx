// What controls found, run by run, with the figures and the place in the log that they rest on.
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Chips, type Facet, Facets } from '../../parts/facets.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { Facts, Panel } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { figureOf, plainText, readingOf, resultLook } from './figures.ts';
import type { Tested } from './shapes.ts';

const columns: readonly Column<Tested>[] = [
  { id: 'when', header: 'Tested', width: 90, cell: ({ tested_at }) => <Time at={tested_at} /> },
  {
    ...{ id: 'model', header: 'Model', width: 170 },
    cell: ({ model, version }) => (
      <span>
        <Link to={`/models/${model}` as never}>{model}</Link> v{version}
      </span>
    ),
  },
  { id: 'control', header: 'Control', width: 100, cell: ({ control }) => control },
  {
    ...{ id: 'result', header: 'Result', width: 124 },
    cell: ({ result }) => <State word={resultLook(result).word}>{resultLook(result).text}</State>,
  },
  {
    ...{ id: 'figure', header: 'Figure', width: 190 },
    cell: (run) => <Figure run={run} />,
  },
  {
    ...{ id: 'threshold', header: 'Threshold', width: 220, grow: true },
    cell: ({ threshold }) => <span className="dimmed clip">{threshold}</span>,
  },
  {
    ...{ id: 'by', header: 'Asked for by', width: 140 },
    cell: ({ requested_by }) => <span className="clip">{requested_by}</span>,
  },
];

function Figure({ run }: { readonly run: Tested }) {
  const reading = readingOf(run.control);
  const figure = figureOf(run);
  if (!reading || figure === null) return <span className="dimmed">–</span>;
  return (
    <span>
      {reading.format(figure)} <span className="dimmed">{reading.name}</span>
    </span>
  );
}

const results = ['passed', 'failed', 'insufficient'] as const;

/** Of one model, or of all. */
export function Runs({ model }: { readonly model?: string }) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const { control, result, id } = url;
  const query = useMemo(
    () => ({
      ...{ model, control: lastOf(control) },
      result: results.find((each) => each === lastOf(result)),
    }),
    [model, control, result],
  );
  const list = useApiPages('GET /v1/controls/runs', { query });
  const { count, shown } = useNews(['control.']);
  const selected = list.items.find(({ run_id }) => run_id === id);
  return (
    <>
      <RunFacets />
      <div className="grid-column">
        <Chips names={['control', 'result']} />
        <Grid
          label={model === undefined ? 'Runs of controls' : `Runs of controls of ${model}`}
          rows={list.items}
          columns={model === undefined ? columns : columns.filter((each) => each.id !== 'model')}
          idOf={({ run_id }) => run_id}
          selected={id}
          onSelect={({ run_id }) => setUrl({ id: run_id })}
          onOpen={(run) =>
            void navigate({ to: `/models/${run.model}` as never, hash: run.control })
          }
          {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
          {...{ error: list.error, retry: list.refetch }}
          news={{ count, show: () => void list.refetch().then(shown) }}
          empty={
            <Empty title="No run that is so">
              Controls run every day over the day before; “Run controls” does so at once.
            </Empty>
          }
        />
      </div>
      {selected && (
        <Panel label={`A run of ${selected.control}`} close={() => setUrl({ id: undefined })}>
          <Run run={selected} />
        </Panel>
      )}
    </>
  );
}

/** The API narrows by one of each: the last that was chosen. */
function lastOf(chosen: string | undefined): string | undefined {
  return chosen?.split(',').at(-1);
}

function RunFacets() {
  const controls = useApi('GET /v1/controls', {});
  const runs = useApi('GET /v1/controls/runs', { query: { limit: 500 } });
  const facets = useMemo((): Facet[] => {
    const items = runs.data?.items ?? [];
    const count = (member: 'control' | 'result', value: string) => ({
      ...{ value, count: items.filter((each) => each[member] === value).length },
    });
    return [
      {
        ...{ name: 'control', title: 'Control' },
        values: (controls.data?.items ?? []).map(({ id }) => count('control', id)),
      },
      { name: 'result', title: 'Result', values: results.map((each) => count('result', each)) },
    ];
  }, [controls.data, runs.data]);
  return (
    <div className="side">
      <Facets facets={facets} />
    </div>
  );
}

function Run({ run }: { readonly run: Tested }) {
  const { evidence, figures, period_from, period_to } = run;
  const look = resultLook(run.result);
  return (
    <div className="panel-body">
      <h2>{run.control}</h2>
      <p>
        <State word={look.word}>{look.text}</State> of <span className="mono">{run.model}</span> v
        {run.version}
      </p>
      <Facts
        of={{
          Threshold: run.threshold,
          'Cases from': <Time at={period_from} whole />,
          to: <Time at={period_to} whole />,
          Tested: <Time at={run.tested_at} whole />,
          'Asked for by': run.requested_by,
          Run: <Id id={run.run_id} whole />,
        }}
      />
      <h3>Figures</h3>
      <Facts
        of={Object.fromEntries(
          Object.entries(figures).map(([name, value]) => [
            wordsOf(name),
            typeof value === 'number' ? plainText(value) : value === '' ? null : value,
          ]),
        )}
      />
      <h3>Evidence</h3>
      <p className="dimmed">
        Whoever folds the log up to its last place makes the same report again, and finds its
        digest.
      </p>
      <Facts
        of={{
          'Report digest': <Id id={evidence.report_digest} whole />,
          'First place in the log': evidence.first_position?.toLocaleString('en') ?? null,
          'Last place in the log': evidence.last_position?.toLocaleString('en') ?? null,
        }}
      />
      <Link
        to={`/models/${run.model}` as never}
        search={{ from: period_from, to: period_to, version: String(run.version) } as never}
        hash={run.control}
      >
        See the report of this period
      </Link>
    </div>
  );
}
