// The time that a list is of: the last hour, today, or from one moment to another; in the address.
import { useMemo, useState } from 'react';
import { useUrl } from '../app/url.ts';
import { InstantInput, instantAt } from './instant-input.tsx';
import { instantText, useZone } from './time.tsx';

const hourMs = 3_600_000;
const spans = [
  { name: '1h', words: '1 h', whole: 'the last hour', ms: hourMs },
  { name: 'today', words: 'Today', whole: 'today', ms: 0 },
  { name: '24h', words: '24 h', whole: 'the last 24 hours', ms: 24 * hourMs },
  { name: '7d', words: '7 days', whole: 'the last 7 days', ms: 7 * 24 * hourMs },
] as const;
const own = 'custom';

export type Span = { readonly from?: string; readonly to?: string };

/**
 * The bounds as instants, which stay while the list is read page by page; `renew` moves those that
 * follow the clock.
 */
export function useSpan(): readonly [Span, renew: () => void] {
  const [{ span, from, to }] = useUrl();
  const zone = useZone();
  const [read, setRead] = useState({ span, now: Date.now() });
  if (read.span !== span) setRead({ span, now: Date.now() });
  const bounds = useMemo((): Span => {
    if (span === own) return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
    const known = spans.find(({ name }) => name === span);
    if (!known) return {};
    const { now } = read;
    return {
      from: known.ms === 0 ? startOfDay(now, zone) : new Date(now - known.ms).toISOString(),
    };
  }, [span, from, to, zone, read]);
  return [bounds, () => setRead({ span, now: Date.now() })];
}

function startOfDay(now: number, zone: string): string {
  return instantAt(`${instantText(now, zone).slice(0, 10)}T00:00`, zone) ?? '';
}

export function SpanChoice() {
  const [{ span }, setUrl] = useUrl();
  const known = spans.some(({ name }) => name === span) || span === own;
  const choose = (next: string | undefined) =>
    setUrl({ span: next, ...(next === own ? {} : { from: undefined, to: undefined }) });
  const options = [
    { name: undefined, words: 'Any time', whole: 'any time' },
    ...spans,
    { name: own, words: 'From … to', whole: 'a span of your own' },
  ];
  return (
    <div className="segments" role="group" aria-label="Time">
      {options.map(({ name, words, whole }) => (
        <button
          key={words}
          type="button"
          className="segment"
          aria-pressed={known ? name === span : name === undefined}
          title={`Of ${whole}`}
          onClick={() => choose(name)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

/** Where somebody has asked for a span of their own: its two ends. */
export function SpanInputs() {
  const [{ span, from, to }, setUrl] = useUrl();
  if (span !== own) return null;
  const isTurned = from !== undefined && to !== undefined && from >= to;
  return (
    <div className="span-inputs">
      <InstantInput label="From" value={from} onChange={(next) => setUrl({ from: next })} />
      <InstantInput
        label="Up to"
        value={to}
        onChange={(next) => setUrl({ to: next })}
        error={isTurned ? 'must be later' : undefined}
      />
    </div>
  );
}
