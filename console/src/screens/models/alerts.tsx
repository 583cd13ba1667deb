// Alerts that controls have raised, newest first.
import { useMemo } from 'react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useNews } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { Facts, Panel } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { Alert } from './shapes.ts';

const columns: readonly Column<Alert>[] = [
  { id: 'when', header: 'Raised', width: 90, cell: ({ raised_at }) => <Time at={raised_at} /> },
  {
    ...{ id: 'severity', header: 'Severity', width: 110 },
    cell: (alert) => <Severity of={alert} />,
  },
  {
    ...{ id: 'model', header: 'Model', width: 190 },
    cell: ({ model, version }) => (
      <span>
        <Link to={`/models/${model}` as never}>{model}</Link> v{version}
      </span>
    ),
  },
  { id: 'control', header: 'Control', width: 110, cell: ({ control }) => control },
  { id: 'summary', header: 'What was found', width: 300, grow: true, cell: (row) => row.summary },
  {
    ...{ id: 'suspends', header: 'Stopped', width: 150 },
    cell: ({ suspends }) =>
      suspends ? (
        <State word="suspended">the model</State>
      ) : (
        <span className="dimmed">nothing</span>
      ),
  },
];

export function Severity({ of: { severity } }: { readonly of: Pick<Alert, 'severity'> }) {
  return <State word={severity === 'severe' ? 'breached' : 'warn'}>{severity}</State>;
}

/** Of one model, or of all. */
export function Alerts({ model }: { readonly model?: string }) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const query = useMemo(() => (model === undefined ? {} : { model }), [model]);
  const list = useApiPages('GET /v1/alerts', { query });
  const { count, shown } = useNews(['alert.']);
  const selected = list.items.find(({ alert_id }) => alert_id === url['id']);
  return (
    <>
      <Grid
        label={model === undefined ? 'Alerts' : `Alerts of ${model}`}
        rows={list.items}
        columns={model === undefined ? columns : columns.filter(({ id }) => id !== 'model')}
        idOf={({ alert_id }) => alert_id}
        selected={url['id']}
        onSelect={({ alert_id }) => setUrl({ id: alert_id })}
        onOpen={(alert) =>
          void navigate({ to: `/models/${alert.model}` as never, hash: alert.control })
        }
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        news={{ count, show: () => void list.refetch().then(shown) }}
        empty={
          <Empty title="No alert was ever raised">
            A control that fails raises one. They run every day, or now by the button above.
          </Empty>
        }
      />
      {selected && (
        <Panel label="An alert" close={() => setUrl({ id: undefined })}>
          <Detail alert={selected} />
        </Panel>
      )}
    </>
  );
}

function Detail({ alert }: { readonly alert: Alert }) {
  return (
    <div className="panel-body">
      <h2>
        {alert.control} of {alert.model}
      </h2>
      <p>
        <Severity of={alert} />
      </p>
      <p className="text">{alert.summary}</p>
      <Facts
        of={{
          Raised: <Time at={alert.raised_at} whole />,
          Version: `v${alert.version}`,
          Stopped: alert.suspends ? 'the model' : 'nothing',
          Alert: <Id id={alert.alert_id} whole />,
          Run: (
            <Link to="." search={{ tab: 'runs', id: alert.run_id } as never}>
              its figures and evidence
            </Link>
          ),
        }}
      />
      <p>
        <Link
          to={`/models/${alert.model}` as never}
          search={{ version: String(alert.version) } as never}
          hash={alert.control}
        >
          See it as it is now
        </Link>
      </p>
    </div>
  );
}
