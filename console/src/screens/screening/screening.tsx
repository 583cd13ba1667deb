// Screening: whom a list may mean. What waits for a judgement comes first; beside it the one that is
// looked at, against the entries of the lists.
import { useNavigate, useParams } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useRefresh } from '../../api/live.ts';
import { type UrlState, useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { Empty } from '../../parts/states.tsx';
import { ScreeningDetail } from './detail.tsx';
import { ScreeningList, useScreenings } from './list.tsx';
import { ListsInForce } from './lists.tsx';
import { ScreenForm } from './screen-form.tsx';
import './screening.css';

export function Screening() {
  const list = useScreenings();
  const [url, setUrl] = useUrl();
  const [current, select] = useCurrent(list.rows[0]?.id);
  const [isClearing, setClearing] = useState(false);
  const detail = useRef<HTMLElement>(null);
  useRefresh(['screening.'], ['GET /v1/screenings/{id}', 'GET /v1/screening-lists']);
  const step = (by: number) => {
    const at = list.rows.findIndex(({ id }) => id === current);
    const row = list.rows[Math.max(0, at + by)];
    if (row) select(row.id);
  };
  const start = () => setUrl({ new: 'yes' });
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next in the list', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'c', words: 'Clear the best open hit', act: () => setClearing(true) },
    { key: 'n', words: 'Screen somebody now', act: start },
    { key: 'Enter', words: 'Into the screening, to scroll it', act: () => detail.current?.focus() },
  ];
  useKeys(keys, !isClearing && url['new'] === undefined);
  return (
    <Screen
      title="Screening"
      about="Whom a sanctions or PEP list may mean"
      actions={
        <>
          <ActButton right="policy:decide" onClick={start}>
            Screen somebody (n)
          </ActButton>
          <KeysButton keys={keys} />
        </>
      }
    >
      <Split
        label="The screening"
        detailRef={detail}
        list={
          <>
            <ListsInForce />
            <ScreeningList list={list} current={current} select={select} />
          </>
        }
      >
        {url['new'] !== undefined ? (
          <ScreenForm show={select} close={() => setUrl({ new: undefined })} />
        ) : current === undefined ? (
          !list.isPending && !list.error && <Empty title="Nothing to look at" />
        ) : (
          <ScreeningDetail key={current} id={current} {...{ isClearing, setClearing }} />
        )}
      </Split>
    </Screen>
  );
}

function useCurrent(first: string | undefined) {
  const [url] = useUrl();
  const { id: path } = useParams({ strict: false }) as { readonly id?: string };
  const navigate = useNavigate();
  const select = (id: string) =>
    void navigate({
      to: '/screening' as never,
      search: ((before: UrlState) => ({ ...before, id, new: undefined })) as never,
      replace: true,
    });
  return [url['id'] ?? path ?? first, select] as const;
}
