// A figure as the length of a bar beside its digits, with the lines that it is not to cross.
import './bar.css';

type BarProps = {
  readonly value: number;
  readonly max: number;
  /** A name of `look.css`. */
  readonly color?: string;
  readonly marks?: readonly number[];
  /** How sure the value is: from, to. */
  readonly range?: readonly [number, number] | undefined;
};

/** Without words of its own: the figure stands beside it. */
export function Bar({ value, max, color = '--still', marks = [], range }: BarProps) {
  const share = (of: number) => `${Math.max(0, Math.min(1, of / max)) * 100}%`;
  return (
    <span className="bar" aria-hidden>
      <span
        className="bar-fill"
        style={{ width: share(value), background: `var(${color})` }}
        data-beyond={value > max || undefined}
      />
      {range && (
        <span
          className="bar-range"
          style={{ left: share(range[0]), width: share(range[1] - range[0]) }}
        />
      )}
      {marks.map((mark) => (
        <span key={mark} className="bar-mark" style={{ left: share(mark) }} />
      ))}
    </span>
  );
}
