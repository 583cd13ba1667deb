// The triangle of redemption: what share of the points of a month was redeemed by which age, as a
// table whose cells are tinted by it. What is to come stands behind what was.
import { Table } from '@mantine/core';
import { shareText } from '../../parts/figures.ts';
import { pointsText } from './points.tsx';

export type CohortRow = {
  /** The month of issue, `2026-04`. */
  readonly cohort: string;
  readonly issued: number;
  /** Cumulative points redeemed, by age in months from 0 on. */
  readonly redeemed: readonly number[];
  /** What is redeemed in the end, of all that was issued. */
  readonly ultimate: number;
  readonly low: number;
  readonly high: number;
  /** By what it was worked out. */
  readonly method: keyof typeof methods;
};

const methods = {
  run_off: 'nothing of it is left',
  chain_ladder: 'by its own history',
  pooled: 'by that of other months',
  prior: 'by what the programme expects',
} as const;

/** Months that are shown beside each other; older ages are told by the ultimate rate. */
const agesMax = 24;

export function Triangle({ cohorts }: { readonly cohorts: readonly CohortRow[] }) {
  const shown = Math.min(agesMax, Math.max(0, ...cohorts.map(({ redeemed }) => redeemed.length)));
  const ages = [...Array(shown).keys()];
  const top = Math.max(0.01, ...cohorts.map(({ ultimate }) => ultimate));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keyboard as well (WCAG 2.1.1)
    <div className="triangle-scroll" role="region" aria-label="Triangle" tabIndex={0}>
      <Table className="triangle" aria-label="Redeemed by month of issue and age">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Issued in</Table.Th>
            <Table.Th ta="end">Points</Table.Th>
            {ages.map((age) => (
              <Table.Th key={age} ta="end" title={`${age} months after`}>
                {age}
              </Table.Th>
            ))}
            <Table.Th ta="end">In the end</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {cohorts.map((each) => (
            <Row key={each.cohort} of={each} {...{ ages, top }} />
          ))}
        </Table.Tbody>
      </Table>
      {shown === 0 && (
        <p className="dimmed card-note">
          No month of issue is over yet: until then the rate is what the programme expects.
        </p>
      )}
    </div>
  );
}

function Row({
  of: { cohort, issued, redeemed, ultimate, low, high, method },
  ages,
  top,
}: {
  readonly of: CohortRow;
  readonly ages: readonly number[];
  readonly top: number;
}) {
  return (
    <Table.Tr>
      <Table.Th scope="row">{cohort}</Table.Th>
      <Table.Td ta="end">{pointsText(issued)}</Table.Td>
      {ages.map((age) => {
        const points = redeemed[age];
        if (points === undefined) return <Table.Td key={age} className="triangle-open" />;
        const share = issued === 0 ? 0 : points / issued;
        return (
          <Table.Td
            key={age}
            ta="end"
            title={`${pointsText(points)} points`}
            style={{ background: tintOf(share / top) }}
          >
            {(share * 100).toFixed(1)}
          </Table.Td>
        );
      })}
      <Table.Td ta="end" className="triangle-end">
        <strong>{shareText(ultimate)}</strong>{' '}
        <span className="dimmed">
          {shareText(low)} to {shareText(high)}, {methods[method]}
        </span>
      </Table.Td>
    </Table.Tr>
  );
}

/** Never so dark that the figure on it could not be read. */
function tintOf(share: number): string {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 42);
  return `color-mix(in srgb, var(--plane-money) ${percent}%, transparent)`;
}
