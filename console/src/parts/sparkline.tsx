// The course of a few figures in the height of a line: what a chart would be too large for.
type SparklineProps = {
  /** What it shows, for those who hear it: `AUC, the last 7 runs`. */
  readonly label: string;
  /** Oldest first; null leaves a gap. */
  readonly values: readonly (number | null)[];
  /** A name of `look.css`. */
  readonly color?: string;
  /** A line across that is not to be crossed. */
  readonly mark?: number | undefined;
  readonly width?: number;
  readonly height?: number;
};

const inset = 2.5;

export function Sparkline(props: SparklineProps) {
  const { label, values, color = '--still', mark, width = 72, height = 18 } = props;
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const all = mark === undefined ? known : [...known, mark];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span = high - low || 1;
  const y = (value: number) => inset + (1 - (value - low) / span) * (height - 2 * inset);
  const x = (at: number) =>
    values.length === 1 ? width - inset : inset + (at / (values.length - 1)) * (width - 2 * inset);
  const last = values.findLastIndex((value) => value !== null);
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      {mark !== undefined && (
        <line
          {...{ x1: 0, x2: width, y1: y(mark), y2: y(mark) }}
          stroke="var(--line-strong)"
          strokeDasharray="2 2"
        />
      )}
      {runsOf(values).map((run) => (
        <polyline
          key={run[0]?.at}
          points={run.map(({ at, value }) => `${x(at)},${y(value)}`).join(' ')}
          fill="none"
          stroke={`var(${color})`}
          strokeWidth={1.4}
        />
      ))}
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r={2.2} fill={`var(${color})`} />
    </svg>
  );
}

type Point = { readonly at: number; readonly value: number };

/** The stretches without a gap. */
function runsOf(values: readonly (number | null)[]): Point[][] {
  const runs: Point[][] = [[]];
  for (const [at, value] of values.entries()) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ at, value });
  }
  return runs.filter((run) => run.length > 0);
}
