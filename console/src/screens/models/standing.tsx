// What of a model serves, is tried, is watched, and would come back: in one line.
import { Alert } from '@mantine/core';
import { Pause } from 'lucide-react';
import type { ReactNode } from 'react';
import { State } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { bpsText } from './figures.ts';
import type { Model } from './shapes.ts';

type Served = { readonly version: number; readonly since: string };

export function Standing({ model }: { readonly model: Model }) {
  const { production, canary, shadow, previous, suspension } = model;
  return (
    <>
      {suspension && <Stopped suspension={suspension} version={production?.version} />}
      <dl className="standing">
        <Slot name="Decides" served={production} none="nothing yet: deploy a version">
          {suspension ? <State word="suspended">stopped</State> : <State word="production" />}
        </Slot>
        <Slot name="Tried on a share" served={canary} none="no canary">
          {canary && <State word="canary">{`on ${bpsText(canary.share_bps)} of the keys`}</State>}
        </Slot>
        <Slot name="Watched" served={shadow} none="no shadow">
          <State word="shadow">heard by nobody</State>
        </Slot>
        <Slot name="Going back brings" served={previous} none="no version stands before it">
          {null}
        </Slot>
      </dl>
    </>
  );
}

function Slot({
  name,
  served,
  none,
  children,
}: {
  readonly name: string;
  readonly served: Served | null;
  readonly none: string;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {served ? (
          <>
            <b>v{served.version}</b> {children}
            <span className="dimmed">
              since <Time at={served.since} />
            </span>
          </>
        ) : (
          <span className="dimmed">{none}</span>
        )}
      </dd>
    </div>
  );
}

function Stopped({
  suspension,
  version,
}: {
  readonly suspension: NonNullable<Model['suspension']>;
  readonly version: number | undefined;
}) {
  return (
    <Alert color="red" variant="light" radius={0} icon={<Pause size={16} />} role="status">
      <b>Version {version} is stopped</b> by {suspension.by}, <Time at={suspension.since} />:{' '}
      <span className="text">“{suspension.reason}”</span> Its stand-in is heard until people approve
      that it resumes.
    </Alert>
  );
}
