// What people and controls have changed of late: policies, models, switches, rights, alerts.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SealedEvent } from '../../api/events.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Card } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { aboutOf } from '../events/about.ts';

/** The kinds of events that change how the bank decides, by the first word of their type. */
const governing = [
  ...['policy', 'model', 'rollout', 'role', 'api_key', 'entitlements', 'slo', 'alert'],
  ...['screening_list', 'reviews', 'product', 'period', 'calendar'],
];
/** They prepare a change, and are none. */
const idle = new Set(['policy.backtested', 'policy.drafted', 'model.registered']);
const shown = 9;
/** Of five thousand events each. */
const pagesMax = 20;

export function News() {
  const enabled = useMay()('events:read').allowed;
  const types = useApi('GET /v1/event-types', {});
  const type = (types.data?.items ?? [])
    .map((each) => each.type)
    .filter((each) => governing.includes(each.split('.', 1)[0] ?? '') && !idle.has(each))
    .join(',');
  const { items, ...events } = useGoverning(type, enabled && type !== '');
  useRefresh(
    governing.map((word) => `${word}.`),
    ['GET /v1/events'],
  );
  return (
    <Card title="Changed of late" flush actions={<Link to={'/events' as never}>All events</Link>}>
      {!enabled && (
        <Empty title="Not for your roles">
          What was changed is read from the events: ask an administrator of your bank.
        </Empty>
      )}
      {events.error && <ProblemNote error={events.error} />}
      {events.isRead && items.length === 0 && (
        <Empty title="Nothing was changed yet">
          Publications, deployments, switches, rights and alerts show here.
        </Empty>
      )}
      <Table className="news">
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.position}>
              <Table.Td>
                <Link to={`/events/${item.event.id}` as never}>
                  {wordsOf(item.event.type.replaceAll('.', ' '))}
                </Link>{' '}
                <span className="dimmed" title={aboutOf(item)}>
                  {aboutOf(item)}
                </span>
              </Table.Td>
              <Table.Td ta="end" w={70}>
                <Time at={item.event.data.occurred_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** They are rare: several pages may hold none. */
function useGoverning(type: string, enabled: boolean) {
  const query = { order: 'desc' as const, type };
  const list = useApiPages('GET /v1/events', { query }, { limit: shown, enabled });
  const items = list.items as unknown as readonly SealedEvent[];
  const [pages, setPages] = useState(1);
  const { more, hasMore, isFetchingMore, isPending, error } = list;
  const goesOn = hasMore && items.length < shown && pages < pagesMax;
  useEffect(() => {
    if (!goesOn || isFetchingMore || isPending) return;
    setPages((before) => before + 1);
    more();
  });
  return { items: items.slice(0, shown), error, isRead: enabled && !isPending && !goesOn };
}
