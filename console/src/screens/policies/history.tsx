// Every act of release at a point, newest first: who has put what into force, and on what grounds.
import { Button, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useApiPages } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { type Act, bundlePlace } from './shape.ts';
import { Version } from './version.tsx';

/** In words, and looking like the state that it led to. */
const words: Readonly<Record<string, readonly [string, Tone, string]>> = {
  'live seeded': ['none', 'still', 'came with the system'],
  'live published': ['active', 'good', 'published'],
  'live rolled_back': ['returned', 'bad', 'rolled back to'],
  'shadow started': ['shadow', 'look', 'shadow started'],
  'shadow stopped': ['cancelled', 'still', 'shadow stopped'],
  'canary started': ['canary', 'wait', 'canary started'],
  'canary stopped': ['cancelled', 'still', 'canary stopped'],
};

export function History({ name }: { readonly name: string }) {
  const acts = useApiPages('GET /v1/policies/{name}', { path: { name } });
  if (acts.error) return <ProblemNote error={acts.error} retry={acts.refetch} />;
  if (acts.isPending) return <Loading />;
  if (acts.items.length === 0) {
    return (
      <Empty title="Nothing has been released here">
        The bundle that ships with the system decides until another one is published.
      </Empty>
    );
  }
  return (
    <>
      <Table aria-label="Acts of release" className="rules">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={46} ta="right">
              No.
            </Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Bundle</Table.Th>
            <Table.Th>In force from</Table.Th>
            <Table.Th>By</Table.Th>
            <Table.Th>Approval</Table.Th>
            <Table.Th>Back-test</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {acts.items.map((act) => (
            <ActRow key={act.ordinal} act={act} />
          ))}
        </Table.Tbody>
      </Table>
      {acts.hasMore && (
        <Button variant="subtle" loading={acts.isFetchingMore} onClick={acts.more}>
          Earlier acts
        </Button>
      )}
    </>
  );
}

function ActRow({ act }: { readonly act: Act }) {
  const named = `${act.kind} ${act.act}`;
  const [word, tone, text] = words[named] ?? ['none', 'still', named];
  const isLater = act.effective_at !== act.recorded_at;
  return (
    <Table.Tr>
      <Table.Td ta="right">{act.ordinal}</Table.Td>
      <Table.Td>
        <State word={word} tone={tone}>
          {act.share_bps === null ? text : `${text}, ${act.share_bps / 100} % of ${act.key_fact}`}
        </State>
      </Table.Td>
      <Table.Td>
        {act.digest !== null && act.version !== null ? (
          <Version digest={act.digest} version={act.version} />
        ) : (
          <Text c="dimmed">none</Text>
        )}
      </Table.Td>
      <Table.Td>
        <Time at={act.effective_at} whole />
        {isLater && (
          <span className="dimmed">
            {' '}
            decided <Time at={act.recorded_at} />
          </span>
        )}
      </Table.Td>
      <Table.Td>
        <Who principal={act.acted_by} />
      </Table.Td>
      <Table.Td>
        {act.approval_id ? <Id id={act.approval_id} /> : <Text c="dimmed">none</Text>}
      </Table.Td>
      <Table.Td>
        {act.backtest_id && act.digest ? (
          <Link
            to={bundlePlace(act.digest) as never}
            search={{ tab: 'backtest', backtest: act.backtest_id } as never}
          >
            report
          </Link>
        ) : (
          <Text c="dimmed">none</Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
