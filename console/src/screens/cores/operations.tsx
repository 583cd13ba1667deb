// The operations of a core by endpoint: whether they can be called, how they did, and what to do
// about those that failed.
import { Table } from '@mantine/core';
import { countText } from '../../parts/figures.ts';
import { nextStep } from '../../parts/leads-to.ts';
import { State, wordsOf } from '../../parts/state.tsx';
import { circuitWords, type Endpoint, type Operation, tookText } from './words.ts';

type Of = { readonly operations: readonly Operation[] };

export function Operations({ operations }: Of) {
  const isSpread = operations.some(({ endpoints }) => endpoints.length > 1);
  const heads = [...(isSpread ? ['Endpoint'] : []), 'Circuit'];
  const figures = ['Calls', 'Failed', 'Never sent', 'Half within', '95 % within'];
  return (
    <>
      <Table className="core-operations" aria-label="Operations">
        <Table.Thead>
          <Table.Tr>
            {['Operation', ...heads].map((head) => (
              <Table.Th key={head}>{head}</Table.Th>
            ))}
            {figures.map((head) => (
              <Table.Th key={head} ta="end">
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {byTrouble(operations).map((row) => (
            <Row key={`${row.name} ${row.of.endpoint}`} {...row} isSpread={isSpread} />
          ))}
        </Table.Tbody>
      </Table>
      <p className="core-legend dimmed">
        Through a closed circuit calls go. An open one has failed again and again, and is left alone
        for a moment; then it is half open, and the next call is its trial. Times are those of the
        latest 256 calls.
      </p>
    </>
  );
}

type OfEndpoint = Pick<Operation, 'name' | 'about'> & { readonly of: Endpoint };

/** What has failed stands first, then what was called: since both only grow, no row moves often. */
function byTrouble(operations: readonly Operation[]): readonly OfEndpoint[] {
  const rankOf = ({ of }: OfEndpoint) => {
    if (of.failures.length > 0 || of.turned_away > 0) return 0;
    return of.calls > 0 ? 1 : 2;
  };
  return operations
    .flatMap(({ name, about, endpoints }) => endpoints.map((of) => ({ name, about, of })))
    .toSorted((one, other) => rankOf(one) - rankOf(other));
}

type RowProps = OfEndpoint & { readonly isSpread: boolean };

function Row({ name, about, of, isSpread }: RowProps) {
  const [look, words] = circuitWords[of.circuit];
  const isIdle = of.calls === 0;
  const { failures } = of;
  return (
    <>
      <Table.Tr className={isIdle ? 'dimmed' : undefined} data-more={failures.length > 0}>
        <Table.Th scope="row" fw={400}>
          <div>{about}</div>
          <div className="mono dimmed">{name}</div>
        </Table.Th>
        {isSpread && <Table.Td>{of.endpoint}</Table.Td>}
        <Table.Td>
          <State word={look}>{words}</State>
        </Table.Td>
        <Table.Td ta="end">{countText(of.calls)}</Table.Td>
        <Figure count={of.failed} isIdle={isIdle} />
        <Figure count={of.turned_away} isIdle={isIdle} />
        <Table.Td ta="end">{tookText(of.p50_ms)}</Table.Td>
        <Table.Td ta="end">{tookText(of.p95_ms)}</Table.Td>
      </Table.Tr>
      {failures.length > 0 && (
        <Table.Tr>
          <Table.Td colSpan={isSpread ? 8 : 7} className="core-failures">
            <Failures {...{ name, of }} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  );
}

function Figure({ count, isIdle }: { readonly count: number; readonly isIdle: boolean }) {
  return <Table.Td ta="end">{isIdle ? '–' : countText(count)}</Table.Td>;
}

type FailuresProps = { readonly name: string; readonly of: Endpoint };

/** The most frequent first; the core's own code is that of the latest. */
function Failures({ name, of: { failures, last_failure: last } }: FailuresProps) {
  return (
    <ul aria-label={`What has failed of ${name}`}>
      {failures.map(({ class: of, count, leads_to, about }) => (
        <li key={of}>
          <State word="warn">{`${countText(count)} × ${wordsOf(of)}`}</State>{' '}
          {last?.class === of && last.core_code !== null && (
            <span className="mono dimmed">{last.core_code} </span>
          )}
          {sentence(about)} {nextStep(leads_to)}
        </li>
      ))}
    </ul>
  );
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
}
