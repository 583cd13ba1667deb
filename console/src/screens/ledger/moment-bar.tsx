// Now, or as of a moment: presets, any instant on the bank's clock, and by which of two times.
import { Group, SegmentedControl, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useUrl } from '../../app/url.ts';
import { InstantInput } from '../../parts/instant-input.tsx';
import { useNow, useZone } from '../../parts/time.tsx';
import { pastMoments } from './moment.ts';

const minuteMs = 60_000;

export function MomentBar({ withBasis = false }: { readonly withBasis?: boolean }) {
  const [url, setUrl] = useUrl();
  const zone = useZone();
  const now = useNow();
  const { at, basis = 'recorded' } = url;
  // A preset is a minute wide, so that it stays pressed while the clock goes on.
  const isAt = (other: string | undefined) =>
    at === undefined || other === undefined
      ? at === other
      : Math.abs(Date.parse(at) - Date.parse(other)) < minuteMs;
  return (
    <Group gap={10} wrap="wrap" className="moment-bar">
      <div className="segments" role="group" aria-label="As of" style={{ flex: 'none' }}>
        {pastMoments(now, zone).map(({ words, at: then }) => (
          <button
            key={words}
            type="button"
            className="segment"
            aria-pressed={isAt(then)}
            onClick={() => setUrl({ at: then })}
          >
            {words}
          </button>
        ))}
      </div>
      <TypedMoment
        key={at ?? 'now'}
        label="As of"
        at={at}
        set={(instant) => setUrl({ at: instant })}
      />
      {withBasis && (
        <Tooltip label="Recorded: when the ledger wrote it down. Effective: when it counts in the world, which may be earlier.">
          <SegmentedControl
            aria-label="By which time"
            value={basis}
            onChange={(value) => setUrl({ basis: value === 'recorded' ? undefined : value })}
            data={[
              { value: 'recorded', label: 'as recorded' },
              { value: 'effective', label: 'as effective' },
            ]}
          />
        </Tooltip>
      )}
    </Group>
  );
}

/** What is typed counts once the field is left or Enter pressed: half a year is no moment. */
export function TypedMoment({
  label,
  at,
  set,
}: {
  readonly label: string;
  readonly at: string | undefined;
  readonly set: (instant: string | undefined) => void;
}) {
  const [draft, setDraft] = useState(at);
  const commit = () => {
    if (draft !== at && (draft === undefined || Date.parse(draft) > 0)) set(draft);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        commit();
      }}
      onBlur={commit}
      // Fields for moments keep Enter to themselves.
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    >
      <InstantInput label={label} value={draft} onChange={setDraft} />
    </form>
  );
}
