// The bundles on record for a point, whether or not they decide.
import { Button, Table } from '@mantine/core';
import { useApiPages } from '../../api/queries.ts';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Standing, Version } from './version.tsx';

export function Drafts({ name }: { readonly name: string }) {
  const bundles = useApiPages('GET /v1/policies/{name}/bundles', { path: { name } });
  if (bundles.error) return <ProblemNote error={bundles.error} retry={bundles.refetch} />;
  if (bundles.isPending) return <Loading />;
  if (bundles.items.length === 0) {
    return (
      <Empty title="No bundle is on record here">
        Edit the policy and save a draft: it decides nothing until it is published.
      </Empty>
    );
  }
  return (
    <>
      <Table aria-label="Bundles on record" className="rules">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Bundle</Table.Th>
            <Table.Th>Standing</Table.Th>
            <Table.Th>Title</Table.Th>
            <Table.Th ta="right">Rules</Table.Th>
            <Table.Th ta="right">Tests</Table.Th>
            <Table.Th>Drafted</Table.Th>
            <Table.Th>By</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {bundles.items.map(({ digest, version, standing, title, rules, tests, ...made }) => (
            <Table.Tr key={digest}>
              <Table.Td>
                <Version digest={digest} version={version} />
              </Table.Td>
              <Table.Td>
                <Standing word={standing} />
              </Table.Td>
              <Table.Td>{title}</Table.Td>
              <Table.Td ta="right">{rules}</Table.Td>
              <Table.Td ta="right">{tests}</Table.Td>
              <Table.Td>
                <Time at={made.created_at} />
              </Table.Td>
              <Table.Td>
                <Who principal={made.created_by} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {bundles.hasMore && (
        <Button variant="subtle" loading={bundles.isFetchingMore} onClick={bundles.more}>
          Earlier bundles
        </Button>
      )}
    </>
  );
}
