// What a payment has to pass before it may go on: its payer's step-up, a person's verdict.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Id } from '../../parts/id.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Stage } from './stage.tsx';
import { type Payment, toldBy } from './words.ts';

export function StepUp({ payment }: { readonly payment: Payment }) {
  const isAsked = payment.challenge !== null;
  const path = { path: { id: payment.payment_id } };
  const { data, error } = useApi('GET /v1/payments/{id}/step-up', path, { enabled: isAsked });
  const was = payment.history.some((step) => toldBy(step).step_up === true);
  if (!isAsked) {
    return was ? (
      <Stage title="Step-up" plane="policy" about="was asked for, and is over: see the timeline" />
    ) : null;
  }
  if (!data) {
    return (
      <Stage title="Step-up" plane="policy" about="is asked of the payer">
        {error && <ProblemNote error={error} />}
      </Stage>
    );
  }
  return (
    <Stage
      title="Step-up"
      plane="policy"
      about={
        <>
          <State word={data.status === 'succeeded' ? 'passed' : data.status}>{data.status}</State>,{' '}
          {data.attempts_left} of {data.attempts_max} attempts left, until{' '}
          <Time at={data.expires_at} />
        </>
      }
    />
  );
}

/** Cases of one queue at which one look is enough. */
const casesMax = 200;

export function ReviewCase({ payment }: { readonly payment: Payment }) {
  const queue = payment.history.map((step) => toldBy(step).review_queue).findLast((name) => name);
  const mayRead = useMay()('reviews:read').allowed;
  const { data } = useApi(
    'GET /v1/cases',
    { query: { queue: queue ?? '', limit: casesMax } },
    { enabled: mayRead && queue !== undefined && queue !== null },
  );
  if (!queue) return null;
  const found = data?.items.find(({ payment_id }) => payment_id === payment.payment_id);
  if (!found) {
    return (
      <Stage
        title="Review"
        plane="policy"
        about={
          <>
            in the queue <Link to={`/reviews?queue=${queue}` as never}>{queue}</Link>
          </>
        }
      />
    );
  }
  return (
    <Stage
      title="Review"
      plane="policy"
      about={
        <>
          <State word={found.status} />
          {found.assignee !== null && (
            <>
              , with <Who principal={found.assignee} />
            </>
          )}
          , in the queue {queue}, due <Time at={found.due_at} />
        </>
      }
    >
      <Id id={found.id} />
    </Stage>
  );
}
