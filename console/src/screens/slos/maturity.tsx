// How mature the bank runs: figures that no single promise covers, over the same windows.
import { Table } from '@mantine/core';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { countText, shareText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { refreshMs } from './words.ts';

type Figure = Answer<'GET /v1/maturity'>['items'][number];

export function Maturity() {
  const { data, error } = useApi('GET /v1/maturity', {}, { refetchMs: refreshMs });
  if (error) return <ProblemNote error={error} />;
  if (!data) return null;
  const windows = data.items[0]?.windows.map(({ window }) => window) ?? [];
  return (
    <Card title="How mature the bank runs" flush>
      <Table className="slo-board">
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
          {data.items.map((figure) => (
            <Table.Tr key={figure.name}>
              <Table.Td title={`From ${figure.sources.join(', ')}`}>{figure.title}</Table.Td>
              {figure.windows.map((window) => (
                <Table.Td key={window.window} ta="end">
                  <FigureCell unit={figure.unit} of={window} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function FigureCell({
  unit,
  of: { value, numerator, denominator },
}: {
  readonly unit: Figure['unit'];
  readonly of: Figure['windows'][number];
}) {
  if (value === null) return <span className="dimmed">–</span>;
  if (unit === 'incidents') return countText(value);
  return (
    <>
      {shareText(value)}{' '}
      <span className="dimmed">
        {countText(numerator)} of {countText(denominator)}
      </span>
    </>
  );
}
