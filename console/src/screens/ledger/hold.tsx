// One hold: how much of it was taken, given back and is left, and every row that made it so.
import { Stack } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { leftOf } from './account-holds.tsx';
import { HoldDialog } from './hold-dialog.tsx';
import { Instant, KindState } from './places.tsx';
import type { Hold } from './words.ts';
import './ledger.css';
import '../../parts/split.css';

export type HoldAct = 'capture' | 'void';

export function HoldPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const { data, error, refetch } = useApi('GET /v1/holds/{id}', { path: { id } });
  const [asking, setAsking] = useState<HoldAct>();
  useRefresh(['hold.'], ['GET /v1/holds/{id}']);
  const ended =
    data === undefined
      ? 'There is no hold here.'
      : data.status === 'open'
        ? undefined
        : `It is ${data.status}.`;
  return (
    <Screen
      title="Hold"
      about={
        <span className="detail-line">
          <Id id={id} whole />
          {data && <State word={data.status} />}
          {data && <Amount minor={data.amount} currency={data.currency} />}
        </span>
      }
      actions={
        <>
          <ActButton right="ledger:write" unless={ended} onClick={() => setAsking('capture')}>
            Capture…
          </ActButton>
          <ActButton right="ledger:write" unless={ended} onClick={() => setAsking('void')}>
            Give back…
          </ActButton>
        </>
      }
    >
      <Scroll>
        {error && <ProblemNote error={error} retry={refetch} />}
        {!data && !error && <Loading />}
        {data && <HoldBody hold={data} />}
      </Scroll>
      {data && asking && <HoldDialog hold={data} act={asking} close={() => setAsking(undefined)} />}
    </Screen>
  );
}

function HoldBody({ hold }: { readonly hold: Hold }) {
  const { debit_account_id, credit_account_id, created_at, expires_at, status, payment_id } = hold;
  return (
    <div className="ledger-object">
      <Stack gap="md">
        <Card title="What became of it">
          <Shares hold={hold} />
        </Card>
        <Card title="Rows of the journal" flush>
          <Movements hold={hold} />
        </Card>
      </Stack>
      <Card title="Facts">
        <Facts
          of={{
            'Takes from': <Id id={debit_account_id} />,
            'Brings to': <Id id={credit_account_id} />,
            Payment: payment_id === null ? null : <Id id={payment_id} />,
            Placed: <Time at={created_at} whole />,
            [status === 'open' ? 'Expires' : 'Would expire']:
              expires_at === null ? null : <Time at={expires_at} whole />,
          }}
        />
      </Card>
    </div>
  );
}

function Shares({ hold }: { readonly hold: Hold }) {
  const { amount, captured, released, currency } = hold;
  const shares = [
    ['Captured', captured, '--good'],
    ['Given back', released, '--still'],
    ['Left', leftOf(hold), '--wait'],
  ] as const;
  return (
    <table className="plain hold-shares">
      <tbody>
        {shares.map(([words, share, color]) => (
          <tr key={words}>
            <th scope="row">{words}</th>
            <td className="end">
              <Amount minor={share} currency={currency} />
            </td>
            <td>
              <Bar value={share} max={Math.max(amount, 1)} color={color} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The API lists rows by account and time; those of the hold name it. */
function Movements({ hold }: { readonly hold: Hold }) {
  const { id, debit_account_id: account_id, created_at: from, currency } = hold;
  const list = useApiPages('GET /v1/transfers', { query: { account_id, from } }, { limit: 200 });
  const rows = list.items.filter(({ hold_id }) => hold_id === id).toReversed();
  const isWhole = rows.some(({ kind }) => kind === 'hold');
  if (list.error) return <ProblemNote error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Loading />;
  return (
    <table className="plain hold-rows">
      <thead>
        <tr>
          <th scope="col">Recorded</th>
          <th scope="col">What</th>
          <th scope="col">Transfer</th>
          <th scope="col" className="end">
            Amount
          </th>
          <th scope="col" className="end">
            Given back
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <Instant at={row.recorded_at} />
            </td>
            <td>
              <KindState kind={row.kind} />
            </td>
            <td>
              <Id id={row.id} />
            </td>
            <td className="end">
              <Amount minor={row.amount} currency={currency} />
            </td>
            <td className="end">
              {row.released > 0 && <Amount minor={row.released} currency={currency} />}
            </td>
          </tr>
        ))}
        {!isWhole && list.hasMore && (
          <tr>
            <td colSpan={5}>
              <button type="button" className="segment" onClick={list.more}>
                Look further back
              </button>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
