// What people and controls have changed of late: policies, models, switches, rights, alerts.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { eventsIn, type SealedEvent } from '../../api/events.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Card } from '../../parts/screen.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';

/** The kinds of events that change how the bank decides, by the first word of their type. */
const governing = ['policy', 'model', 'rollout', 'role', 'api_key', 'slo', 'control', 'alert'];
const shown = 8;

export function News() {
  const enabled = useMay()('events:read').allowed;
  const types = useApi('GET /v1/event-types', {});
  const type = (types.data?.items ?? [])
    .map((each) => each.type)
    .filter((each) => governing.includes(each.split('.', 1)[0] ?? ''))
    .join(',');
  const events = useApi(
    'GET /v1/events',
    { query: { order: 'desc', limit: shown, type } },
    { enabled: enabled && type !== '' },
  );
  useRefresh(
    governing.map((word) => `${word}.`),
    ['GET /v1/events'],
  );
  const items = eventsIn(events.data);
  return (
    <Card title="Changed of late" flush actions={<Link to={'/events' as never}>All events</Link>}>
      {events.error && <ProblemNote error={events.error} />}
      {events.isSuccess && items.length === 0 && (
        <Empty title="Nothing was changed yet">
          Publications, deployments, switches and rights show here, with who has changed them.
        </Empty>
      )}
      <Table>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.position}>
              <Table.Td>
                <Link to={`/events/${item.event.id}` as never}>{item.event.type}</Link>{' '}
                <span className="dimmed">{aboutOf(item)}</span>
              </Table.Td>
              <Table.Td ta="end">
                <Time at={item.event.data.occurred_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** What of the payload says which one: names come before ids. */
function aboutOf({ event }: SealedEvent): string {
  const { payload } = event.data;
  const names = ['name', 'policy', 'model', 'use_case', 'principal', 'slo', 'control'];
  const found = names.map((name) => payload[name]).find((value) => typeof value === 'string');
  const version = payload['version'];
  return [found, typeof version === 'number' ? version : undefined]
    .filter((word) => word !== undefined)
    .join(' ');
}
