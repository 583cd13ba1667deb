// Text with numbered lines: those with a flaw are marked, and told below with a way to get there.
import { useRef } from 'react';
import { State } from '../../parts/state.tsx';

export type Flaw = { readonly line: number; readonly column: number; readonly words: string };

const linesMin = 8;
const lineHeight = 18;

export function CodeBox({
  label,
  text,
  change,
  flaws,
}: {
  readonly label: string;
  readonly text: string;
  readonly change: (text: string) => void;
  readonly flaws: readonly Flaw[];
}) {
  const area = useRef<HTMLTextAreaElement>(null);
  const count = Math.max(linesMin, text.split('\n').length);
  const numbers = Array.from({ length: count }, (_, at) => at + 1);
  const flawed = new Set(flaws.map(({ line }) => line));
  const goTo = ({ line, column }: Flaw) => {
    const before = text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length;
    const at = before + (line > 1 ? 1 : 0) + column - 1;
    area.current?.focus();
    area.current?.setSelectionRange(at, at);
  };
  return (
    <>
      <div className="code-box">
        <pre aria-hidden>
          {numbers.map((number) => (
            <span key={number} data-bad={flawed.has(number) || undefined}>
              {number}
            </span>
          ))}
        </pre>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={flaws.length > 0}
          spellCheck={false}
          wrap="off"
          style={{ height: count * lineHeight + 16, overflowX: 'auto' }}
          value={text}
          maxLength={32_768}
          onChange={(event) => change(event.currentTarget.value)}
        />
      </div>
      {flaws.length > 0 && (
        <div role="alert">
          {flaws.map((flaw) => (
            <div key={`${flaw.line} ${flaw.column} ${flaw.words}`} className="flaw">
              <State word="failed">{`line ${flaw.line}, column ${flaw.column}`}</State>{' '}
              <span className="text">{flaw.words}</span>{' '}
              <button type="button" className="as-link" onClick={() => goTo(flaw)}>
                Go there
              </button>
            </div>
          ))}
        </div>
      )}
    </>
  );
}
