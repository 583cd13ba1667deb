// Monitoring: the report on one version for one period, each thing watched with its control.
import { ActionIcon, Group, SegmentedControl, Select, Switch, Tooltip } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import { useMemo } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Scroll } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { instantText, Time, useZone } from '../../parts/time.tsx';
import { CalibrationSection } from './calibration.tsx';
import { DriftSection, type Over } from './drift.tsx';
import { FairnessSection } from './fairness.tsx';
import { countText } from './figures.ts';
import { PerformanceSection } from './performance.tsx';
import { periods, type Span, useReport, useSlices } from './report.ts';
import { FallbackSection, LatencySection } from './service.tsx';
import {
  cardOf,
  type Control,
  type Model,
  type Report,
  rolesOf,
  type Tested,
  type Version,
} from './shapes.ts';

export function Monitoring({ model }: { readonly model: Model }) {
  const { name } = model;
  const found = useReport(name);
  const { report, error, again } = found;
  const version = report?.version;
  const registered = useApi(
    'GET /v1/models/{name}/versions/{version}',
    { path: { name, version: version ?? 0 } },
    { enabled: version !== undefined, keep: true },
  );
  const controls = useApi('GET /v1/controls', {});
  const runs = useApi('GET /v1/controls/runs', { query: { model: name, limit: 100 } });
  const over = useOver(report, registered.data, found.parts);
  if (error && !report) {
    return (
      <Scroll>
        <ProblemNote error={error} retry={again} />
      </Scroll>
    );
  }
  if (!report || !registered.data) return <Loading />;
  const of = (id: string) => ({
    ...{ report, over },
    control: controls.data?.items.find((control) => control.id === id),
    run: latestOf(runs.data?.items ?? [], id, report.version),
  });
  const card = cardOf(registered.data);
  return (
    <Scroll>
      <PeriodBar
        {...{ model, report, isFetching: found.isFetching, again }}
        period={found.period}
      />
      {error && <ProblemNote error={error} retry={again} />}
      <div className="watch">
        <DriftSection {...of('drift')} />
        <PerformanceSection {...of('performance')} card={card} />
        <CalibrationSection {...of('calibration')} />
        <FairnessSection {...of('fairness')} card={card} />
        <LatencySection {...of('latency')} card={card} />
        <FallbackSection {...of('fallback')} />
      </div>
    </Scroll>
  );
}

function latestOf(runs: readonly Tested[], control: Control['id'], version: number) {
  return runs.find((run) => run.control === control && run.version === version);
}

/** A period whose report is a sample already is split only on demand. */
function useOver(report: Report | undefined, version: Version | undefined, parts: number): Over {
  const [url, setUrl] = useUrl();
  const zone = useZone();
  const hasCases = (report?.cases ?? 0) > 0;
  const isWanted = hasCases && (report?.is_truncated !== true || url['over'] === 'time');
  const span = useMemo(() => spanOf(report, version), [report, version]);
  const { slices, isLoading } = useSlices(report, span, { parts, isWanted });
  const labels = useMemo(() => (span ? labelsOf(span, parts, zone) : []), [span, parts, zone]);
  return {
    ...{ slices, labels, isLoading: isLoading && isWanted },
    want: isWanted || !hasCases ? undefined : () => setUrl({ over: 'time' }),
  };
}

function spanOf(report: Report | undefined, version: Version | undefined): Span | undefined {
  if (!report || report.version !== version?.version) return undefined;
  const [from, to] = [Date.parse(report.from), Date.parse(report.to)];
  return { from: Math.min(Math.max(from, Date.parse(version.registered_at)), to - 1_000), to };
}

const dayMs = 86_400_000;

function labelsOf({ from, to }: Span, parts: number, zone: string): readonly string[] {
  return Array.from({ length: parts }, (_, at) => {
    const text = instantText(from + ((to - from) * at) / parts, zone, false);
    return to - from > 2 * dayMs ? text.slice(5) : text.slice(11);
  });
}

type BarProps = {
  readonly model: Model;
  readonly report: Report;
  readonly period: string | undefined;
  readonly isFetching: boolean;
  readonly again: () => unknown;
};

function PeriodBar({ model, report, period, isFetching, again }: BarProps) {
  const [url, setUrl] = useUrl();
  const versions = useApi('GET /v1/models/{name}/versions', { path: { name: model.name } });
  const options = (versions.data?.items ?? []).map(({ version }) => ({
    value: String(version),
    label: [`v${version}`, ...rolesOf(model, version)].join(', '),
  }));
  return (
    <Group gap="sm" mb="sm">
      <Select
        aria-label="Version"
        w={170}
        data={options}
        value={String(report.version)}
        allowDeselect={false}
        onChange={(version) => setUrl({ version: version ?? undefined })}
      />
      <SegmentedControl
        aria-label="Period"
        data={[
          ...periods.map(({ id, name }) => ({ value: id, label: name })),
          ...(period === undefined ? [{ value: 'named', label: 'As named' }] : []),
        ]}
        value={period ?? 'named'}
        onChange={(value) =>
          setUrl({ period: value === 'day' ? undefined : value, from: undefined, to: undefined })
        }
      />
      <Tooltip label="Right where only what went wrong is ever reported, once enough time has passed">
        <Switch
          label="Without a label counts as good"
          checked={url['unlabelled'] === 'negative'}
          onChange={({ currentTarget: { checked } }) =>
            setUrl({ unlabelled: checked ? 'negative' : undefined })
          }
        />
      </Tooltip>
      <span className="dimmed period-words">
        {countText(report.cases)} cases{report.is_truncated && ', a sample'} from{' '}
        <Time at={report.from} whole /> to <Time at={report.to} whole />
      </span>
      <Tooltip label="Make the report again, up to now">
        <ActionIcon
          aria-label="Make the report again"
          loading={isFetching}
          onClick={() => void again()}
        >
          <RefreshCw size={14} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
