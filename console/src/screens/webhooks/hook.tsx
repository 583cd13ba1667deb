// One webhook: where it leads, what it hears, how it is doing; its deliveries and what is sent again.
import { Id } from '../../parts/id.tsx';
import { countText } from '../../parts/figures.ts';
import { useApi, useAct } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { ActButton } from '../../parts/may.tsx';
import { ProblemNote, Loading } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { tell } from '../../parts/tell.ts';
import { Deliveries } from './deliveries.tsx';
import { HealthState, nameOf } from './list.tsx';
import { lookMs } from './looking.ts';
import { Replays } from './replays.tsx';
import { type Hook, hookReads, sentReads } from './words.ts';

const right = 'webhooks:write';

export function HookView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi(
    'GET /v1/webhooks/{id}',
    { path: { id } },
    { refetchMs: lookMs },
  );
  const [url, setUrl] = useUrl();
  if (error && !data) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const tab = url['tab'] === 'replays' ? 'replays' : 'deliveries';
  return (
    <article className="hook" aria-label={nameOf(data)}>
      <header className="hook-head">
        <div className="detail-line">
          <h2>{nameOf(data)}</h2>
          <HealthState hook={data} />
          <Id id={id} whole link={false} />
        </div>
        <div className="text mono">{data.url}</div>
        <Acts hook={data} />
        <HookFacts hook={data} />
        <div className="segments" role="group" aria-label="What is shown">
          {(['deliveries', 'replays'] as const).map((name) => (
            <button
              key={name}
              type="button"
              className="segment"
              aria-pressed={tab === name}
              onClick={() => setUrl({ tab: name === 'deliveries' ? undefined : name })}
            >
              {name === 'deliveries' ? 'Deliveries' : 'Sent again'}
            </button>
          ))}
        </div>
      </header>
      {tab === 'deliveries' ? <Deliveries hook={data} /> : <Replays id={id} />}
    </article>
  );
}

function HookFacts({ hook }: { readonly hook: Hook }) {
  const { behind, pending, dead, position, types, secret_version, created_at } = hook;
  const { previous_secret_until: both } = hook;
  const figures = [
    ['Behind the log', countText(behind)],
    ['Waiting', pending === 10_000 ? '10,000 or more' : countText(pending)],
    ['Given up', dead === 10_000 ? '10,000 or more' : countText(dead)],
    ['Position', countText(position)],
  ] as const;
  return (
    <dl className="hook-facts">
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Hears</dt>
        <dd className="mono">{types.join(' ')}</dd>
      </div>
      <div>
        <dt>Secret</dt>
        <dd>
          version {secret_version}
          {both !== null && (
            <span className="dimmed">
              , the one before signs as well until <Time at={both} whole />
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>Set up</dt>
        <dd>
          <Time at={created_at} />
        </dd>
      </div>
    </dl>
  );
}

function Acts({ hook }: { readonly hook: Hook }) {
  const [, setUrl] = useUrl();
  const { id, enabled, dead } = hook;
  const change = useAct('PATCH /v1/webhooks/{id}', hookReads);
  const retry = useAct('POST /v1/webhooks/{id}/deliveries/retry', sentReads);
  const ask = (what: string) => () => setUrl({ do: what });
  const off = enabled ? undefined : 'It is switched off: switch it on first.';
  const error = change.error ?? retry.error;
  return (
    <>
      <div className="object-acts">
        <ActButton right={right} unless={off} onClick={ask('ping')}>
          Send a ping
        </ActButton>
        <ActButton
          {...{ right, loading: retry.isPending }}
          unless={off ?? (dead === 0 ? 'Nothing was given up.' : undefined)}
          onClick={() =>
            retry.mutate(
              { path: { id }, body: {} },
              { onSuccess: () => tell('What was given up is tried again, the oldest first.') },
            )
          }
        >
          Retry all given up
        </ActButton>
        <ActButton right={right} unless={off} onClick={ask('replay')}>
          Send again
        </ActButton>
        <ActButton right={right} onClick={ask('edit')}>
          Edit
        </ActButton>
        <ActButton
          {...{ right, loading: change.isPending }}
          onClick={() => change.mutate({ path: { id }, body: { enabled: !enabled } })}
        >
          {enabled ? 'Switch off' : 'Switch on'}
        </ActButton>
        <ActButton right={right} onClick={ask('rotate')}>
          New secret
        </ActButton>
        <ActButton right={right} color="red" onClick={ask('delete')}>
          Delete
        </ActButton>
      </div>
      {error && <ProblemNote error={error} />}
    </>
  );
}
