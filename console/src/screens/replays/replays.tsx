// Replays: recorded decisions made again, by what decided them or by something else. A list, and
// beside it the one that is looked at or the form for a new one.
import { Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { Api } from '../../api/openapi.ts';
import { useNews } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useRefresh } from '../../api/live.ts';
import { useUrl } from '../../app/url.ts';
import { countText, shareText } from '../../parts/drift.tsx';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { NewReplay } from './new-replay.tsx';
import { ReplayView } from './replay.tsx';
import { kindWords, spanWords } from './request.tsx';
import './replays.css';

export type Replay = Api['GET /v1/replays']['answer']['items'][number];

export function Replays() {
  const { id } = useParams({ strict: false }) as { readonly id?: string };
  const [{ new: isNew }, setUrl] = useUrl();
  const navigate = useNavigate();
  const list = useApiPages('GET /v1/replays', {});
  const news = useNews(['replay.requested']);
  useRefresh(['replay.completed'], ['GET /v1/replays']);
  const close = useCallback(() => void navigate({ to: '/replays' as never }), [navigate]);
  const start = () => setUrl({ new: 'yes' });
  const show = (replay: { readonly id: string }) =>
    void navigate({ to: `/replays/${replay.id}` as never, replace: true });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Down; k goes up' },
    { key: 'n', words: 'Start a replay', act: start },
    { key: 'Esc', words: 'Close the panel' },
  ];
  useKeys(keys);
  return (
    <Screen
      title="Replays"
      about="Recorded decisions, made again"
      actions={
        <>
          <KeysButton keys={keys} />
          <ActButton right="policy:decide" variant="filled" onClick={start}>
            Start a replay
          </ActButton>
        </>
      }
    >
      <Grid
        label="Replays"
        rows={list.items}
        columns={columns}
        idOf={({ id: own }) => own}
        selected={id}
        onSelect={show}
        more={list.more}
        hasMore={list.hasMore}
        isPending={list.isPending}
        error={list.error}
        retry={list.refetch}
        news={{
          count: news.count,
          show: () => {
            news.shown();
            void list.refetch();
          },
        }}
        empty={
          <Empty title="No replay yet">
            A replay makes recorded decisions again: to show that they come out the same, or what
            another policy or model would have changed.
          </Empty>
        }
      />
      {isNew !== undefined ? (
        <Panel label="A new replay" close={() => setUrl({ new: undefined })}>
          <NewReplay
            done={(made) => {
              void list.refetch();
              void navigate({ to: `/replays/${made}` as never });
            }}
          />
        </Panel>
      ) : (
        id !== undefined && (
          <Panel label="Replay" close={close}>
            <ReplayView id={id} />
          </Panel>
        )
      )}
    </Screen>
  );
}

const columns: readonly Column<Replay>[] = [
  {
    ...{ id: 'asked', header: 'Asked for', width: 96 },
    cell: ({ requested_at }) => <Time at={requested_at} />,
  },
  {
    ...{ id: 'status', header: 'State', width: 112 },
    cell: ({ status }) => <State word={status === 'waiting' ? 'running' : status} />,
  },
  {
    ...{ id: 'decisions', header: 'Decisions', width: 92, align: 'end' },
    cell: ({ decisions, score }) => (score === null ? null : countText(decisions)),
  },
  {
    ...{ id: 'same', header: 'The same', width: 92, align: 'end' },
    cell: ({ identical, decisions, score }) =>
      score === null ? null : (
        <Text span fw={identical === decisions ? 400 : 600} fz="inherit">
          {shareText(identical, decisions)}
        </Text>
      ),
  },
  {
    ...{ id: 'changed', header: 'Changed', width: 84, align: 'end' },
    cell: ({ changed, score }) => (score === null ? null : countText(changed)),
  },
  {
    ...{ id: 'what', header: 'What', width: 200, grow: true },
    cell: (replay) => kindWords(replay),
  },
  { ...{ id: 'span', header: 'Of', width: 230 }, cell: (replay) => spanWords(replay) },
  { ...{ id: 'id', header: 'Id', width: 104 }, cell: ({ id }) => <Id id={id} /> },
];
