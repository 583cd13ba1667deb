// Service levels and figures of maturity, of the last day; what is wrong comes first.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { countText, shareText, spanText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';

const shownWindow = '24h';
const refreshMs = 30_000;
const order = ['missed', 'met', 'no_data'];

export function Promises() {
  const slos = useApi('GET /v1/slos', {}, { refetchMs: refreshMs });
  const maturity = useApi('GET /v1/maturity', {}, { refetchMs: refreshMs });
  useRefresh(['slo.'], ['GET /v1/slos']);
  const levels = (slos.data?.items ?? [])
    .flatMap((slo) => {
      const now = slo.windows.find((each) => each.window === shownWindow);
      return now && slo.is_measured ? [{ ...slo, now }] : [];
    })
    .sort((one, other) => order.indexOf(one.now.status) - order.indexOf(other.now.status));
  const figures = (maturity.data?.items ?? []).flatMap((figure) => {
    const now = figure.windows.find((each) => each.window === shownWindow);
    return now && now.value !== null ? [{ ...figure, value: now.value }] : [];
  });
  const error = slos.error ?? maturity.error;
  return (
    <Card
      title="Promises, last 24 hours"
      flush
      actions={<Link to={'/slos' as never}>Service levels</Link>}
    >
      {error && <ProblemNote error={error} />}
      <Table>
        <Table.Tbody>
          {levels.map(({ name, title, now, target_ms }) => (
            <Table.Tr key={name}>
              <Table.Td>{title}</Table.Td>
              <Table.Td ta="end">
                <State word={now.status === 'no_data' ? 'none' : now.status}>
                  {now.value === null
                    ? 'no data'
                    : target_ms === null
                      ? `${countText(now.numerator)} of ${countText(now.denominator)}`
                      : spanText(now.value)}
                </State>
              </Table.Td>
            </Table.Tr>
          ))}
          {figures.map(({ name, title, unit, value }) => (
            <Table.Tr key={name}>
              <Table.Td className="dimmed">{title}</Table.Td>
              <Table.Td ta="end">{unit === 'share' ? shareText(value) : countText(value)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
