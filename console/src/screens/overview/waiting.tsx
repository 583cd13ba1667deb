// What waits for people: cases by queue, approvals, hits of screening.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { countText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';

const shownMax = 100;

export function Waiting() {
  const may = useMay();
  const queues = useApi('GET /v1/case-queues', {}, { enabled: may('reviews:read').allowed });
  const approvals = useApi(
    'GET /v1/approvals',
    { query: { limit: shownMax } },
    { enabled: may('policy:read').allowed },
  );
  const hits = useApi(
    'GET /v1/screenings',
    { query: { status: 'open', limit: shownMax } },
    { enabled: may('policy:read').allowed },
  );
  const session = useSession();
  useRefresh(['case.'], ['GET /v1/case-queues']);
  useRefresh(['approval.'], ['GET /v1/approvals']);
  const pending = approvals.data?.items.filter(({ status }) => status === 'pending') ?? [];
  const mine = pending.filter(({ maker }) => maker !== session?.principal);
  const open = hits.data?.items.length ?? 0;
  const rows = queues.data?.items.filter((queue) => queue.open + queue.assigned > 0) ?? [];
  const error = queues.error ?? approvals.error ?? hits.error;
  const isEmpty = rows.length + pending.length + open === 0;
  return (
    <Card title="Waiting for people" flush>
      {error && <ProblemNote error={error} />}
      {isEmpty && !error && (
        <Empty title="Nothing waits">
          Cases, approvals and hits of screening come here when a person has to look.
        </Empty>
      )}
      {!isEmpty && (
        <Table>
          <Table.Tbody>
            {rows.map((queue) => (
              <QueueRow key={queue.queue} queue={queue} />
            ))}
            {pending.length > 0 && (
              <Table.Tr>
                <Table.Td>
                  <Link to={'/approvals' as never}>Approvals</Link>
                </Table.Td>
                <Table.Td ta="end">{countText(pending.length)}</Table.Td>
                <Table.Td className="dimmed">{mine.length} asked by others</Table.Td>
              </Table.Tr>
            )}
            {open > 0 && (
              <Table.Tr>
                <Table.Td>
                  <Link to={'/screening?status=open' as never}>Screenings with open hits</Link>
                </Table.Td>
                <Table.Td ta="end">{open === shownMax ? `${open}+` : open}</Table.Td>
                <Table.Td />
              </Table.Tr>
            )}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function QueueRow({ queue }: { readonly queue: Answer<'GET /v1/case-queues'>['items'][number] }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Link to={`/reviews?queue=${queue.queue}` as never}>{wordsOf(queue.queue)} cases</Link>
      </Table.Td>
      <Table.Td ta="end">{countText(queue.open + queue.assigned)}</Table.Td>
      <Table.Td>
        {queue.overdue > 0 ? (
          <State word="missed">{`${queue.overdue} late`}</State>
        ) : (
          queue.oldest_at && (
            <span className="dimmed">
              oldest <Time at={queue.oldest_at} />
            </span>
          )
        )}
      </Table.Td>
    </Table.Tr>
  );
}
