// The quieter parts of a bundle: what is worked out first, the facts it may look at, its tests.
import { Button, Table, Text, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import type { Bundle } from './shape.ts';

/** Of a long table, these are drawn until somebody asks for the rest. */
const rowsShown = 150;

/** What of a list is drawn, and the button for the rest. */
export function useSome<Item>(all: readonly Item[]) {
  const [isWhole, setWhole] = useState(false);
  const some = isWhole ? all : all.slice(0, rowsShown);
  const rest = all.length - some.length;
  const more =
    rest > 0 ? (
      <Button variant="subtle" fullWidth onClick={() => setWhole(true)}>
        Show {rest.toLocaleString('en')} more
      </Button>
    ) : null;
  return { some, more };
}

export function FormulasCard({ bundle }: { readonly bundle: Bundle }) {
  const formulas = Object.entries(bundle.nodes ?? {}).flatMap(([name, node]) =>
    node.kind === 'formula' ? [{ name, ...node }] : [],
  );
  if (formulas.length === 0) return null;
  return (
    <Card title={`Worked out first · ${formulas.length}`} flush>
      <Table className="rules" aria-label="What is worked out first">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={210}>Name</Table.Th>
            <Table.Th>Formula</Table.Th>
            <Table.Th w="34%">What it says</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {formulas.map(({ name, value, description }) => (
            <Table.Tr key={name}>
              <Table.Td fw={560}>{wordsOf(name)}</Table.Td>
              <Table.Td className="mono text">{value}</Table.Td>
              <Table.Td>{description}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export function FactsCard({ bundle }: { readonly bundle: Bundle }) {
  const facts = Object.entries(bundle.facts);
  return (
    <Card title={`Facts it may look at · ${facts.length}`} flush>
      <Table className="rules" aria-label="Facts">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={210}>Fact</Table.Th>
            <Table.Th>What it says</Table.Th>
            <Table.Th w={86}>Type</Table.Th>
            <Table.Th w="24%">If it is not given</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {facts.map(([name, fact]) => (
            <Table.Tr key={name}>
              <Table.Td fw={560}>{wordsOf(name)}</Table.Td>
              <Table.Td>{fact.description}</Table.Td>
              <Table.Td>{fact.type}</Table.Td>
              <Table.Td>
                {'default' in fact ? (
                  <>counts as {JSON.stringify(fact.default)}</>
                ) : (
                  <span className="dimmed">review, where it is needed</span>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

export function TestsCard({ bundle }: { readonly bundle: Bundle }) {
  const { some, more } = useSome(bundle.tests);
  return (
    <Card
      flush
      title={`Tests · ${bundle.tests.length}`}
      actions={
        <Text c="dimmed" fz="sm">
          All of them passed, or the bundle would not be on record.
        </Text>
      }
    >
      <Table className="rules" aria-label="Tests">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Example</Table.Th>
            <Table.Th w={86}>Expected</Table.Th>
            <Table.Th w="34%">Because</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {some.map(({ name, facts, expect }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two tests may have one name
            <Table.Tr key={index}>
              <Table.Td>
                <Tooltip label={JSON.stringify(facts)} maw={520} multiline openDelay={400}>
                  <span>{name}</span>
                </Tooltip>
              </Table.Td>
              <Table.Td>
                <State word={expect.outcome} />
              </Table.Td>
              <Table.Td>{(expect.reasons ?? []).map(wordsOf).join(', ')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {more}
    </Card>
  );
}
