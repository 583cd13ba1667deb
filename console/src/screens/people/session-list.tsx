// Who is signed in, since when and until when; ended sessions stay in the list.
import { useMemo } from 'react';
import { useApiPages } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time, useNow } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { sessionState, type SignIn } from './words.ts';

export function SessionList({
  select,
}: {
  readonly current: string | undefined;
  readonly select: (principal: string) => void;
}) {
  const [url, setUrl] = useUrl();
  const may = useMay()('admin');
  const columns = useColumns();
  const sessions = useApiPages('GET /v1/sessions', {}, { limit: 200, enabled: may.allowed });
  const q = (url['q'] ?? '').toLowerCase();
  const rows = sessions.items.filter(({ principal, issuer, id }) =>
    `${principal} ${issuer} ${id}`.toLowerCase().includes(q),
  );
  if (!may.allowed) return <Empty title="Sessions are closed to you">{may.why}</Empty>;
  return (
    <Grid
      label="Sessions"
      rows={rows}
      columns={columns}
      idOf={({ id }) => id}
      selected={url['session']}
      onSelect={({ id }) => setUrl({ session: id })}
      onOpen={({ principal }) => select(principal)}
      hearsAll
      {...{ isPending: sessions.isPending, error: sessions.error, retry: sessions.refetch }}
      {...{ more: sessions.more, hasMore: sessions.hasMore }}
      empty={<Empty title="No session is so">Sessions begin when somebody signs in.</Empty>}
    />
  );
}

function useColumns(): readonly Column<SignIn>[] {
  const now = useNow();
  const own = useSession()?.session_id;
  const [, setUrl] = useUrl();
  return useMemo(
    () => [
      {
        ...{ id: 'state', header: 'State', width: 90 },
        cell: (session) => <SessionState of={session} now={now} />,
      },
      {
        ...{ id: 'who', header: 'Who', width: 150 },
        cell: ({ principal }) => (
          <button type="button" className="as-link" onClick={() => setUrl({ id: principal })}>
            {nameOf(principal)}
          </button>
        ),
      },
      {
        ...{ id: 'by', header: 'Signed in by', width: 200, grow: true },
        cell: ({ issuer, key_id }) => (
          <span className="clip">{key_id === null ? issuer : 'an API key'}</span>
        ),
      },
      {
        ...{ id: 'opened', header: 'Opened', width: 84, align: 'end' as const },
        cell: ({ opened_at }) => <Time at={opened_at} />,
      },
      {
        ...{ id: 'seen', header: 'Last seen', width: 84, align: 'end' as const },
        cell: ({ last_seen_at }) => <Time at={last_seen_at} />,
      },
      {
        ...{ id: 'ends', header: 'Ends', width: 84, align: 'end' as const },
        cell: ({ expires_at, closed_at }) => <Time at={closed_at ?? expires_at} />,
      },
      {
        ...{ id: 'end', header: 'End', width: 88, align: 'end' as const },
        cell: (session) =>
          session.id === own ? (
            <span className="dimmed">this one</span>
          ) : (
            sessionState(session, now) === 'open' && (
              <button
                type="button"
                className="as-link"
                aria-label={`End the session of ${nameOf(session.principal)}`}
                onClick={() => setUrl({ do: 'end-session', session: session.id })}
              >
                End
              </button>
            )
          ),
      },
    ],
    [now, own, setUrl],
  );
}

export function SessionState({ of, now }: { readonly of: SignIn; readonly now: number }) {
  const state = sessionState(of, now);
  return (
    <State word={state === 'open' ? 'active' : state} tone={state === 'open' ? 'good' : 'still'}>
      {state === 'closed' ? 'ended' : state}
    </State>
  );
}
