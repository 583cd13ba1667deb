// What a core may be asked for: what it has, and what it has not, each by what it is for.
import { Table } from '@mantine/core';
import { countText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import type { Core } from './words.ts';

export function Capabilities({ core: { capabilities } }: { readonly core: Core }) {
  const has = capabilities.filter((each) => each.has).length;
  return (
    <Card
      title="What it can do"
      flush
      actions={
        <span className="dimmed" style={{ fontWeight: 400 }}>
          {countText(has)} of {countText(capabilities.length)}
        </span>
      }
    >
      <Table aria-label="What it can do">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>What it is for</Table.Th>
            <Table.Th w={96}>This core</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {capabilities.map(({ name, about, has: isThere }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400}>
                <div>{about}</div>
                <div className="mono dimmed">{name}</div>
              </Table.Th>
              <Table.Td>
                <State word={isThere ? 'ok' : 'off'}>{isThere ? 'has it' : 'has not'}</State>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
