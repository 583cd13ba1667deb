// Service levels: what is promised, how it stands in four windows, and how fast the budget burns.
import { Grid as Columns, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import type { Answer } from '../../api/client.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { Chart } from '../../parts/chart.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { Card, Screen, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { instantText, Time, useZone } from '../../parts/time.tsx';

type Slo = Answer<'GET /v1/slos'>['items'][number];
type Window = Slo['windows'][number];

const refreshMs = 30_000;

export function Slos() {
  const slos = useApi('GET /v1/slos', {}, { refetchMs: refreshMs });
  const [url, setUrl] = useUrl();
  useRefresh(['slo.'], ['GET /v1/slos', 'GET /v1/slo-alerts']);
  const items = slos.data?.items ?? [];
  const chosen = items.find(({ name }) => name === url['slo']) ?? items[0];
  return (
    <Screen
      title="Service levels"
      about={
        slos.data && (
          <>
            as of <Time at={slos.data.as_of} whole />
          </>
        )
      }
    >
      <Scroll>
        {slos.error && <ProblemNote error={slos.error} retry={slos.refetch} />}
        {slos.isPending && <Loading />}
        {chosen && (
          <Stack gap="md">
            <Card title="What is promised" flush>
              <SloTable
                slos={items}
                chosen={chosen.name}
                choose={(name) => setUrl({ slo: name })}
              />
            </Card>
            <Columns gap="md">
              <Columns.Col span={{ base: 12, lg: 7 }}>
                <History slo={chosen} />
              </Columns.Col>
              <Columns.Col span={{ base: 12, lg: 5 }}>
                <Alerts />
              </Columns.Col>
            </Columns>
            <Maturity />
          </Stack>
        )}
      </Scroll>
    </Screen>
  );
}

type SloTableProps = {
  readonly slos: readonly Slo[];
  readonly chosen: string;
  readonly choose: (name: string) => void;
};

function SloTable({ slos, chosen, choose }: SloTableProps) {
  const windows = slos[0]?.windows.map(({ window }) => window) ?? [];
  return (
    <Table highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Objective</Table.Th>
          <Table.Th ta="end">Promised</Table.Th>
          {windows.map((window) => (
            <Table.Th key={window} ta="end">
              Last {window}
            </Table.Th>
          ))}
          <Table.Th>Alerts</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {slos.map((slo) => (
          <Table.Tr key={slo.name} bg={slo.name === chosen ? 'var(--selected)' : undefined}>
            <Table.Td>
              <UnstyledButton
                onClick={() => choose(slo.name)}
                aria-pressed={slo.name === chosen}
                fz="inherit"
              >
                {slo.title}
              </UnstyledButton>
            </Table.Td>
            <Table.Td ta="end">{shareText(slo.share)}</Table.Td>
            {slo.windows.map((window) => (
              <Table.Td key={window.window} ta="end">
                <WindowCell window={window} />
              </Table.Td>
            ))}
            <Table.Td>{alertsOf(slo)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function WindowCell({ window }: { readonly window: Window }) {
  if (window.value === null) return <span className="dimmed">no data</span>;
  return <State word={window.status}>{shareText(window.value)}</State>;
}

function alertsOf(slo: Slo) {
  if (!slo.is_measured) return <span className="dimmed">not measured yet</span>;
  if (slo.alerts.length === 0) return <State word="none">none</State>;
  const pages = slo.alerts.some(({ severity }) => severity === 'page');
  return (
    <State word={pages ? 'failed' : 'warn'}>
      {slo.alerts.map(({ rule, severity }) => `${rule} (${severity})`).join(', ')}
    </State>
  );
}

function History({ slo }: { readonly slo: Slo }) {
  const zone = useZone();
  const { data, error } = useApi(
    'GET /v1/slos/{name}/history',
    { path: { name: slo.name as never }, query: { window: '24h', step: '1h' } },
    { keep: true, refetchMs: refreshMs },
  );
  return (
    <Card title={slo.title} actions={<span className="dimmed">last 24 hours, by hour</span>}>
      {error && <ProblemNote error={error} />}
      {!data && !error && <Loading />}
      {data && (
        <Stack gap="sm">
          <Chart
            title={`${slo.title}: the share that was good, by hour`}
            height={210}
            labels={data.items.map(({ from }) => instantText(from, zone, false).slice(11))}
            series={[
              {
                name: 'good',
                values: data.items.map(({ value }) => value),
                color: '--plane-policy',
              },
            ]}
            marks={[{ name: 'promised', value: slo.share }]}
            format={shareText}
            max={1}
            legend={false}
          />
          <Text c="dimmed" fz="sm">
            Measured from {slo.sources.join(', ')}. {ruleWords(slo)}
          </Text>
        </Stack>
      )}
    </Card>
  );
}

function ruleWords({ rules }: Slo): string {
  return rules
    .map(({ window, burn_rate, severity }) =>
      burn_rate === 0
        ? `One failure in ${window} raises a ${severity}.`
        : `A budget that burns ${burn_rate} times as fast as it may in ${window} raises a ${severity}.`,
    )
    .join(' ');
}

function Alerts() {
  const alerts = useApiPages('GET /v1/slo-alerts', {}, { limit: 20 });
  return (
    <Card title="Alerts, newest first" flush>
      {alerts.error && <ProblemNote error={alerts.error} retry={alerts.refetch} />}
      {!alerts.isPending && alerts.items.length === 0 && (
        <Empty title="No alert was ever raised">
          Alerts come when a budget burns too fast. They are events too: webhooks carry them to
          whoever is on call.
        </Empty>
      )}
      {alerts.items.length > 0 && (
        <Table>
          <Table.Tbody>
            {alerts.items.map((alert) => (
              <Table.Tr key={alert.alert_id}>
                <Table.Td>
                  <State word={alert.cleared_at === null ? 'failed' : 'cleared'}>
                    {alert.cleared_at === null ? 'raised' : 'cleared'}
                  </State>
                </Table.Td>
                <Table.Td>
                  {alert.slo} <span className="dimmed">{alert.rule}</span>
                </Table.Td>
                <Table.Td ta="end">
                  {countText(alert.numerator)} of {countText(alert.denominator)}
                </Table.Td>
                <Table.Td ta="end">
                  <Time at={alert.raised_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Maturity() {
  const { data, error } = useApi('GET /v1/maturity', {}, { refetchMs: refreshMs });
  if (error) return <ProblemNote error={error} />;
  if (!data) return null;
  const windows = data.items[0]?.windows.map(({ window }) => window) ?? [];
  return (
    <Card title="How mature the bank runs" flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Figure</Table.Th>
            {windows.map((window) => (
              <Table.Th key={window} ta="end">
                Last {window}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.items.map(({ name, title, unit, windows: own }) => (
            <Table.Tr key={name}>
              <Table.Td>{title}</Table.Td>
              {own.map(({ window, value, numerator, denominator }) => (
                <Table.Td key={window} ta="end">
                  {value === null ? (
                    <span className="dimmed">no data</span>
                  ) : unit === 'share' ? (
                    <>
                      {shareText(value)}{' '}
                      <span className="dimmed">
                        {countText(numerator)}/{countText(denominator)}
                      </span>
                    </>
                  ) : (
                    countText(value)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
