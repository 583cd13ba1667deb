// Each model by each control: what the latest run found, and the course of its figure before.
import { Button, Tooltip, VisuallyHidden } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Scroll } from '../../parts/screen.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Severity } from './alerts.tsx';
import { bpsText, figureOf, limitOf, readingOf, resultLook, toneColors } from './figures.ts';
import type { Control, Model, Tested } from './shapes.ts';

const runsRead = 500;
/** Runs of one control of one model that its line is drawn of. */
const runsDrawn = 20;

export function HealthTable() {
  const models = useApi('GET /v1/models', { query: { limit: 200 } });
  const controls = useApi('GET /v1/controls', {});
  const runs = useApi('GET /v1/controls/runs', { query: { limit: runsRead } });
  const byCell = useMemo(() => cellsOf(runs.data?.items ?? []), [runs.data]);
  const items = models.data?.items ?? [];
  const selected = useRows(items.map(({ name }) => name));
  const error = models.error ?? controls.error ?? runs.error;
  if (error) return <ProblemNote error={error} retry={() => models.refetch()} />;
  if (!models.data || !controls.data || !runs.data) return <Loading />;
  if (items.length === 0) return <NoModels />;
  return (
    <Scroll>
      <table className="plain health">
        <thead>
          <tr>
            <th>Model</th>
            <th>Decides</th>
            <th>Beside</th>
            {controls.data.items.map((control) => (
              <th key={control.id}>
                <Tooltip label={`${control.title}. ${control.threshold}.`}>
                  <span className="explained">{control.id}</span>
                </Tooltip>
                <div className="dimmed">{readingOf(control.id)?.name}</div>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((model) => (
            <tr key={model.name} aria-selected={model.name === selected}>
              <NameCells model={model} />
              {controls.data.items.map((control) => (
                <td key={control.id}>
                  <Cell
                    {...{ model, control }}
                    runs={byCell.get(`${model.name} ${control.id}`) ?? []}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">
        Controls run once a day over the day that is over, and whenever somebody runs them. A line
        shows the figure of up to {runsDrawn} runs, the latest right; the dotted one is the
        threshold, where it is a number.
      </p>
      <LatestAlerts />
    </Scroll>
  );
}

const alertsShown = 8;

function LatestAlerts() {
  const [, setUrl] = useUrl();
  const { data } = useApi('GET /v1/alerts', { query: { limit: alertsShown } });
  if (!data || data.items.length === 0) return null;
  return (
    <>
      <div className="compare-head">
        <h2>Latest alerts</h2>
        <Button variant="subtle" size="compact-xs" onClick={() => setUrl({ tab: 'alerts' })}>
          All alerts
        </Button>
      </div>
      <table className="plain">
        <thead>
          <tr>
            <th>Raised</th>
            <th>Severity</th>
            <th>Model</th>
            <th>Control</th>
            <th>What was found</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((alert) => (
            <tr key={alert.alert_id}>
              <td className="nowrap">
                <Time at={alert.raised_at} />
              </td>
              <td>
                <Severity of={alert} />
              </td>
              <td className="nowrap">
                {alert.model} v{alert.version}
              </td>
              <td>
                <Link to={`/models/${alert.model}` as never} hash={alert.control}>
                  {alert.control}
                </Link>
              </td>
              <td className="text">{alert.summary}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** j, k and Enter, as in every list. */
function useRows(names: readonly string[]): string | undefined {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const at = names.indexOf(url['id'] ?? '');
  const move = (by: number) => {
    const next = names[Math.max(0, Math.min(names.length - 1, at + by))];
    if (next !== undefined) setUrl({ id: next });
  };
  useHotkeys([
    ['j', () => move(1)],
    ['k', () => move(-1)],
    [
      'Enter',
      () => at >= 0 && void navigate({ to: `/models/${names[at]}` as never }),
      { preventDefault: false },
    ],
  ]);
  return names[at];
}

function NameCells({ model }: { readonly model: Model }) {
  const { name, point, production, canary, shadow, suspension } = model;
  return (
    <>
      <th scope="row">
        <Link to={`/models/${name}` as never}>{name}</Link>
        <div className="dimmed">at {point}</div>
      </th>
      <td>
        {suspension ? (
          <State word="suspended">{`v${production?.version} stopped`}</State>
        ) : production ? (
          <State word="production">{`v${production.version}`}</State>
        ) : (
          <State word="none">nothing yet</State>
        )}
        <div className="dimmed">
          {production ? <Time at={suspension?.since ?? production.since} /> : 'deploy a version'}
        </div>
      </td>
      <td>
        {canary && (
          <div>
            <State word="canary">{`v${canary.version} on ${bpsText(canary.share_bps)}`}</State>
          </div>
        )}
        {shadow && <State word="shadow">{`v${shadow.version} watched`}</State>}
        {!canary && !shadow && <span className="dimmed">–</span>}
      </td>
    </>
  );
}

type CellProps = {
  readonly model: Model;
  readonly control: Control;
  /** Of the version that decides, newest first. */
  readonly runs: readonly Tested[];
};

function Cell({ model, control, runs }: CellProps) {
  const own = runs.filter(({ version }) => version === model.production?.version);
  const [latest] = own;
  if (!latest) return <span className="dimmed">not run yet</span>;
  const look = resultLook(latest.result);
  const reading = readingOf(control.id);
  const figure = figureOf(latest);
  const values = own.slice(0, runsDrawn).map(figureOf).toReversed();
  const failed = latest.result === 'failed';
  return (
    <Link to={`/models/${model.name}` as never} hash={control.id} className="health-cell">
      <VisuallyHidden>{`${control.id} of ${model.name}: `}</VisuallyHidden>
      <State word={look.word}>{look.text}</State>
      <span className="health-figure">
        {reading && figure !== null ? reading.format(figure) : '–'}
        {values.filter((value) => value !== null).length > 1 && (
          <Sparkline
            label={`${reading?.name ?? control.id}, ${values.length} runs`}
            {...{ values, width: 56, color: toneColors[failed ? 'bad' : 'still'] }}
            mark={limitOf(control, latest)}
          />
        )}
      </span>
    </Link>
  );
}

function cellsOf(runs: readonly Tested[]): ReadonlyMap<string, readonly Tested[]> {
  return Map.groupBy(runs, ({ model, control }) => `${model} ${control}`);
}

function NoModels() {
  return (
    <Empty title="No model is registered">
      A model comes by <span className="mono">POST /v1/models</span>: its ONNX file, and a card that
      says what it is for. The recipe “bring your own model” shows each step.
    </Empty>
  );
}
