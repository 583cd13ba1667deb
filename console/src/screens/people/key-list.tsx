// All API keys of the bank, with what they may do at most, and how long.
import { useMemo } from 'react';
import { useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time, useNow } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { type ApiKey, keyState } from './words.ts';

type ListProps = {
  readonly current: string | undefined;
  readonly select: (principal: string) => void;
};

export function KeyList({ select }: ListProps) {
  const [url, setUrl] = useUrl();
  const may = useMay()('admin');
  const keys = useApiPages('GET /v1/api-keys', {}, { limit: 500, enabled: may.allowed });
  const q = (url['q'] ?? '').toLowerCase();
  const rows = keys.items.filter(({ name, principal, scopes, id }) =>
    `${name} ${principal} ${id} ${scopes.join(' ')}`.toLowerCase().includes(q),
  );
  const columns = useColumns();
  if (!may.allowed) return <Empty title="Keys are closed to you">{may.why}</Empty>;
  return (
    <Grid
      label="API keys"
      rows={rows}
      columns={columns}
      idOf={({ id }) => id}
      selected={url['key']}
      onSelect={({ id }) => setUrl({ key: id })}
      onOpen={({ principal }) => select(principal)}
      hearsAll
      {...{ isPending: keys.isPending, error: keys.error, retry: keys.refetch }}
      {...{ more: keys.more, hasMore: keys.hasMore }}
      empty={
        <Empty title="No key is so">
          A key is for a machine, or for a person who works with the API. Press i to issue one.
        </Empty>
      }
    />
  );
}

function useColumns(): readonly Column<ApiKey>[] {
  const now = useNow();
  const [, setUrl] = useUrl();
  return useMemo(
    () => [
      {
        ...{ id: 'state', header: 'State', width: 84 },
        cell: (key) => <KeyState of={key} now={now} />,
      },
      {
        ...{ id: 'name', header: 'Key', width: 150 },
        cell: ({ name }) => <span className="clip">{name}</span>,
      },
      {
        ...{ id: 'holder', header: 'Holder', width: 150 },
        cell: ({ principal }) => (
          <button type="button" className="as-link" onClick={() => setUrl({ id: principal })}>
            {nameOf(principal)}
          </button>
        ),
      },
      {
        ...{ id: 'scopes', header: 'Scopes', width: 220, grow: true },
        cell: ({ scopes }) => <span title={scopes.join(', ')}>{scopes.join(', ')}</span>,
      },
      {
        ...{ id: 'made', header: 'Issued', width: 84, align: 'end' as const },
        cell: ({ created_at }) => <Time at={created_at} />,
      },
      {
        ...{ id: 'ends', header: 'Ends', width: 84, align: 'end' as const },
        cell: ({ expires_at: at }) =>
          at === null ? <span className="dimmed">never</span> : <Time at={at} />,
      },
      {
        ...{ id: 'revoke', header: 'Revoke', width: 76, align: 'end' as const },
        cell: (key) =>
          keyState(key, now) === 'active' && (
            <button
              type="button"
              className="as-link"
              aria-label={`Revoke the key ${key.name}`}
              onClick={() => setUrl({ do: 'revoke-key', key: key.id })}
            >
              Revoke
            </button>
          ),
      },
    ],
    [now, setUrl],
  );
}

export function KeyState({ of, now }: { readonly of: ApiKey; readonly now: number }) {
  const state = keyState(of, now);
  return (
    <State word={state} tone={state === 'active' ? 'good' : 'still'}>
      {state}
    </State>
  );
}
