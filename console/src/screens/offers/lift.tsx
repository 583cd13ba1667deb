// What offers have changed: treated against control with the interval drawn, action by action, and
// one of them beside with what chance has taught, its ranking, and whom it reaches.
import { Table } from '@mantine/core';
import { useMemo } from 'react';
import { useUrl } from '../../app/url.ts';
import { countText, shareText } from '../../parts/figures.ts';
import { axisOf, Interval } from '../../parts/interval.tsx';
import { useKeys } from '../../parts/keys.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { ExperimentView } from './experiment.tsx';
import type { Dashboard, Experiment } from './shapes.ts';

export function Lift({ of: { experiments, holdout } }: { readonly of: Dashboard }) {
  const [url, setUrl] = useUrl();
  const chosen = experiments.find(({ action }) => action === url['action']) ?? experiments[0];
  const step = (by: number) => {
    const at = chosen === undefined ? -1 : experiments.indexOf(chosen);
    const next = experiments[Math.max(0, at + by)];
    if (next) setUrl({ action: next.action });
  };
  useKeys([
    { key: 'j', words: 'Next action', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
  ]);
  const axis = useMemo(() => {
    const ends = [holdout, ...experiments].flatMap(({ lift }) => [lift.low, lift.high]);
    return axisOf(ends.filter((each) => each !== null));
  }, [holdout, experiments]);
  return (
    <div className="stacked">
      <Card title="Opened the product: treated less control, 95 % sure" flush>
        <Table aria-label="Lift" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Action</Table.Th>
              <Table.Th ta="end">Treated</Table.Th>
              <Table.Th ta="end">Control</Table.Th>
              <Table.Th w={200}>Difference</Table.Th>
              <Table.Th>In percentage points</Table.Th>
              <Table.Th>Verdict</Table.Th>
              <Table.Th ta="end">Due to it</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Row of={holdout} axis={axis} name="all offers, against who gets none" />
            {experiments.map((each) => (
              <Row
                key={each.action}
                of={each}
                axis={axis}
                isHere={each === chosen}
                choose={() => setUrl({ action: each.action })}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      {chosen ? (
        <ExperimentView key={chosen.action} action={chosen.action} />
      ) : (
        <Empty title="No action was tried yet">
          Part of those who would be offered an action is held out, the same customers every time.
          What they do without it is what it is compared with.
        </Empty>
      )}
    </div>
  );
}

type Axis = ReturnType<typeof axisOf>;

function Row({
  of,
  axis,
  name,
  isHere = false,
  choose,
}: {
  readonly of: Experiment;
  readonly axis: Axis;
  readonly name?: string;
  readonly isHere?: boolean;
  readonly choose?: () => void;
}) {
  const { action, lift, incremental } = of;
  const { difference, low, high, verdict } = lift;
  return (
    <Table.Tr data-here={isHere || undefined}>
      <Table.Th scope="row" fw={400}>
        {choose ? (
          <button type="button" className="as-link" aria-pressed={isHere} onClick={choose}>
            {action}
          </button>
        ) : (
          name
        )}
      </Table.Th>
      <Table.Td ta="end" className="nowrap">
        <Rate of={lift.treated} />
      </Table.Td>
      <Table.Td ta="end" className="nowrap">
        <Rate of={lift.control} />
      </Table.Td>
      <Table.Td>
        {difference !== null && low !== null && high !== null && (
          <Interval
            {...{ value: difference, low, high, ...axis }}
            tone={toneOf[verdict] === 'good' ? 'good' : toneOf[verdict] === 'bad' ? 'bad' : 'still'}
          />
        )}
      </Table.Td>
      <Table.Td className="nowrap">
        {difference === null || low === null || high === null ? (
          <span className="dimmed">–</span>
        ) : (
          <>
            <strong>{pointsOf(difference)}</strong>{' '}
            <span className="dimmed">
              {pointsOf(low)} to {pointsOf(high)}
            </span>
          </>
        )}
      </Table.Td>
      <Table.Td>
        <Verdict of={lift} />
      </Table.Td>
      <Table.Td ta="end">
        {incremental === null ? (
          <span className="dimmed">–</span>
        ) : (
          countText(Math.round(incremental))
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const toneOf: Readonly<Record<Experiment['lift']['verdict'], Tone>> = {
  too_few: 'still',
  no_difference: 'still',
  better: 'good',
  worse: 'bad',
};

export function Verdict({ of }: { readonly of: Experiment['lift'] }) {
  const { verdict, needed_per_arm: needed } = of;
  switch (verdict) {
    case 'better':
      return <State word="ok">does good</State>;
    case 'worse':
      return <State word="breached">does harm</State>;
    case 'no_difference':
      return (
        <>
          <State word="none">no difference to be seen</State>
          {needed !== null && (
            <div className="dimmed">
              {countText(needed)} of each arm would tell one of this size
            </div>
          )}
        </>
      );
    default:
      return (
        <>
          <State word="waiting">too few to tell</State>
          <div className="dimmed">
            {needed === null
              ? 'a hundred of each arm at least'
              : `${countText(Math.max(100, needed))} of each arm would do`}
          </div>
        </>
      );
  }
}

function Rate({ of }: { readonly of: Experiment['lift']['treated'] }) {
  if (of === null) return <span className="dimmed">nobody yet</span>;
  return (
    <>
      {shareText(of.value)} <span className="dimmed">of {countText(of.n)}</span>
    </>
  );
}

/** `+2.25`, of a difference of shares. */
function pointsOf(share: number): string {
  const points = (share * 100).toFixed(2);
  return share > 0 ? `+${points}` : points.replace('-', '−');
}
