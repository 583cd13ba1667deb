// The board: each objective against its promise in four windows; one of them is looked at below.
import { Table, UnstyledButton } from '@mantine/core';
import { spanText } from '../../parts/figures.ts';
import { State } from '../../parts/state.tsx';
import { budgetText, casesText, figureText, promiseText, type Slo } from './words.ts';

type BoardProps = {
  readonly slos: readonly Slo[];
  readonly chosen: string;
  readonly choose: (name: string) => void;
};

export function Board({ slos, chosen, choose }: BoardProps) {
  const windows = slos[0]?.windows.map(({ window }) => window) ?? [];
  return (
    <Table highlightOnHover className="slo-board">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Objective</Table.Th>
          <Table.Th>Promised</Table.Th>
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
          <Table.Tr key={slo.name} data-here={slo.name === chosen || undefined}>
            <Table.Td>
              <UnstyledButton
                onClick={() => choose(slo.name)}
                aria-pressed={slo.name === chosen}
                fz="inherit"
                className="slo-name"
              >
                {slo.title}
              </UnstyledButton>
            </Table.Td>
            <Table.Td className="dimmed">{promiseText(slo)}</Table.Td>
            {slo.windows.map((window) => (
              <Table.Td key={window.window} ta="end">
                <WindowCell slo={slo} window={window} />
              </Table.Td>
            ))}
            <Table.Td>
              <Raised slo={slo} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function WindowCell({
  slo,
  window,
}: {
  readonly slo: Slo;
  readonly window: Slo['windows'][number];
}) {
  const figure = figureText(slo, window);
  if (figure === undefined) return <span className="dimmed">–</span>;
  const promised = slo.target_ms === null ? '' : ` of ${spanText(slo.target_ms)}`;
  const budget = budgetText(window);
  const more = [casesText(slo, window), ...(budget === undefined ? [] : [budget])].join('; ');
  return (
    <span title={more}>
      <State word={window.status}>{figure}</State>
      <span className="dimmed">
        {slo.target_ms === null ? ` ${casesText(slo, window)}` : promised}
      </span>
    </span>
  );
}

const severityWords: Readonly<Record<string, string>> = {
  page: 'calls somebody',
  ticket: 'opens a ticket',
};

export function severityText(severity: string): string {
  return severityWords[severity] ?? severity;
}

function Raised({ slo }: { readonly slo: Slo }) {
  if (!slo.is_measured) return <span className="dimmed">nothing measures it yet</span>;
  if (slo.alerts.length === 0) return <span className="dimmed">none</span>;
  return slo.alerts.map(({ alert_id, window, severity }) => (
    <State key={alert_id} word={severity === 'page' ? 'failed' : 'warn'}>
      {`over ${window}: ${severityText(severity)}`}
    </State>
  ));
}
