// The frame of a chart over time: its title, that parts are still read, or what to do to read them.
import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Over } from './drift.tsx';

export function OverTime({
  over,
  title,
  children,
}: {
  readonly over: Over;
  readonly title: string;
  readonly children: ReactNode;
}) {
  const { slices, labels, isLoading, want } = over;
  return (
    <div className="over-time">
      <h3>
        {title}
        {isLoading && (
          <span className="dimmed">
            {', '}
            part {slices.length} of {labels.length}
          </span>
        )}
      </h3>
      {want ? (
        <div className="over-time-want">
          <Text c="dimmed">The period has so many cases that its parts are read on demand.</Text>
          <Button variant="default" onClick={want}>
            Read them over time
          </Button>
        </div>
      ) : (
        <>
          {children}
          <p className="note">Parts with too few cases to say anything are left empty.</p>
        </>
      )}
    </div>
  );
}
