// The lists in force: which version, from when, how many entries. Folded away until they are wanted.
import { Table } from '@mantine/core';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { CopyId } from '../../parts/id.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { List } from './words.ts';

export function ListsInForce() {
  const [{ lists }, setUrl] = useUrl();
  const { items, error, isPending, refetch } = useApiPages('GET /v1/screening-lists', {});
  const isOpen = lists !== undefined;
  const entries = items.reduce((sum, each) => sum + each.entries, 0);
  return (
    <div className="lists">
      <button
        type="button"
        className="lists-head"
        aria-expanded={isOpen}
        onClick={() => setUrl({ lists: isOpen ? undefined : 'open' })}
      >
        {isPending ? (
          'Lists in force'
        ) : items.length === 0 ? (
          <State word="warn">No list is in force: nobody can be found</State>
        ) : (
          <span>
            <strong>{items.length === 1 ? '1 list' : `${items.length} lists`}</strong> in force with{' '}
            {countText(entries)} {entries === 1 ? 'entry' : 'entries'}
          </span>
        )}
        <span className="dimmed">{isOpen ? 'fold' : 'show'}</span>
      </button>
      {error && <ProblemNote error={error} retry={refetch} />}
      {isOpen && isPending && <Loading />}
      {isOpen && items.length > 0 && <Lists items={items} />}
    </div>
  );
}

function Lists({ items }: { readonly items: readonly List[] }) {
  return (
    <Table fz="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>List</Table.Th>
          <Table.Th ta="end">Version</Table.Th>
          <Table.Th ta="end">Entries</Table.Th>
          <Table.Th ta="end">Names</Table.Th>
          <Table.Th>Published</Table.Th>
          <Table.Th>Loaded</Table.Th>
          <Table.Th>Digest</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map(({ list, version, entries, names, source_date, loaded_at, digest, format }) => (
          <Table.Tr key={list}>
            <Table.Th scope="row" fw={560} title={`Format ${format}`}>
              {list}
            </Table.Th>
            <Table.Td ta="end">{version}</Table.Td>
            <Table.Td ta="end">{countText(entries)}</Table.Td>
            <Table.Td ta="end">{countText(names)}</Table.Td>
            <Table.Td>{source_date ?? <span className="dimmed">not told</span>}</Table.Td>
            <Table.Td>
              <Time at={loaded_at} />
            </Table.Td>
            <Table.Td>
              <span className="mono" title={digest}>
                {digest.slice(0, 8)}
              </span>{' '}
              <CopyId text={digest} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
