// Instants on the screen: with the zone they are told in, and how long ago they were.
import { useSyncExternalStore } from 'react';
import { useSession } from '../api/session.ts';

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const formats = new Map<string, Intl.DateTimeFormat>();

/** `2026-04-01 12:03:04` in a zone. */
export function instantText(instant: string | number, zone: string, withSeconds = true): string {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', {
      ...{ timeZone: zone, dateStyle: 'short', timeStyle: 'medium' },
    });
    formats.set(zone, format);
  }
  const text = format.format(new Date(instant));
  return withSeconds ? text : text.slice(0, -3);
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** `Today`, `Yesterday` or `Tuesday 17 November`, with the year where it is another one. */
export function dayText(instant: string | number, zone: string, now: number): string {
  const dayOf = (at: string | number) => instantText(at, zone).slice(0, 10);
  const day = dayOf(instant);
  if (day === dayOf(now)) return 'Today';
  if (day === dayOf(now - 86_400_000)) return 'Yesterday';
  let format = dayFormats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, weekday: 'long', day: 'numeric', month: 'long' },
    });
    dayFormats.set(zone, format);
  }
  const text = format.format(new Date(instant)).replace(',', '');
  return day.slice(0, 4) === dayOf(now).slice(0, 4) ? text : `${text} ${day.slice(0, 4)}`;
}

const dateFormats = new Map<string, Intl.DateTimeFormat>();

/** `31 December 2027`. */
export function dateText(instant: string, zone: string): string {
  let format = dateFormats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' },
    });
    dateFormats.set(zone, format);
  }
  return format.format(new Date(instant));
}

/** The last day on which what ends then still counts: midnight belongs to the day before. */
export function lastDayText(end: string, zone: string): string {
  return dateText(new Date(Date.parse(end) - 1).toISOString(), zone);
}

export function ageText(instant: string | number, now: number): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000);
  const [unit, size] = units.find(([, each]) => Math.abs(seconds) >= each) ?? ['second', 1];
  return Math.abs(seconds) < 10 ? 'now' : relative.format(Math.trunc(seconds / size), unit);
}

/** The zone of the bank: everybody sees the same clock. */
export function useZone(): string {
  const zone = useSession()?.tenant.time_zone;
  if (zone !== undefined) lastZone = zone;
  return zone ?? 'UTC';
}

/** As it was read last: long lists need not ask for it with every row. */
let lastZone: string | undefined;

// One clock for all ages on the screen: it ticks as seldom as reads well.
const tickMs = 10_000;
let now = Date.now();
const watchers = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const watcher of watchers) watcher();
}, tickMs);

export function useNow(): number {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => now,
  );
}

/** The age, with the whole instant on hover; or the instant itself with `whole`. */
export function Time({
  at,
  whole = false,
}: {
  readonly at: string | number;
  readonly whole?: boolean;
}) {
  const zone = useZone();
  const age = ageText(at, useNow());
  const text = `${instantText(at, zone)} ${zone}`;
  // The browser's own hint: a list has hundreds of them, and each of another kind costs it frames.
  return (
    <time dateTime={new Date(at).toISOString()} className="time" title={whole ? age : text}>
      {whole ? text : age}
    </time>
  );
}

/** The whole instant in a narrow column: its zone is that of the bank, told on hover. */
export function Instant({ at }: { readonly at: string }) {
  return lastZone === undefined ? <AskedInstant at={at} /> : <InstantIn at={at} zone={lastZone} />;
}

function AskedInstant({ at }: { readonly at: string }) {
  return <InstantIn at={at} zone={useZone()} />;
}

function InstantIn({ at, zone }: { readonly at: string; readonly zone: string }) {
  const text = instantText(at, zone);
  return (
    <time dateTime={at} className="time" title={`${text} ${zone}`}>
      {text}
    </time>
  );
}

/** Until when something holds: its last day, with the instant of its end on hover. */
export function LastDay({ end }: { readonly end: string }) {
  const zone = useZone();
  return (
    <time dateTime={end} className="time" title={`ends ${instantText(end, zone)} ${zone}`}>
      {lastDayText(end, zone)}
    </time>
  );
}
