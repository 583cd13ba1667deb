// Alerts on service levels, newest first: when they were raised, and when they ended.
import { Button, Table } from '@mantine/core';
import { useApiPages } from '../../api/queries.ts';
import { countText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { severityText } from './board.tsx';
import type { Slo } from './words.ts';

export function Alerts({ slos }: { readonly slos: readonly Slo[] }) {
  const alerts = useApiPages('GET /v1/slo-alerts', {}, { limit: 20 });
  const titles = new Map(slos.map(({ name, title }) => [name, title]));
  return (
    <Card title="Alerts, newest first" flush>
      {alerts.error && <ProblemNote error={alerts.error} retry={alerts.refetch} />}
      {alerts.isPending && <Loading />}
      {!alerts.isPending && alerts.items.length === 0 && (
        <Empty title="No alert was ever raised">
          Alerts come when a promise fails too fast. They are events too: webhooks carry them to
          whoever is on call.
        </Empty>
      )}
      {alerts.items.length > 0 && (
        <Table>
          <Table.Tbody>
            {alerts.items.map((alert) => (
              <Table.Tr key={alert.alert_id}>
                <Table.Td w={78}>
                  <State word={alert.cleared_at === null ? 'failed' : 'cleared'}>
                    {alert.cleared_at === null ? 'raised' : 'over'}
                  </State>
                </Table.Td>
                <Table.Td>
                  <div className="slo-clip">{titles.get(alert.slo) ?? alert.slo}</div>
                  <div className="dimmed">
                    {countText(alert.numerator)} of {countText(alert.denominator)} failed over{' '}
                    {alert.window}: {severityText(alert.severity)}
                  </div>
                </Table.Td>
                <Table.Td ta="end" w={84}>
                  <Time at={alert.raised_at} />
                  {alert.cleared_at !== null && (
                    <div className="dimmed">
                      until <Time at={alert.cleared_at} />
                    </div>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {alerts.hasMore && (
        <Button m="sm" variant="default" loading={alerts.isFetchingMore} onClick={alerts.more}>
          Earlier alerts
        </Button>
      )}
    </Card>
  );
}
