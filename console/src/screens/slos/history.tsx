// How one objective stood, step by step: against what is promised, with the gaps where nothing was
// measured.
import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Chart } from '../../parts/chart.tsx';
import { countText, shareText, spanText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { instantText, useZone } from '../../parts/time.tsx';
import { severityText } from './board.tsx';
import { budgetText, casesText, figureText, refreshMs, type Slo, windowWords } from './words.ts';

type Window = keyof typeof windowWords;
const steps = { '1h': '5m', '24h': '1h', '7d': '1h', '30d': '1d' } as const;

export function History({ slo }: { readonly slo: Slo }) {
  const [url, setUrl] = useUrl();
  const window =
    (url['window'] ?? '24h') in windowWords ? ((url['window'] ?? '24h') as Window) : '24h';
  const { data, error } = useApi(
    'GET /v1/slos/{name}/history',
    { path: { name: slo.name as never }, query: { window, step: steps[window] } },
    { keep: true, refetchMs: refreshMs },
  );
  return (
    <Card
      title={slo.title}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Over which time"
          value={window}
          data={Object.keys(windowWords)}
          onChange={(next) => setUrl({ window: next })}
        />
      }
    >
      {error && <ProblemNote error={error} />}
      {!data && !error && <Loading />}
      {data && (
        <Stack gap="sm">
          <Now slo={slo} window={window} />
          <Course slo={slo} items={data.items} window={window} />
          <Text c="dimmed" fz="sm">
            {slo.sources.length > 0 && `Measured from ${slo.sources.join(', ')}. `}
            {ruleWords(slo)}
          </Text>
        </Stack>
      )}
    </Card>
  );
}

/** The window in one sentence. */
function Now({ slo, window }: { readonly slo: Slo; readonly window: Window }) {
  const now = slo.windows.find((each) => each.window === window);
  const figure = now && figureText(slo, now);
  if (!now || figure === undefined) {
    return <Text c="dimmed">Nothing was measured in {windowWords[window]}.</Text>;
  }
  const budget = budgetText(now);
  const promised = slo.target_ms === null ? '' : ` of ${spanText(slo.target_ms)} promised`;
  return (
    <Text>
      <State word={now.status}>{`${figure}${promised}`}</State>{' '}
      <span className="dimmed">
        in {windowWords[window]}: {casesText(slo, now)}
        {budget === undefined ? '' : `; ${budget}`}
      </span>
    </Text>
  );
}

type Item = Answer<'GET /v1/slos/{name}/history'>['items'][number];

function Course({
  slo,
  items,
  window,
}: {
  readonly slo: Slo;
  readonly items: readonly Item[];
  readonly window: Window;
}) {
  const zone = useZone();
  const { target_ms } = slo;
  const labels = useMemo(() => {
    const [start, end] = window === '30d' ? [5, 10] : window === '7d' ? [5, 16] : [11, 16];
    return items.map(({ from }) => instantText(from, zone, false).slice(start, end));
  }, [items, window, zone]);
  const series = useMemo(
    () => [
      {
        ...{ name: target_ms === null ? 'wrong' : shareOf(slo), color: '--plane-policy' },
        kind: target_ms === null ? ('bar' as const) : ('line' as const),
        values: items.map(({ value }) => value),
      },
    ],
    [items, target_ms, slo],
  );
  if (items.every(({ value }) => value === null)) {
    return (
      <Empty title="Nothing was measured in this time">
        {slo.is_measured
          ? 'The course is drawn as soon as there is something to measure.'
          : 'Nothing in this installation measures it yet.'}
      </Empty>
    );
  }
  return (
    <Chart
      title={`${slo.title}: ${target_ms === null ? 'how many were wrong' : shareOf(slo)}`}
      height={210}
      {...{ labels, series }}
      marks={
        target_ms === null ? [] : [{ name: `promised ${spanText(target_ms)}`, value: target_ms }]
      }
      {...highestOf(items, target_ms)}
      format={target_ms === null ? countText : spanText}
      legend={false}
    />
  );
}

/** The line of the promise is always on the chart. */
function highestOf(items: readonly Item[], target: number | null) {
  if (target === null) return {};
  const highest = Math.max(...items.map(({ value }) => value ?? 0));
  return highest < target ? { max: Math.ceil(target * 1.1) } : {};
}

function shareOf({ share }: Slo): string {
  return share === 1 ? 'the slowest' : `${shareText(share)} were faster than`;
}

function ruleWords({ rules }: Slo): string {
  return rules
    .map(({ window, burn_rate, severity }) =>
      burn_rate === 0
        ? `One failure in ${window} ${severityText(severity)}.`
        : `Failing ${burn_rate === 1 ? 'faster than' : `${burn_rate} times as fast as`} the promise allows, over ${window}, ${severityText(severity)}.`,
    )
    .join(' ');
}
