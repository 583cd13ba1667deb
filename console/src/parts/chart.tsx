// Charts: ECharts on a canvas, loaded when the first one is shown, in the colors of the scheme; with
// the same figures as a table for those who do not see it.
import { Box, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef } from 'react';

export type Series = {
  readonly name: string;
  /** One per label; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** A name of `look.css`, such as `--good`. */
  readonly color: string;
  readonly kind?: 'line' | 'bar' | 'area' | 'band';
  /** Of a band the lower edge; its values are the upper one. Neither is negative. */
  readonly low?: readonly (number | null)[];
  /** Series of one stack stand on each other. */
  readonly stack?: string;
  readonly dashed?: boolean;
};

type ChartProps = {
  readonly title: string;
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  readonly height?: number;
  /** Of the values, for the axis and the hint. */
  readonly format?: (value: number) => string;
  /** Lines across, such as a threshold. */
  readonly marks?: readonly { readonly name: string; readonly value: number }[];
  readonly max?: number;
  readonly legend?: boolean;
};

/** In pixels: one bar alone is not to be a wall. */
const barWidthMax = 40;

export function Chart(props: ChartProps) {
  const { title, labels, series, height = 180, format = String } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts | undefined>(undefined);
  const scheme = useComputedColorScheme('light');
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let isGone = false;
    const sized = new ResizeObserver(() => chart.current?.resize());
    void import('./chart-engine.ts').then(({ startChart }) => {
      if (isGone || !box.current) return;
      chart.current = startChart(box.current);
      chart.current.setOption(optionOf(latest.current));
      sized.observe(box.current);
    });
    return () => {
      isGone = true;
      sized.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew in the colors of the scheme
  useEffect(() => {
    chart.current?.setOption(optionOf(latest.current), { notMerge: true });
  }, [labels, series, scheme]);

  return (
    <Box component="figure" m={0}>
      <div ref={box} style={{ height }} aria-hidden />
      <VisuallyHidden component="figcaption">{title}</VisuallyHidden>
      <VisuallyHidden>
        <table>
          <thead>
            <tr>
              <th>{title}</th>
              {series.map(({ name }) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two labels may read the same
              <tr key={`${at} ${label}`}>
                <th>{label}</th>
                {series.map((each) => (
                  <td key={each.name}>{valueText(each, at, format)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </Box>
  );
}

function valueText({ values, low }: Series, at: number, format: (value: number) => string) {
  const value = values[at] ?? null;
  const edge = low?.[at] ?? null;
  if (value === null) return '';
  return edge === null ? format(value) : `${format(edge)} to ${format(value)}`;
}

/** What a name of `look.css` stands for in the scheme that is on. */
function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || name;
}

function optionOf(props: ChartProps): EChartsCoreOption {
  const { labels, series, format = String, marks = [], max, legend = series.length > 1 } = props;
  const [ink, line] = [colorOf('--still'), colorOf('--line')];
  return {
    animation: false,
    grid: { left: 4, right: 12, top: legend ? 28 : 10, bottom: 2, containLabel: true },
    ...(legend ? { legend: legendOf(series, ink) } : {}),
    tooltip: {
      trigger: 'axis',
      // Drawn on the canvas: no markup is made of what data says.
      renderMode: 'richText',
      backgroundColor: colorOf('--surface-3'),
      borderColor: colorOf('--line-strong'),
      textStyle: { color: colorOf('--mantine-color-text'), fontSize: 12 },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? format(value) : '–'),
    },
    xAxis: {
      type: 'category',
      data: labels,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: ink, fontSize: 11 },
    },
    yAxis: {
      type: 'value',
      ...(max === undefined ? {} : { max }),
      axisLabel: { color: ink, fontSize: 11, formatter: format },
      splitLine: { lineStyle: { color: line } },
    },
    series: series.flatMap((each, index) => [
      ...(each.kind === 'band' ? [floorOf(each)] : []),
      {
        name: each.name,
        type: each.kind === 'bar' ? 'bar' : 'line',
        ...(each.kind === 'bar' ? { barMaxWidth: barWidthMax } : {}),
        stack: each.stack,
        data: each.values,
        symbol: labels.length > 40 ? 'none' : 'circle',
        symbolSize: 4,
        lineStyle: { width: 1.6, type: each.dashed ? 'dashed' : 'solid' },
        itemStyle: { color: colorOf(each.color) },
        ...(each.kind === 'area' ? { areaStyle: { opacity: 0.18 } } : {}),
        ...(each.kind === 'band' ? bandOf(each, format) : {}),
        ...(index === 0 && marks.length > 0 ? { markLine: marksOf(marks, ink) } : {}),
      },
    ]),
  };
}

function legendOf(series: readonly Series[], color: string) {
  return {
    ...{ top: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { color } },
    // The floors of bands are no series to the eye.
    data: series.map(({ name }) => name),
  };
}

/** What a band stands on: nothing is seen of it. */
function floorOf({ name, low = [] }: Series) {
  return {
    ...{ name: `${name}, from`, type: 'line', stack: `band ${name}`, data: low, symbol: 'none' },
    ...{ silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } },
  };
}

/** From its lower edge to its upper one; the hint tells both. */
function bandOf(band: Series, format: (value: number) => string) {
  const { name, values, low = [] } = band;
  return {
    stack: `band ${name}`,
    data: values.map((high, at) => (high === null ? null : high - (low[at] ?? 0))),
    symbol: 'none',
    lineStyle: { opacity: 0 },
    areaStyle: { opacity: 0.2 },
    tooltip: { valueFormatter: (_: unknown, at: number) => valueText(band, at, format) || '–' },
  };
}

function marksOf(marks: readonly { name: string; value: number }[], color: string) {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color, type: 'dotted' },
    label: { color, fontSize: 11, position: 'insideEndTop', formatter: '{b}' },
    data: marks.map(({ name, value }) => ({ name, yAxis: value })),
  };
}
