// What has moved on the accounts of a member: entries with their reason and rule, the lots that they
// have made, and what was redeemed.
import { Button, Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { Segments } from '../../parts/segments.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Instant, LastDay, Time } from '../../parts/time.tsx';
import { Points } from './points.tsx';
import { RedemptionState, ReverseButton } from './redemption.tsx';
import type { Entry, Lot, ProgramSeen, Redemption } from './shapes.ts';

type Of = { readonly customer: string; readonly program: ProgramSeen };
const pageLimit = 30;

const views = [
  { value: 'entries', words: 'Entries' },
  { value: 'lots', words: 'Lots' },
  { value: 'redemptions', words: 'Redemptions' },
] as const;

export function Movements(props: Of) {
  const [url] = useUrl();
  const shown = url['show'] ?? 'entries';
  return (
    <Card title={<Segments name="show" label="What has moved" of={views} />} flush>
      {shown === 'lots' && <Lots {...props} />}
      {shown === 'redemptions' && <Redemptions {...props} />}
      {shown === 'entries' && <Entries {...props} />}
    </Card>
  );
}

type Pages = Pick<
  ReturnType<typeof useApiPages>,
  'isPending' | 'error' | 'refetch' | 'hasMore' | 'isFetchingMore' | 'more'
> & { readonly items: readonly unknown[] };

function Rest({ of, none }: { readonly of: Pages; readonly none: string }) {
  if (of.error) return <ProblemNote error={of.error} retry={of.refetch} />;
  if (of.isPending) return <Loading />;
  if (of.items.length === 0) return <p className="dimmed card-note">{none}</p>;
  if (!of.hasMore) return null;
  return (
    <Button m="sm" variant="default" loading={of.isFetchingMore} onClick={of.more}>
      Earlier ones
    </Button>
  );
}

function Entries({ customer, program }: Of) {
  const entries = useApiPages(
    'GET /v1/loyalty/members/{customer}/entries',
    { path: { customer }, query: { program: program.name } },
    { limit: pageLimit },
  );
  return (
    <>
      {entries.items.length > 0 && (
        <Table aria-label="Entries" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={150}>When</Table.Th>
              <Table.Th>What</Table.Th>
              <Table.Th>Rules</Table.Th>
              <Table.Th>Follows from</Table.Th>
              <Table.Th ta="end">Points</Table.Th>
              <Table.Th>Transfer</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.items.map((each) => (
              <EntryRow key={each.transfer_id} of={each} program={program.name} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Rest of={entries} none="Nothing has moved yet." />
    </>
  );
}

function EntryRow({ of, program }: { readonly of: Entry; readonly program: string }) {
  const {
    transfer_id,
    recorded_at,
    entry,
    reason,
    rules,
    source,
    campaign,
    points,
    change,
    from,
    to,
  } = of;
  return (
    <Table.Tr>
      <Table.Td>
        <Instant at={recorded_at} />
      </Table.Td>
      <Table.Td>
        <div>{wordsOf(entry ?? 'moved')}</div>
        {reason !== null && <div className="dimmed">{wordsOf(reason)}</div>}
        {campaign !== null && (
          <Link to={'/campaigns' as never} search={{ id: campaign } as never}>
            {campaign}
          </Link>
        )}
      </Table.Td>
      <Table.Td>
        <RuleLinks rules={rules} program={program} />
      </Table.Td>
      <Table.Td>
        <Source of={source} />
      </Table.Td>
      <Table.Td ta="end">
        <Points points={change} signed />
        {change === 0 && (
          <div className="dimmed">
            {countText(points)} from {from} to {to}
          </div>
        )}
      </Table.Td>
      <Table.Td>
        <Id id={transfer_id} />
      </Table.Td>
    </Table.Tr>
  );
}

function RuleLinks({
  rules,
  program,
}: {
  readonly rules: readonly string[];
  readonly program: string;
}) {
  if (rules.length === 0) return <span className="dimmed">–</span>;
  return (
    <div className="rule-links">
      {rules.map((rule) => (
        <Link
          key={rule}
          to={`/programs/${program}` as never}
          hash={`rule-${rule}`}
          className="mono"
        >
          {rule}
        </Link>
      ))}
    </div>
  );
}

/** A transfer, an offer, a claim, a redemption; some lead somewhere. */
function Source({ of }: { readonly of: string | null }) {
  if (of === null) return <span className="dimmed">–</span>;
  if (of.startsWith('clm_')) {
    return (
      <Link to={'/campaigns' as never} search={{ tab: 'claims', view: 'all', id: of } as never}>
        a claim
      </Link>
    );
  }
  return <Id id={of} />;
}

function Lots({ customer, program }: Of) {
  const [url, setUrl] = useUrl();
  const isOpen = url['lots'] !== 'all';
  const lots = useApiPages(
    'GET /v1/loyalty/members/{customer}/lots',
    {
      path: { customer },
      query: { program: program.name, ...(isOpen ? { open: true } : {}) },
    },
    { limit: pageLimit },
  );
  return (
    <>
      <p className="card-note">
        {isOpen ? 'Those of which something is left.' : 'All that were ever given.'}{' '}
        <button
          type="button"
          className="as-link"
          onClick={() => setUrl({ lots: isOpen ? 'all' : undefined })}
        >
          {isOpen ? 'Show all' : 'Show what is left'}
        </button>
      </p>
      {lots.items.length > 0 && (
        <Table aria-label="Lots" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Earned</Table.Th>
              <Table.Th>For</Table.Th>
              <Table.Th>Rules</Table.Th>
              <Table.Th ta="end">Given</Table.Th>
              <Table.Th ta="end">Left</Table.Th>
              <Table.Th w={110}>Of it left</Table.Th>
              <Table.Th>Good until</Table.Th>
              <Table.Th>Lot</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lots.items.map((each) => (
              <LotRow key={each.lot_id} of={each} program={program.name} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Rest of={lots} none="There is no lot." />
    </>
  );
}

function LotRow({ of, program }: { readonly of: Lot; readonly program: string }) {
  const { lot_id, entry, reason, rules, earned_at, expires_at, matures_at } = of;
  const { points, active, pending, used } = of;
  const gone = Object.entries(used).filter(([, count]) => count > 0);
  return (
    <Table.Tr>
      <Table.Td>
        <Time at={earned_at} />
      </Table.Td>
      <Table.Td>{wordsOf(reason ?? entry)}</Table.Td>
      <Table.Td>
        <RuleLinks rules={rules} program={program} />
      </Table.Td>
      <Table.Td ta="end">
        <Points points={points} />
      </Table.Td>
      <Table.Td ta="end">
        <Points points={active + pending} />
      </Table.Td>
      <Table.Td>
        <Bar value={active + pending} max={points} color="--plane-money" />
        {gone.map(([what, count]) => (
          <div key={what} className="dimmed">
            {countText(count)} {wordsOf(what)}
          </div>
        ))}
      </Table.Td>
      <Table.Td>
        {expires_at === null ? (
          <span className="dimmed">it has no end</span>
        ) : (
          <LastDay end={expires_at} />
        )}
        {pending > 0 && matures_at !== null && (
          <div>
            <State word="pending">active</State> <Time at={matures_at} />
          </div>
        )}
      </Table.Td>
      <Table.Td>
        <Id id={lot_id} />
      </Table.Td>
    </Table.Tr>
  );
}

function Redemptions({ customer, program }: Of) {
  const redemptions = useApiPages(
    'GET /v1/loyalty/redemptions',
    { query: { customer, program: program.name } },
    { limit: pageLimit },
  );
  return (
    <>
      {redemptions.items.length > 0 && (
        <Table aria-label="Redemptions" className="reading">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Reward</Table.Th>
              <Table.Th ta="end">Points</Table.Th>
              <Table.Th ta="end">Worth</Table.Th>
              <Table.Th>Paid to</Table.Th>
              <Table.Th w={90} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {redemptions.items.map((each) => (
              <RedemptionRow key={each.redemption_id} of={each} />
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Rest of={redemptions} none="Nothing was redeemed yet." />
    </>
  );
}

function RedemptionRow({ of }: { readonly of: Redemption }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Time at={of.begun_at} />
      </Table.Td>
      <Table.Td>
        <RedemptionState of={of} />
      </Table.Td>
      <Table.Td>
        <div>{of.reward}</div>
        <div className="dimmed">{wordsOf(of.kind)}</div>
      </Table.Td>
      <Table.Td ta="end">
        <Points points={of.points} />
      </Table.Td>
      <Table.Td ta="end">
        <Amount minor={of.worth} currency={of.currency} />
      </Table.Td>
      <Table.Td>
        {of.account_id === null ? <span className="dimmed">–</span> : <Id id={of.account_id} />}
      </Table.Td>
      <Table.Td>
        <ReverseButton of={of} />
      </Table.Td>
    </Table.Tr>
  );
}
