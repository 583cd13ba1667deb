// What was published of a programme, newest first, and what makes one version another.
import { Button, Radio, Table } from '@mantine/core';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Changes } from '../../parts/changes.tsx';
import { Id } from '../../parts/id.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { Version } from './shapes.ts';

const standings: Readonly<Record<Version['standing'], readonly [string, string]>> = {
  in_force: ['active', 'in force'],
  scheduled: ['pending', 'scheduled'],
  superseded: ['retired', 'was in force'],
};

type Side = 'of' | 'against';

export function Versions({ name }: { readonly name: string }) {
  const versions = useApiPages('GET /v1/loyalty/programs/{name}/versions', { path: { name } });
  const [url, setUrl] = useUrl();
  const of = url['of'] ?? versions.items[0]?.digest;
  const at = versions.items.findIndex(({ digest }) => digest === of);
  const against = url['against'] ?? versions.items[at + 1]?.digest;
  // One alone is compared with nothing.
  const sides: readonly Side[] = versions.items.length > 1 ? ['of', 'against'] : [];
  if (versions.error) return <ProblemNote error={versions.error} retry={versions.refetch} />;
  if (versions.isPending) return <Loading />;
  return (
    <div className="stacked">
      <Card title="Versions" flush>
        <Table aria-label="Versions" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={44} ta="end">
                No.
              </Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th>Standing</Table.Th>
              <Table.Th>In force from</Table.Th>
              <Table.Th>Published</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th>Approval</Table.Th>
              {sides.map((side) => (
                <Table.Th key={side} w={80}>
                  {side === 'of' ? 'Compare' : 'With'}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.items.map((each) => (
              <VersionRow
                key={each.ordinal}
                of={each}
                sides={sides}
                isAt={(side) => (side === 'of' ? of : against) === each.digest}
                choose={(side) => setUrl({ [side]: each.digest })}
              />
            ))}
          </Table.Tbody>
        </Table>
        {versions.hasMore && (
          <Button variant="subtle" loading={versions.isFetchingMore} onClick={versions.more}>
            Earlier versions
          </Button>
        )}
      </Card>
      <Compared name={name} of={of} against={against} />
    </div>
  );
}

function VersionRow({
  of: each,
  sides,
  isAt,
  choose,
}: {
  readonly of: Version;
  readonly sides: readonly Side[];
  readonly isAt: (side: Side) => boolean;
  readonly choose: (side: Side) => void;
}) {
  return (
    <Table.Tr>
      <Table.Td ta="end">{each.ordinal}</Table.Td>
      <Table.Td className="mono">{each.version}</Table.Td>
      <Table.Td>
        <State word={standings[each.standing][0]}>{standings[each.standing][1]}</State>
      </Table.Td>
      <Table.Td>
        <Time at={each.effective_at} whole />
      </Table.Td>
      <Table.Td>
        <Time at={each.published_at} />
      </Table.Td>
      <Table.Td>
        <Who principal={each.published_by} />
      </Table.Td>
      <Table.Td>
        <Id id={each.approval_id} />
      </Table.Td>
      {sides.map((side) => (
        <Table.Td key={side}>
          <Radio
            size="xs"
            name={`versions ${side}`}
            aria-label={`${side === 'of' ? 'Compare' : 'Compare with'} version ${each.ordinal}`}
            checked={isAt(side)}
            onChange={() => choose(side)}
          />
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function Compared({
  name,
  of = '',
  against = '',
}: {
  readonly name: string;
  readonly of: string | undefined;
  readonly against: string | undefined;
}) {
  const one = useDocument(name, of);
  const other = useDocument(name, against);
  const error = one.error ?? other.error;
  return (
    <Card title="What is different" flush>
      {error && <ProblemNote error={error} />}
      {against === '' && (
        <p className="dimmed card-note">It is the first version: there is none before it.</p>
      )}
      {against !== '' && !error && (!one.data || !other.data) && <Loading />}
      {one.data && other.data && (
        <Changes
          label="Differences of two versions"
          before={other.data.document}
          after={one.data.document}
        />
      )}
    </Card>
  );
}

function useDocument(name: string, digest: string) {
  return useApi(
    'GET /v1/loyalty/programs/{name}/documents/{digest}',
    { path: { name, digest } },
    { enabled: digest !== '' },
  );
}
