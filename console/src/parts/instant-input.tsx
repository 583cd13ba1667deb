// A moment that somebody types: on the clock of the bank, told to the API as an instant.
import { TextInput } from '@mantine/core';
import { instantText, useZone } from './time.tsx';

const minuteMs = 60_000;

/** `2026-04-01T09:30` on a clock of the zone; undefined for what is no moment. */
export function instantAt(local: string, zone: string): string | undefined {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return undefined;
  // The zone's offset at the guess tells the instant; at the instant itself it tells it exactly.
  const offset = (at: number) => Date.parse(`${instantText(at, zone).replace(' ', 'T')}Z`) - at;
  const guess = wall - offset(wall);
  return new Date(wall - offset(Math.floor(guess / minuteMs) * minuteMs)).toISOString();
}

export function localText(instant: string, zone: string): string {
  return instantText(instant, zone, false).replace(' ', 'T');
}

export function InstantInput({
  label,
  value,
  onChange,
  error,
}: {
  readonly label: string;
  /** An instant; undefined as long as none is typed. */
  readonly value: string | undefined;
  readonly onChange: (instant: string | undefined) => void;
  readonly error?: string | undefined;
}) {
  const zone = useZone();
  return (
    <TextInput
      type="datetime-local"
      label={`${label} (${zone})`}
      value={value === undefined ? '' : localText(value, zone)}
      onChange={({ currentTarget }) => onChange(instantAt(currentTarget.value, zone))}
      error={error}
    />
  );
}
