// One thing that is watched of a model: its verdict, its figures, and words on what they mean.
import { Tooltip } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { resultLook } from './figures.ts';
import type { Guide } from './guides.ts';
import type { Control, Tested } from './shapes.ts';

type SectionProps = {
  /** The id of its control, which is its place in the address too. */
  readonly id: string;
  readonly title: string;
  readonly guide?: Guide;
  readonly control?: Control | undefined;
  /** The latest run of its control. */
  readonly run?: Tested | undefined;
  readonly actions?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
};

export function Section(props: SectionProps) {
  const { id, title, guide, control, run, actions, wide = false, children } = props;
  const box = useRef<HTMLDivElement>(null);
  // The router looks for the place before the report has come.
  useEffect(() => {
    if (location.hash === `#${id}`) box.current?.scrollIntoView({ block: 'start' });
  }, [id]);
  return (
    <div ref={box} id={id} className="watched" data-wide={wide || undefined}>
      <Card title={title} actions={actions ?? <Verdict control={control} run={run} />}>
        {children}
        {guide && (
          <dl className="guide">
            <dt>Good</dt>
            <dd>{guide.good}</dd>
            <dt>If not</dt>
            <dd>{guide.else}</dd>
          </dl>
        )}
      </Card>
    </div>
  );
}

/** What the control has found when it last ran; the figures beside it may be of another period. */
export function Verdict({ control, run }: Pick<SectionProps, 'control' | 'run'>) {
  if (!control) return null;
  if (!run) return <span className="verdict dimmed">its control has not run yet</span>;
  const look = resultLook(run.result);
  return (
    <Tooltip label={`${control.title}. Passes with: ${run.threshold}.`}>
      <span className="verdict">
        <span className="dimmed">
          Control, <Time at={run.tested_at} />:
        </span>
        <State word={look.word}>{look.text}</State>
      </span>
    </Tooltip>
  );
}
