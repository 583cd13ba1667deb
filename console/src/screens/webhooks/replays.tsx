// What is sent to a webhook once more, and how far that is.
import { Progress } from '@mantine/core';
import { useApi } from '../../api/queries.ts';
import { countText, shareText } from '../../parts/figures.ts';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { lookMs } from './looking.ts';
import type { Replay } from './words.ts';

export function Replays({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi(
    'GET /v1/webhooks/{id}/replays',
    { path: { id }, query: { limit: 50 } },
    { refetchMs: lookMs },
  );
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (data.items.length === 0) {
    return (
      <Empty title="Nothing was sent again">
        Where a receiver has lost what it heard, all events behind a position are sent once more.
        What was given up is retried without that.
      </Empty>
    );
  }
  return (
    <div className="hook-replays">
      <table className="plain">
        <thead>
          <tr>
            <th>State</th>
            <th>Asked for</th>
            <th className="end">Behind position</th>
            <th className="end">Up to</th>
            <th className="end">Queued</th>
            <th>Progress</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((replay) => (
            <ReplayRow key={replay.id} of={replay} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReplayRow({ of }: { readonly of: Replay }) {
  const { status, requested_at, after, through, position, enqueued } = of;
  const share = through <= after ? 1 : (position - after) / (through - after);
  const isDone = status === 'done';
  return (
    <tr>
      <td>
        <State word={isDone ? 'completed' : 'running'}>{isDone ? 'done' : 'running'}</State>
      </td>
      <td>
        <Time at={requested_at} />
      </td>
      <td className="end">{countText(after)}</td>
      <td className="end">{countText(through)}</td>
      <td className="end">{countText(enqueued)}</td>
      <td>
        <Progress
          value={(isDone ? 1 : share) * 100}
          aria-label={`${shareText(isDone ? 1 : share)} of it is queued or sent`}
        />
      </td>
    </tr>
  );
}
