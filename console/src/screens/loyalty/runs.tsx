// The runs of a programme, newest first, and those that were asked for.
import { Button, Table } from '@mantine/core';
import type { Answer } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import { shareText } from '../../parts/figures.ts';
import { Amount } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Posting } from './books.tsx';
import { Points } from './points.tsx';
import type { LiabilityRun } from './shapes.ts';

const runsOp = 'GET /v1/loyalty/liability/runs';
const pageLimit = 12;

export function Runs({ program }: { readonly program: string }) {
  const runs = useApiPages(runsOp, { query: { program } }, { limit: pageLimit });
  const requested = runs.first?.requested ?? [];
  return (
    <Card title="Runs" flush>
      {runs.error && <ProblemNote error={runs.error} retry={runs.refetch} />}
      {runs.isPending && <Loading />}
      {!runs.isPending && runs.items.length + requested.length === 0 && (
        <p className="dimmed card-note">No run yet, and none was asked for.</p>
      )}
      {runs.items.length + requested.length > 0 && (
        <Table aria-label="Runs" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={50} ta="end">
                No.
              </Table.Th>
              <Table.Th>As of</Table.Th>
              <Table.Th ta="end">Liability</Table.Th>
              <Table.Th ta="end">Redeemed in the end</Table.Th>
              <Table.Th ta="end">Outstanding</Table.Th>
              <Table.Th>Journal</Table.Th>
              <Table.Th>By</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {requested.map((each) => (
              <RequestedRow key={each.as_of} of={each} />
            ))}
            {runs.items.map((each) => (
              <RunRow key={each.ordinal} of={each} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {runs.hasMore && (
        <Button m="sm" variant="default" loading={runs.isFetchingMore} onClick={runs.more}>
          Earlier runs
        </Button>
      )}
    </Card>
  );
}

type Requested = Answer<typeof runsOp>['requested'][number];

function RequestedRow({ of: { as_of, requested_by, requested_at } }: { readonly of: Requested }) {
  return (
    <Table.Tr>
      <Table.Td />
      <Table.Td>
        <Time at={as_of} whole />
      </Table.Td>
      <Table.Td colSpan={4}>
        <State word="pending">asked for</State> <Time at={requested_at} />
      </Table.Td>
      <Table.Td>
        <Who principal={requested_by} />
      </Table.Td>
    </Table.Tr>
  );
}

function RunRow({
  of: { ordinal, as_of, figures, currency, posting, recorded_by },
}: {
  readonly of: LiabilityRun;
}) {
  return (
    <Table.Tr>
      <Table.Td ta="end">{ordinal}</Table.Td>
      <Table.Td>
        <Time at={as_of} whole />
      </Table.Td>
      <Table.Td ta="end">
        <Amount minor={figures.liability} currency={currency} />
      </Table.Td>
      <Table.Td ta="end">
        {figures.points === 0 ? (
          <span className="dimmed">nothing was issued</span>
        ) : (
          <>
            {shareText(figures.redemption_rate)}{' '}
            <span className="dimmed">
              {shareText(figures.redemption_rate_low)} to {shareText(figures.redemption_rate_high)}
            </span>
          </>
        )}
      </Table.Td>
      <Table.Td ta="end">
        <Points points={figures.outstanding} />
      </Table.Td>
      <Table.Td>
        <Posting of={posting} />
      </Table.Td>
      <Table.Td>
        <Who principal={recorded_by} />
      </Table.Td>
    </Table.Tr>
  );
}
