// A figure with how sure it is, drawn on an axis of its own: whether the interval crosses nothing is
// seen at once.
import './interval.css';

type IntervalProps = {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Ends of the axis; several that stand beneath each other share one. */
  readonly from: number;
  readonly to: number;
  /** What it is compared with: a line across. */
  readonly zero?: number;
  readonly tone: 'good' | 'bad' | 'still';
  readonly width?: number;
};

const height = 18;
const inset = 4;

/** Without words of its own: the figures stand beside it. */
export function Interval(props: IntervalProps) {
  const { value, low, high, from, to, zero = 0, tone, width = 190 } = props;
  const span = to - from || 1;
  const x = (of: number) =>
    inset + ((Math.min(to, Math.max(from, of)) - from) / span) * (width - 2 * inset);
  const middle = height / 2;
  return (
    <svg {...{ width, height }} className="interval" data-tone={tone} aria-hidden>
      <line x1={0} x2={width} y1={middle} y2={middle} className="interval-axis" />
      <line x1={x(zero)} x2={x(zero)} y1={1} y2={height - 1} className="interval-zero" />
      <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} className="interval-range" />
      {[low, high].map((end, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two ends that keep their places
        <line key={at} x1={x(end)} x2={x(end)} y1={5} y2={height - 5} className="interval-range" />
      ))}
      <circle cx={x(value)} cy={middle} r={3.4} className="interval-value" />
    </svg>
  );
}

/** An axis that holds all of them, and nothing, with a little room on both sides. */
export function axisOf(values: readonly number[]): { readonly from: number; readonly to: number } {
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (most - least) * 0.08 || 0.01;
  return { from: least - room, to: most + room };
}
