// Moves that the core has not answered for good: those that wait for a person first.
import { Table } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import { useApi } from '../../api/queries.ts';
import { countText } from '../../parts/figures.ts';
import { ActButton } from '../../parts/may.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { AcceptDialog } from './accept.tsx';
import { type Move, movesOp, refreshMs, stateOfMove, waitsForPerson } from './words.ts';

const limit = 50;

export function Moves() {
  const [url, setUrl] = useUrl();
  const { data, error, isPending, refetch } = useApi(
    movesOp,
    { query: { limit } },
    { refetchMs: refreshMs, keep: true },
  );
  const items = data?.items ?? [];
  const waiting = items.filter(waitsForPerson);
  const asked = items.find((each) => each.command_id === url['accept']);
  const shown = [...waiting, ...items.filter((each) => !waitsForPerson(each))];
  return (
    <Card
      title="Moves that are open at the core"
      flush
      actions={data?.next != null && <span className="dimmed">the oldest {countText(limit)}</span>}
    >
      {error && <ProblemNote error={error} retry={refetch} />}
      {isPending && <Loading />}
      {data && items.length === 0 && (
        <div className="card-body">
          <State word="ok">Nothing waits.</State>{' '}
          <span className="dimmed">
            What the core was asked, and has not answered for good, stands here until it has.
          </span>
        </div>
      )}
      {shown.length > 0 && (
        <Table aria-label="Moves that are open at the core">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>State</Table.Th>
              <Table.Th>What is to be done</Table.Th>
              <Table.Th>What was asked</Table.Th>
              <Table.Th ta="end">Looked up</Table.Th>
              <Table.Th ta="end">Since</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((move) => (
              <Row
                key={move.command_id}
                move={move}
                accept={() => setUrl({ accept: move.command_id })}
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {asked && <AcceptDialog move={asked} close={() => setUrl({ accept: undefined })} />}
    </Card>
  );
}

function Row({ move, accept }: { readonly move: Move; readonly accept: () => void }) {
  const [look, name, words] = stateOfMove(move);
  return (
    <Table.Tr>
      <Table.Td>
        <State word={look}>{name}</State>
      </Table.Td>
      <Table.Td>
        <div>{words}</div>
        {move.overrides.map(({ id, code, text }) => (
          <div key={id} className="dimmed">
            <span className="mono">{code}</span> <span className="text">{text}</span>
          </div>
        ))}
        {move.state === 'needs_override' && (
          <ActButton right="policy:write" size="compact-xs" mt={4} onClick={accept}>
            Accept what it warns of
          </ActButton>
        )}
      </Table.Td>
      <Table.Td>
        <div className="mono">{move.operation}</div>
        <div className="dimmed">
          <span className="mono">{move.core_reference ?? move.reference}</span> in {move.core}
        </div>
        <div className="mono dimmed text">{move.idempotency_key}</div>
      </Table.Td>
      <Table.Td ta="end">{countText(move.looks)} times</Table.Td>
      <Table.Td ta="end">
        <Time at={move.made_at} />
      </Table.Td>
    </Table.Tr>
  );
}
