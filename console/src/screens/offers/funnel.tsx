// From presented to booked: by action, channel and arm, and the products that were opened since.
import { Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { Bar } from '../../parts/bar.tsx';
import { FigureStrip } from '../../parts/figure-strip.tsx';
import { countText, shareText, spanText } from '../../parts/figures.ts';
import { Card } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { Dashboard } from './shapes.ts';

type Row = Dashboard['rows'][number];
const steps = ['presented', 'viewed', 'accepted', 'booked'] as const;
const names = {
  ...{ presented: 'Presented', viewed: 'Viewed', accepted: 'Accepted', booked: 'Booked' },
  ...{ declined: 'Declined', expired: 'Expired', withdrawn: 'Withdrawn', withheld: 'Held out' },
} as const;
const colors = ['--plane-policy', '--look', '--plane-ai', '--plane-money'] as const;

export function Funnel({ of }: { readonly of: Dashboard }) {
  const sums = useMemo(() => sumOf(of.rows), [of.rows]);
  const { n, p50_ms, p95_ms } = of.trigger_to_offer;
  if (of.rows.length === 0) {
    return (
      <Empty title="No offer was made in this time">
        What is presented, viewed, accepted and booked is counted here a moment after it happens.
      </Empty>
    );
  }
  return (
    <>
      <FigureStrip
        of={[
          ...steps.map((step, at) => ({
            ...{ name: names[step], value: countText(sums[step]) },
            about: at === 0 ? undefined : `${rateText(sums[step], sums.presented)} of presented`,
          })),
          {
            name: names.declined,
            value: countText(sums.declined),
            about: `${rateText(sums.declined, sums.presented)} of presented`,
          },
          { name: names.withheld, value: countText(sums.withheld), about: 'of the control' },
          {
            name: 'From event to offer',
            value: p95_ms === null ? '–' : spanText(p95_ms),
            about:
              p50_ms === null ? 'none yet' : `p95 of ${countText(n)}; half in ${spanText(p50_ms)}`,
          },
        ]}
      />
      <Card title="The way of an offer">
        <FunnelBars sums={sums} />
      </Card>
      <Card
        title="By action, channel and arm"
        flush
        actions={
          of.folded_at !== null && (
            <span className="dimmed" style={{ fontWeight: 400 }}>
              told up to <Time at={of.folded_at} />
            </span>
          )
        }
      >
        <Rows rows={of.rows} />
      </Card>
      <Attributed of={of} />
    </>
  );
}

type Sums = Readonly<Record<(typeof steps)[number] | 'declined' | 'withheld', number>>;

function sumOf(rows: readonly Row[]): Sums {
  const sum = (name: keyof Sums) => rows.reduce((all, row) => all + row[name], 0);
  return {
    ...{ presented: sum('presented'), viewed: sum('viewed'), accepted: sum('accepted') },
    ...{ booked: sum('booked'), declined: sum('declined'), withheld: sum('withheld') },
  };
}

function rateText(part: number, of: number): string {
  return of === 0 ? '–' : shareText(part / of);
}

/** `5.7 % of presented`. */
function wayText(part: number, of: number, name: string): string {
  return of === 0 ? `none was ${name} yet` : `${rateText(part, of)} of ${name}`;
}

function FunnelBars({ sums }: { readonly sums: Sums }) {
  return (
    <table className="plain" aria-label="The way of an offer">
      <tbody>
        {steps.map((step, at) => {
          const before = steps[at - 1];
          return (
            <tr key={step}>
              <th scope="row" className="funnel-name">
                {names[step]}
              </th>
              <td className="funnel-count">{countText(sums[step])}</td>
              <td>
                <Bar
                  value={sums[step]}
                  max={Math.max(1, sums.presented)}
                  color={colors[at] ?? '--still'}
                />
              </td>
              <td className="funnel-rate dimmed">
                {before !== undefined && wayText(sums[step], sums[before], before)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  const columns = [...steps, 'declined', 'expired', 'withdrawn', 'withheld'] as const;
  return (
    <Table aria-label="By action, channel and arm" className="reading">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Action</Table.Th>
          <Table.Th>Channel</Table.Th>
          <Table.Th>Arm</Table.Th>
          {columns.map((name) => (
            <Table.Th key={name} ta="end">
              {names[name]}
            </Table.Th>
          ))}
          <Table.Th ta="end">Accepted of presented</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={`${row.action} ${row.channel} ${row.arm}`}>
            <Table.Th scope="row" fw={400}>
              <Link to={`/offers/actions/${row.action}` as never}>{row.action}</Link>
            </Table.Th>
            <Table.Td>{wordsOf(row.channel)}</Table.Td>
            <Table.Td>{wordsOf(row.arm)}</Table.Td>
            {columns.map((name) => (
              <Table.Td key={name} ta="end">
                {row[name] === 0 ? <span className="dimmed">0</span> : countText(row[name])}
              </Table.Td>
            ))}
            <Table.Td ta="end">{rateText(row.accepted, row.presented)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Attributed({ of: { attribution } }: { readonly of: Dashboard }) {
  return (
    <Card title={`Opened within ${attribution.window_days} days of the last offer`}>
      {attribution.items.length === 0 && (
        <span className="dimmed">No product was opened behind an offer yet.</span>
      )}
      {attribution.items.length > 0 && (
        <table className="plain" aria-label="Opened behind an offer">
          <thead>
            <tr>
              <th>Product</th>
              <th>Last offered by</th>
              <th className="end">Opened</th>
            </tr>
          </thead>
          <tbody>
            {attribution.items.map(({ product, action, opened }) => (
              <tr key={`${product} ${action}`}>
                <td>{product}</td>
                <td>{action}</td>
                <td className="end">{countText(opened)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="card-foot dimmed">
        Who was offered something and has it did not get it for that alone: what the offers have
        changed is told against the control.
      </p>
    </Card>
  );
}
