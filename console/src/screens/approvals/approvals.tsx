// Four eyes: what waits for another person on the left, what exactly is asked for on the right.
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useRefresh } from '../../api/live.ts';
import { type UrlState, useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Split } from '../../parts/split.tsx';
import { ApprovalView } from './approval.tsx';
import { List, useApprovalList } from './list.tsx';
import './approvals.css';

export type Asking = 'approve' | 'reject' | 'withdraw';

export function Approvals() {
  const list = useApprovalList();
  const [current, select] = useCurrent(list.rows[0]?.id);
  const [asking, setAsking] = useState<Asking>();
  const detail = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another request begins at its head
  useEffect(() => {
    detail.current?.scrollTo(0, 0);
  }, [current]);
  useRefresh(['approval.'], ['GET /v1/approvals/{id}']);
  const step = (by: number) => {
    const at = list.rows.findIndex(({ id }) => id === current);
    const row = list.rows[Math.max(0, at + by)];
    if (row) select(row.id);
  };
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next in the list', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'a', words: 'Approve', act: () => setAsking('approve') },
    { key: 'd', words: 'Reject', act: () => setAsking('reject') },
    { key: 'w', words: 'Withdraw what you have asked for', act: () => setAsking('withdraw') },
    { key: 'Enter', words: 'Into the request, to scroll it', act: () => detail.current?.focus() },
  ];
  useKeys(keys, asking === undefined);
  return (
    <Screen
      title="Approvals"
      about={
        <>
          What one person asks for and another has to agree to. Payments are decided in the{' '}
          <Link to={'/reviews' as never}>reviews</Link>.
        </>
      }
      actions={<KeysButton keys={keys} />}
    >
      <Split
        label="The request"
        detailRef={detail}
        list={<List list={list} current={current} select={select} />}
      >
        {current !== undefined && (
          <ApprovalView
            key={current}
            id={current}
            asking={asking}
            ask={setAsking}
            onDone={() => {
              list.settle();
              step(1);
            }}
          />
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
      to: '/approvals' as never,
      search: ((before: UrlState) => ({ ...before, id })) as never,
      replace: true,
    });
  return [url['id'] ?? path ?? first, select] as const;
}
