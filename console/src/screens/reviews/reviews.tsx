// The reviewer's place: the ranked queue on the left, one case with everything that speaks for or
// against it on the right, and a key for each thing that can be done.
import { ActionIcon, Kbd, Tooltip } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Settings2 } from 'lucide-react';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useRefresh } from '../../api/live.ts';
import { useSession } from '../../api/session.ts';
import { type UrlState, useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { nameOf } from '../../parts/who.tsx';
import { tell } from '../../parts/tell.ts';
import { useCaseAct } from './acts.ts';
import { Batch } from './batch.tsx';
import { CaseView } from './case.tsx';
import { type CaseList, useCaseList } from './list.ts';
import { EscalateDialog, SnoozeDialog } from './move.tsx';
import { noteFieldId } from './note.tsx';
import { Queue } from './queue.tsx';
import { ReviewSettings } from './settings.tsx';
import { type Asked, useCase, useWhyNot } from './standing.ts';
import { VerdictDialog } from './verdict.tsx';
import './reviews.css';

/** What is asked before an act. */
type Asking = { readonly asked: Exclude<Asked, 'claim' | 'note'>; readonly ids: readonly string[] };

export function Reviews() {
  const list = useCaseList();
  const [current, select] = useCurrent(list);
  // The list goes ahead of a quick hand; the case follows, and the next one is read meanwhile.
  const shown = useDeferredValue(current);
  useCase(stepped(list, shown, 1));
  // Known before a verdict is asked for: the first reason takes the focus.
  useApi('GET /v1/case-reasons', {});
  const [asking, setAsking] = useState<Asking>();
  const [url, setUrl] = useUrl();
  const detail = useRef<HTMLElement>(null);
  const why = useWhyNot(current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another case begins at its head
  useEffect(() => {
    detail.current?.scrollTo(0, 0);
  }, [shown]);
  const claim = useClaim(list);
  const next = useNext(select, list);
  const isConfiguring = url['settings'] !== undefined;
  useRefresh(
    ['case.'],
    ['GET /v1/cases/{id}', 'GET /v1/cases/{id}/history', 'GET /v1/case-queues'],
  );

  const ids = list.marks.size > 0 ? [...list.marks] : current === undefined ? [] : [current];
  const ask = (asked: Asked) => {
    const refusal = list.marks.size === 0 ? why[asked] : undefined;
    if (ids.length === 0) return;
    if (refusal !== undefined) tell(refusal);
    else if (asked === 'claim') claim(ids);
    else if (asked === 'note') document.getElementById(noteFieldId)?.focus();
    else setAsking({ asked, ids });
  };
  const step = (by: number) => {
    const row = stepped(list, current, by);
    if (row !== undefined) select(row);
  };
  const intoCase = () => detail.current?.focus();
  const keys = keysOf({ list, current, step, ask, intoCase, take: next.take });
  useKeys(keys, asking === undefined && !isConfiguring);

  return (
    <Screen
      title="Reviews"
      about={<Waiting list={list} />}
      actions={<Actions next={next} keys={keys} configure={() => setUrl({ settings: 'open' })} />}
    >
      <Split
        label="The case"
        detailRef={detail}
        list={
          <>
            <Queue list={list} current={current} select={select} open={intoCase} />
            <Batch list={list} ask={ask} />
          </>
        }
      >
        {shown !== undefined && <CaseView key={shown} id={shown} ask={ask} />}
      </Split>
      {asking && <Dialogs {...{ asking, list, select }} close={() => setAsking(undefined)} />}
      {isConfiguring && <ReviewSettings close={() => setUrl({ settings: undefined })} />}
    </Screen>
  );
}

function keysOf({
  list,
  current,
  step,
  ask,
  intoCase,
  take,
}: {
  readonly list: CaseList;
  readonly current: string | undefined;
  readonly step: (by: number) => void;
  readonly ask: (asked: Asked) => void;
  readonly intoCase: () => void;
  readonly take: () => void;
}): readonly Key[] {
  return [
    { key: 'j', words: 'Next case in the list', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'n', words: 'Take the highest case that nobody has', act: take },
    { key: 'c', words: 'Claim, or give back what is yours', act: () => ask('claim') },
    { key: 'a', words: 'Approve', act: () => ask('approve') },
    { key: 'd', words: 'Deny', act: () => ask('reject') },
    { key: 'e', words: 'Escalate to another queue', act: () => ask('escalate') },
    { key: 's', words: 'Snooze', act: () => ask('snooze') },
    { key: 'm', words: 'Write a note', act: () => ask('note') },
    { key: 'x', words: 'Select for a batch', act: () => current && list.mark(current) },
    { key: 'Enter', words: 'Into the case, to scroll it', act: intoCase },
    { key: 'Escape', words: 'Clear the selection', act: () => list.keepMarks([]) },
  ];
}

function Actions({
  next,
  keys,
  configure,
}: {
  readonly next: ReturnType<typeof useNext>;
  readonly keys: readonly Key[];
  readonly configure: () => void;
}) {
  return (
    <>
      <ActButton right="reviews:write" onClick={next.take} loading={next.isPending}>
        Next unassigned{' '}
        <Kbd size="xs" ml={6} aria-hidden>
          n
        </Kbd>
      </ActButton>
      <KeysButton keys={keys} />
      <Tooltip label="Business hours, promises, four eyes">
        <ActionIcon aria-label="Settings of reviews" onClick={configure}>
          <Settings2 size={15} />
        </ActionIcon>
      </Tooltip>
    </>
  );
}

function Waiting({ list }: { readonly list: CaseList }) {
  const marked = list.marks.size;
  return marked === 0 ? <>Cases that a person decides</> : <>{marked} selected</>;
}

/** The case of the address, or the first of the list; and how to go to another. */
function useCurrent(list: CaseList) {
  const [url] = useUrl();
  const { id: path } = useParams({ strict: false }) as { readonly id?: string };
  const navigate = useNavigate();
  const current = url['id'] ?? path ?? list.rows[0]?.row.id;
  const select = (id: string) =>
    void navigate({
      to: '/reviews' as never,
      search: ((before: UrlState) => ({ ...before, id })) as never,
      replace: true,
    });
  return [current, select] as const;
}

/** The row so many further on, passing over what has gone. */
function stepped({ rows }: CaseList, current: string | undefined, by: number): string | undefined {
  const at = rows.findIndex(({ row }) => row.id === current);
  const way = by > 0 ? rows.slice(at + 1) : rows.slice(0, Math.max(0, at)).reverse();
  return way.find(({ gone }) => !gone)?.row.id;
}

/** Takes what nobody has; gives back what is one's own. */
function useClaim(list: CaseList) {
  const act = useCaseAct();
  const me = useSession()?.principal;
  return (ids: readonly string[]) => {
    const cases = list.rows.filter(({ row }) => ids.includes(row.id));
    const isMine = cases.length > 0 && cases.every(({ row }) => row.assignee === me);
    const name = isMine ? 'release' : 'claim';
    act.mutate(
      { ids, act: { act: name } },
      {
        onSuccess: (refused) => {
          list.keepMarks(refused.map(({ case_id }) => case_id));
          if (refused.length > 0) tell(`${refused.length} of ${ids.length}: ${refused[0]?.why}`);
        },
        onError: ({ message }) => {
          const other = cases[0]?.row.assignee;
          tell(other && other !== me ? `${nameOf(other)} has it.` : message);
        },
      },
    );
  };
}

function useNext(select: (id: string) => void, list: CaseList) {
  const [{ queue }] = useUrl();
  const act = useAct('POST /v1/cases/next', ['GET /v1/cases', 'GET /v1/case-queues']);
  const take = () =>
    act.mutate(
      { body: queue === undefined ? {} : { queue } },
      {
        onSuccess: ({ id }) => {
          list.keepMarks([]);
          select(id);
        },
        onError: ({ problem, message }) =>
          tell(
            problem.code === 'not_found'
              ? `No case waits for you${queue === undefined ? '' : ` in ${queue}`}.`
              : message,
          ),
      },
    );
  return { take, isPending: act.isPending };
}

function Dialogs({
  asking: { asked, ids },
  list,
  select,
  close,
}: {
  readonly asking: Asking;
  readonly list: CaseList;
  readonly select: (id: string) => void;
  readonly close: () => void;
}) {
  const [only] = ids;
  const { data: shown } = useApi(
    'GET /v1/cases/{id}',
    { path: { id: only ?? '' } },
    { enabled: ids.length === 1 },
  );
  // Known before the list is read again, in which the case may be no more.
  const onward = stepped(list, ids.at(-1), 1) ?? stepped(list, only, -1);
  const leave = () => {
    close();
    list.settle();
    if (onward !== undefined) select(onward);
  };
  const done = (refused: readonly string[], said: string) => {
    list.keepMarks(refused);
    if (refused.length > 0) return;
    const many = ids.length === 1 ? '' : ` ${ids.length} cases`;
    tell(`${said}${many}.`);
    leave();
  };
  const props = { ids, shown: ids.length === 1 ? shown : undefined, done, close, leave };
  switch (asked) {
    case 'approve':
    case 'reject':
      return <VerdictDialog verdict={asked} {...props} />;
    case 'snooze':
      return <SnoozeDialog {...props} />;
    case 'escalate':
      return <EscalateDialog {...props} />;
  }
}
